/** Handlers that are at work in real time are waited for; the test's own time does not pass meanwhile. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, implementFlow } from "../../mod.ts";
import { hang, runJob, testFlow } from "../../src/testing/mod.ts";

const real = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));
const nothing = async () => {};
const flow = defineFlow("f", { start: "a", jobs: { a: { timeout: 10_000, retry: { limit: 1 }, next: "b" }, b: {} } });

const times = suite("test kit: real time");

times("a handler that takes real time is waited for, and no time of the test passes meanwhile", async () => {
  const t = await testFlow(implementFlow(flow, { a: () => real(120), b: nothing }));
  const run = await t.start();
  await t.until(run, "a/STARTED");
  const begun = t.clock.now();
  await t.until(run, "b");
  assert.is(t.clock.now(), begun);
  assert.is((await t.untilOver(run)).status, "succeeded");
  await t.close();
});

times("one after the other, in many small waits", async () => {
  const t = await testFlow(implementFlow(flow, {
    a: async () => {
      for (let count = 0; count < 20; count++) await real(1);
      await crypto.subtle.digest("SHA-256", new Uint8Array(1_000_000));
    },
    b: nothing,
  }));
  assert.is((await t.untilOver(await t.start())).status, "succeeded");
  await t.close();
});

times("time that is let pass passes after what is at work", async () => {
  const t = await testFlow(implementFlow(flow, { a: () => real(50), b: nothing }));
  const run = await t.start();
  await t.until(run, "a/STARTED");
  await t.advance(60_000);
  assert.is(t.result(run).status, "succeeded");
  await t.close();
});

times("a handler that takes longer than realTime: the test's time goes on without it, and that is told", async () => {
  const t = await testFlow(
    implementFlow(flow, {
      a: ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      b: nothing,
    }),
    { realTime: 100 },
  );
  const run = await t.start();
  assert.is((await t.untilOver(run)).reason, "TimedOut");
  t.log.only(
    /^warn The handler of job a \(attempt 1\) has been at work for 0.1 s of real time: the test's time goes on without it$/,
  );
  await t.close();
});

times("and where nothing else can move its flow, the test fails and says what to do", async () => {
  const t = await testFlow(implementFlow(defineFlow("g", ["a"]), { a: () => new Promise<void>(() => {}) }), { realTime: 50 });
  const run = await t.start();
  const message = await t.untilOver(run).then(() => "", (error: Error) => error.message);
  assert.match(
    message,
    /it stands at a\/STARTED: the handler of job a \(attempt 1\) has been at work for 0.05 s of real time, and nothing else can move the flow: mock what it waits for, or give it more with realTime$/,
  );
  const left = await t.close().then(() => "", (error: Error) => error.message);
  assert.match(
    left,
    /^The test has left behind: the handler of job a \(attempt 1\) of default\/\S+, which does not heed its signal$/,
  );
});

times("a test that has replaced the timers of the platform does not stop the kit", async () => {
  const { setTimeout, setImmediate } = globalThis;
  Object.assign(globalThis, { setTimeout: () => 0, setImmediate: () => 0 });
  try {
    const t = await testFlow(
      implementFlow(flow, { a: () => crypto.subtle.digest("SHA-256", new Uint8Array(1_000)).then(() => {}), b: nothing }),
    );
    assert.is((await t.untilOver(await t.start({ key: "one" }))).status, "succeeded");
    await t.close();
    assert.is((await runJob(nothing)).state, "COMPLETED");
  } finally {
    Object.assign(globalThis, { setTimeout, setImmediate });
  }
});

times("a handler that hangs on purpose costs no real time", async () => {
  const t = await testFlow(implementFlow(flow, { a: hang, b: nothing }));
  const begun = performance.now();
  assert.is((await t.untilOver(await t.start())).reason, "TimedOut");
  assert.ok(performance.now() - begun < 1_000);
  await t.close();
});
times.run();
