import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  defineFlow,
  isOver,
  type Job,
  type Log,
  type LogFields,
  type RequestState,
  RetryAfterError,
  runDirector,
  runWorker,
  SAMPLE,
  startFlow,
} from "../../mod.ts";
import { delayWatch, type FaultRequest, type Faults, late, latency, loseAnswer, refuse } from "../../src/fake/mod.ts";
import { sleep } from "../../src/runtime/time/clock.ts";
import { hostileErrors } from "../support/hostile.ts";
import { createRecordedLog } from "../../src/testing/recorded-log.ts";
import { createScenario, historyOf, REQUESTS, type Scenario, SIX } from "../support/scenario.ts";

const workers = suite("scenario: a worker");

workers("starts a handler only after its claim was confirmed", async () => {
  const story = createScenario();
  let started = false;
  story.fake.faults.add({ match: { verb: "patch" }, fault: latency(10_000, { applied: true }) });
  const ending = new AbortController();
  const handlers = { JOB1: async () => void (started = true), JOB2: async () => {} };
  const worker = runWorker(SAMPLE, handlers, { cluster: story.connect(), clock: story.clock, signal: ending.signal });
  await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(async () => (await story.requests())[0]!.spec.state === "STARTED");
  await story.clock.advance(5_000);
  assert.not(started);
  await story.until(() => started);
  ending.abort();
  await story.end([worker]);
});

workers("that has to end lets its job finish", async () => {
  const story = createScenario();
  const gate = Promise.withResolvers<void>();
  const ending = new AbortController();
  let started = false;
  const handlers = { JOB1: () => (started = true, gate.promise), JOB2: async () => {} };
  const worker = runWorker(SAMPLE, handlers, { cluster: story.connect(), clock: story.clock, signal: ending.signal });
  await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(() => started);
  ending.abort();
  await story.clock.advance(10_000);
  gate.resolve();
  await story.end([worker]);
  const states = (await story.requests()).map(({ spec }) => spec.state).sort();
  assert.equal(states, ["COMPLETED", "REQUESTED"]); // nothing more was claimed
  assert.is(story.clock.pending, 0);
});

workers("that has to end gives back what does not finish in time, and another carries on", async () => {
  const story = createScenario();
  const ending = new AbortController();
  let reason: unknown;
  const worker = runWorker(SAMPLE, {
    JOB1: ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(reason = signal.reason))),
    JOB2: async () => {},
  }, { cluster: story.connect(), clock: story.clock, signal: ending.signal, grace: 5_000 });
  const { request } = await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(() => story.writes().length === 2);
  ending.abort();
  await story.clock.advance(4_900);
  assert.is(reason, undefined);
  await story.clock.advance(200);
  await story.end([worker]);
  const [given] = await story.requests();
  assert.equal([given!.spec.state, given!.spec.attempt, given!.status!.claim], ["REQUESTED", 2, undefined]);
  assert.is(given!.status!.history!.at(-1)!.reason, "Released");

  const second = new AbortController();
  let attempt = 0;
  const next = runWorker(SAMPLE, { JOB1: async (job) => void (attempt = job.attempt), JOB2: async () => {} }, {
    cluster: story.connect(),
    clock: story.clock,
    signal: second.signal,
  });
  await runDirectorOf(story, request);
  assert.is(attempt, 2);
  second.abort();
  await story.end([next]);
});

for (
  const [what, after, states] of [
    ["brings its job to an end within a second of being told", 900, ["REQUESTED", "STARTED", "COMPLETED"]],
    ["takes longer than that to stop", 1_100, ["REQUESTED", "STARTED", "REQUESTED"]],
  ] as const
) {
  workers(`that has to end, with a handler that ${what}: ${states[2]}`, async () => {
    const story = createScenario();
    const ending = new AbortController();
    const handler = ({ signal }: Job) =>
      new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => story.clock.setTimer(after, resolve), { once: true })
      );
    const options = { cluster: story.connect(), clock: story.clock, signal: ending.signal, grace: 5_000 };
    const worker = runWorker(SAMPLE, { JOB1: handler, JOB2: async () => {} }, options);
    await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
    await story.until(() => story.writes().length === 2);
    ending.abort();
    await story.clock.advance(7_000);
    await story.end([worker]);
    assert.equal(historyOf((await story.requests())[0]!), states.map((state) => `JOB1 ${state}`));
  });
}

