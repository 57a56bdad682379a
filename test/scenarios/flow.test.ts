import { suite } from "uvu";
import * as assert from "uvu/assert";
import { implementFlow, isOver, type RequestState, runDirector, runWorker, SAMPLE, startFlow } from "../../mod.ts";
import { testFlow } from "../../src/testing/mod.ts";
import { createScenario, historyOf, REQUESTS, type Scenario, SIX } from "../support/scenario.ts";

const nothing = { JOB1: async () => {}, JOB2: async () => {} };

/** Director and worker of the sample flow, until `end`. */
function runBoth(story: Scenario) {
  const ending = new AbortController();
  const { clock } = story;
  const running = [
    runDirector([SAMPLE], { cluster: story.connect(), clock, signal: ending.signal, identity: "director-1" }),
    runWorker(SAMPLE, nothing, { cluster: story.connect(), clock, signal: ending.signal, identity: "worker-1" }),
  ];
  return async () => {
    ending.abort();
    await story.end(running);
  };
}

const flows = suite("scenario: a flow");

flows("takes six writes, and leaves six entries, its holder and its end", async () => {
  const t = await testFlow(implementFlow(SAMPLE, nothing));
  const run = await t.start();
  assert.is((await t.untilOver(run)).status, "succeeded");
  const { status } = t.request(run);
  assert.equal(historyOf(t.request(run)), SIX);
  assert.equal(status!.history!.map(({ seq }) => seq), [1, 2, 3, 4, 5, 6]);
  assert.match(status!.claim!.holderIdentity, /^worker-1-[0-9a-f]{8}$/);
  const writes = t.fake.requests.writes({ resource: "requeststates" });
  assert.equal(writes.map(({ verb, status }) => `${verb} ${status}`), ["create 201", ...Array(5).fill("patch 200")]);
  await t.close();
});

flows("in the reference's form, three fields and no status, ends the same", async () => {
  const story = createScenario();
  const end = runBoth(story);
  const spec = { "request-uid": "r-1", job: "JOB1", state: "REQUESTED" };
  await story.send("POST", REQUESTS, {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: "r-1" },
    spec,
  });
  let request: RequestState | undefined;
  await story.until(() => (story.requests().then(([first]) => request = first), request !== undefined && isOver(request)));
  assert.equal(historyOf(request!), SIX);
  await end();
});

flows("hands its input, its outputs and one idempotency key a job to the handlers", async () => {
  const seen: unknown[] = [];
  const t = await testFlow(implementFlow(SAMPLE, {
    JOB1: async ({ input, outputs, attempt, idempotencyKey, request }) => {
      seen.push(["JOB1", input, outputs, attempt, idempotencyKey === `${request.metadata.uid}/JOB1`]);
      return { output: { receipt: null } };
    },
    JOB2: async ({ outputs }) => void seen.push(["JOB2", outputs]),
  }));
  const { outputs } = await t.untilOver(await t.start({ input: { amount: 12 } }));
  assert.equal(seen, [["JOB1", { amount: 12 }, {}, 1, true], ["JOB2", { JOB1: { receipt: null } }]]);
  assert.equal(outputs, { JOB1: { receipt: null } });
  await t.close();
});

flows("whose handler throws three times is over, with what it threw, and its second job never runs", async () => {
  const t = await testFlow(
    implementFlow(SAMPLE, {
      JOB1: () => Promise.reject(new RangeError("x".repeat(2_000))),
      JOB2: () => assert.unreachable() as never,
    }),
  );
  const run = await t.start();
  assert.equal(await t.untilOver(run).then(({ status, reason }) => [status, reason]), ["failed", "JobFailed"]);
  const attempt = ["JOB1 REQUESTED", "JOB1 STARTED", "JOB1 FAILED"];
  const { status } = t.request(run);
  assert.equal(historyOf(t.request(run)), [...attempt, ...attempt, ...attempt]);
  assert.equal(status!.failures, { failed: 3 });
  assert.is(status!.lastError!.type, "RangeError");
  assert.is(new TextEncoder().encode(status!.lastError!.message).length <= 1_024, true);
  await t.close();
});

flows("that is over costs nothing more, not even when everything is listed again", async () => {
  const story = createScenario();
  let end = runBoth(story);
  const run = await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  let over = false;
  run.finished.then(() => over = true);
  await story.until(() => over);
  await end();
  end = runBoth(story);
  await story.clock.advance(600_000);
  assert.is(story.writes().length, 6);
  await end();
});

flows("with another definition is left alone", async () => {
  const story = createScenario();
  const end = runBoth(story);
  const spec = { "request-uid": "r-1", job: "JOB1", state: "REQUESTED", flow: "sample", flowDigest: "other" };
  await story.send("POST", REQUESTS, {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: "r-1" },
    spec,
  });
  await story.clock.advance(9_000);
  assert.is(story.writes().length, 1);
  await story.clock.advance(60_000);
  assert.is(story.writes().length, 2, "it is said once that its definition is missing");
  await end();
});

