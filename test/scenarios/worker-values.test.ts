import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type AnySchema,
  defineFlow,
  type Flow,
  isOver,
  type Job,
  type Json,
  type RequestState,
  runDirector,
  runWorker,
  startFlow,
} from "../../mod.ts";
import { type FaultRequest, refuse } from "../../src/fake/mod.ts";
import { createRecordedLog } from "../../src/testing/recorded-log.ts";
import { createScenario, historyOf, REQUESTS } from "../support/scenario.ts";

/** A schema, as libraries make them. */
const schema = (validate: (value: unknown) => unknown): AnySchema => ({
  "~standard": { version: 1, vendor: "test", validate: validate as AnySchema["~standard"]["validate"] },
});
/** Reads `{ amount: "12" }` as `{ amount: 12 }`. */
const amount = schema((value) => {
  const { amount } = (value ?? {}) as { amount?: unknown };
  return Number.isFinite(Number(amount)) && amount !== null
    ? { value: { amount: Number(amount) } }
    : { issues: [{ message: "expected a number", path: ["amount"] }] };
});

/** Runs one flow of a worker and a director on what somebody has created with kubectl. */
async function run(flow: Flow, handlers: Record<string, (job: Job) => unknown>, input?: Json, outputs?: Record<string, Json>) {
  const story = createScenario();
  const { clock } = story;
  const log = createRecordedLog();
  const ending = new AbortController();
  const options = () => ({ cluster: story.connect(), clock, log, signal: ending.signal });
  const running = [runWorker(flow, handlers as object, options()), runDirector([flow], options())];
  await story.send("POST", REQUESTS, {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: "r-1" },
    spec: { "request-uid": "r-1", job: flow.start, state: "REQUESTED", flow: flow.name, flowDigest: flow.digest, input },
    ...outputs && { status: { outputs } },
  });
  let over: RequestState | undefined;
  await story.until(async () => over = (await story.requests()).find(isOver), 60_000);
  ending.abort();
  await story.end(running);
  return { over: over!, log, story };
}
const reasonOf = ({ status }: RequestState) => status!.conditions!.find(({ type }) => type === "Succeeded")!.reason;

const inputs = suite("scenario: a worker reads values through schemas");

inputs("a handler gets the input and the outputs as the schemas read them, the object keeps what was given", async () => {
  const told: unknown[] = [];
  const flow = defineFlow("f", {
    start: "A",
    jobs: { A: { next: "B", output: amount }, B: {} },
    input: amount,
  });
  const { over } = await run(flow, {
    A: async ({ input }) => (told.push(input), { output: { amount: "7", note: "kept" } }),
    B: async ({ input, outputs }) => void told.push(input, outputs),
  }, { amount: "12" });
  assert.equal(told, [{ amount: 12 }, { amount: 12 }, { A: { amount: 7 } }]);
  assert.equal(over.status!.outputs, { A: { amount: "7", note: "kept" } });
});

inputs("an input that does not fit ends the flow: no handler is run, and no second attempt made", async () => {
  let runs = 0;
  const flow = defineFlow("f", { start: "A", jobs: { A: { on: { failed: "B" } }, B: {} }, input: amount });
  const { over } = await run(flow, { A: async () => void runs++, B: async () => void runs++ }, { amount: "much" });
  assert.is(runs, 0);
  assert.equal(historyOf(over), ["A REQUESTED", "A STARTED", "A FAILED"]);
  assert.is(reasonOf(over), "InvalidInput");
  assert.is(over.status!.lastError!.message, "The input of the flow does not fit its schema: amount: expected a number");
});