workers("aborts a handler whose request is deleted, and goes on with the next", async () => {
  const story = createScenario();
  const ending = new AbortController();
  let reason: Error | undefined;
  const done: string[] = [];
  const worker = runWorker(SAMPLE, {
    JOB1: ({ signal, request }) =>
      request.metadata.name === first.request.metadata.name
        ? new Promise((_, reject) => signal.addEventListener("abort", () => reject(reason = signal.reason)))
        : Promise.resolve(void done.push(request.metadata.name)),
    JOB2: async () => {},
  }, { cluster: story.connect(), clock: story.clock, signal: ending.signal });
  const options = { cluster: story.connect(), clock: story.clock };
  const first = await startFlow(SAMPLE, {}, options);
  await story.until(() => story.writes().length === 2);
  const second = await startFlow(SAMPLE, {}, options);
  await story.send("DELETE", `${REQUESTS}/${first.request.metadata.name}`);
  await story.until(() => done.length > 0);
  assert.match(reason!.message, /was deleted or ended$/);
  assert.equal(done, [second.request.metadata.name]);
  ending.abort();
  await story.end([worker]);
});

const denied = refuse({ code: 403, reason: "Forbidden", message: "not now" });

for (
  const [when, add] of [
    ["and that has landed", (faults) => {
      faults.add({ match: { verb: "patch" }, fault: loseAnswer() });
      faults.add({ match: { verb: "get", resource: "requeststates" }, fault: denied });
    }],
    ["and that lands after others of its own were refused", (faults) => {
      faults.add({ match: { verb: "patch" }, fault: late(1_500) });
      faults.add({ match: { verb: "patch" }, nth: 2, times: 5, fault: denied });
    }],
  ] satisfies readonly (readonly [when: string, add: (faults: Faults) => void])[]
) {
  workers(`row 18: goes on with a claim of its own that it had given up, ${when}`, async () => {
    const story = createScenario();
    const ending = new AbortController();
    add(story.fake.faults);
    let ran = 0;
    const handlers = { JOB1: () => Promise.resolve(void ran++), JOB2: async () => {} };
    const worker = runWorker(SAMPLE, handlers, { cluster: story.connect(), clock: story.clock, signal: ending.signal });
    await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
    await story.until(async () => (await story.requests())[0]!.spec.state === "COMPLETED");
    const [request] = await story.requests();
    assert.equal(historyOf(request!), ["REQUESTED", "STARTED", "COMPLETED"].map((state) => `JOB1 ${state}`));
    assert.is(request!.spec.attempt, 1);
    assert.is(ran, 1);
    ending.abort();
    await story.end([worker]);
  });
}

/** Somebody takes a request out of the hands of a worker that was taken for lost. */
const takeOver = (story: Scenario, { metadata, spec }: RequestState) => {
  const lost = { spec: { state: "REQUESTED", attempt: (spec.attempt ?? 1) + 1 }, status: { claim: null } };
  return story.send("PATCH", `${REQUESTS}/${metadata.name}`, lost, "application/merge-patch+json");
};

for (
  const [when, add] of [
    ["is answered", (faults) => void faults.add({ match: { verb: "patch" }, fault: latency(16_000, { applied: true }) })],
    ["is seen, its answer lost,", (faults) => {
      faults.add({ match: { verb: "patch" }, fault: loseAnswer() });
      faults.add({ match: { verb: "get", resource: "requeststates" }, fault: denied });
    }],
  ] satisfies readonly (readonly [when: string, add: (faults: Faults) => void])[]
) {
  workers(
    `no handler begins by a claim that ${when} only after the lease had run out, and was taken away meanwhile`,
    async () => {
      const story = createScenario();
      const ending = new AbortController();
      await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
      story.fake.faults.add({ match: { verb: "watch", resource: "requeststates" }, fault: delayWatch(17_000) });
      add(story.fake.faults);
      const begun: number[] = [];
      const handlers = { JOB1: ({ attempt }: Job) => Promise.resolve(void begun.push(attempt)), JOB2: async () => {} };
      const { clock } = story;
      const worker = runWorker(SAMPLE, handlers, {
        cluster: story.connect(),
        clock,
        leaseDuration: 3_000,
        signal: ending.signal,
      });
      await story.until(async () => (await story.requests())[0]!.spec.state === "STARTED");
      const away = story.fake.faults.add({ match: { verb: "update", resource: "leases" }, times: Infinity, fault: denied });
      await clock.advance(10_000);
      await takeOver(story, (await story.requests())[0]!);
      away.remove();
      await story.until(async () => (await story.requests())[0]!.spec.state === "COMPLETED");
      assert.equal(begun, [2]);
      ending.abort();
      await story.end([worker]);
    },
  );
}