for (const spec of [{ job: "JOB1", state: "PAUSED" }, { job: "JOB7", state: "REQUESTED" }]) {
  flows(`with ${spec.job}/${spec.state} is reported once and not written to`, async () => {
    const story = createScenario();
    const said: string[] = [];
    const log = {
      debug() {},
      info() {},
      warn: (text: string) => void said.push(text),
      error: (text: string) => void said.push(text),
    };
    const ending = new AbortController();
    const options = { cluster: story.connect(), clock: story.clock, signal: ending.signal, log };
    const running = [runDirector([SAMPLE], options), runWorker(SAMPLE, nothing, options)];
    const metadata = { name: "r-1" };
    await story.send("POST", REQUESTS, {
      apiVersion: "com.redhat.ecosystem.sample/v1",
      kind: "RequestState",
      metadata,
      spec: { "request-uid": "r-1", ...spec },
    });
    await story.clock.advance(1_000);
    await story.send("PATCH", `${REQUESTS}/r-1`, { metadata: { labels: { touched: "yes" } } }, "application/merge-patch+json");
    await story.clock.advance(10_000);
    assert.is(story.writes().length, 2);
    assert.is(said.length, 2, said.join("\n")); // the director once, the worker once
    for (const text of said) {
      assert.match(text, /^Cannot (drive|work on) requeststates "default\/r-1": .*; (cancel the flow or )?delete the object$/);
    }
    ending.abort();
    await story.end(running);
  });
}

flows("started twice with one key is one flow; another input under that key is refused", async () => {
  const story = createScenario();
  const options = { cluster: story.connect(), clock: story.clock };
  const first = await startFlow(SAMPLE, { key: "order-42", input: { a: 1, b: [2] } }, options);
  const second = await startFlow(SAMPLE, { key: "order-42", input: { b: [2], a: 1 } }, options);
  assert.is(second.request.metadata.uid, first.request.metadata.uid);
  try {
    await startFlow(SAMPLE, { key: "order-42", input: { a: 2 } }, options);
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      /^Cannot start flow "sample" with key "order-42": .* has that key and another input: spec\.input\.a is 1, not 2; choose another key or delete it$/,
    );
  }
  await story.until(() => true);
});
flows.run();

const directed = suite("scenario: the director of one request");

directed("drives exactly its own, whatever else lies in the namespace", async () => {
  const story = createScenario();
  const options = { cluster: story.connect(), clock: story.clock };
  const others = await Promise.all([1, 2, 3].map(() => startFlow(SAMPLE, {}, options)));
  const { request } = await startFlow(SAMPLE, {}, options);
  const ending = new AbortController();
  const worker = runWorker(SAMPLE, nothing, { ...options, signal: ending.signal });
  let finished = false;
  runDirector([SAMPLE], { ...options, request }).finished.then(() => finished = true);
  await story.until(() => finished);
  for (const found of await story.requests()) {
    assert.is(isOver(found), found.metadata.uid === request.metadata.uid);
    if (others.some((other) => other.request.metadata.uid === found.metadata.uid)) assert.is(found.spec.job, "JOB1");
  }
  ending.abort();
  await story.end([worker]);
});

const CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/requeststates.com.redhat.ecosystem.sample";
const ends: Record<string, [(story: Scenario, path: string) => Promise<unknown>, RegExp]> = {
  "deleted": [(story, path) => story.send("DELETE", path), /was deleted before it was over$/],
  "deleted and made again": [async (story, path) => {
    const old = await (await story.send("GET", path)).json() as RequestState;
    await story.send("DELETE", path);
    await story.send("POST", REQUESTS, {
      apiVersion: old.apiVersion,
      kind: old.kind,
      metadata: { name: old.metadata.name },
      spec: old.spec,
    });
  }, /was deleted before it was over$/],
  "put into an unknown state": [
    async (story, path) => {
      // A CRD of before its rules: they would refuse the write.
      const rules = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations";
      await story.send("PATCH", CRD, [{ op: "remove", path: rules }], "application/json-patch+json");
      await story.send("PATCH", path, { spec: { state: "PAUSED" } }, "application/merge-patch+json");
    },
    /: state "PAUSED" is unknown .*; delete the object$/,
  ],
};
for (const [what, [act, message]] of Object.entries(ends)) {
  directed(`says so when its request is ${what}`, async () => {
    const story = createScenario();
    const options = { cluster: story.connect(), clock: story.clock };
    const { request } = await startFlow(SAMPLE, {}, options);
    let said = "";
    runDirector([SAMPLE], { ...options, request }).finished.catch((error: Error) => said = error.message);
    await story.clock.advance(1_000);
    await act(story, `${REQUESTS}/${request.metadata.name}`);
    await story.until(() => said !== "");
    assert.match(said, message);
    assert.is(story.clock.pending, 0);
  });
}
directed.run();
