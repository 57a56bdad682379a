/** One handler alone, judged as its worker would judge it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, implementFlow, type Job, NeverRetryError, RetryAfterError, type StandardSchema } from "../../mod.ts";
import { hang, runJob } from "../../src/testing/mod.ts";
import { good, order } from "../support/orders.ts";

const orders = implementFlow(order, good);
const nothing = async () => {};
const amount: StandardSchema<{ readonly amount: string }, { readonly amount: number }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      /^\d+$/.test((value as { amount: string })?.amount ?? "")
        ? { value: { amount: Number((value as { amount: string }).amount) } }
        : { issues: [{ message: "expected digits", path: ["amount"] }] },
  },
};
const strict = implementFlow(
  defineFlow("strict", {
    start: "a",
    input: amount,
    jobs: { a: { on: { yes: "b", no: "b" }, output: amount }, b: { end: "failed" } },
  }),
  {
    a: async ({ input }) => ({ outcome: "yes", output: { amount: `${input.amount + 1}` } }),
    b: async ({ outputs }) => void outputs.a!.amount.toFixed(),
  },
);

const jobs = suite("test kit: one handler alone");

jobs("what it gives back, what comes next, what it has said", async () => {
  const { state, outcome, output, next, log, error } = await runJob(orders, "charge", { input: { amount: 12 } });
  assert.equal([state, outcome, output, next, error, log.lines], [
    "COMPLETED",
    "paid",
    { receipt: "for 12" },
    "approve",
    undefined,
    [],
  ]);
  const said = await runJob(async ({ log, job, attempt, idempotencyKey, fencingToken, outputs, input }: Job) => {
    log.info(`${job} ${attempt} ${idempotencyKey} ${fencingToken}`, { outputs, input });
  });
  assert.equal([said.state, said.log.lines, said.next], ["COMPLETED", ["info job 1 test/job 1"], undefined]);
  assert.equal(said.log.only(/^info/).outputs, {});
});

jobs("what it is told is what the test says", async () => {
  const told: unknown[] = [];
  await runJob(
    async ({ input, outputs, attempt, idempotencyKey, job }: Job<typeof order, "ship">) =>
      void told.push(input, outputs, attempt, idempotencyKey, job),
    { flow: order, job: "ship", input: { amount: 1 }, outputs: { charge: { receipt: "r" } }, attempt: 3, uid: "u-1" },
  );
  assert.equal(told, [{ amount: 1 }, { charge: { receipt: "r" } }, 3, "u-1/ship", "ship"]);
});

jobs("schemas: input and outputs are read by them, what does not fit is told", async () => {
  const good = await runJob(strict, "a", { input: { amount: "12" } });
  assert.equal([good.outcome, good.output, good.next], ["yes", { amount: "13" }, "b"]);
  const bad = await runJob(strict, "a", { input: { amount: "twelve" } });
  assert.equal([bad.state, bad.error?.type, bad.error?.message], [
    "FAILED",
    "InvalidInput",
    "The input of the flow does not fit its schema: amount: expected digits",
  ]);
  const old = await runJob(strict, "b", { input: { amount: "1" }, outputs: { a: { amount: "x" } } });
  assert.equal([old.error?.type, old.error?.retryable], ["InvalidOutput", false]);
  const last = await runJob(strict, "b", { input: { amount: "1" }, outputs: { a: { amount: "7" } } });
  assert.equal([last.state, last.next], ["COMPLETED", undefined]);
});

jobs("what a worker would drop of its result is an error here", async () => {
  const stray = async () => ({ outcome: "paid", outptu: { receipt: "r" } }) as never;
  const said = await runJob(implementFlow(order, { ...good, charge: stray }), "charge", { input: { amount: 12 } })
    .catch((error: Error) => `${error}`);
  assert.is(
    said,
    'TypeError: The handler of job charge gave back a member "outptu", which is dropped: expected outcome and output; ' +
      'did you mean "output"?',
  );
});

const wrong: Readonly<Record<string, readonly [given: () => unknown, message: RegExp]>> = {
  "an outcome that `on` does not name": [
    () => ({ outcome: "perhaps" }),
    /^The handler of job charge gave back outcome "perhaps", expected one of paid, declined$/,
  ],
  "no outcome, where there must be one": [nothing, /gave back no outcome, expected one of paid, declined$/],
  "a text": [() => "paid", /gave back a string, expected/],
  "an output that is too large": [
    () => ({ outcome: "paid", output: "x".repeat(5_000) }),
    /^The output is 5002 bytes as JSON, at most 4096 are kept: store it elsewhere/,
  ],
  "an output that JSON cannot say": [() => ({ outcome: "paid", output: 1n }), /^The output is nothing that JSON can say/],
};
for (const [name, [given, message]] of Object.entries(wrong)) {
  jobs(`${name} fails the job for good`, async () => {
    const { state, error } = await runJob({ flow: order, handlers: { charge: async () => given() as never } }, "charge", {
      input: { amount: 1 },
    });
    assert.equal([state, error?.type, error?.retryable], ["FAILED", "InvalidResult", false]);
    assert.match(error!.message, message);
  });
}

jobs("what it throws", async () => {
  const thrown = async (error: unknown) => await runJob(() => Promise.reject(error));
  const plain = new RangeError("no room");
  assert.equal(await thrown(plain).then(({ error, thrown }) => [error, thrown]), [
    { type: "RangeError", message: "no room", retryable: true },
    plain,
  ]);
  assert.equal((await thrown(new RetryAfterError(60_000, "not yet"))).error, {
    type: "RetryAfterError",
    message: "not yet",
    retryable: true,
    retryAfter: 60_000,
  });
  assert.is((await thrown(new NeverRetryError("no"))).error?.retryable, false);
  assert.is((await thrown("a text")).error?.message, "a text");
});

jobs("what is done around handlers is done here, too", async () => {
  const seen: string[] = [];
  const traced = implementFlow(order, good, {
    use: [async ({ job }, next) => {
      seen.push(job);
      return await next();
    }],
  });
  await runJob(traced, "notify", { input: { amount: 1 } });
  assert.equal(seen, ["notify"]);
});

jobs("told to stop: what it does then is waited for, as by its worker", async () => {
  const stopping = new AbortController();
  let isClean = false;
  const run = runJob(async (job) => {
    try {
      await hang(job);
    } finally {
      await new Promise((resolve) => setTimeout(resolve, 20));
      isClean = true;
    }
  }, { signal: stopping.signal });
  await new Promise((resolve) => setTimeout(resolve, 0)); // it has begun
  stopping.abort();
  assert.equal([(await run).state, isClean], ["CANCELLED", true]);
});

jobs("told to stop: CANCELLED where it heeds that, its result where it comes to an end all the same", async () => {
  const stopping = new AbortController();
  const heeds = runJob(hang, { signal: stopping.signal });
  const ends = runJob(
    ({ signal }: Job) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve({ output: signal.reason.reason }), { once: true })),
    { signal: stopping.signal },
  );
  await new Promise((resolve) => setTimeout(resolve, 0)); // they have begun
  stopping.abort();
  assert.is((await heeds).state, "CANCELLED");
  assert.equal(await ends.then(({ state, output }) => [state, output]), ["COMPLETED", "Cancelled"]);
});

jobs("one that does not end is no hang", async () => {
  const message = await runJob(() => new Promise(() => {}), { realTime: 30 }).then(() => "", (error: Error) => error.message);
  assert.match(
    message,
    /^The handler of job job has not ended within 0.03 s of real time: mock what it waits for, abort its signal/,
  );
});

jobs("what cannot be run is said in one sentence", async () => {
  const message = async (run: () => Promise<unknown>) => await run().then(() => "", (error: Error) => error.message);
  assert.is(
    await message(() => runJob({ flow: order, handlers: {} }, "charge")),
    'Cannot run job "charge" of flow "order": it has no handler (handlers: none)',
  );
  assert.match(
    await message(() => runJob(orders, "charge", { input: { amount: 1n } as never })),
    /its input is nothing that JSON can say/,
  );
  assert.match(await message(() => runJob(orders, "charge", { attempt: 0 })), /attempt is 0, expected a whole number from 1$/);
});
jobs.run();
