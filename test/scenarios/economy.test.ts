/** What a flow costs: writes, and the size of its object. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  defineFlow,
  type Flow,
  hasSucceeded,
  isOver,
  type Json,
  NeverRetryError,
  type RequestState,
  RetryAfterError,
  runDirector,
  runWorker,
  SAMPLE,
  startFlow,
  suspendFlow,
} from "../../mod.ts";
import { cutWatch, expired } from "../../src/fake/mod.ts";
import { isParked } from "../../src/request-state.ts";
import { createScenario } from "../support/scenario.ts";

const economy = suite("scenario: what flows cost");

economy("two jobs are six writes, whoever watches: leases and events apart", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const options = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal });
  const running = [
    ...[1, 2].map(() => runDirector([SAMPLE], { ...options(), leaderElect: true })),
    ...[1, 2, 3].map(() => runWorker(SAMPLE, { JOB1: async () => {}, JOB2: async () => {} }, options())),
  ];
  await story.clock.advance(5_000);
  await startFlow(SAMPLE, {}, { cluster: story.connect(), clock: story.clock });
  await story.until(async () => isOver((await story.requests())[0]!));
  await story.clock.advance(60_000);
  const tried = story.fake.requests.filter(({ verb, resource }) =>
    ["create", "update", "patch", "delete"].includes(verb) && resource!.startsWith("requeststates")
  );
  assert.equal(tried.map(({ verb, status }) => `${verb} ${status}`), ["create 201", ...Array(5).fill("patch 200")]);
  ending.abort();
  await story.end(running);
});

const all = defineFlow("all", {
  start: "work",
  jobs: { work: { next: "wait", retry: { limit: 1 }, onExhausted: "park" }, wait: { waitFor: "signal", next: "end" }, end: {} },
});

economy("an idle director writes nothing: not when it starts, not when its watch breaks, not when it lists anew", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const options = (signal = ending.signal) => ({ cluster: story.connect(), clock: story.clock, signal });
  const work = (label: string | undefined) => label === "busy" ? new Promise<void>(() => {}) : Promise.resolve();
  const worker = runWorker(all, {
    async work({ request }) {
      const { story } = request.metadata.labels!;
      if (story === "parked") throw new NeverRetryError("no");
      await work(story);
    },
    end: async () => {},
  }, { ...options(), concurrency: 4, grace: 0 });
  const first = new AbortController();
  const director = runDirector([all], options(first.signal));
  const client = { cluster: story.connect(), clock: story.clock };
  for (const label of ["busy", "parked", "waiting", "suspended"]) {
    const run = await startFlow(all, {
      labels: { story: label },
      ...label === "suspended" && { notBefore: story.clock.now() + 3_000 },
    }, client);
    if (label === "suspended") await suspendFlow(run, client);
  }
  await story.clock.advance(10_000);
  const where = async (label: string): Promise<RequestState> =>
    (await story.requests()).find(({ metadata }) => metadata.labels!.story === label)!;
  const standing = await Promise.all(["busy", "waiting", "suspended"].map(where));
  assert.equal(standing.map(({ spec }) => `${spec.job}/${spec.state}`), ["work/STARTED", "wait/REQUESTED", "work/REQUESTED"]);
  assert.ok(isParked(await where("parked")));
  const before = await story.requests();

  story.fake.faults.add({ match: { verb: "watch", resource: "requeststates" }, times: 3, fault: cutWatch(0) });
  story.fake.faults.add({ match: { verb: "watch", resource: "requeststates" }, times: 2, fault: expired() });
  for (let restart = 0; restart < 3; restart++) {
    const restarting = new AbortController();
    const next = runDirector([all], options(restarting.signal));
    await story.clock.advance(30_000);
    restarting.abort();
    await story.until(() => next.finished.then(() => true));
  }
  assert.is(story.fake.faults.waiting, 0);
  assert.equal(await story.requests(), before);
  first.abort();
  ending.abort();
  await story.end([director, worker]);
});

economy("a flow that polls for 1,000 transitions stays under 16 KiB; a null that it gives back is there", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const poll = defineFlow("poll", { start: "look", jobs: { look: { next: "use" }, use: {} } });
  const options = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal });
  let given: Json | undefined;
  const running = [
    runDirector([poll], { ...options(), identity: `director-${"x".repeat(40)}` }),
    runWorker(poll, {
      async look({ attempt }) {
        if (attempt <= 333) throw new RetryAfterError(50, "the report is not ready yet ".repeat(60));
        return { output: { nothing: null, list: [null] } };
      },
      use: async ({ outputs }) => void (given = outputs.look),
    }, { ...options(), identity: `worker-${"x".repeat(40)}` }),
  ];
  const run = await startFlow(poll, {}, { cluster: story.connect(), clock: story.clock });
  let largest = 0;
  const end = { over: false };
  (async () => {
    for await (const request of run) largest = Math.max(largest, new TextEncoder().encode(JSON.stringify(request)).length);
    end.over = true;
  })();
  await story.until(() => end.over, 600_000);
  const [over] = await story.requests();
  assert.ok(hasSucceeded(over!));
  const { history, historyDropped, outputs } = over!.status!;
  assert.ok(history!.at(-1)!.seq! >= 1_000, `${history!.at(-1)!.seq} transitions`);
  assert.is(history!.length + historyDropped!, history!.at(-1)!.seq);
  assert.ok(largest > 4_000 && largest < 16_384, `${largest} bytes`);
  assert.equal(outputs, { look: { nothing: null, list: [null] } });
  assert.equal(given, outputs!.look);
  ending.abort();
  await story.end(running);
});

economy(
  "an output past its limit ends as the policy says: the branch for failures, an operator, or the end; never another attempt",
  async () => {
    const story = createScenario();
    const ending = new AbortController();
    const options = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal });
    const flows = [
      defineFlow("branches", {
        start: "make",
        jobs: { make: { next: "use", on: { failed: "clean" } }, use: {}, clean: { end: "failed" } },
      }),
      defineFlow("parks", { start: "make", jobs: { make: { onExhausted: "park" } } }),
      defineFlow("ends", ["make"]),
    ] as const;
    let made = 0;
    const make = async () => {
      made++;
      return { output: "x".repeat(5_000) };
    };
    const nothing = async () => {};
    const implementations = flows.map((flow) => ({
      flow,
      handlers: Object.fromEntries(flow.jobs.map((job) => [job, job === "make" ? make : nothing])),
    }));
    const running = [runDirector(flows, options()), runWorker(implementations as never, { ...options(), concurrency: 3 })];
    for (const flow of flows) await startFlow(flow as Flow, {}, { cluster: story.connect(), clock: story.clock });
    await story.clock.advance(60_000);
    const ends = (await story.requests()).map((request) => {
      const { spec, status } = request;
      const reason = status!.conditions!.find(({ type }) => type === "Finished")!.reason;
      assert.is(status!.outputs, undefined);
      return `${spec.flow}: ${spec.job}/${spec.state} ${reason}`;
    });
    assert.equal(ends.sort(), ["branches: clean/COMPLETED Clean", "ends: make/FAILED JobFailed", "parks: make/FAILED Parked"]);
    assert.is(made, 3);
    ending.abort();
    await story.end(running);
  },
);

economy.run();
