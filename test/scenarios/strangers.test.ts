/** Requests of definitions that nobody here knows. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cancelFlow, defineFlow, type Flow, implementFlow, runDirector, type Running, runWorker, startFlow } from "../../mod.ts";
import { createRecordedLog } from "../../src/testing/recorded-log.ts";
import { createScenario } from "../support/scenario.ts";

const order = defineFlow("order", ["charge", "ship"]);
const older = defineFlow("order", ["charge"]);
const refund = defineFlow("refund", ["pay", "tell"]);
const orders = implementFlow(order, { charge: async () => {}, ship: async () => {} });
const refunds = implementFlow(refund, { pay: async () => {}, tell: async () => {} });

const strangers = suite("scenario: strangers");

/** One director and one worker of orders, each with a log. */
function begin() {
  const story = createScenario();
  const { clock } = story;
  const [director, worker] = [createRecordedLog(), createRecordedLog()];
  const ending = new AbortController();
  const options = () => ({ cluster: story.connect(), clock, signal: ending.signal });
  const running = [
    runDirector([order], { ...options(), log: director }),
    runWorker(orders, { ...options(), log: worker }),
  ];
  const start = (flow: Flow) => startFlow(flow, {}, { cluster: story.connect(), clock });
  const end = async (...others: Running[]) => (ending.abort(), await story.end([...running, ...others]));
  const warnings = () => [director, worker].map(({ lines }) => lines.filter((line) => line.startsWith("warn ")));
  return { ...story, director, worker, running, options, start, end, warnings };
}

strangers("a flow that nobody here can drive is told of once, by the director and by the worker", async () => {
  const story = begin();
  const runs = [await story.start(refund), await story.start(refund), await story.start(older)];
  await story.clock.advance(9_000);
  assert.equal(story.warnings(), [[], []]);
  await story.clock.advance(120_000);
  for (const log of [story.director, story.worker]) {
    log.only(
      /^warn Nobody goes on with requeststates "default\/\S+" since 10 s, .*: it belongs to flow "refund", which .*; deploy /,
    );
    log.only(new RegExp(`^warn Nobody goes on .*: its flow is "order" with digest ${older.digest}, .* knows ${order.digest}; `));
  }
  assert.equal(story.warnings().map(({ length }) => length), [2, 2]);
  for (const run of runs) await cancelFlow(run);
  await story.end();
});

strangers("flows that others drive, waiting ones and those at work are nobody's worry", async () => {
  const waits = defineFlow("waits", { start: "approve", jobs: { approve: { waitFor: "signal" } } });
  const slow = defineFlow("slow", ["sleep"]);
  const story = begin();
  const ending = new AbortController();
  const others = { ...story.options(), signal: ending.signal };
  const slowly = implementFlow(slow, { sleep: () => new Promise<void>((resolve) => story.clock.setTimer(60_000, resolve)) });
  const running = [runDirector([refund, waits, slow], others), runWorker([refunds, slowly], { ...others, concurrency: 2 })];
  await story.start(waits);
  await story.start(slow);
  for (let second = 0; second < 60; second++) {
    await story.start(refund);
    await story.clock.advance(1_000);
  }
  assert.equal(story.warnings(), [[], []]);
  ending.abort();
  await story.end(...running);
});

strangers("one that has moved meanwhile is given its time again", async () => {
  const story = begin();
  const run = await story.start(refund);
  await story.clock.advance(8_000);
  const ending = new AbortController();
  const helper = runWorker(refund, { pay: async () => {} }, { ...story.options(), signal: ending.signal });
  await story.until(async () => (await story.requests())[0]?.spec.state === "COMPLETED");
  ending.abort();
  await story.clock.advance(5_000);
  assert.equal(story.warnings()[0], []);
  await story.clock.advance(20_000);
  story.director.only(/^warn Nobody goes on with .*"refund"/);
  assert.equal(story.warnings()[1], [], "a worker has nothing to do with what is completed");
  await cancelFlow(run);
  await story.end(helper);
});

strangers.run();
