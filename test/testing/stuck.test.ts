/** A wait that can never end is no hang: it fails, and says what the test has to do. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, implementFlow, NeverRetryError, resultOf, RetryAfterError } from "../../mod.ts";
import { hang, testFlow } from "../../src/testing/mod.ts";
import { good, order } from "../support/orders.ts";

const orders = implementFlow(order, good);
const nothing = async () => {};
const DAY = 86_400_000;
const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => assert.unreachable("it was not rejected") as never, (error: Error) => error.message);

const stuck = suite("test kit: a wait that can never end");

stuck("for a signal: says how to give it", async () => {
  const flow = defineFlow("order", {
    start: "approve",
    jobs: { approve: { waitFor: "signal", on: { yes: "ship", no: "ship" } }, ship: {} },
  });
  const t = await testFlow(implementFlow(flow, { ship: nothing }));
  const run = await t.start();
  const name = `default/${run.name}`;
  const call = `await t.signal(run, "approve", "yes") (or "no")`;
  const text =
    `Waited in vain until flow "order" (${name}) is over: it stands at approve/REQUESTED: it waits for a signal that nobody gives: ${call}`;
  assert.is(await failure(t.untilOver(run)), text);
  assert.is(await failure(run.finished), text);
  assert.match(await failure(t.until(run, "ship/COMPLETED")), /comes to ship\/COMPLETED: it stands at approve\/REQUESTED/);
  await t.signal(run, "approve", "yes");
  await t.untilOver(run);
  assert.match(await failure(t.until(run, "approve")), /comes to approve: it is over \(succeeded\) by way of approve, ship$/);
  await t.close();
});

stuck("on a flow that has failed: says of what", async () => {
  const fails = async () => {
    throw new NeverRetryError("no such folder");
  };
  const t = await testFlow(implementFlow(defineFlow("f", ["a", "b"]), { a: fails, b: nothing }));
  const run = await t.start();
  const text = /comes to b: it is over \(failed\) by way of a; job a: no such folder$/;
  assert.match(await failure(t.until(run, "b")), text);
  await t.close();
});

stuck("the stack leads to where it was waited", async () => {
  const t = await testFlow(implementFlow(defineFlow("f", { start: "a", jobs: { a: { waitFor: "signal" } } }), {}));
  const run = await t.start();
  const error = await t.untilOver(run).catch((error: Error) => error) as Error;
  assert.match(error.stack!, /stuck\.test\.ts/);
  await t.close();
});

stuck("for a signal, while another wait lets the world go on: the signal may be given then", async () => {
  const t = await testFlow(orders);
  const run = await t.start({ input: { amount: 1 } });
  const over = t.untilOver(run);
  await t.until(run, "approve");
  await t.signal(run, "approve", "yes");
  assert.is((await over).status, "succeeded");
  await t.close();
});

const cases: Readonly<Record<string, readonly [set: () => Promise<string>, says: RegExp]>> = {
  "suspended": [async () => {
    const t = await testFlow(orders);
    const run = await t.start({ input: { amount: 1 } });
    await t.suspend(run);
    return await failure(t.untilOver(run)).finally(() => t.close());
  }, /it stands at charge\/REQUESTED: it is suspended: await t\.resume\(run\)$/],
  "parked": [
    async () => {
      const t = await testFlow(orders, { mocks: { ship: () => Promise.reject(new NeverRetryError("no van")) } });
      const run = await t.start({ input: { amount: 1 } });
      await t.signal(run, "approve", "yes");
      return await failure(t.untilOver(run)).finally(() => t.close());
    },
    /it stands at ship\/FAILED: job ship has failed for good \(no van\) and is parked: await t\.retry\(run\), or t\.cancel\(run\)$/,
  ],
  "without a handler": [
    async () => {
      const t = await testFlow({ flow: order, handlers: { charge: good.charge } });
      const run = await t.start({ input: { amount: 1 } });
      await t.signal(run, "approve", "no");
      return await failure(t.untilOver(run)).finally(() => t.close());
    },
    /it stands at refund\/REQUESTED: no worker here has a handler of job refund: give one with the implementation, or as mocks: \{ refund: \.\.\. \}$/,
  ],
  "without a worker": [async () => {
    const t = await testFlow(orders, { workers: 0 });
    const run = await t.start({ input: { amount: 1 } });
    return await failure(t.untilOver(run)).finally(() => t.close());
  }, /it stands at charge\/REQUESTED: no worker here/],
  "a handler that hangs": [
    async () => {
      const t = await testFlow(orders, { mocks: { charge: hang } });
      const run = await t.start({ input: { amount: 1 } });
      return await failure(t.untilOver(run)).finally(() => t.close());
    },
    /the handler of job charge \(attempt 1\) waits to be told to stop, and nobody tells it: give the job a timeout, or await t\.cancel\(run\)$/,
  ],
  "a flow that polls for ever": [async () => {
    const t = await testFlow(orders, { mocks: { charge: () => Promise.reject(new RetryAfterError(0)) }, attempts: 20 });
    const run = await t.start({ input: { amount: 1 } });
    return await failure(t.untilOver(run)).finally(() => t.close());
  }, /job charge was tried 20 times: let its handler come to an end, or raise attempts$/],
  "a pause beyond the limit": [
    async () => {
      const t = await testFlow(implementFlow(defineFlow("long", { start: "a", jobs: { a: { after: 40 * DAY } } }), {}));
      const run = await t.start();
      return await failure(t.untilOver(run)).finally(() => t.close());
    },
    /it stands at a\/REQUESTED and waits for job a: until 2026-02-10\S*, and goes on at 2026-02-10\S* only, later than the limit of 30 d: raise limit$/,
  ],
  "a signal, in a flow whose deadline is beyond the limit": [
    async () => {
      const t = await testFlow(
        implementFlow(defineFlow("f", { start: "a", jobs: { a: { waitFor: "signal" } }, deadline: 60 * DAY }), {}),
      );
      return await failure(t.untilOver(await t.start())).finally(() => t.close());
    },
    /it waits for a signal that nobody gives: await t\.signal\(run, "a"\) \(it goes on at 2026-03-02\S* only, later than the limit of 30 d\)$/,
  ],
  "a deletion": [async () => {
    const t = await testFlow(orders);
    const run = await t.start({ input: { amount: 1 } });
    const over = failure(t.untilOver(run));
    await t.cluster.delete({ group: "com.redhat.ecosystem.sample", version: "v1", plural: "requeststates" }, run);
    return await over.finally(() => t.close());
  }, /is over: it was deleted$/],
  "a flow of another name": [async () => {
    const t = await testFlow(orders, {
      objects: [{
        apiVersion: "com.redhat.ecosystem.sample/v1",
        kind: "RequestState",
        metadata: { name: "r-1", namespace: "default" },
        spec: { "request-uid": "r-1", flow: "other", flowDigest: "x", job: "a", state: "REQUESTED" },
      }],
    });
    return await failure(t.untilOver("r-1")).finally(() => t.close());
  }, /it stands at a\/REQUESTED: it is of flow "other", and this test was given "order"$/],
  "a server that refuses for ever": [
    async () => {
      const t = await testFlow(orders);
      const run = await t.start({ input: { amount: 1 } });
      t.faults.serverError({ on: "charge/STARTED", times: Infinity });
      return await failure(t.untilOver(run)).finally(() => t.close());
    },
    /nothing has happened for 10 min, and it stands at charge\/REQUESTED and waits for a worker for job charge; t\.log says more$/,
  ],
};
for (const [name, [set, says]] of Object.entries(cases)) {
  stuck(`${name}: says where it stands and what to do`, async () => assert.match(await set(), says));
}

stuck("with a deadline it is no hang: the flow ends by it", async () => {
  const t = await testFlow(implementFlow(
    defineFlow("f", { start: "a", jobs: { a: { waitFor: "signal" } }, deadline: 60 * 60_000 }),
    {},
  ));
  const run = await t.start();
  assert.equal([(await t.untilOver(run)).reason, t.clock.now() - Date.UTC(2026, 0, 1) < 60 * 60_000 + 2_000], [
    "DeadlineExceeded",
    true,
  ]);
  await t.close();
});

stuck("a deadline beyond the limit does not matter where a worker is about to come", async () => {
  const flow = defineFlow("f", { start: "a", jobs: { a: { startTimeout: 50 * DAY, timeout: 45 * DAY } }, deadline: 60 * DAY });
  const t = await testFlow(implementFlow(flow, { a: nothing }));
  assert.is((await t.untilOver(await t.start())).status, "succeeded");
  await t.close();
});

stuck("a handler that waits for the test's time has the time of its job, and no more", async () => {
  const flow = defineFlow("f", { start: "a", jobs: { a: { timeout: 600_000, retry: { limit: 1 } } } });
  const t = await testFlow(
    implementFlow(flow, {
      a: ({ signal }) =>
        new Promise<void>((resolve, reject) => {
          const cancel = t.clock.setTimer(3_600_000, resolve);
          signal.addEventListener("abort", () => (cancel(), reject(signal.reason)));
        }),
    }),
  );
  assert.is((await t.untilOver(await t.start())).reason, "TimedOut");
  assert.ok(t.clock.now() - Date.UTC(2026, 0, 1) < 602_000);
  await t.close();
});

stuck("the one that was found when it was tried as a new user would: time passes, then the end is awaited", async () => {
  const t = await testFlow(orders);
  const run = await t.start({ input: { amount: 1 } });
  await t.clock.advance(60_000);
  assert.is(t.request(run).spec.job, "approve");
  assert.is(resultOf(await run.finished).reason, "Refund", "a day has passed without an answer");
  await t.close();
});
stuck.run();
