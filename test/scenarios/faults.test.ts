import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isOver, type Job, type RequestState, runDirector, runWorker, SAMPLE, startFlow } from "../../mod.ts";
import {
  conflict,
  cut,
  cutWatch,
  delayWatch,
  duplicateWatch,
  endWatch,
  expired,
  type Fault,
  type FaultRequest,
  interfere,
  late,
  latency,
  loseAnswer,
  refuse,
  reorderWatch,
  serverError,
  silenceWatch,
  type Snapshot,
  stale,
  timeout,
  tooManyRequests,
  unavailable,
} from "../../src/fake/mod.ts";
import { NoAnswerError } from "../../src/errors.ts";
import type { WatchEvent } from "../../src/ports.ts";
import { sleep } from "../../src/runtime/time/clock.ts";
import { createScenario, historyOf, REQUESTS, type Scenario, SIX } from "../support/scenario.ts";

const writes = { verb: ["create", "patch"], resource: "requeststates" };
/** Of the programs, not of the test. */
const lists = {
  verb: "list",
  resource: "requeststates",
  where: ({ headers }: FaultRequest) => headers.get("user-agent")?.startsWith("crd-watcher/") === true,
};

/** Runs one sample flow on a faulty server. @returns The request at its end, and the handlers run. */
async function flowWith(fail: (story: Scenario) => void) {
  const story = createScenario();
  fail(story);
  const ending = new AbortController();
  const ran: string[] = [];
  const handler = ({ job, attempt }: { job: string; attempt: number }) => Promise.resolve(void ran.push(`${job} ${attempt}`));
  const options = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal });
  const running = [runDirector([SAMPLE], options()), runWorker(SAMPLE, { JOB1: handler, JOB2: handler }, options())];
  const started = startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  let over: RequestState | undefined;
  await story.until(async () => over = (await story.requests()).find(isOver), 1_000_000);
  // Whoever lost an answer finds it; what lands late changes nothing any more.
  const isDue = story.clock.pending > 0 &&
    story.fake.requests.some(({ fault, effect }) => fault === "late" && effect === undefined);
  await story.clock.advance(isDue || story.fake.faults.waiting > 0 ? 120_000 : 1_000);
  assert.equal((await story.requests())[0], over);
  ending.abort();
  await story.end([...running, { finished: started.then(() => {}) }]);
  assert.is(story.fake.faults.waiting, 0, "every fault has hit");
  return { over: over!, ran, story };
}

async function endsWell(fail: (story: Scenario) => void): Promise<RequestState> {
  const { over, ran } = await flowWith(fail);
  assert.equal(historyOf(over), SIX);
  assert.equal(ran, ["JOB1 1", "JOB2 1"]);
  return over;
}

const faults = suite("scenario: a fault at each write");

const kinds: Record<string, Fault> = {
  "the request is lost": cut(),
  "the answer is lost after the write took effect": loseAnswer(),
  "500": serverError(),
  "500 after the write took effect": serverError({ applied: true }),
  "503": unavailable(),
  "503 after the write took effect": unavailable({ applied: true }),
  "504 after the write took effect": timeout({ applied: true }),
  "504 without a Status": refuse({ code: 504, text: "<html><title>504 Gateway Time-out</title></html>" }),
  // What something in between says of a path, a line or a time is not what the server says of the request.
  ...Object.fromEntries(
    [400, 404, 405, 408, 409, 410, 421, 422, 431, 499].map((code) => [
      `${code} without a Status`,
      refuse({ code, text: `<html><title>${code} of a proxy</title></html>` }),
    ]),
  ),
  "404 of a server that does not serve the resource now": refuse({ code: 404, text: "404 page not found\n" }),
  "429 with Retry-After": tooManyRequests(2),
  "429 as a Status": refuse({ code: 429, reason: "TooManyRequests", message: "storage is (re)initializing", retryAfter: 1 }),
  "no answer in time": latency(40_000),
  "no answer in time, but it took effect": latency(40_000, { applied: true }),
  "it lands late, at once after the cut": late(0),
  "it lands late, after its fate was looked up": late(60),
  "it lands late, around the second try": late(150),
  "it lands late, after another transition": late(1_000),
  "it lands late, when all is long over": late(120_000),
};
for (const [kind, fault] of Object.entries(kinds)) {
  // Who starts a flow is told at once what to do about a 404.
  for (let write = kind.startsWith("404") ? 2 : 1; write <= 6; write++) {
    faults(`row 18: write ${write}: ${kind}`, async () => {
      await endsWell(({ fake }) => void fake.faults.add({ match: writes, nth: write, fault }));
    });
  }
}

