/** A whole flow in a test: what it went through, waits, time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, implementFlow, isOver, type Json, RetryAfterError, shape, signalFlow } from "../../mod.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { testFlow } from "../../src/testing/mod.ts";
import { good, order } from "../support/orders.ts";

const orders = implementFlow(order, good);
const DAY = 86_400_000;
const nothing = async () => {};
const rejection = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(() => assert.unreachable("it was not rejected") as never, (error: Error) => error);

const flows = suite("test kit: a flow");

flows("goes the way that a mock sends it, and what it went through can be seen", async () => {
  const t = await testFlow(orders, { mocks: { charge: async () => ({ outcome: "declined", output: { receipt: "none" } }) } });
  const run = await t.start({ input: { amount: 12 } });
  const { status, outputs, path } = await t.untilOver(run);
  assert.is(status, "succeeded");
  assert.equal(outputs, { charge: { receipt: "none" } });
  assert.equal(path, ["charge", "notify"]);
  assert.equal(t.path(run), ["charge", "notify"]);
  assert.equal(t.history(run), [
    "charge/REQUESTED",
    "charge/STARTED",
    "charge/COMPLETED declined",
    "notify/REQUESTED",
    "notify/STARTED",
    "notify/COMPLETED",
  ]);
  assert.equal(t.result(run), await t.untilOver(run));
  await t.close();
});

flows("stands still between two calls: nothing is written, no time passes", async () => {
  const t = await testFlow(orders);
  const [begun, run] = [t.clock.now(), await t.start({ input: { amount: 1 } })];
  const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
  await settled();
  assert.equal(t.history(run), ["charge/REQUESTED"]);
  const charged = await t.until(run, "charge/COMPLETED");
  assert.equal([charged.spec.job, charged.spec.state], ["charge", "COMPLETED"]);
  await settled();
  assert.equal(t.history(run).at(-1), "charge/COMPLETED paid");
  assert.is((await t.until(run, "approve")).status?.waitingFor?.startsWith("signal yes|no"), true);
  const now = t.clock.now();
  assert.ok(now - begun < 1_000, `${now - begun} ms`);
  await settled();
  assert.is(t.clock.now(), now);
  await t.cancel(run);
  assert.is((await t.untilOver(run)).status, "cancelled");
  await t.close();
});

flows("waits for a signal that is given before or after, and by the ordinary client, too", async () => {
  const t = await testFlow(orders);
  const [early, late, other] = await Promise.all([1, 2, 3].map((amount) => t.start({ input: { amount } })));
  await t.signal(early!, "approve", "yes", { why: "a good customer" });
  assert.is((await t.untilOver(early!)).status, "succeeded");
  await t.until(late!, "approve/REQUESTED");
  await t.signal(late!, "approve", "no");
  assert.equal([(await t.untilOver(late!)).reason, t.path(late!).at(-1)], ["Refund", "refund"]);
  await signalFlow(other!, "approve", "yes");
  assert.is((await t.untilOver(other!)).status, "succeeded");
  assert.equal((t.request(early!).status?.outputs as { approve: Json }).approve, { why: "a good customer" });
  await t.close();
});

flows("days pass in no time, to the second, and without a warning", async () => {
  const slow = defineFlow("slow", {
    start: "rest",
    jobs: {
      rest: { after: 30 * DAY - 1, next: "approve" },
      approve: { waitFor: "signal", timeout: 7 * DAY, on: { yes: "end", timedOut: "end" } },
      end: {},
    },
  });
  const t = await testFlow(implementFlow(slow, { end: nothing }));
  const real = performance.now();
  const begun = t.clock.now();
  const run = await t.start();
  await t.until(run, "approve");
  assert.ok(Math.abs(t.clock.now() - begun - 30 * DAY) < 1_000, `${t.clock.now() - begun} ms`);
  const waiting = t.clock.now();
  await t.untilOver(run);
  assert.ok(Math.abs(t.clock.now() - waiting - 7 * DAY) < 1_000);
  assert.equal(t.history(run).at(3), "approve/COMPLETED timedOut");
  assert.equal(t.log.lines.filter((line) => /^(warn|error)/.test(line)), []);
  assert.ok(performance.now() - real < 3_000, `${performance.now() - real} ms of real time`);
  await t.close();
});

flows("what expires meanwhile is gone when so much time has passed, and not before", async () => {
  const t = await testFlow(implementFlow(defineFlow("short", { start: "a", jobs: { a: {} }, ttl: DAY }), { a: nothing }));
  const run = await t.start();
  await t.untilOver(run);
  await t.advance(DAY - 60_000);
  assert.is((await t.list()).length, 1);
  await t.advance(120_000);
  assert.is((await t.list()).length, 0);
  assert.is(t.result(run).status, "succeeded", "what was seen of it is still known");
  await t.close();
});

flows("the end of a run is waited for as in production, and its versions come one by one", async () => {
  const t = await testFlow(orders);
  const run = await t.start({ input: { amount: 3 } });
  const steps: string[] = [];
  for await (const { spec } of run) {
    steps.push(`${spec.job}/${spec.state}`);
    if (steps.at(-1) === "approve/REQUESTED") await t.signal(run, "approve", "yes");
  }
  assert.equal(steps.filter((step, index) => step !== steps[index - 1]), t.history(run).map((step) => step.split(" ")[0]));
  assert.ok(isOver(await run.finished));
  const second = await t.start({ input: { amount: 4 } });
  for await (const { spec } of second) if (spec.job === "approve") break;
  await t.signal(second, "approve", "yes");
  assert.ok(isOver(await second.finished));
  await t.close();
});

flows("failures come when they are ordered, and retries rest equally long in every run", async () => {
  const moments = await Promise.all([1, 2].map(async () => {
    const t = await testFlow(orders);
    t.failNext("charge");
    t.failNext("charge", new RetryAfterError(60_000));
    const run = await t.start({ input: { amount: 3 } });
    await t.until(run, "approve");
    assert.equal(t.history(run).filter((step) => step.startsWith("charge/REQUESTED")), [
      "charge/REQUESTED",
      "charge/REQUESTED Retrying",
      "charge/REQUESTED RetryAfter",
    ]);
    await t.close();
    return t.clock.now();
  }));
  assert.is(moments[0], moments[1]);
});

flows("handlers that use the test's clock take its time", async () => {
  const t = await testFlow(orders, {
    mocks: {
      ship: () => new Promise((resolve) => void t.clock.setTimer(2 * 3_600_000, resolve)),
    },
  });
  const run = await t.start({ input: { amount: 3 } });
  await t.signal(run, "approve", "yes");
  const begun = t.clock.now();
  await t.untilOver(run);
  const took = t.clock.now() - begun;
  assert.ok(took >= 7_200_000 && took < 7_202_000, `${took} ms`);
  await t.close();
});

flows("handlers that must stop when their lease runs out are not stopped by time that is skipped", async () => {
  const flow = defineFlow("f", { start: "a", jobs: { a: {} }, onLeaseLost: "abort" });
  const t = await testFlow(
    implementFlow(flow, { a: () => new Promise<void>((resolve) => void t.clock.setTimer(300_000, resolve)) }),
  );
  const run = await t.start();
  await t.untilOver(run);
  assert.equal(t.history(run), ["a/REQUESTED", "a/STARTED", "a/COMPLETED"]);
  assert.equal(t.log.lines.filter((line) => line.startsWith("warn")), []);
  await t.close();
});

flows("is suspended, resumed, retried where it is parked, and forked", async () => {
  const t = await testFlow(orders);
  for (let count = 0; count < 3; count++) t.failNext("ship", new Error("no van"));
  const run = await t.start({ input: { amount: 3 } });
  await t.signal(run, "approve", "yes");
  await t.suspend(run);
  await t.advance(60_000);
  assert.equal(t.history(run), ["charge/REQUESTED"]);
  await t.resume(run);
  await t.until(run, (request) => request.status?.conditions?.[0]?.reason === "Parked");
  await t.retry(run);
  assert.is((await t.untilOver(run)).status, "succeeded");
  const fork = await t.fork(run, { from: "ship" });
  assert.equal([(await t.untilOver(fork)).status, t.path(fork)], ["succeeded", ["ship", "notify"]]);
  await t.close();
});

flows("several flows, and several versions of one, in one test", async () => {
  const old = implementFlow(defineFlow("order", ["charge", "ship"]), { charge: nothing, ship: nothing });
  const bill = implementFlow(
    defineFlow("bill", { start: "send", input: shape<{ readonly to: string }>(), jobs: { send: {} } }),
    { send: async ({ input }) => ({ output: input.to }) },
  );
  const now = implementFlow(defineFlow("order", ["charge", "pack", "ship"]), { ...old.handlers, pack: nothing });
  const t = await testFlow([now, old, bill]);
  const runs = [await t.start(), await t.start(old.flow), await t.start(bill.flow, { input: { to: "ann" } })] as const;
  await Promise.all(runs.map((run) => t.untilOver(run.name)));
  assert.equal(runs.map((run) => t.path(run.name)), [["charge", "pack", "ship"], ["charge", "ship"], ["send"]]);
  assert.equal(t.result(runs[2]).outputs, { send: "ann" });
  assert.equal((await t.list({ flow: "order" })).length, 2);
  const found = await t.get(runs[1].name);
  assert.is(found.flow, old.flow);
  await t.close();
});

flows("one key is one flow; it is found by its key", async () => {
  const t = await testFlow(orders);
  const [first, second] = [
    await t.start({ key: "order-42", input: { amount: 1 } }),
    await t.start({ key: "order-42", input: { amount: 1 } }),
  ];
  assert.is(first.name, second.name);
  assert.is((await t.get({ key: "order-42" })).name, first.name);
  assert.match((await rejection(t.start({ key: "order-42", input: { amount: 2 } }))).message, /spec.input.amount is 1, not 2/);
  await t.close();
});

flows("a hundred flows at once", async () => {
  const t = await testFlow(implementFlow(defineFlow("two", ["a", "b"]), { a: nothing, b: nothing }), { workers: 2 });
  const runs = await Promise.all(Array.from({ length: 100 }, () => t.start()));
  const results = await Promise.all(runs.map((run) => t.untilOver(run)));
  assert.equal([...new Set(results.map(({ status }) => status))], ["succeeded"]);
  await t.close();
});

flows("a clock of the test's own begins where it stands", async () => {
  const t = await testFlow(orders, { clock: createVirtualClock(Date.UTC(2030, 5, 1)), namespace: "shop" });
  const run = await t.start({ input: { amount: 1 } });
  assert.is(t.request(run).metadata.creationTimestamp, "2030-06-01T00:00:00Z");
  assert.is(run.namespace, "shop");
  await t.close();
});

flows("a clock of the test's own is shared with what is tested, and may be advanced by itself", async () => {
  const clock = createVirtualClock();
  const ship = () => new Promise<void>((resolve) => void clock.setTimer(3_600_000, resolve));
  const t = await testFlow(orders, { clock, mocks: { ship } });
  const run = await t.start({ input: { amount: 1 } });
  await t.signal(run, "approve", "yes");
  await clock.advance(60_000);
  assert.equal(t.history(run).at(-1), "ship/STARTED");
  await t.untilOver(run);
  assert.ok(clock.now() - Date.UTC(2026, 0, 1) < 3_610_000);
  clock.setTimer(1_000, () => {});
  assert.match((await rejection(t.close())).message, /^The test has left behind: a timer of t.clock, due in 1 s$/);
});

flows("what is set up in a wrong way is said in one sentence", async () => {
  const wrong = async (make: () => Promise<unknown>) => (await rejection(make())).message;
  assert.match(
    await wrong(() => testFlow(orders, { mocks: { chrage: nothing } as object })),
    /^Cannot set up the test: mock "chrage" is of no job that workers do \(charge, ship, refund, notify\)$/,
  );
  assert.match(
    await wrong(() => testFlow(orders, { mocks: { approve: nothing } as object })),
    /mock "approve" is of no job that workers do/,
  );
  assert.match(
    await wrong(() => testFlow(orders, { workers: 0.5 })),
    /^Cannot set up the test: workers is 0.5, expected a whole number from 0$/,
  );
  assert.match(await wrong(() => testFlow([] as never)), /^Cannot set up the test: it is given no flow$/);
  const t = await testFlow(orders);
  const run = await t.start({ input: { amount: 1 } });
  assert.match(
    await wrong(() => t.until(run, "aprove" as never)),
    /^Cannot wait until a flow comes to aprove: it has no job "aprove" \(jobs: charge,/,
  );
  assert.match(await wrong(() => t.until(run, "ship/DONE" as never)), /there is no state "DONE" \(states: REQUESTED,/);
  assert.match(
    await wrong(async () => t.failNext("aprove" as never)),
    /^Cannot have job "aprove" fail: it is none that workers do \(charge,/,
  );
  assert.match(await wrong(async () => t.path("x")), /^There is no requeststates "default\/x" in this test$/);
  assert.match(
    await wrong(() => t.untilOver(t.start({ input: { amount: 1 } }) as never)),
    /^Cannot look at a flow that is a promise: await t\.start\(\)$/,
  );
  assert.match(await wrong(() => t.advance(-1)), /^Cannot let time pass: ms is -1/);
  await t.close();
});
flows.run();
