/** What is left open fails the test at its end, by name. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, implementFlow, REQUEST_STATES } from "../../mod.ts";
import { hang, testFlow } from "../../src/testing/mod.ts";

const flow = defineFlow("order", ["charge"]);
const orders = implementFlow(flow, { charge: async () => {} });
const leaks = suite("test kit: what is left behind");

const left = (t: { close(): Promise<void> }) =>
  t.close().then(() => "nothing", (error: Error) => error.message.replace(/^The test has left behind: /, ""));

leaks("nothing, where a flow is over, or stands still", async () => {
  const t = await testFlow(orders);
  await t.untilOver(await t.start());
  await t.start();
  assert.is(await left(t), "nothing");
  assert.is(t.close(), t.close(), "it is closed once");
});

leaks("a handler that heeds its signal is told to end, and nothing is left", async () => {
  const t = await testFlow(orders, { mocks: { charge: hang } });
  await t.until(await t.start(), "charge/STARTED");
  assert.is(await left(t), "nothing");
});

leaks("a handler that does not heed its signal", async () => {
  const t = await testFlow(orders, { mocks: { charge: () => new Promise<void>(() => {}) } });
  const run = await t.start();
  await t.until(run, "charge/STARTED");
  assert.is(await left(t), `the handler of job charge (attempt 1) of default/${run.name}, which does not heed its signal`);
});

leaks("what was dropped of a result", async () => {
  const t = await testFlow(orders, { mocks: { charge: async () => ({ output: 1, outcmoe: "paid" }) as never } });
  await t.untilOver(await t.start());
  assert.is(
    await left(t),
    'a result that is not all taken: The handler of job charge gave back a member "outcmoe", which is dropped: expected outcome ' +
      'and output; did you mean "outcome"?',
  );
});

leaks("a timer of the test", async () => {
  const t = await testFlow(orders);
  t.clock.setTimer(5_000, () => {});
  assert.is(await left(t), "a timer of t.clock, due in 5 s");
});

leaks("a watch of the test", async () => {
  const t = await testFlow(orders);
  const events = await t.cluster.watch(REQUEST_STATES, { namespace: "default", resourceVersion: "0", timeoutSeconds: 60 });
  events[Symbol.asyncIterator]().next().catch(() => {});
  assert.match(await left(t), /^a watch of t.cluster$/);
});

leaks("a wait that was not awaited", async () => {
  const t = await testFlow(orders, { mocks: { charge: hang } });
  const run = await t.start();
  void t.until(run, (request) => request.spec.attempt === 7);
  void t.until(run, "charge/STARTED").then(() => {});
  assert.match(
    await left(t),
    /^a wait that was not awaited \(until flow "order" \(default\/\S+\) shows what is waited for \(.*attempt ?=== ?7.*\)\)/,
  );
});

leaks("what was ordered and has not come", async () => {
  const t = await testFlow(orders);
  t.failNext("charge");
  t.crashWorkerIn("charge");
  t.faults.loseAnswer({ on: "charge/COMPLETED" });
  t.faults.conflict().remove();
  assert.is(
    await left(t),
    'failNext("charge"), which has not come; crashWorkerIn("charge"), which has not come; faults.loseAnswer on charge/COMPLETED, which has hit nothing',
  );
});

leaks("a flow that is not over, where that was asked for", async () => {
  const t = await testFlow(orders, { mustFinish: true });
  const run = await t.start();
  assert.is(
    await left(t),
    `flow "order" (default/${run.name}): it stands at charge/REQUESTED and waits for a worker for job charge`,
  );
});

leaks("of a test that has waited in vain, what was ordered is not told: there is another reason", async () => {
  const t = await testFlow(orders, { workers: 0 });
  t.failNext("charge");
  await t.untilOver(await t.start()).then(() => assert.unreachable(), () => {});
  assert.is(await left(t), "nothing");
});
leaks.run();