faults("a director of one request is not ended by another that writes first", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const options = { clock: story.clock, signal: ending.signal };
  const handlers = { JOB1: async () => {}, JOB2: async () => {} };
  const worker = runWorker(SAMPLE, handlers, { ...options, cluster: story.connect() });
  const serving = runDirector([SAMPLE], { ...options, cluster: story.connect() });
  const { request } = await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  story.fake.faults.add({ match: { verb: "patch", resource: "requeststates" }, nth: 3, times: 2, fault: conflict() });
  const seen: string[] = [];
  const onChange = ({ spec }: RequestState) => void seen.push(`${spec.job} ${spec.state}`);
  let outcome: unknown;
  runDirector([SAMPLE], { clock: story.clock, cluster: story.connect(), request, onChange }).finished
    .then(() => outcome = "ended well", (error) => outcome = error);
  await story.until(() => outcome);
  assert.is(outcome, "ended well");
  assert.equal(seen, SIX);
  assert.is(story.fake.faults.waiting, 0, "both were refused");
  ending.abort();
  await story.end([worker, serving]);
});

faults("a director of one request ends with what it reads, though its watch has fallen silent", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const options = () => ({ clock: story.clock, cluster: story.connect(), signal: ending.signal });
  const { request } = await startFlow(SAMPLE, {}, options());
  // It decides on what it has read, and writes. What its watch shows a second later is older than that, and the last that comes.
  const own = story.connect();
  let lost = 0;
  const cluster = Object.assign(Object.create(own) as typeof own, {
    async patch(...given: Parameters<typeof own.patch>) {
      if (lost++ > 0) return own.patch(...given);
      const path = `${REQUESTS}/${request.metadata.name}`;
      await story.send("PATCH", path, { metadata: { labels: { touched: "yes" } } }, "application/merge-patch+json");
      throw new NoAnswerError("Cannot patch", new Error("connection reset"));
    },
    async *watched(events: AsyncIterable<WatchEvent<RequestState>>, signal: AbortSignal | undefined) {
      for await (const event of events) {
        const isLast = lost > 0;
        if (isLast) await sleep(story.clock, 1_000, signal);
        yield event;
        if (isLast) break;
      }
      await sleep(story.clock, 1_000_000, signal);
    },
    async watch(...given: Parameters<typeof own.watch>) {
      const events = await own.watch<RequestState>(...given);
      return given[0].plural === "requeststates" && lost === 0 ? cluster.watched(events, given[1].signal) : events;
    },
  });
  let outcome: unknown;
  runDirector([SAMPLE], { clock: story.clock, cluster, request }).finished
    .then(() => outcome = "ended well", (error) => outcome = error);
  const worker = runWorker(SAMPLE, { JOB1: async () => {}, JOB2: async () => {} }, options());
  await story.until(async () => isOver((await story.requests())[0]!));
  const since = story.clock.monotonic();
  await story.until(() => outcome, 100_000);
  assert.is(outcome, "ended well");
  assert.ok(story.clock.monotonic() - since < 10_000, `it took ${story.clock.monotonic() - since} ms`);
  ending.abort();
  await story.end([worker]);
});

for (const code of [400, 404, 409, 422]) {
  faults(`a director of one request is not ended by ${code} of something in between`, async () => {
    const story = createScenario();
    const ending = new AbortController();
    const options = { clock: story.clock, signal: ending.signal };
    const worker = runWorker(SAMPLE, { JOB1: async () => {}, JOB2: async () => {} }, { ...options, cluster: story.connect() });
    const { request } = await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
    const text = "<html><title>nothing here</title></html>";
    story.fake.faults.add({ match: { verb: "patch", resource: "requeststates" }, nth: 3, fault: refuse({ code, text }) });
    let outcome: unknown;
    runDirector([SAMPLE], { clock: story.clock, cluster: story.connect(), request }).finished
      .then(() => outcome = "ended well", (error) => outcome = error);
    await story.until(() => outcome);
    assert.is(outcome, "ended well");
    assert.is(story.fake.faults.waiting, 0, "it was refused");
    ending.abort();
    await story.end([worker]);
  });
}