inputs("an output that does not fit any more fails the job that would be given it", async () => {
  const given: string[] = [];
  const flow = defineFlow("f", {
    start: "B",
    jobs: { B: { on: { failed: "C" } }, C: {} },
  });
  const old = defineFlow("f", { start: "B", jobs: { B: { output: amount, on: { failed: "C" } }, C: {} } });
  assert.is(old.digest, flow.digest);
  const { over } = await run(old, { B: async () => void given.push("B"), C: async () => void given.push("C") }, undefined, {
    B: "old",
  });
  assert.equal(given, []);
  assert.match(over.status!.lastError!.message, /^The output of job B does not fit its schema: amount: expected a number$/);
});

const odd: [string, AnySchema, RegExp][] = [
  [
    "throws",
    schema(() => {
      throw new Error("no such table");
    }),
    /^The schema of the input has thrown: no such table$/,
  ],
  ["rejects", schema(() => Promise.reject(new Error("no such table"))), /^The schema of the input has thrown: no such table$/],
  ["gives back nothing", schema(() => undefined), /^The schema of the input has thrown: /],
];
for (const [what, input, expected] of odd) {
  inputs(`a schema that ${what} fails the attempt, in words that name it`, async () => {
    let runs = 0;
    const flow = defineFlow("f", { start: "A", jobs: { A: { retry: { limit: 1 } } }, input });
    const { over } = await run(flow, { A: async () => void runs++ }, 1);
    assert.is(runs, 0);
    assert.match(over.status!.lastError!.message, expected);
    assert.is(over.status!.lastError!.retryable, true);
  });
}

inputs("a schema that takes its time is waited for", async () => {
  const slow = schema(async (value) => (await Promise.resolve(), { value: [value] }));
  let told: unknown;
  const flow = defineFlow("f", { start: "A", jobs: { A: {} }, input: slow });
  const { over } = await run(flow, { A: async ({ input }) => void (told = input) }, 1);
  assert.equal(told, [1]);
  assert.is(reasonOf(over), "Completed");
});

inputs("an output that does not fit its schema fails the job for good, with what is wrong", async () => {
  let runs = 0;
  const flow = defineFlow("f", { start: "A", jobs: { A: { output: amount } } });
  const { over, log } = await run(flow, { A: async () => (runs++, { output: { amount: "many" } }) });
  assert.is(runs, 1);
  assert.is(
    log.only(/^warn Job A has failed \(attempt 1\): The output does not fit its schema: amount: expected a number$/)["job"],
    "A",
  );
  assert.is(over.status!.lastError!.message, "The output does not fit its schema: amount: expected a number");
});
inputs.run();

const sizes = suite("scenario: a worker whose results are large");

sizes("bytes count, not characters: 2,048 of three bytes are refused with what to do, 1,365 are not", async () => {
  const flow = defineFlow("f", ["A"]);
  const { over: refused } = await run(flow, { A: async () => ({ output: "語".repeat(2_048) }) });
  assert.match(
    refused.status!.lastError!.message,
    /^The output is 6146 bytes as JSON, at most 4096 are kept: store it elsewhere and give back where$/,
  );
  assert.is(refused.status!.lastError!.retryable, false);
  const { over: kept } = await run(flow, { A: async () => ({ output: "語".repeat(1_364) }) });
  assert.is(reasonOf(kept), "Completed");
});

sizes("all outputs together are limited, too", async () => {
  const outputs = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`J${index}`, "x".repeat(4_000)]));
  const flow = defineFlow("f", ["A"]);
  const { over } = await run(flow, { A: async () => ({ output: "y".repeat(4_000) }) }, undefined, outputs);
  assert.match(
    over.status!.lastError!.message,
    /^The output makes all outputs together \d+ bytes as JSON, at most 65536 are kept/,
  );
});

sizes("all outputs together, their names included, are as large as is said, and not a byte more", async () => {
  const outputs = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`J${index}`, "x".repeat(4_000)]));
  const flow = defineFlow("f", ["A"]);
  const room = 65_536 - JSON.stringify({ ...outputs, A: "" }).length;
  const { over: kept } = await run(flow, { A: async () => ({ output: "y".repeat(room) }) }, undefined, outputs);
  assert.is(JSON.stringify(kept.status!.outputs).length, 65_536);
  const { over } = await run(flow, { A: async () => ({ output: "y".repeat(room + 1) }) }, undefined, outputs);
  assert.match(over.status!.lastError!.message, /^The output makes all outputs together 65537 bytes as JSON, at most 65536/);
});

