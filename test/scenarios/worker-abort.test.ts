import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  defineFlow,
  type Flow,
  isJobAborted,
  isOver,
  type Job,
  type RequestState,
  runDirector,
  type Running,
  runWorker,
  startFlow,
} from "../../mod.ts";
import { interfere, loseAnswer } from "../../src/fake/mod.ts";
import { createRecordedLog } from "../../src/testing/recorded-log.ts";
import { createScenario, historyOf, REQUESTS, type Scenario } from "../support/scenario.ts";

type Behaviour = (job: Job, story: Scenario) => Promise<unknown>;

/** One worker with one handler of job A, in which a flow has come. */
async function begin(behaviour: Behaviour, { flow = defineFlow("f", ["A", "B"]) as Flow, grace = 30_000, directors = 0 } = {}) {
  const story = createScenario();
  const log = createRecordedLog();
  const [ending, directing] = [new AbortController(), new AbortController()];
  const reasons: unknown[] = [];
  let runs = 0;
  const handler = (job: Job) => {
    runs++;
    job.signal.addEventListener("abort", () => reasons.push(job.signal.reason), { once: true });
    return behaviour(job, story) as Promise<void>;
  };
  const { clock } = story;
  const handlers = Object.fromEntries(flow.jobs.filter((job) => !flow.plans[job]!.waits).map((job) => [job, handler]));
  const worker = runWorker(flow, handlers, { cluster: story.connect(), clock, log, grace, signal: ending.signal });
  const running: Running[] = [worker];
  for (let count = 0; count < directors; count++) {
    running.push(runDirector([flow], { cluster: story.connect(), clock, signal: directing.signal }));
  }
  const { request } = await startFlow(flow, {}, { cluster: story.connect(), clock });
  const path = `${REQUESTS}/${request.metadata.name}`;
  await story.until(() => runs > 0);
  return {
    story,
    log,
    worker,
    reasons,
    path,
    runs: () => runs,
    drain: () => ending.abort(),
    patch: (body: unknown) => story.send("PATCH", path, body, "application/merge-patch+json"),
    cancel: () => story.send("PATCH", path, { spec: { desiredState: "Cancelled" } }, "application/merge-patch+json"),
    request: async (): Promise<RequestState> => (await story.requests())[0]!,
    async end() {
      ending.abort();
      directing.abort();
      await story.end(running);
    },
  };
}

/** A handler that stops when it is told to, by throwing. */
const stops: Behaviour = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
const ignores: Behaviour = () => new Promise(() => {});
/** A handler that goes on for a while when it is told to stop, and ends well. */
const later = (ms: number, result?: unknown): Behaviour => ({ signal }, { clock }) =>
  new Promise((resolve) => signal.addEventListener("abort", () => clock.setTimer(ms, () => resolve(result)), { once: true }));
const lastOf = (request: RequestState) => request.status!.history!.at(-1)!;
const reasonOf = (error: unknown) => isJobAborted(error) ? error.reason : error;

const cancelling = suite("scenario: a worker whose flow is cancelled");

cancelling("a handler that stops: the worker ends the flow, at once", async () => {
  const { story, log, request, reasons, cancel, end } = await begin(stops);
  await cancel();
  await story.until(async () => isOver(await request()), 1_000);
  const over = await request();
  assert.equal(historyOf(over), ["A REQUESTED", "A STARTED", "A CANCELLED"]);
  assert.is(lastOf(over).reason, "Cancelled");
  assert.is(over.status!.conditions!.find(({ type }) => type === "Succeeded")!.reason, "Cancelled");
  assert.equal(reasons.map(reasonOf), ["Cancelled"]);
  const fields = log.only(/^info Job A of requeststates .* has to stop: The request was cancelled$/);
  assert.is(fields["job"], "A");
  assert.is(fields["claim"], over.status!.claim!.id);
  assert.match(String(fields["object"]), /^default\//);
  assert.equal(log.lines.length, 1, log.lines.join("\n"));
  assert.is(story.writes().length, 4); // create, claim, the cancellation, its end
  await end();
});

const ways: [string, Behaviour][] = [
  [
    "throws an error of its own",
    ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new RangeError("half done")))),
  ],
  [
    "throws something that throws when it is looked at",
    ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () =>
          reject(Object.defineProperty(new Error(), "message", {
            get: () => {
              throw new Error("inner");
            },
          })))
      ),
  ],
  ["throws undefined", ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(undefined)))],
  [
    "gives back what is no result",
    ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve("stopped"))),
  ],
];
for (const [what, behaviour] of ways) {
  cancelling(`a handler that ${what} has stopped`, async () => {
    const { story, request, cancel, end, runs } = await begin(behaviour);
    await cancel();
    await story.until(async () => isOver(await request()), 1_000);
    assert.equal(historyOf(await request()), ["A REQUESTED", "A STARTED", "A CANCELLED"]);
    assert.is(runs(), 1);
    await end();
  });
}