for (let write = 2; write <= 6; write++) {
  faults(`write ${write}: a conflict that is none`, async () => {
    await endsWell(({ fake }) => void fake.faults.add({ match: writes, nth: write, fault: conflict() }));
  });

  faults(`write ${write}: somebody labels the object just before it`, async () => {
    const over = await endsWell((story) => {
      const label = ({ path }: FaultRequest) =>
        story.send("PATCH", path, { metadata: { labels: { touched: "yes" } } }, "application/merge-patch+json");
      story.fake.faults.add({ match: writes, nth: write, fault: interfere(label) });
    });
    assert.is(over.metadata.labels!["touched"], "yes");
  });
}

faults("every second write is lost, before or after it took effect", async () => {
  await endsWell(({ fake }) => {
    for (let nth = 1; nth <= 4; nth++) fake.faults.add({ match: writes, nth: 2 * nth, fault: nth % 2 ? cut() : loseAnswer() });
  });
});
faults.run();

const watches = suite("scenario: a fault of a watch");

const broken: Record<string, [fault: Fault, times: number]> = {
  "refused": [cut(), 6],
  "forbidden for a while": [refuse({ code: 403, reason: "Forbidden", message: "requeststates is forbidden" }), 6],
  "too old, as a status": [expired(), 6],
  "too old, in the stream": [expired({ inStream: true }), 6],
  "ended at once": [endWatch(), 6],
  "ended at once, always": [endWatch(), Infinity],
  "ended after each event": [endWatch(1), Infinity],
  "cut in the middle of a line": [cutWatch(), 6],
  "cut in the middle of a line after each event": [cutWatch(1), Infinity],
  "delayed": [delayWatch(3_000), Infinity],
  "delayed by more than a worker's patience": [delayWatch(20_000), Infinity],
  "duplicated": [duplicateWatch(), Infinity],
  "in another order": [reorderWatch(), Infinity],
  "silent for ever": [silenceWatch(), 2],
  "silent after an event": [silenceWatch(1), 2],
  "opened after a while": [latency(20_000), Infinity],
};
for (const [kind, [fault, times]] of Object.entries(broken)) {
  watches(`${kind}, ${times === Infinity ? "all of them" : `the first ${times}`}`, async () => {
    await endsWell(({ fake }) => void fake.faults.add({ match: { verb: "watch", resource: "requeststates" }, times, fault }));
  });
}

for (const behind of [1, 2, 3, 5]) {
  watches(`a list that is ${behind} writes behind, after a version that was too old`, async () => {
    await endsWell(({ fake }) => {
      const match = { verb: "watch", resource: "requeststates" };
      for (const nth of [3, 4, 6]) fake.faults.add({ match, nth, fault: expired() });
      fake.faults.add({ match, times: Infinity, fault: cutWatch(2) });
      fake.faults.add({ match: lists, nth: 2, times: Infinity, fault: stale(behind) });
    });
  });
}

const reads = suite("scenario: a fault of a read");
reads("row 18: a lost write is looked up on a server that lags behind", async () => {
  for (let write = 2; write <= 6; write++) {
    await endsWell(({ fake }) => {
      fake.faults.add({ match: writes, nth: write, fault: loseAnswer() });
      fake.faults.add({ match: { verb: "get", resource: "requeststates" }, fault: stale() });
    });
  }
});

for (const [name, fault] of Object.entries({ "cut": cut(), "410": expired(), "503": unavailable(), "429": tooManyRequests(3) })) {
  reads(`the first lists: ${name}`, async () => {
    await endsWell(({ fake }) => void fake.faults.add({ match: lists, times: 3, fault }));
  });
}

reads("the continue token expires while the requests are listed", async () => {
  const story = createScenario();
  const create = (name: string) =>
    story.send("POST", REQUESTS, {
      apiVersion: "com.redhat.ecosystem.sample/v1",
      kind: "RequestState",
      metadata: { name },
      spec: { "request-uid": name, job: "JOB1", state: "REQUESTED" },
    });
  for (let count = 0; count < 501; count++) await create(`r-${count}`);
  const forget = async () => {
    await create("one-more");
    story.fake.compact();
  };
  const isRest = ({ query, headers }: FaultRequest) => query.continue !== undefined && lists.where({ headers } as FaultRequest);
  story.fake.faults.add({ match: { ...lists, where: isRest }, fault: interfere(forget) });
  const ending = new AbortController();
  const director = runDirector([SAMPLE], { cluster: story.connect(), clock: story.clock, signal: ending.signal });
  await story.until(() => story.fake.requests.matching({ verb: "watch" }).length > 0);
  const asked = story.fake.requests.matching({ verb: "list" }).map((
    { query, status },
  ) => [query.limit, !!query.continue, status]);
  assert.equal(asked, [["500", false, 200], ["500", true, 410], [undefined, false, 200]]);
  ending.abort();
  await story.end([director]);
});
reads.run();

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
    await story.until(async () => isOver((await story.requests())[0]!));
    assert.is(ran.length, 2 * round);
    await story.send("DELETE", `${REQUESTS}/r-1`);
  }
  assert.is(new Set(ran).size, 2);
  ending.abort();
  await story.end(running);
});
watches.run();

