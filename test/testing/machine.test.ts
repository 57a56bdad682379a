/** Machines that go wrong in one virtual time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Transport } from "../../src/adapters/transport/transport.ts";
import { createVirtualClock, nextTurn } from "../../src/runtime/time/clock.ts";
import { createMachine } from "../../src/testing/machine.ts";

const unreached = () => Promise.reject(new Error("nothing is asked"));
const nowhere: Transport = { server: "http://nowhere", text: unreached, stream: unreached, close: async () => {} };

const machines = suite("test kit: machines");

for (const turns of [0, 1, 2, 3]) {
  machines(`a stopped process goes on at once, where another one is never quiet: ${turns} turns after each timer`, async () => {
    const time = createVirtualClock();
    const machine = createMachine(nowhere, time);
    const busy = async () => {
      time.setTimer(1, busy);
      for (let turn = 0; turn < turns; turn++) {
        await new Promise<void>(nextTurn);
        time.now();
      }
    };
    await busy();
    const fired: number[] = [];
    machine.clock.setTimer(50, () => fired.push(time.monotonic()));
    machine.stop();
    let resumed = Promise.resolve();
    time.setTimer(100, () => {
      nextTurn(() => resumed = machine.resume());
    });
    await time.advance(1_000);
    await resumed;
    assert.equal(fired, [100]);
  });
}

machines("a stopped process goes on where nobody lets time pass, and no timer is left of that", async () => {
  const time = createVirtualClock();
  const machine = createMachine(nowhere, time);
  const fired: number[] = [];
  machine.clock.setTimer(50, () => fired.push(time.monotonic()));
  machine.stop();
  await time.advance(60);
  assert.equal(fired, []);
  await machine.resume();
  assert.equal(fired, [60]);
  assert.is(time.pending, 0);
});

machines.run();
