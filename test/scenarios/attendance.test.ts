/** Jobs that nobody does: no worker is there, or none of those that are has a handler for it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  cancelFlow,
  defineFlow,
  type Flow,
  type Handlers,
  implementFlow,
  type Job,
  type PartialImplementation,
  runDirector,
  type Running,
  runWorker,
  startFlow,
} from "../../mod.ts";
import { refuse } from "../../src/fake/mod.ts";
import { runJob } from "../../src/testing/mod.ts";
import { createMachine } from "../../src/testing/machine.ts";
import { sleep } from "../../src/runtime/time/clock.ts";
import { createRecordedLog } from "../../src/testing/recorded-log.ts";
import { eventsOf } from "../support/events.ts";
import { createScenario, REQUESTS } from "../support/scenario.ts";

const order = defineFlow("order", ["charge", "ship"]);
const older = defineFlow("order", ["charge"]);
const refund = defineFlow("refund", ["pay"]);
const done = async () => {};

/** A director of orders, with a log. */
function begin() {
  const story = createScenario();
  const { clock } = story;
  const log = createRecordedLog();
  const ending = new AbortController();
  const running: Running[] = [];
  const options = () => ({ cluster: story.connect(), clock, signal: ending.signal });
  running.push(runDirector([order], { ...options(), log }));
  const work = (given: PartialImplementation | PartialImplementation[], more: object = {}) => {
    const worker = runWorker(given, { ...options(), ...more });
    running.push(worker);
    return worker;
  };
  return {
    ...{ story, clock, log, work },
    start: (flow: Flow = order, key?: string) => startFlow(flow, { key } as object, { cluster: story.connect(), clock }),
    told: () => log.lines.filter((line) => / does job /.test(line)),
    events: async () => (await eventsOf(story)).filter(({ reason }) => reason === "WorkerMissing"),
    end: async () => (ending.abort(), await story.end(running)),
  };
}

const partial = (...jobs: string[]): PartialImplementation => ({
  flow: order,
  handlers: Object.fromEntries(jobs.map((job) => [job, done])) as Partial<Handlers>,
});

const attendance = suite("scenario: jobs that nobody does");

/** Who is there, the job at which the flow then stands, and why nobody does it. */
const cases: Readonly<
  Record<string, readonly [workers: PartialImplementation[][], job: string, why: (digest: string) => string]>
> = {
  "no worker": [[], "charge", () => "no worker is there"],
  "one without its handler": [[[partial("charge")]], "ship", () => "of that flow the worker that is there does charge only"],
  "two without its handler": [
    [[partial("charge")], [partial("charge"), implementFlow(refund, { pay: done })]],
    "ship",
    () => "of that flow the 2 workers that are there do charge only",
  ],
  "one of another graph": [
    [[implementFlow(older, { charge: done })]],
    "charge",
    (digest) => `it is with digest ${digest}, the worker that is there knows that flow with digest ${older.digest}`,
  ],
  "one of other flows": [
    [[implementFlow(refund, { pay: done })]],
    "charge",
    () => "the worker that is there does no job of that flow",
  ],
};
for (const [name, [workers, job, why]] of Object.entries(cases)) {
  attendance(`${name}: told once by the director, in its log and on each object`, async () => {
    const { story, clock, work, start, told, events, end } = begin();
    for (const each of workers) work(each);
    await clock.advance(5_000);
    const runs = [await start(), await start()];
    await story.until(async () => (await story.requests()).every(({ spec }) => spec.job === job && spec.state === "REQUESTED"));
    await clock.advance(20_000);
    assert.equal([told(), await events()], [[], []]);
    await clock.advance(120_000);
    const [line, ...others] = told();
    assert.equal(others, []);
    assert.match(
      line!,
      new RegExp(
        `^warn Nobody does job ${job} of flow order: requeststates "default/\\S+" and 1 more wait for a worker since 30 s, and `,
      ),
    );
    assert.ok(line!.includes(`, and ${why(order.digest)}; run one that has a handler for it`), line);
    const messages = (await events()).map(({ message, involvedObject, count }) => [involvedObject.name, message, count]);
    const message = `It waits for a worker that does job ${job} of flow order: ${
      why(order.digest)
    }; run one that has a handler for it`;
    assert.equal(messages.sort(), runs.map((run) => [run.name, message, 1]).sort());
    await end();
  });
}

attendance("a split deployment, one that is busy, and a moment of rest are nobody's worry", async () => {
  const { clock, work, start, told, events, end } = begin();
  const slow = ({ signal }: Job) => sleep(clock, 100_000, signal);
  work(partial("charge"));
  work({ flow: order, handlers: { ship: slow } as Partial<Handlers> });
  for (let count = 0; count < 3; count++) await start();
  await clock.advance(250_000);
  assert.equal([told(), await events()], [[], []]);
  await end();
});

