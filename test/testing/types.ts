/**
 * What must not compile in a test of a flow. `tsc` fails when one of these lines does.
 *
 * @module
 */
import { defineFlow, implementFlow, type Job, shape } from "../../mod.ts";
import { type FlowTest, hang, runJob, testFlow } from "../../src/testing/mod.ts";

const job = async () => {};
const order = defineFlow("order", {
  start: "charge",
  input: shape<{ readonly amount: number }>(),
  jobs: {
    charge: { on: { paid: "approve", declined: "notify", failed: "notify" }, output: shape<{ readonly receipt: string }>() },
    approve: { waitFor: "signal", on: { yes: "ship", no: "notify" }, output: shape<{ readonly why: string }>() },
    ship: { next: "notify" },
    notify: {},
  },
});
const orders = implementFlow(order, {
  charge: async () => ({ outcome: "paid", output: { receipt: "r-1" } }),
  ship: job,
  notify: job,
});
const plain = implementFlow(defineFlow("plain", ["one", "two"]), { one: job, two: job });

/** Never called: it is about its types only. */
export async function mustNotCompile(): Promise<void> {
  const t = await testFlow(orders, {
    mocks: {
      charge: async ({ input }) =>
        input.amount > 1 ? { outcome: "declined", output: { receipt: "" } } : { outcome: "paid", output: { receipt: "" } },
    },
  });
  const typed: FlowTest<typeof order> = t;
  // @ts-expect-error An outcome that `on` does not name.
  await testFlow(orders, { mocks: { charge: async () => ({ outcome: "refused", output: { receipt: "" } }) } });
  // @ts-expect-error An output of another type.
  await testFlow(orders, { mocks: { charge: async () => ({ outcome: "paid", output: { receipt: 1 } }) } });
  // @ts-expect-error A mock of a job that there is not.
  await testFlow(orders, { mocks: { chrage: job } });
  // @ts-expect-error A mock of a job that waits.
  await testFlow(orders, { mocks: { approve: job } });
  // @ts-expect-error An input that has no such member.
  await testFlow(orders, { mocks: { ship: async ({ input }) => void input.amuont } });
  // @ts-expect-error A misspelt option.
  await testFlow(orders, { mock: {} });
  await testFlow(orders, { mocks: { charge: hang, ship: hang } });
  await testFlow({ flow: order, handlers: { ship: job } }, { mocks: { charge: orders.handlers.charge } });

  const run = await t.start({ input: { amount: 12 }, key: "order-42", labels: { tenant: "a" } });
  // @ts-expect-error Without its input.
  await t.start();
  // @ts-expect-error An input of another type.
  await t.start({ input: { amount: "12" } });

  const { outputs, path } = await t.untilOver(run);
  const receipt: string | undefined = outputs.charge?.receipt;
  const [first]: readonly ("charge" | "approve" | "ship" | "notify")[] = path;
  // @ts-expect-error A job that there is not.
  outputs.chrage;
  await t.until(run, "ship");
  await t.until(run, "ship/STARTED");
  await t.until(run, (request) => request.spec.attempt === 2);
  // @ts-expect-error A job that there is not.
  await t.until(run, "shop");
  // @ts-expect-error A state that there is not.
  await t.until(run, "ship/DONE");

  await t.signal(run, "approve", "yes", { why: "a good customer" });
  // @ts-expect-error Without the data that the job declares.
  await t.signal(run, "approve", "yes");
  // @ts-expect-error An outcome that there is not.
  await t.signal(run, "approve", "maybe", { why: "" });
  // @ts-expect-error A job that waits for no signal.
  await t.signal(run, "ship", undefined);

  t.failNext("charge");
  t.crashWorkerIn("ship", { at: "end" });
  // @ts-expect-error A job that no worker does.
  t.failNext("approve");
  // @ts-expect-error A moment that there is not.
  t.crashWorkerIn("ship", { at: "middle" });
  t.faults.loseAnswer({ on: "charge/COMPLETED", by: "worker" });
  // @ts-expect-error A job that there is not.
  t.faults.loseAnswer({ on: "chrage" });
  await t.fork(run, { from: "ship" });
  // @ts-expect-error A job that there is not.
  await t.fork(run, { from: "shop" });

  const both = await testFlow([plain, orders], { mocks: { one: job } });
  const started = await both.start();
  await both.until(started, "two");
  const other = await both.start(order, { input: { amount: 1 } });
  await both.until(other, "approve");
  both.failNext("two");
  both.failNext("ship");
  // @ts-expect-error An input of another type.
  await both.start(order, { input: {} });
  // @ts-expect-error A job of no flow.
  both.failNext("three");

  const charged = await runJob(orders, "charge", { input: { amount: 12 }, outputs: { charge: { receipt: "" } } });
  const output: { readonly receipt: string } | undefined = charged.output;
  // @ts-expect-error An outcome that there is not.
  charged.outcome === "refused";
  // @ts-expect-error A job that there is not.
  await runJob(orders, "chrage");
  // @ts-expect-error An input of another type.
  await runJob(orders, "charge", { input: { amount: "12" } });
  await runJob(orders.handlers.charge, { input: { amount: 12 } });
  await runJob(async ({ input }: Job<typeof order, "ship">) => void input.amount, {
    flow: order,
    job: "ship",
    input: { amount: 1 },
  });
  // @ts-expect-error An input of another type.
  await runJob(orders.handlers.charge, { input: { amount: "12" } });
  void [typed, receipt, first, output];
}
