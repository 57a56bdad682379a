import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  defineFlow,
  type Flow,
  hasSucceeded,
  implementFlow,
  isOver,
  type Job,
  type Json,
  type Middleware,
  NeverRetryError,
  type PartialImplementation,
  type RequestState,
  runDirector,
  runWorker,
  startFlow,
  type WorkerOptions,
} from "../../mod.ts";
import { sleep } from "../../src/runtime/time/clock.ts";
import type { Lease } from "../../src/runtime/leases/lease.ts";
import { createCountingMetrics } from "../support/counting-metrics.ts";
import { createRecordedLog } from "../../src/testing/recorded-log.ts";
import { createScenario, historyOf, type Scenario } from "../support/scenario.ts";

/** A worker of these, and a director of them or of others. */
function work(
  given: readonly PartialImplementation[],
  options: Partial<WorkerOptions> = {},
  directs: Parameters<typeof runDirector>[0] = given,
) {
  const story = createScenario();
  const { clock } = story;
  const ending = new AbortController();
  const log = createRecordedLog();
  const common = () => ({ cluster: story.connect(), clock, log, signal: ending.signal });
  const running = [runWorker(given, { ...common(), ...options }), runDirector(directs, common())];
  return {
    ...{ story, clock, log },
    start: (flow: Flow, input?: unknown) => startFlow(flow, { input } as object, { cluster: story.connect(), clock }),
    end: async () => {
      ending.abort();
      await story.end(running);
    },
  };
}
const untilOver = async (story: Scenario, count: number): Promise<RequestState[]> => {
  let all: RequestState[] = [];
  await story.until(async () => (all = await story.requests()).filter(isOver).length === count, 60_000);
  return all;
};

const old = defineFlow("order", ["charge", "ship"]);
const now = defineFlow("order", ["charge", "pack", "ship"]);
const other = defineFlow("refund", ["pay"]);

const several = suite("scenario: one worker of several flows");

several("a director takes a flow, or what implements one, in a list or not", async () => {
  const pay = implementFlow(other, { pay: async () => {} });
  const charge = implementFlow(old, { charge: async () => {}, ship: async () => {} });
  for (const directs of [other, pay, [other], [charge, other]]) {
    const { story, start, end } = work([pay], {}, directs);
    await start(other);
    assert.ok((await untilOver(story, 1)).every(hasSucceeded));
    await end();
  }
});

several("each request is done by the version with its digest, through one watch, one lease, one connection to both", async () => {
  const did: string[] = [];
  const doing = (version: string) => ({ job }: Job) => Promise.resolve(void did.push(`${version} ${job}`));
  const implementations = [
    implementFlow(now, { charge: doing("now"), pack: doing("now"), ship: doing("now") }),
    implementFlow(old, { charge: doing("old"), ship: doing("old") }),
    implementFlow(other, { pay: doing("other") }),
  ];
  const { story, start, end } = work(implementations);
  for (const flow of [old, now, other]) await start(flow);
  const all = await untilOver(story, 3);
  assert.ok(all.every(hasSucceeded));
  assert.equal(did.sort(), ["now charge", "now pack", "now ship", "old charge", "old ship", "other pay"]);
  const watches = story.fake.requests.matching({ verb: "watch", resource: "requeststates" });
  assert.is(watches.length, 2, "the worker's, the director's");
  const leases = (await (await story.send("GET", "/apis/coordination.k8s.io/v1/namespaces/default/leases")).json())
    .items as Lease[];
  assert.is(leases.length, 1);
  assert.equal(
    leases[0]!.metadata.annotations!["crd-watcher/takes"]!.split(","),
    [
      ...["charge", "pack", "ship"].map((job) => `order/${now.digest}/${job}`),
      ...["charge", "ship"].map((job) => `order/${old.digest}/${job}`),
      `refund/${other.digest}/pay`,
    ],
  );
  await end();
});

