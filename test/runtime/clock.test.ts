/** The virtual clock, and programs that never wait for anything. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createVirtualClock } from "../../mod.ts";
import { sleep } from "../../src/runtime/time/clock.ts";

const rejection = (promise: Promise<unknown>) => promise.then(() => assert.unreachable("did not reject"), (error) => error);
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const clocks = suite("runtime: the virtual clock");

clocks("timers run in order, each at its time, and what they set off comes to rest between", async () => {
  const clock = createVirtualClock(0);
  const seen: string[] = [];
  clock.setTimer(20, () => seen.push(`b ${clock.now()}`));
  clock.setTimer(10, async () => {
    seen.push(`a ${clock.now()}`);
    await sleep(clock, 5);
    seen.push(`after a ${clock.now()}`);
  });
  await clock.advance(30);
  assert.equal(seen, ["a 10", "after a 15", "b 20"]);
  assert.equal([clock.now(), clock.pending], [30, 0]);
});

clocks("no timer comes before its time is over, whatever the fraction of a millisecond", async () => {
  const clock = createVirtualClock();
  for (const ms of [0.00001, 0.001, 100 / 3, 1_000 / 3, 1_000 / 9, 0.1, 12.7]) {
    const since = clock.monotonic();
    let passed: number | undefined;
    clock.setTimer(ms, () => passed = clock.monotonic() - since);
    await clock.advance(ms + 1);
    assert.ok(passed! >= ms && passed! < ms + 0.01, `${ms} ms are ${passed}`);
  }
});

clocks("a leap: what has fallen due runs late, in order, each once", async () => {
  const clock = createVirtualClock(0);
  const seen: string[] = [];
  const every = (ms: number, name: string) =>
    void clock.setTimer(ms, () => {
      seen.push(`${name} ${clock.now()}`);
      every(ms, name);
    });
  every(5, "a");
  every(7, "b");
  await clock.leap(1_000);
  assert.equal(seen, ["a 1000", "b 1000"]);
  await clock.advance(5);
  assert.equal(seen.slice(2), ["a 1005"]);
});

clocks("what looks at the clock now and then is let come to rest, however many turns it takes", async () => {
  const clock = createVirtualClock();
  let left = 50;
  const work = async () => {
    for (; left > 0; left--) {
      clock.now();
      await turn();
      await Promise.resolve();
    }
  };
  void work();
  await clock.settle();
  assert.is(left, 0);
});

clocks("a timer that is set again for the same instant, for ever, is an error and no hang", async () => {
  const clock = createVirtualClock(0);
  const again = () => void clock.setTimer(0, again);
  again();
  const error = await rejection(clock.advance(500));
  assert.match(error.message, /^Time stands still: 20000 callbacks ran at 1970-01-01T00:00:00.000Z without an end/);
});

clocks("many timers of one instant that were set before are no loop", async () => {
  const clock = createVirtualClock();
  let ran = 0;
  for (let count = 0; count < 300; count++) clock.setTimer(10, () => ran++);
  await clock.advance(10);
  assert.is(ran, 300);
});

clocks("a program that spins over turns of the event loop is an error and no hang", async () => {
  const clock = createVirtualClock();
  let spinning = true;
  const spin = async () => {
    while (spinning) {
      clock.monotonic();
      await turn();
    }
  };
  void spin();
  const error = await rejection(clock.advance(500));
  spinning = false;
  assert.match(error.message, /^Time stands still: the event loop turned 20000 times at /);
});

clocks("a program that lets no turn of the event loop pass is thrown at, and the test hears why", async () => {
  const clock = createVirtualClock();
  let rounds = 0;
  // As a retry does that waits for nothing and takes what comes for a lost answer.
  const spin = async () => {
    for (;; rounds++) {
      try {
        await Promise.resolve(clock.now());
      } catch {
        await sleep(clock, 100);
        return;
      }
    }
  };
  void spin();
  const error = await rejection(clock.advance(50));
  assert.is(rounds, 1_000_000);
  assert.match(error.message, /^Time stands still: the clock was read 1000000 times at /);
});

clocks.run();