workers("fault 6: two workers with one identity: never takes the claim of the other for its own", async () => {
  const story = createScenario();
  const ending = new AbortController();
  let ran = 0;
  const job = () => (ran++, sleep(story.clock, 2_000));
  const options = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal, identity: "w" });
  // Without an end to them the two would never let virtual time pass.
  let writes = 0;
  const where = () => ++writes > 100;
  story.fake.faults.add({ match: { verb: "patch", where }, times: Infinity, fault: latency(60_000) });
  const flow = defineFlow("f", ["A"]);
  const running = [
    runDirector([flow], options()),
    runWorker(flow, { A: job }, options()),
    runWorker(flow, { A: job }, options()),
  ];
  await startFlow(flow, {}, options());
  await story.until(async () => isOver((await story.requests())[0]!), 10_000);
  assert.is(ran, 1);
  assert.equal(historyOf((await story.requests())[0]!), ["A REQUESTED", "A STARTED", "A COMPLETED"]);
  ending.abort();
  await story.end(running);
});

workers("fails a job whose output is too large, or is nothing that JSON can say", async () => {
  for (const output of ["x".repeat(5_000), (() => {}) as never]) {
    const story = createScenario();
    const ending = new AbortController();
    const handlers = { JOB1: async () => ({ output }), JOB2: async () => {} };
    const worker = runWorker(SAMPLE, handlers, { cluster: story.connect(), clock: story.clock, signal: ending.signal });
    const { request } = await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
    await runDirectorOf(story, request);
    const [failed] = await story.requests();
    assert.match(failed!.status!.lastError!.message, /^The output is /);
    ending.abort();
    await story.end([worker]);
  }
});

/** A worker behind a server that refuses `report` of a job in the given way, `times` times. */
async function refusedReports(code: number, reason: string, times: number) {
  const story = createScenario();
  const where = ({ body }: FaultRequest) => JSON.stringify(body).includes(`"COMPLETED"`);
  story.fake.faults.add({ match: { verb: "patch", where }, times, fault: refuse({ code, reason, message: `no: ${reason}` }) });
  const ending = new AbortController();
  let ran = 0;
  const handlers = { JOB1: () => Promise.resolve(void ran++), JOB2: async () => {} };
  const worker = runWorker(SAMPLE, handlers, { cluster: story.connect(), clock: story.clock, signal: ending.signal });
  const { request } = await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  await runDirectorOf(story, request);
  ending.abort();
  await story.end([worker]);
  return { over: (await story.requests())[0]!, ran };
}

workers("whose rights are taken away keeps the result until they are back, and runs nothing again", async () => {
  const { over, ran } = await refusedReports(403, "Forbidden", 3);
  assert.is(ran, 1);
  assert.equal(historyOf(over), [...SIX]);
});

workers("whose result is refused for good fails the job with the server's words, and runs nothing again", async () => {
  const { over, ran } = await refusedReports(422, "Invalid", Infinity);
  assert.is(ran, 1);
  assert.equal(historyOf(over), ["JOB1 REQUESTED", "JOB1 STARTED", "JOB1 FAILED"]);
  assert.match(over.status!.lastError!.message, /no: Invalid$/);
  assert.is(over.status!.lastError!.retryable, false);
});

