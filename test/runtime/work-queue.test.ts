import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createVirtualClock } from "../../mod.ts";
import { createWorkQueue, LOW_PRIORITY, type WorkQueue, type WorkQueueOptions } from "../../src/runtime/queue/work-queue.ts";
import { createCountingMetrics } from "../support/counting-metrics.ts";
import { createModelQueue } from "../support/model-queue.ts";

/** No jitter: the waits are 100, 200, 400, ... ms. */
const backoff = { random: () => 1 };

function arrange(options: Partial<WorkQueueOptions> = {}) {
  const clock = createVirtualClock();
  return { clock, queue: createWorkQueue({ clock, backoff, ...options }) };
}

/** Takes all that is due. */
function drainOf(queue: WorkQueue): string[] {
  const keys: string[] = [];
  for (let key = queue.poll(); key !== undefined; key = queue.poll()) {
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

const queues = suite("runtime: the work queue");

queues("a key that is added again and again is taken once", () => {
  const { queue } = arrange();
  for (const key of ["a", "b", "a", "a"]) queue.add(key);
  assert.is(queue.length, 2);
  assert.equal(drainOf(queue), ["a", "b"]);
});

queues("what was to make a key due later is taken back, what makes it due now is not", async () => {
  const { queue, clock } = arrange();
  for (const key of ["a", "b"]) queue.addAfter(key, 100);
  queue.add("c");
  for (const key of ["a", "c", "unknown"]) queue.withdraw(key);
  assert.equal(drainOf(queue), ["c"]);
  await clock.advance(100);
  assert.equal(drainOf(queue), ["b"]);
});

queues("a key has one taker at a time, and comes again when it was added meanwhile", async () => {
  const { queue } = arrange();
  queue.add("a");
  assert.is(await queue.take(), "a");
  queue.add("a");
  queue.add("a");
  assert.is(queue.poll(), undefined);
  const next = queue.take();
  queue.done("a");
  assert.is(await next, "a");
  queue.done("a");
  assert.is(queue.poll(), undefined);
});

queues("whoever waits gets the next key, and each key goes to one of them", async () => {
  const { queue } = arrange();
  const waiting = [queue.take(), queue.take(), queue.take()];
  for (const key of ["a", "b", "c"]) queue.add(key);
  assert.equal((await Promise.all(waiting)).sort(), ["a", "b", "c"]);
});

queues("fresh changes go before initial and resynced items, first come first served among equals", () => {
  const { queue } = arrange();
  queue.add("old-1", { priority: LOW_PRIORITY });
  queue.add("old-2", { priority: LOW_PRIORITY });
  queue.add("new-1");
  queue.add("old-3", { priority: LOW_PRIORITY });
  queue.add("new-2");
  queue.add("urgent", { priority: 10 });
  queue.add("old-2"); // it has changed meanwhile
  queue.add("new-1", { priority: LOW_PRIORITY }); // which makes it no less urgent
  assert.equal(drainOf(queue), ["urgent", "new-1", "new-2", "old-2", "old-1", "old-3"]);
});

queues("initial items are not starved by a stream of fresh changes", () => {
  const { queue } = arrange();
  for (const key of ["old-1", "old-2"]) queue.add(key, { priority: LOW_PRIORITY });
  const taken: string[] = [];
  for (let change = 0; change < 40; change++) {
    queue.add(`new-${change}`);
    const key = queue.poll()!;
    taken.push(key);
    queue.done(key);
  }
  assert.ok(taken.includes("old-1") && taken.includes("old-2"), taken.join(" "));
  assert.ok(taken.filter((key) => key.startsWith("new")).length >= 36);
});

queues("what fails keeps its priority, so that a restart's backlog does not overtake what is fresh", async () => {
  const { queue, clock } = arrange();
  queue.add("old", { priority: LOW_PRIORITY });
  queue.retry(queue.poll()!);
  queue.done("old");
  await clock.advance(100);
  queue.add("new");
  assert.equal(drainOf(queue), ["new", "old"]);
});

queues("a key that was added for several times is due once, at the earliest", async () => {
  const { queue, clock } = arrange();
  queue.addAfter("a", 500);
  queue.addAfter("a", 200);
  queue.addAfter("a", 900);
  await clock.advance(199);
  assert.is(queue.length, 0);
  await clock.advance(1);
  assert.equal(drainOf(queue), ["a"]);
  await clock.advance(10_000);
  assert.is(queue.length, 0);
  assert.is(clock.pending, 0);
});

queues("what makes a key due now takes the place of what was to make it due later", async () => {
  const { queue, clock } = arrange();
  queue.addAfter("a", 200, { priority: 5 });
  queue.add("b");
  queue.add("a");
  assert.equal(drainOf(queue), ["a", "b"]); // with the higher priority of the two
  assert.is(clock.pending, 0);
  await clock.advance(1_000);
  assert.is(queue.length, 0);
});

queues("a key that is to be looked at later while it is worked on comes back then", async () => {
  const { queue, clock } = arrange();
  queue.add("a");
  queue.requeueAfter(queue.poll()!, 1_000);
  await clock.advance(2_000); // the work takes longer than that
  assert.is(queue.poll(), undefined);
  queue.done("a");
  assert.equal(drainOf(queue), ["a"]);
});

queues("each failure of a key makes its wait longer, up to a limit, and no other key's", () => {
  const { queue } = arrange({ backoff: { initial: 100, max: 1_000, random: () => 1 } });
  assert.equal(Array.from({ length: 6 }, () => queue.retry("a")), [100, 200, 400, 800, 1_000, 1_000]);
  assert.is(queue.retry("b"), 100);
  assert.is(queue.failures("a"), 6);
  queue.forget("a");
  assert.is(queue.retry("a"), 100);
  queue.shutDown();
});

queues("the waits of keys that fail together are spread", () => {
  const { queue } = arrange({ backoff: { initial: 1_000 } });
  const waits = Array.from({ length: 50 }, (_, index) => queue.retry(`key-${index}`));
  assert.ok(waits.every((ms) => ms >= 500 && ms <= 1_000));
  assert.ok(new Set(waits.map((ms) => Math.round(ms / 10))).size > 10);
  queue.shutDown();
});

queues("row 24: slow heap growth: the failures of a key that nobody asks for any more are forgotten", async () => {
  const { queue, clock } = arrange({ backoff: { max: 1_000, random: () => 1 } });
  for (let times = 0; times < 8; times++) queue.retry("a");
  await clock.advance(1_500);
  assert.is(queue.failures("a"), 8, "not yet: its wait may have been the longest");
  drainOf(queue);
  await clock.advance(4_000);
  assert.is(queue.failures("a"), 0);
});

queues("a wait that is no number is refused, and changes nothing", () => {
  const { queue, clock } = arrange();
  for (const ms of [NaN, Infinity]) assert.throws(() => queue.addAfter("a", ms), new RegExp(`Cannot add "a" after ${ms} ms`));
  assert.throws(() => queue.add("a", { priority: NaN }), /Cannot add "a" with priority NaN/);
  assert.is(queue.length + clock.pending, 0);
  queue.addAfter("a", -5);
  assert.equal(drainOf(queue), ["a"]);
});

queues("a queue that is shut down drops what is due and what waits, and waits for what is worked on", async () => {
  const { queue, clock } = arrange();
  for (const key of ["a", "b", "c"]) queue.add(key);
  queue.addAfter("later", 1_000);
  const [a, b] = [queue.poll()!, queue.poll()!];
  queue.add(a); // it was to be worked on again
  let drained = false;
  const end = queue.shutDownWithDrain().then(() => drained = true);
  assert.is(clock.pending, 0);
  assert.is(await queue.take(), undefined);
  queue.add("d");
  queue.addAfter("e", 5);
  queue.retry(b);
  assert.is(queue.length + clock.pending, 0);
  queue.done(a);
  await clock.settle();
  assert.not(drained);
  queue.done(b);
  await end;
  assert.is(queue.poll(), undefined);
  await queue.shutDownWithDrain(); // a second time
});

queues("those who wait hear that the queue was shut down", async () => {
  const { queue } = arrange();
  const waiting = [queue.take(), queue.take()];
  queue.shutDown();
  assert.equal(await Promise.all(waiting), [undefined, undefined]);
});

queues("mixed operations leave the queue as a naive one would", async () => {
  const clock = createVirtualClock();
  const queue = createWorkQueue({ clock, backoff });
  const model = createModelQueue(clock);
  let seed = 7;
  const random = (below: number) => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0, (seed >>> 8) % below);
  const taken: string[] = [];
  for (let step = 0; step < 20_000; step++) {
    const key = `key-${random(12)}`;
    const priority = [undefined, LOW_PRIORITY, 0, 5][random(4)];
    const ms = random(50);
    switch (random(7)) {
      case 0:
      case 1:
        queue.add(key, { priority });
        model.add(key, priority);
        break;
      case 2:
        queue.addAfter(key, ms, { priority });
        model.addAfter(key, ms, priority);
        break;
      case 3: {
        const next = queue.poll();
        assert.is(next, model.poll(), `step ${step}`);
        if (next !== undefined) taken.push(next);
        break;
      }
      case 4: {
        const done = taken.splice(random(taken.length || 1), 1)[0];
        if (done === undefined) break;
        queue.done(done);
        model.done(done);
        break;
      }
      case 5:
        queue.withdraw(key);
        model.withdraw(key);
        break;
      default:
        if (step % 50 === 0) await clock.advance(random(20));
        model.age();
    }
    assert.is(queue.length, model.length, `step ${step}`);
  }
  queue.shutDown();
  assert.is(clock.pending, 0);
});

/** Adds so many keys, a part of them for later, and takes them. @returns The CPU time for each, in microseconds. */
async function cost(count: number): Promise<number> {
  const { queue, clock } = arrange();
  const keys = Array.from({ length: count }, (_, index) => `shop/key-${index}`);
  const later = keys.slice(0, 15_000); // as often as a virtual clock lets a loop read it
  const began = process.cpuUsage();
  later.forEach((key, index) => queue.addAfter(key, 1_000 + (index * 7_919) % 50));
  assert.is(clock.pending, 1);
  for (const key of keys.slice(later.length)) queue.add(key);
  await clock.advance(2_000);
  const order = drainOf(queue);
  const { user, system } = process.cpuUsage(began);
  assert.ok(order.slice(0, count - later.length).every((key, index) => key === keys[later.length + index]));
  assert.is(new Set(order).size, count);
  assert.is(queue.length + clock.pending, 0);
  return (user + system) / count;
}

queues("100,000 keys wait on one timer and come in order; each costs what it costs among a few", async () => {
  await cost(2_000); // warm
  const [few, many] = [await cost(2_000), await cost(100_000)];
  assert.ok(many < 10 * few, `${few} us for each of 2,000, ${many} us for each of 100,000`); // a walk would take 50 times as much
});

queues("it counts under client-go's names", async () => {
  const metrics = createCountingMetrics();
  const { queue, clock } = arrange({ metrics, name: "orders" });
  const value = (name: string) => metrics.value(`workqueue_${name}{name="orders"}`);
  const observed = (name: string) => metrics.observed(`workqueue_${name}{name="orders"}`);
  queue.add("a");
  queue.add("a");
  queue.add("b");
  assert.is(value("depth"), 2);
  assert.is(value("adds_total"), 2);
  await clock.advance(2_000);
  queue.poll();
  queue.add("a"); // depth is of what can be taken
  assert.is(value("depth"), 1);
  await clock.advance(3_000);
  queue.poll();
  await clock.advance(1_000);
  assert.is(value("unfinished_work_seconds"), 5);
  assert.is(value("longest_running_processor_seconds"), 4);
  queue.retry("b");
  queue.done("b");
  assert.equal(observed("queue_duration_seconds"), [2, 5]);
  assert.equal(observed("work_duration_seconds"), [1]);
  assert.is(value("retries_total"), 1);
  assert.is(value("adds_total"), 3, "what waits is added once it is due");
  await clock.advance(100);
  assert.is(value("adds_total"), 4);
  queue.shutDown();
  assert.is(value("unfinished_work_seconds"), 4.1, "while it drains it can be seen what is not done");
  queue.done("a");
  assert.is(value("depth"), undefined, "its readings end with it");
});
queues.run();