several("concurrency is of all flows together", async () => {
  let [atOnce, most] = [0, 0];
  const busy = async () => {
    most = Math.max(most, ++atOnce);
    await sleep(scenario.clock, 1_000);
    atOnce--;
  };
  const scenario = work([
    implementFlow(old, { charge: busy, ship: busy }),
    implementFlow(other, { pay: busy }),
  ], { concurrency: 2 });
  for (const flow of [old, old, other, other]) await scenario.start(flow);
  await untilOver(scenario.story, 4);
  assert.is(most, 2);
  await scenario.end();
});

several("a digest that it does not know is none of its business: no write, and nothing said", async () => {
  const unknown = defineFlow("order", ["charge", "wrap"]);
  const { story, clock, log, start, end } = work([implementFlow(old, { charge: async () => {}, ship: async () => {} })]);
  await start(unknown);
  await start(defineFlow("something-else", ["charge"]));
  await clock.advance(5_000);
  assert.is(story.fake.requests.matching({ verb: "patch", resource: "requeststates" }).length, 0);
  assert.equal(log.lines.filter((line) => !line.startsWith("info")), []);
  await end();
});

several("handlers for some of the jobs: the others are left to whoever has them", async () => {
  const story = createScenario();
  const ending = new AbortController();
  const did: string[] = [];
  const common = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal });
  const doing = (who: string) => ({ job }: Job) => Promise.resolve(void did.push(`${who} ${job}`));
  const running = [
    runDirector([now], common()),
    runWorker([{ flow: now, handlers: { charge: doing("a"), ship: doing("a") } }], common()),
    runWorker(now, { pack: doing("b") }, common()),
  ];
  await story.clock.advance(2_000);
  const began = story.clock.now();
  await startFlow(now, {}, common());
  await untilOver(story, 1);
  assert.equal(did, ["a charge", "b pack", "a ship"]);
  assert.ok(story.clock.now() - began < 400, `nobody waits for a peer that does not do the job: ${story.clock.now() - began} ms`);
  ending.abort();
  await story.end(running);
});

several("each flow is counted by its name", async () => {
  const metrics = createCountingMetrics();
  const { story, start, end } = work([
    implementFlow(old, { charge: async () => {}, ship: async () => {} }),
    implementFlow(other, { pay: async () => {} }),
  ], { metrics });
  await start(old);
  await start(other);
  await untilOver(story, 2);
  assert.is(metrics.value('crd_watcher_claims_total{flow="order",outcome="won"}'), 2);
  assert.is(metrics.value('crd_watcher_claims_total{flow="refund",outcome="won"}'), 1);
  await end();
});

const job = async () => {};
const wrong: [string, () => unknown, RegExp][] = [
  ["nothing", () => runWorker([], { cluster: {} as never }), /^Cannot run a worker: it is given no flow$/],
  [
    "the same graph twice",
    () => runWorker([implementFlow(other, { pay: job }), implementFlow(other, { pay: job })], { cluster: {} as never }),
    /^Cannot run a worker: flow "refund" is given twice with the same graph$/,
  ],
  [
    "all faults of all of them",
    () =>
      runWorker([{ flow: old, handlers: { chrage: job } as object }, { flow: other, handlers: { pay: 1 } as object }], {
        cluster: {} as never,
      }),
    /^Cannot run a worker: flow "order": handler "chrage" has no job; flow "refund": handler "pay" is no function$/,
  ],
  [
    "a flow alone",
    () => runWorker([old as never], { cluster: {} as never }),
    /^Cannot run a worker: item 0 is not what implementFlow gives, nor \{ flow, handlers \}$/,
  ],
  [
    "a use that is no function",
    () => runWorker(old, {}, { cluster: {} as never, use: [1 as never] }),
    /use\[0\] is no function$/,
  ],
  [
    "an unknown onLeaseLost",
    () => runWorker(old, {}, { cluster: { list() {} } as never, onLeaseLost: "stop" as never }),
    /onLeaseLost is "stop", expected "abort"$/,
  ],
];
for (const [what, act, expected] of wrong) several(`is refused: ${what}`, () => assert.throws(act, expected));
several.run();

const middleware = suite("scenario: what is done around handlers");