/** What the server says of a request that is too large. */
const TOO_LARGE = {
  "413": { code: 413, reason: "RequestEntityTooLarge", message: "Request entity too large: limit is 3145728" },
  "etcd": { code: 500, reason: "", message: "etcdserver: request is too large" },
  "the connection to etcd": {
    code: 500,
    reason: "",
    message: "rpc error: code = ResourceExhausted desc = trying to send message larger than max (2188014 vs. 2097152)",
  },
};
for (const [who, answer] of Object.entries(TOO_LARGE)) {
  for (const state of ["STARTED", "COMPLETED"]) {
    sizes(
      `a ${state} that is too large (${who}): the flow is ended by a small write, at once, and no handler run again`,
      async () => {
        const story = createScenario();
        const { clock } = story;
        const log = createRecordedLog();
        const ending = new AbortController();
        const where = ({ body }: FaultRequest) => JSON.stringify(body).includes(`"/spec/state","value":"${state}"`);
        story.fake.faults.add({ match: { verb: "patch", where }, times: Infinity, fault: refuse(answer) });
        let runs = 0;
        const flow = defineFlow("f", ["A", "B"]);
        const handler = async () => (runs++, { output: "big" });
        const worker = runWorker(flow, { A: handler, B: handler }, {
          cluster: story.connect(),
          clock,
          log,
          signal: ending.signal,
        });
        await startFlow(flow, {}, { cluster: story.connect(), clock });
        await story.until(async () => isOver((await story.requests())[0]!), 5_000);
        const over = (await story.requests())[0]!;
        assert.is(runs, state === "STARTED" ? 0 : 1);
        assert.is(reasonOf(over), "ObjectTooLarge");
        assert.is(over.spec.state, "FAILED");
        assert.is(over.status!.outputs, undefined);
        assert.is(log.only(/^warn Ended the flow, it has become too large: /)["object"], `default/${over.metadata.name}`);
        const patches = story.fake.requests.matching({ verb: "patch", resource: "requeststates" }).length;
        assert.is(patches, state === "STARTED" ? 2 : 3);
        await clock.advance(60_000);
        assert.is(story.fake.requests.matching({ verb: "patch", resource: "requeststates" }).length, patches);
        ending.abort();
        await story.end([worker]);
      },
    );

    sizes(`a ${state} that is too large (${who}), and so is its end: said once, and no loop`, async () => {
      const story = createScenario();
      const { clock } = story;
      const log = createRecordedLog();
      const ending = new AbortController();
      const where = ({ body }: FaultRequest) => state === "STARTED" || !JSON.stringify(body).includes(`"value":"STARTED"`);
      story.fake.faults.add({
        match: { verb: "patch", where, resource: "requeststates" },
        times: Infinity,
        fault: refuse(answer),
      });
      const flow = defineFlow("f", ["A", "B"]);
      let runs = 0;
      const handler = async () => void runs++;
      const worker = runWorker(flow, { A: handler, B: handler }, { cluster: story.connect(), clock, log, signal: ending.signal });
      await startFlow(flow, {}, { cluster: story.connect(), clock });
      await story.until(() => log.lines.some((line) => line.startsWith("error")), 5_000);
      log.only(/^error Cannot even end the flow, it is too large without its outputs, too; delete it: /);
      await clock.advance(600_000);
      log.only(/^error /);
      assert.is(runs, state === "STARTED" ? 0 : 1);
      const patches = story.fake.requests.matching({ verb: "patch", resource: "requeststates" }).length;
      assert.ok(patches <= 5, `${patches} writes`);
      ending.abort();
      await story.end([worker]);
    });
  }
}
sizes.run();