attendance(
  "a worker that has died does nothing; that one is there again is said, and the next time it is told again",
  async () => {
    const { story, clock, log, work, start, told, end } = begin();
    const machine = createMachine(story.fake.fetch, clock);
    runWorker(partial("charge", "ship"), { cluster: machine.cluster, clock: machine.clock });
    await clock.advance(5_000);
    machine.kill();
    await start();
    await clock.advance(90_000);
    assert.is(told().length, 1);
    work(partial("charge"));
    await story.until(async () => (await story.requests())[0]!.spec.job === "ship");
    await clock.advance(60_000);
    assert.is(told().length, 2);
    log.only(/^warn Nobody does job ship of flow order: .* does charge only/);
    await end();
  },
);

attendance("where nothing waits nobody is asked for leases", async () => {
  const { story, clock, end } = begin();
  await clock.advance(120_000);
  const asked = story.fake.requests.lines().filter((line) => /leases/.test(line));
  assert.equal(asked, []);
  await end();
});

attendance("what cannot be seen is said once, and nothing is told", async () => {
  const { clock, log, start, told, story, end } = begin();
  const match = { verb: "list", resource: "leases.coordination.k8s.io" };
  story.fake.faults.add({ match, times: Infinity, fault: refuse({ code: 403, reason: "Forbidden", message: "no" }) });
  const run = await start();
  await clock.advance(120_000);
  assert.equal(told(), []);
  log.only(/^error Cannot see in leases of "default" which jobs have a worker, trying on: .*grant list of leases/);
  await cancelFlow(run);
  await end();
});

attendance("a worker says at its start what of its flows it leaves to others", async () => {
  const { story, clock, work, end } = begin();
  const [some, all] = [createRecordedLog(), createRecordedLog()];
  work([partial("charge"), implementFlow(refund, { pay: done })], { log: some });
  work(partial("charge", "ship"), { log: all });
  await clock.advance(1_000);
  some.only(/^info Does job charge of flow order: leaves job ship to other workers$/);
  assert.equal(all.lines.filter((line) => /to other workers/.test(line)), []);
  assert.ok(story);
  await end();
});
attendance("what an object of handlers inherits is no handler", async () => {
  for (const job of ["constructor", "toString", "hasOwnProperty"]) {
    const flow = defineFlow("named", [job, "b"]);
    assert.throws(() => implementFlow(flow, { b: done } as never), new RegExp(`job "${job}" has no handler`));
    await runJob({ flow, handlers: { b: done } } as never, job as never).then(
      () => assert.unreachable(),
      ({ message }) => assert.is(message, `Cannot run job "${job}" of flow "named": it has no handler (handlers: b)`),
    );
    const story = createScenario();
    const ending = new AbortController();
    const [log, options] = [createRecordedLog(), { cluster: story.connect(), clock: story.clock, signal: ending.signal }];
    const worker = runWorker<Flow>(flow, { b: done }, { ...options, log });
    await startFlow(flow, {}, options);
    await story.clock.advance(1_000);
    log.only(new RegExp(`^info Does job b of flow named: leaves job ${job} to other workers$`));
    assert.is((await story.requests())[0]!.spec.state, "REQUESTED");
    const { items } = await (await story.send("GET", "/apis/coordination.k8s.io/v1/namespaces/default/leases")).json();
    assert.equal(items.map(({ metadata }: { metadata: { annotations: object } }) => Object.values(metadata.annotations)), [
      ["1", `named/${flow.digest}/b`],
    ]);
    ending.abort();
    await story.end([worker]);
  }
});

attendance("a job that waits is nobody's work, whatever somebody has made of its request by hand", async () => {
  const story = createScenario();
  const { clock } = story;
  const log = createRecordedLog();
  const ending = new AbortController();
  const approval = defineFlow("approval", { start: "ask", jobs: { ask: { waitFor: "signal", on: { yes: "do" } }, do: {} } });
  const options = { cluster: story.connect(), clock, signal: ending.signal };
  const running = [runDirector([approval], { ...options, log }), runWorker(approval, { do: done }, options)];
  const edit = async (name: string, patch: object) => {
    const edited = await story.send("PATCH", `${REQUESTS}/${name}`, patch, "application/merge-patch+json");
    assert.is(edited.status, 200);
  };
  const [failed, erased] = [await startFlow(approval, { key: "a" }, options), await startFlow(approval, { key: "b" }, options)];
  await edit(failed.name, { spec: { state: "FAILED" } });
  await edit(erased.name, { status: { waitingFor: null } });
  await clock.advance(120_000);
  const again = (await story.requests()).find(({ metadata }) => metadata.name === failed.name)!;
  assert.equal([again.spec.state, again.spec.attempt, again.status?.waitingFor], ["REQUESTED", 2, "signal yes"]);
  assert.equal(log.lines.filter((line) => /^(warn|error) /.test(line)), []);
  assert.equal((await eventsOf(story)).map(({ reason }) => reason), ["Retrying"]);
  ending.abort();
  await story.end(running);
});
attendance.run();