/** Runs one job with these around it. */
async function around(use: readonly Middleware[], handler: (job: Job) => unknown, own: readonly Middleware[] = []) {
  const flow = defineFlow("f", { start: "A", jobs: { A: { retry: { limit: 1 } } } });
  const scenario = work([{ flow, handlers: { A: handler } as object, use: own }], { use });
  await scenario.start(flow, { secret: "db" });
  const [over] = await untilOver(scenario.story, 1);
  await scenario.end();
  return over!;
}

middleware("in order, the worker's outside of the implementation's, each may change the input and the result", async () => {
  const steps: string[] = [];
  const layer = (name: string): Middleware => async (job, next) => {
    steps.push(`> ${name} ${JSON.stringify(job.input)}`);
    const { output } = await next({ input: { ...job.input, [name]: true } });
    steps.push(`< ${name} ${JSON.stringify(output)}`);
    return { output: `${name}(${output})` };
  };
  const over = await around(
    [layer("a"), layer("b")],
    async ({ input }) => (steps.push(JSON.stringify(input)), { output: "done" }),
    [layer("c")],
  );
  assert.equal(steps, [
    `> a {"secret":"db"}`,
    `> b {"secret":"db","a":true}`,
    `> c {"secret":"db","a":true,"b":true}`,
    `{"secret":"db","a":true,"b":true,"c":true}`,
    `< c "done"`,
    `< b "c(done)"`,
    `< a "b(c(done))"`,
  ]);
  assert.equal(over.status!.outputs, { A: "a(b(c(done)))" });
  assert.equal(over.spec.input, { secret: "db" });
});

middleware("it may do without the handler", async () => {
  let runs = 0;
  const over = await around([async () => ({ output: "known" })], () => runs++);
  assert.is(runs, 0);
  assert.equal(over.status!.outputs, { A: "known" });
});

middleware("what it throws fails the job, before the handler and after it", async () => {
  for (const after of [false, true]) {
    const over = await around([async (_, next) => {
      if (after) await next();
      throw new NeverRetryError("no such tenant");
    }], async () => {});
    assert.equal([over.spec.state, over.status!.lastError!.message], ["FAILED", "no such tenant"]);
  }
});

middleware("it sees what the handler throws, and may make a result of it", async () => {
  const over = await around([(_, next) => next().catch((error) => ({ output: `caught ${error.message}` }))], () => {
    throw new RangeError("at once");
  });
  assert.equal(over.status!.outputs, { A: "caught at once" });
});

middleware("next gives an empty result where the handler gives none, and can be called once", async () => {
  let runs = 0;
  const over = await around([async (_, next) => {
    const first = await next();
    const second = await next().catch((error: Error) => error.message);
    return { output: [first as Json, second as Json] };
  }], async () => void runs++);
  assert.is(runs, 1);
  assert.equal(over.status!.outputs, { A: [{}, "next was called twice: a handler is run once for each claim"] });
});

middleware("one that does not wait for next leaves no unhandled rejection behind", async () => {
  const over = await around([async (_, next) => void next()], () => Promise.reject(new Error("nobody hears it")));
  assert.ok(hasSucceeded(over));
});

middleware("what it gives back is checked as what a handler gives back", async () => {
  const over = await around([async () => ({ outcome: "nowhere" })], async () => {});
  assert.match(over.status!.lastError!.message, /gave back outcome "nowhere", expected none$/);
  assert.equal(historyOf(over), ["A REQUESTED", "A STARTED", "A FAILED"]);
});

middleware("what is dropped of a result is said once, and the job is done", async () => {
  const flow = defineFlow("f", ["A"]);
  const { story, log, start, end } = work([{ flow, handlers: { A: async () => ({ output: 1, outcmoe: "good" }) } as object }]);
  for (let time = 0; time < 2; time++) await start(flow);
  const both = await untilOver(story, 2);
  await end();
  assert.ok(both.every(hasSucceeded));
  assert.equal(both.map(({ status }) => status!.outputs), [{ A: 1 }, { A: 1 }]);
  const about = log.only(/^warn /);
  assert.is(about["job"], "A");
  assert.equal(log.lines.filter((line) => line.startsWith("warn")), [
    'warn The handler of job A gave back a member "outcmoe", which is dropped: expected outcome and output; did you mean "outcome"? ' +
    "(said once)",
  ]);
});
middleware.run();
