/** What was found by random flows on failing machines, each as a story of its own. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, type Handlers, isOver, type Job, type RequestState, runDirector, runWorker, startFlow } from "../../mod.ts";
import { latency, loseAnswer } from "../../src/fake/mod.ts";
import { createMachine } from "../../src/testing/machine.ts";
import { createScenario, historyOf, REQUESTS, type Scenario } from "../support/scenario.ts";

const flow = defineFlow("order", ["charge"]);

/** A director and a worker, each on a machine of its own, and what handlers were begun. */
function begin(charge: (job: Job) => Promise<void>) {
  const story = createScenario();
  const ending = new AbortController();
  const begun: string[] = [];
  const machine = createMachine(story.fake.fetch, story.clock);
  const handlers: Handlers<typeof flow> = {
    charge(job) {
      begun.push(`${job.request.metadata.labels?.order} ${job.attempt}`);
      return charge(job as Job);
    },
  };
  const running = [
    runDirector([flow], { cluster: story.connect(), clock: story.clock, signal: ending.signal }),
    runWorker(flow, handlers, {
      cluster: machine.cluster,
      clock: machine.clock,
      signal: ending.signal,
      concurrency: 8,
      grace: 0,
    }),
  ];
  const start = async (order: string) => {
    await startFlow(flow, { labels: { order } }, { cluster: story.connect(), clock: story.clock });
  };
  const find = async (order: string): Promise<RequestState> =>
    (await story.requests()).find(({ metadata }) => metadata.labels?.order === order)!;
  const end = async () => {
    ending.abort();
    await story.end(running);
  };
  return { story, machine, begun, start, find, end };
}

/** What a director writes that has found the holder of a job lost. */
async function takeAway(story: Scenario, { metadata, spec, status }: RequestState): Promise<void> {
  const entry = { job: "charge", state: "REQUESTED", timestamp: new Date(story.clock.now()).toISOString(), seq: 3, attempt: 2 };
  const operations = [
    { op: "replace", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
    { op: "replace", path: "/spec/state", value: "REQUESTED" },
    { op: "replace", path: "/spec/attempt", value: spec.attempt! + 1 },
    { op: "replace", path: "/status/history", value: [...status!.history!, entry] },
    { op: "remove", path: "/status/claim" },
  ];
  const answer = await story.send("PATCH", `${REQUESTS}/${metadata.name}`, operations, "application/json-patch+json");
  assert.is(answer.status, 200);
}

const verdicts = suite("scenario: verdicts and late answers");

verdicts("a worker that was lost and has come back keeps what it claims then", async () => {
  const { story, machine, begun, start, find, end } = begin(({ request, attempt }) =>
    request.metadata.labels?.order === "first" && attempt === 1 ? new Promise(() => {}) : Promise.resolve()
  );
  await start("first");
  await story.until(async () => (await find("first")).spec.state === "STARTED");
  machine.stop();
  await start("second"); // waits for it
  await story.until(async () => (await find("first")).spec.state === "REQUESTED", 40_000);
  await machine.resume(); // in the very moment in which it was judged
  for (const order of ["first", "second"]) await story.until(async () => isOver(await find(order)));
  const done = ["charge REQUESTED", "charge STARTED", "charge COMPLETED"];
  assert.equal(historyOf(await find("second")), done);
  assert.equal(historyOf(await find("first")), ["charge REQUESTED", "charge STARTED", ...done]);
  assert.equal(begun.sort(), ["first 1", "first 2", "second 1"]);
  await end();
});

verdicts(
  "a claim that was taken away before its answer came begins no handler, least of all with another one's number",
  async () => {
    const { story, begun, start, find, end } = begin(() => Promise.resolve());
    const isClaim = ({ body }: { body?: unknown }) => JSON.stringify(body).includes('"STARTED"');
    story.fake.faults.add({ match: { verb: "patch", where: isClaim }, fault: latency(3_000, { applied: true }) });
    await start("one");
    await story.until(async () => (await find("one")).spec.state === "STARTED");
    await takeAway(story, await find("one"));
    await story.until(async () => isOver(await find("one")));
    assert.equal(begun, ["one 2"]);
    await end();
  },
);

verdicts("a claim that is decided on anew has another id: a verdict about the one before says nothing of it", async () => {
  const { story, begun, start, find, end } = begin(() => new Promise(() => {}));
  const isClaim = ({ body }: { body?: unknown }) => JSON.stringify(body).includes('"STARTED"');
  story.fake.faults.add({ match: { verb: "patch", where: isClaim }, fault: loseAnswer() });
  story.fake.faults.add({ match: { verb: "get", resource: "requeststates" }, fault: latency(3_000) });
  await start("one");
  await story.until(async () => (await find("one")).spec.state === "STARTED");
  const before = await find("one");
  await takeAway(story, before);
  await story.until(() => begun.length > 0);
  const after = await find("one");
  assert.equal([before, after].map(({ spec }) => spec.attempt), [1, 2]);
  assert.is(after.status!.claim!.holderIdentity, before.status!.claim!.holderIdentity);
  assert.is.not(after.status!.claim!.id, before.status!.claim!.id);
  await end();
});

verdicts.run();
