import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isOver, type RequestState, runDirector, runWorker, SAMPLE, startFlow } from "../../mod.ts";
import { createScenario, type Fault, historyOf, REQUESTS, SIX } from "../support/scenario.ts";

/** Runs one sample flow with a fault between everybody and the server. @returns The request at its end, and the handlers run. */
async function flowWith(makeFault: (story: ReturnType<typeof createScenario>) => Fault) {
  const story = createScenario();
  const ending = new AbortController();
  const ran: string[] = [];
  const handler = ({ job, attempt }: { job: string; attempt: number }) => Promise.resolve(void ran.push(`${job} ${attempt}`));
  const fault = makeFault(story);
  const options = () => ({ cluster: story.connect(fault), clock: story.clock, signal: ending.signal });
  const running = [runDirector([SAMPLE], options()), runWorker(SAMPLE, { JOB1: handler, JOB2: handler }, options())];
  let over: RequestState | undefined;
  const started = startFlow(SAMPLE, {}, { cluster: story.connect(fault), clock: story.clock });
  await story.until(() => (story.requests().then((all) => over = all.find(isOver)), over !== undefined), 300_000);
  ending.abort();
  await story.end([...running, { finished: started.then(() => {}) }]);
  return { over: over!, ran, story };
}

/** A fault that hits the nth request it applies to. */
const nth = (n: number, applies: (request: Request) => boolean, fault: Fault): Fault => {
  let count = 0;
  return (request, forward) => applies(request) && ++count === n ? fault(request, forward) : forward();
};
const isWrite = ({ method }: Request) => method === "POST" || method === "PATCH";
const isWatch = ({ url }: Request) => url.includes("watch=true");
const cut = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("read ECONNRESET") }));
const status = (code: number, reason: string, message: string, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code }), {
    status: code,
    headers: { "content-type": "application/json", ...headers },
  });

const faults = suite("scenario: a fault at each write");

const kinds: Record<string, Fault> = {
  "the request is lost": () => cut(),
  "the answer is lost after the write took effect": async (_, forward) => (await forward(), cut()),
  "503": () => Promise.resolve(status(503, "ServiceUnavailable", "apiserver is shutting down")),
  "500 after the write took effect": async (
    _,
    forward,
  ) => (await forward(), status(500, "InternalError", "etcdserver: request timed out")),
  "504 without a Status": () =>
    Promise.resolve(new Response("<html><title>504 Gateway Time-out</title></html>", { status: 504 })),
  "429 with Retry-After": () => Promise.resolve(status(429, "TooManyRequests", "try again", { "retry-after": "2" })),
};
for (const [kind, fault] of Object.entries(kinds)) {
  for (let write = 1; write <= 6; write++) {
    faults(`write ${write}: ${kind}`, async () => {
      const { over, ran } = await flowWith(() => nth(write, isWrite, fault));
      assert.equal(historyOf(over), SIX);
      assert.equal(ran, ["JOB1 1", "JOB2 1"]);
    });
  }
}

for (let write = 2; write <= 6; write++) {
  faults(`write ${write}: it lands late, after its fate was looked up`, async () => {
    const { over, ran } = await flowWith((story) =>
      nth(write, isWrite, (request, forward) => {
        const late = new Request(request.clone(), { signal: null });
        story.clock.setTimer(60, () => void story.fake.fetch(late));
        return cut().catch((error) => {
          void forward;
          throw error;
        });
      })
    );
    assert.equal(historyOf(over), SIX);
    assert.equal(ran, ["JOB1 1", "JOB2 1"]);
  });

  faults(`write ${write}: somebody labels the object just before it`, async () => {
    const { over, ran } = await flowWith((story) =>
      nth(write, isWrite, async (request, forward) => {
        const path = new URL(request.url).pathname;
        await story.send("PATCH", path, { metadata: { labels: { touched: "yes" } } }, "application/merge-patch+json");
        return forward();
      })
    );
    assert.equal(historyOf(over), SIX);
    assert.equal(ran, ["JOB1 1", "JOB2 1"]);
    assert.equal(over.metadata.labels, { touched: "yes" });
  });
}
faults.run();

const watches = suite("scenario: a fault of a watch");

const broken: Record<string, Fault> = {
  "refused": () => cut(),
  "forbidden for a while": () => Promise.resolve(status(403, "Forbidden", "requeststates is forbidden")),
  "too old, as a status": () => Promise.resolve(status(410, "Expired", "too old resource version")),
  "too old, in the stream": () =>
    Promise.resolve(
      new Response(
        `${
          JSON.stringify({
            type: "ERROR",
            object: {
              kind: "Status",
              status: "Failure",
              code: 410,
              reason: "Expired",
              message: "too old resource version: 1 (5)",
            },
          })
        }\n`,
        { headers: { "content-type": "application/json" } },
      ),
    ),
  "ended at once": () => Promise.resolve(new Response("", { headers: { "content-type": "application/json" } })),
  "cut in the middle of a line": () =>
    Promise.resolve(new Response(`{"type":"ADDED","obj`, { headers: { "content-type": "application/json" } })),
};
for (const [kind, fault] of Object.entries(broken)) {
  watches(`${kind}, the first three times`, async () => {
    let count = 0;
    const { over, ran } = await flowWith(() => (request, forward) =>
      isWatch(request) && ++count <= 6 ? fault(request, forward) : forward()
    );
    assert.equal(historyOf(over), SIX);
    assert.equal(ran, ["JOB1 1", "JOB2 1"]);
  });
}

watches("silent for ever is given up and replaced", async () => {
  let count = 0;
  const { over } = await flowWith(() => (request, forward) =>
    isWatch(request) && ++count <= 2 ? Promise.resolve(new Response(new ReadableStream({}))) : forward()
  );
  assert.equal(historyOf(over), SIX);
});

watches("deleted and made again with the same name is another request", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const options = { cluster: story.connect(), clock: story.clock, signal: ending.signal };
  const ran: string[] = [];
  const handler = ({ request }: { request: RequestState }) => Promise.resolve(void ran.push(request.metadata.uid!));
  const running = [runDirector([SAMPLE], options), runWorker(SAMPLE, { JOB1: handler, JOB2: handler }, options)];
  const body = {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: "r-1" },
    spec: { "request-uid": "r-1", job: "JOB1", state: "REQUESTED" },
  };
  for (const round of [1, 2]) {
    await story.send("POST", REQUESTS, body);
    let over = false;
    await story.until(() => (story.requests().then(([first]) => over = first !== undefined && isOver(first)), over));
    assert.is(ran.length, 2 * round);
    await story.send("DELETE", `${REQUESTS}/r-1`);
  }
  assert.is(new Set(ran).size, 2);
  ending.abort();
  await story.end(running);
});
watches.run();