workers("fault 7: an error that throws: survives whatever a handler or onChange throws, and runs the handler once", async () => {
  const thrown: [string, () => never][] = [
    ["at once, not in a promise", () => {
      throw new RangeError("at once");
    }],
    ["something without a text", () => {
      throw Object.create(null);
    }],
    ["an error whose message is no text", () => {
      throw Object.assign(new Error(), { message: { toString: null } });
    }],
    ["nothing", () => {
      throw undefined;
    }],
    ...[...hostileErrors()].map(([what, error]): [string, () => never] => [what, () => {
      throw error;
    }]),
  ];
  for (const [what, fail] of thrown) {
    const story = createScenario();
    const ending = new AbortController();
    let ran = 0;
    let changes = 0;
    const onChange = () => {
      if (changes++ % 2) return Promise.reject(new Error("a mistake in onChange, later"));
      fail();
    };
    const handlers = { JOB1: () => (ran++, fail()), JOB2: async () => {} };
    const options = { cluster: story.connect(), clock: story.clock, signal: ending.signal, onChange };
    const once = defineFlow("once", { start: "JOB1", jobs: { JOB1: { next: "JOB2", retry: { limit: 1 } }, JOB2: {} } });
    const running = [runWorker(once, handlers, options), runDirector([once], options)];
    const { request } = await startFlow(once, {}, { cluster: story.connect(), clock: story.clock });
    let over: RequestState | undefined;
    await story.until(() => (story.requests().then((all) => over = all.find(isOver)), over !== undefined));
    assert.equal(historyOf(over!), ["JOB1 REQUESTED", "JOB1 STARTED", "JOB1 FAILED"], what);
    assert.is(ran, 1, what);
    assert.is(over!.metadata.uid, request.metadata.uid);
    ending.abort();
    await story.end(running);
  }
});

workers(
  "says once of each attempt that it has failed, not of one that asks to come back; a log that throws stops nothing",
  async () => {
    const story = createScenario();
    const ending = new AbortController();
    const recorded = createRecordedLog();
    const say = (level: keyof Log) => (message: string, fields?: LogFields) => {
      recorded[level](message, fields);
      throw new Error("the disk is full");
    };
    const log = { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
    const flow = defineFlow("f", { start: "A", jobs: { A: { retry: { limit: 2, initial: 10 } } } });
    const handler = async ({ attempt }: Job) => {
      throw attempt === 1 ? new RetryAfterError(1_000) : new Error(`no ${attempt}`);
    };
    const options = { cluster: story.connect(), clock: story.clock, signal: ending.signal };
    const running = [runWorker(flow, { A: handler }, { ...options, log }), runDirector([flow], options)];
    await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
    await story.until(async () => isOver((await story.requests())[0]!), 30_000);
    assert.equal(recorded.lines, [2, 3].map((attempt) => `warn Job A has failed (attempt ${attempt}): no ${attempt}`));
    ending.abort();
    await story.end(running);
  },
);

workers("never runs one attempt twice, however many workers and directors there are", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const ran: string[] = [];
  const handler = (job: { idempotencyKey: string; attempt: number }) =>
    Promise.resolve(void ran.push(`${job.idempotencyKey} ${job.attempt}`));
  const options = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal });
  const running = [
    ...[1, 2, 3].map(() => runDirector([SAMPLE], options())),
    ...[1, 2, 3, 4].map(() => runWorker(SAMPLE, { JOB1: handler, JOB2: handler }, { ...options(), concurrency: 2 })),
  ];
  for (let count = 0; count < 10; count++) await startFlow(SAMPLE, {}, options());
  let all: RequestState[] = [];
  await story.until(() => (story.requests().then((now) => all = now), all.length === 10 && all.every(isOver)));
  assert.is(ran.length, 20);
  assert.is(new Set(ran).size, 20);
  assert.is(story.writes().length, 60);
  ending.abort();
  await story.end(running);
});

for (const concurrency of [0, 1.5, NaN]) {
  workers(`refuses a concurrency of ${concurrency}`, () => {
    const story = createScenario();
    const handlers = { JOB1: async () => {}, JOB2: async () => {} };
    assert.throws(
      () => runWorker(SAMPLE, handlers, { cluster: story.connect(), concurrency }),
      /concurrency is .*, expected a whole number from 1/,
    );
  });
}

workers.run();

async function runDirectorOf(story: ReturnType<typeof createScenario>, request: RequestState): Promise<void> {
  let finished = false;
  runDirector([SAMPLE], { cluster: story.connect(), clock: story.clock, request }).finished.then(() => finished = true);
  await story.until(() => finished);
}