const restores = suite("scenario: a cluster put back to an older state");
for (let write = 1; write <= 5; write++) {
  restores(`after write ${write}: new processes carry on from there, elsewhere, with six entries in the end`, async () => {
    const before = createScenario();
    const taken: Snapshot[] = [];
    before.fake.faults.add({ match: writes, nth: write + 1, fault: interfere(() => taken.push(before.fake.snapshot())) });
    const run = async (story: Scenario, start: boolean) => {
      const ending = new AbortController();
      const options = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal });
      const handlers = { JOB1: async () => {}, JOB2: async () => {} };
      const running = [runDirector([SAMPLE], options()), runWorker(SAMPLE, handlers, { ...options(), identity: "worker-1" })];
      if (start) await startFlow(SAMPLE, {}, options());
      await story.until(async () => (await story.requests()).some(isOver));
      ending.abort();
      await story.end(running);
      assert.equal(historyOf((await story.requests())[0]!), SIX);
    };
    await run(before, true);
    const after = createScenario();
    after.fake.restore(JSON.parse(JSON.stringify(taken[0])));
    assert.is((await after.requests())[0]!.status!.history!.length, write);
    // A job that was STARTED waits for its worker, which is gone: nobody takes over yet.
    if ((await after.requests())[0]!.spec.state !== "STARTED") await run(after, false);
  });
}

for (let write = 1; write <= 4; write++) {
  restores(`after write ${write}: processes that run through it carry on, too`, async () => {
    const story = createScenario();
    const taken: Snapshot[] = [];
    story.fake.faults.add({ match: writes, nth: write + 1, fault: interfere(() => taken.push(story.fake.snapshot())) });
    const ending = new AbortController();
    const options = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal });
    let held = false;
    const handlers = {
      JOB1: async () => {},
      // The first time it goes on until it is told that its claim is gone.
      JOB2: ({ signal }: Job) =>
        held ? Promise.resolve() : new Promise<void>((_, reject) => {
          held = true;
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        }),
    };
    const running = [runDirector([SAMPLE], options()), runWorker(SAMPLE, handlers, { ...options(), identity: "worker-1" })];
    await startFlow(SAMPLE, {}, options());
    await story.until(() => held);
    await story.clock.advance(5_000); // everybody has seen the newest version
    // As Kubernetes asks for it (etcdutl snapshot restore --bump-revision): no version is given out twice.
    story.fake.restore(taken[0]!, { bumpRevision: 1_000 });
    await story.until(async () => (await story.requests()).some(isOver), 1_200_000);
    ending.abort();
    await story.end(running);
  });
}
restores("without new versions: a director that runs through it does its step once more", async () => {
  const story = createScenario();
  const taken: Snapshot[] = [];
  story.fake.faults.add({ match: writes, nth: 4, fault: interfere(() => taken.push(story.fake.snapshot())) });
  const [ending, working] = [new AbortController(), new AbortController()];
  const options = (signal: AbortSignal) => ({ cluster: story.connect(), clock: story.clock, signal });
  const director = runDirector([SAMPLE], options(ending.signal));
  const handlers = { JOB1: async () => working.abort(), JOB2: async () => {} };
  const worker = runWorker(SAMPLE, handlers, options(working.signal));
  await startFlow(SAMPLE, {}, options(ending.signal));
  const isRequested = async () => (await story.requests())[0]!.spec.job === "JOB2";
  await story.until(isRequested);
  await worker.finished;
  await story.clock.advance(5_000); // the director has seen the newest version
  const fault = refuse({ code: 403, reason: "Forbidden", message: "events is forbidden" });
  // Whatever is written would be given versions that it has seen, and hide that the storage went back: that no worker is there, above all.
  story.fake.faults.add({ match: { verb: ["create", "patch"], resource: "events" }, times: Infinity, fault });
  story.fake.restore(taken[0]!);
  assert.not(await isRequested());
  await story.until(isRequested, 1_200_000);
  ending.abort();
  await story.end([director]);
});
restores.run();