cancelling(
  "a handler that brings its job to an end within the grace period: that stands, and the director cancels the rest",
  async () => {
    const begun = await begin(later(10_000, { output: "done" }), { directors: 1 });
    await begun.cancel();
    await begun.story.until(async () => isOver(await begun.request()), 40_000);
    const over = await begun.request();
    assert.equal(historyOf(over), ["A REQUESTED", "A STARTED", "A COMPLETED", "A CANCELLED"]);
    assert.equal(over.status!.outputs, { A: "done" });
    await begun.end();
  },
);

cancelling("a handler of the last job that ends well: the flow has succeeded", async () => {
  const begun = await begin(later(1_000), { flow: defineFlow("f", ["A"]) });
  await begun.cancel();
  await begun.story.until(async () => isOver(await begun.request()), 10_000);
  assert.equal(historyOf(await begun.request()), ["A REQUESTED", "A STARTED", "A COMPLETED"]);
  await begun.end();
});

for (const [reason, deadline] of [["Cancelled", undefined], ["DeadlineExceeded", 60_000]] as const) {
  cancelling(
    `a handler that ignores it (${reason}): the director ends the flow, the worker goes on with the next one`,
    async () => {
      const flow = defineFlow("f", { start: "A", jobs: { A: {} }, ...deadline !== undefined && { deadline } });
      const begun = await begin((job, story) => job.input === "next" ? Promise.resolve() : ignores(job, story), {
        flow,
        directors: 1,
      });
      const { story, log, reasons } = begun;
      if (deadline === undefined) await begun.cancel();
      await story.until(() => reasons.length > 0, 60_000);
      assert.is(reasonOf(reasons[0]), reason);
      await story.clock.advance(28_000);
      assert.not(isOver(await begun.request()));
      await story.until(async () => isOver(await begun.request()), 5_000);
      assert.equal(historyOf(await begun.request()), ["A REQUESTED", "A STARTED", "A CANCELLED"]);
      await story.clock.advance(100);
      log.only(/^warn Job A is not this worker's any more: requeststates .* was deleted or ended$/);
      const next = await startFlow(flow, { input: "next" }, { cluster: story.connect(), clock: story.clock });
      const { uid } = next.request.metadata;
      await story.until(
        async () => (await story.requests()).some((request) => request.metadata.uid === uid && isOver(request)),
        10_000,
      );
      await begun.end();
    },
  );
}

cancelling("before the handler was begun: it never is", async () => {
  const story = createScenario();
  const ending = new AbortController();
  let runs = 0;
  const flow = defineFlow("f", ["A"]);
  const { clock } = story;
  // The claim lands, its answer is lost; when it is looked up, the flow is cancelled.
  story.fake.faults.add({ match: { verb: "patch" }, fault: loseAnswer() });
  const cancel = ({ path }: { path: string }) =>
    void story.send("PATCH", path, { spec: { desiredState: "Cancelled" } }, "application/merge-patch+json");
  story.fake.faults.add({ match: { verb: "get", resource: "requeststates" }, fault: interfere(cancel) });
  const worker = runWorker(flow, { A: () => Promise.resolve(void runs++) }, {
    cluster: story.connect(),
    clock,
    signal: ending.signal,
  });
  await startFlow(flow, {}, { cluster: story.connect(), clock });
  await story.until(async () => isOver((await story.requests())[0]!), 5_000);
  assert.is(runs, 0);
  assert.equal(historyOf((await story.requests())[0]!), ["A REQUESTED", "A STARTED", "A CANCELLED"]);
  ending.abort();
  await story.end([worker]);
});

cancelling("while the worker drains and the handler does not listen: it is cancelled, not given back", async () => {
  const begun = await begin(ignores, { grace: 10_000 });
  await begun.cancel();
  await begun.story.clock.advance(1_000);
  begun.drain();
  await begun.story.clock.advance(12_000);
  assert.equal(historyOf(await begun.request()), ["A REQUESTED", "A STARTED", "A CANCELLED"]);
  await begun.end();
});
cancelling.run();

const deadlines = suite("scenario: a worker whose flow has a deadline");

deadlines("the handler is told when it comes, not before, and the worker ends the flow", async () => {
  const flow = defineFlow("f", { start: "A", jobs: { A: {} }, deadline: 60_000 });
  const { story, log, request, reasons, end } = await begin(stops, { flow });
  await story.clock.advance(59_000);
  assert.equal(reasons, []);
  await story.until(async () => isOver(await request()), 1_500);
  assert.equal(reasons.map(reasonOf), ["DeadlineExceeded"]);
  assert.is(lastOf(await request()).reason, "DeadlineExceeded");
  log.only(/^info Job A of requeststates .* has to stop: The flow was not over 60 s after its creation$/);
  await end();
});

deadlines("one that is moved while the handler runs counts as it stands now", async () => {
  const flow = defineFlow("f", { start: "A", jobs: { A: {} }, deadline: 60_000 });
  const { story, request, reasons, patch, end } = await begin(stops, { flow });
  await patch({ spec: { activeDeadlineSeconds: 120 } });
  await story.clock.advance(100_000);
  assert.equal(reasons, []);
  await story.until(async () => isOver(await request()), 21_000);
  assert.equal(reasons.map(reasonOf), ["DeadlineExceeded"]);
  await end();
});

deadlines("a job that ends in time leaves no timer", async () => {
  const flow = defineFlow("f", { start: "A", jobs: { A: { timeout: 50_000 } }, deadline: 60_000 });
  const { story, request, end } = await begin(async () => {}, { flow });
  await story.until(async () => isOver(await request()), 1_000);
  await end(); // looks for timers
});
deadlines.run();

const timeouts = suite("scenario: a worker whose job takes too long");
const timed = (limit: number, on = {}) =>
  defineFlow("f", {
    start: "A",
    jobs: { A: { timeout: 30_000, retry: { limit, initial: 1_000 }, on: on as { timedOut: "B" } }, B: {} },
  });
const short = (limit: number) =>
  defineFlow("f", { start: "A", jobs: { A: { timeout: 30_000, retry: { limit, initial: 1_000 } } } });

timeouts("its handler is told in time, and the director counts the attempt", async () => {
  const { story, request, reasons, runs, end } = await begin(
    (job, story) => job.attempt === 1 ? stops(job, story) : Promise.resolve(),
    {
      flow: short(2),
      directors: 1,
    },
  );
  await story.clock.advance(29_900);
  assert.equal(reasons, []);
  await story.until(async () => isOver(await request()), 5_000);
  assert.equal(reasons.map(reasonOf), ["TimedOut"]);
  assert.equal(
    historyOf(await request()),
    ["REQUESTED", "STARTED", "REQUESTED", "STARTED", "COMPLETED"].map((state) => `A ${state}`),
  );
  assert.is((await request()).status!.history![2]!.reason, "TimedOut");
  assert.is(runs(), 2);
  await end();
});

timeouts("a result that comes a little later stands where the director has not judged", async () => {
  const begun = await begin(later(200, { output: 1 }), { flow: short(1) });
  await begun.story.until(async () => isOver(await begun.request()), 40_000);
  assert.equal(historyOf(await begun.request()), ["A REQUESTED", "A STARTED", "A COMPLETED"]);
  await begun.end();
});

timeouts("without a director that judges, the worker says so itself, and the place is free again", async () => {
  const { story, request, end } = await begin(stops, { flow: short(2) });
  await story.until(async () => (await request()).spec.state === "FAILED", 40_000);
  const { status } = await request();
  assert.equal([status!.lastError!.type, status!.lastError!.retryable], ["TimedOut", true]);
  assert.is(lastOf(await request()).reason, "TimedOut");
  await end();
});

timeouts("what the worker has said is counted, tried again, and leads to the branch for it in the end", async () => {
  const flow = timed(2, { timedOut: "B" });
  // The director knows the same graph, but no timeout: policies may change freely.
  const patient = defineFlow("f", {
    start: "A",
    jobs: { A: { timeout: 1e9, retry: { limit: 2 }, on: { timedOut: "B" } }, B: {} },
  });
  const begun = await begin((job, story) => job.job === "A" ? stops(job, story) : Promise.resolve(), { flow });
  const { story } = begun;
  const directing = new AbortController();
  const director = runDirector([patient], { cluster: story.connect(), clock: story.clock, signal: directing.signal });
  await story.until(async () => isOver(await begun.request()), 200_000);
  assert.equal(historyOf(await begun.request()), [
    ...["REQUESTED", "STARTED", "FAILED", "REQUESTED", "STARTED", "FAILED"].map((state) => `A ${state}`),
    ...["REQUESTED", "STARTED", "COMPLETED"].map((state) => `B ${state}`),
  ]);
  directing.abort();
  await begun.end();
  await story.end([director]);
});

timeouts("a handler that ignores it is left behind once the director has judged", async () => {
  const { story, request, runs, log, end } = await begin(
    (job, story) => job.attempt === 1 ? ignores(job, story) : Promise.resolve(),
    {
      flow: short(2),
      directors: 1,
    },
  );
  await story.until(async () => isOver(await request()), 40_000);
  assert.is(runs(), 2);
  log.only(/^warn Job A is not this worker's any more: .* was taken over by director-.* \(TimedOut\)$/);
  await end();
});
timeouts.run();

const taking = suite("scenario: a worker whose job is taken away");

taking("its claim was taken out of the object: that is said, with the remedy", async () => {
  const { story, log, patch, reasons, end, request } = await begin(stops);
  await patch({ status: { claim: null } });
  await story.clock.advance(100);
  assert.equal(reasons.map(reasonOf), ["TakenOver"]);
  log.only(/^warn Job A is not this worker's any more: the claim was taken out of .*: nobody goes on with it, cancel it/);
  assert.is((await request()).spec.state, "STARTED");
  await end();
});

taking("a result that comes after that is dropped, and nothing is written", async () => {
  let resolve = () => {};
  const { story, log, patch, end, request } = await begin(() => new Promise<void>((done) => resolve = done));
  await patch({
    spec: { state: "REQUESTED", attempt: 2, desiredState: "Suspended" },
    status: { claim: null, history: undefined },
  });
  await story.clock.advance(100);
  const writes = story.writes().length;
  resolve();
  await story.clock.advance(10_000);
  assert.is(story.writes().length, writes);
  assert.is((await request()).spec.state, "REQUESTED");
  log.only(
    /^warn Job A is not this worker's any more: requeststates .* was taken over by somebody who has kept no record of it: it is A\/REQUESTED now$/,
  );
  await end();
});

taking("its job is requested anew by hand, the claim is left where it was: it is done by a claim of its own", async () => {
  const { story, patch, end, request, runs } = await begin(
    (job, story) => job.job === "A" && job.attempt === 1 ? stops(job, story) : Promise.resolve(),
    { directors: 1 },
  );
  const first = (await request()).status!.claim!;
  assert.is((await patch({ spec: { state: "REQUESTED", attempt: 2 } })).status, 200);
  await story.until(async () => isOver(await request()), 60_000);
  assert.is(runs(), 3);
  assert.is((await request()).status!.history!.filter(({ attempt }) => attempt === 2).length, 3);
  assert.is.not((await request()).status!.claim!.id, first.id);
  await end();
});

taking("it was ended by hand: the worker does not take itself for the one who did it", async () => {
  for (const state of ["COMPLETED", "CANCELLED"]) {
    const { log, patch, story, end } = await begin(stops);
    await patch({ spec: { state } });
    await story.clock.advance(100);
    log.only(/^warn Job A is not this worker's any more: .* was (taken over|cancelled) by somebody who has kept no record of it/);
    await end();
  }
});
taking.run();
