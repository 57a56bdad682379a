/**
 * What must not compile. `tsc` fails when one of these lines does.
 *
 * @module
 */
import {
  cancelFlow,
  type Cluster,
  defineFlow,
  type Flow,
  forkFlow,
  getFlow,
  implementFlow,
  listFlows,
  type Middleware,
  resultOf,
  resumeFlow,
  retryFlow,
  runDirector,
  runWorker,
  shape,
  signalFlow,
  startFlow,
  suspendFlow,
} from "../mod.ts";

const job = async () => {};
const cluster = {} as Cluster;

const sequence = defineFlow("sequence", ["charge", "ship"]);
const order = defineFlow("order", {
  start: "charge",
  input: shape<{ readonly amount: number }>(),
  jobs: {
    charge: { on: { paid: "approve", declined: "notify", failed: "notify" }, output: shape<{ readonly receipt: string }>() },
    approve: {
      waitFor: "signal",
      on: { yes: "ship", no: "refund", timedOut: "refund" },
      timeout: 1,
      output: shape<{ readonly why: string }>(),
    },
    ship: { next: "cool" },
    cool: { after: 1, next: "notify" },
    refund: { end: "failed" },
    notify: {},
  },
});
const called = defineFlow("called", { start: "call", jobs: { call: { waitFor: "signal", next: "end" }, end: {} } });
const charge = async () => ({ outcome: "paid" as const, output: { receipt: "r-1" } });
const others = { ship: job, refund: job, notify: job };

/** Never called: it is about its types only. */
export async function mustNotCompile(): Promise<void> {
  implementFlow(sequence, { charge: job, ship: job });
  // @ts-expect-error A job without a handler.
  implementFlow(sequence, { charge: job });
  // @ts-expect-error A misspelt job.
  implementFlow(sequence, { charge: job, ship: job, chip: job });
  // @ts-expect-error A handler that gives back what JSON cannot say.
  runWorker(sequence, { charge: async () => ({ output: () => {} }), ship: job }, { cluster });
  // @ts-expect-error A worker without a cluster.
  runWorker(sequence, { charge: job, ship: job }, {});
  // @ts-expect-error An outcome of a job that has none.
  runWorker(sequence, { charge: async () => ({ outcome: "paid" }) }, { cluster });

  // @ts-expect-error A misspelt successor.
  defineFlow("a", { start: "one", jobs: { one: { next: "tow" }, two: {} } });
  // @ts-expect-error A misspelt successor of an outcome.
  defineFlow("a", { start: "one", jobs: { one: { on: { yes: "tow" } }, two: {} } });
  // @ts-expect-error A misspelt start.
  defineFlow("a", { start: "noe", jobs: { one: {} } });
  // @ts-expect-error A misspelt member.
  defineFlow("a", { start: "one", jobs: { one: { timeuot: 1 } } });
  // @ts-expect-error The same beside one that there is.
  defineFlow("a", { start: "one", jobs: { one: { timeuot: 1, next: "two" }, two: {} } });
  // @ts-expect-error What comes next is said by each outcome.
  defineFlow("a", { start: "one", jobs: { one: { next: "two", on: { yes: "two" } }, two: {} } });
  defineFlow("a", { start: "one", jobs: { one: { next: "two", on: { failed: "two" } }, two: {} } });
  // @ts-expect-error A misspelt member of a retry, beside one that there is.
  defineFlow("a", { start: "one", jobs: { one: { retry: { limt: 5, max: 1_000 } } } });

  const implementation = implementFlow(order, {
    charge: async ({ input, attempt }) =>
      attempt > 1
        ? { outcome: "declined", output: { receipt: "" } }
        : { outcome: "paid", output: { receipt: `${input.amount}` } },
    ship: async ({ outputs }) => void outputs.charge?.receipt,
    refund: job,
    notify: job,
  });
  runWorker(implementation.flow, implementation.handlers, { cluster });
  runWorker(order, { charge }, { cluster }); // some of the handlers is legal
  runDirector([order, sequence], { cluster });
  runWorker(implementation, { cluster });
  runWorker([implementation, implementFlow(sequence, { charge: job, ship: job })], { cluster });
  runWorker([{ flow: order, handlers: { charge } }], { cluster });
  // @ts-expect-error Flows alone have no handlers.
  runWorker([order, sequence], { cluster });
  // @ts-expect-error A worker without a cluster.
  runWorker([implementation], {});
  const traced: Middleware = async (_, next) => await next();
  implementFlow(order, implementation.handlers, {
    use: [
      traced,
      async (job, next) => {
        if (job.job === "ship") return await next({ input: { amount: job.input.amount + 1 } });
        const result = await next();
        return job.job === "charge" ? { outcome: "declined", output: { receipt: `again ${result.outcome}` } } : result;
      },
    ],
  });
  runWorker(order, { charge }, {
    cluster,
    use: [traced, async ({ input: { amount } }, next) => await next({ input: { amount } })],
  });
  // @ts-expect-error An input of another type.
  implementFlow(order, implementation.handlers, { use: [async (_, next) => await next({ input: { amount: "12" } })] });
  // @ts-expect-error An input that has no such member.
  implementFlow(order, implementation.handlers, { use: [async ({ input }, next) => (void input.amuont, await next())] });
  // @ts-expect-error An outcome that no job of it has.
  implementFlow(order, implementation.handlers, { use: [async () => ({ outcome: "refused", output: { receipt: "" } })] });
  // @ts-expect-error A misspelt option.
  implementFlow(order, implementation.handlers, { uses: [traced] });
  // @ts-expect-error An onLeaseLost that there is not.
  runWorker(order, { charge }, { cluster, onLeaseLost: "stop" });
  // @ts-expect-error An onLeaseLost that there is not.
  defineFlow("a", { start: "one", jobs: { one: {} }, onLeaseLost: "stop" });
  const untyped: Flow = order;
  runWorker(untyped, { anything: job }, { cluster });

  // @ts-expect-error A handler that is missing.
  implementFlow(order, { charge, ship: job, refund: job });
  // @ts-expect-error A handler for a job that waits for a signal.
  implementFlow(order, { charge, ...others, approve: job });
  // @ts-expect-error A handler for a pause.
  runWorker(order, { cool: job }, { cluster });
  // @ts-expect-error A misspelt job, where not all are needed.
  runWorker(order, { chrage: charge }, { cluster });
  // @ts-expect-error An outcome that `on` does not name.
  implementFlow(order, { ...others, charge: async () => ({ outcome: "refused", output: { receipt: "" } }) });
  // @ts-expect-error An outcome that only the director gives.
  implementFlow(order, { ...others, charge: async () => ({ outcome: "failed", output: { receipt: "" } }) });
  // @ts-expect-error No outcome, where there must be one.
  implementFlow(order, { ...others, charge: async () => ({ output: { receipt: "" } }) });
  // @ts-expect-error Nothing at all, where there must be an outcome.
  implementFlow(order, { ...others, charge: job });
  // @ts-expect-error An output of another type.
  implementFlow(order, { ...others, charge: async () => ({ outcome: "paid", output: { receipt: 1 } }) });
  // @ts-expect-error No output, where one is declared.
  implementFlow(order, { ...others, charge: async () => ({ outcome: "paid" }) });
  // @ts-expect-error An input that has no such member.
  runWorker(order, { ship: async ({ input }) => void input.amuont }, { cluster });
  // @ts-expect-error An output of a job that there is not.
  runWorker(order, { ship: async ({ outputs }) => void outputs.chrage }, { cluster });
  // @ts-expect-error An output that may not be there: the job may not have been reached.
  runWorker(order, { ship: async ({ outputs }) => void outputs.charge.receipt }, { cluster });
  // @ts-expect-error An output that has no such member.
  runWorker(order, { ship: async ({ outputs }) => void outputs.charge?.reciept }, { cluster });

  await startFlow(order, { input: { amount: 12 } }, { cluster });
  // @ts-expect-error An input of another type.
  await startFlow(order, { input: { amount: "12" } }, { cluster });
  // @ts-expect-error No input, where there must be one.
  await startFlow(order, {}, { cluster });
  const run = await startFlow(sequence, {}, { cluster });
  const result = resultOf(await run.finished);
  // @ts-expect-error A result of a job that there is not.
  void result.outputs.chrage;
  // @ts-expect-error A job that there is not.
  void (result.job === "chrage");

  const bought = await startFlow(order, { input: { amount: 12 } }, { cluster });
  await signalFlow(bought, "approve", "yes", { why: "it is cheap" });
  await signalFlow(bought.name, "approve", "yes", { why: "it is cheap" }, { cluster, flow: order });
  await signalFlow(bought.request, "approve", "yes", { why: "it is cheap" }, { cluster });
  // @ts-expect-error A signal for a misspelt job.
  await signalFlow(bought, "aprove", "yes", { why: "" });
  // @ts-expect-error The same by name.
  await signalFlow(bought.name, "aprove", "yes", { why: "" }, { cluster, flow: order });
  // @ts-expect-error The same by request.
  await signalFlow(bought.request, "aprove", "yes", { why: "" }, { cluster });
  // @ts-expect-error A signal for a job that does not wait for one.
  await signalFlow(bought, "cool", "yes", { why: "" });
  // @ts-expect-error An outcome that `on` does not name.
  await signalFlow(bought, "approve", "maybe", { why: "" });
  // @ts-expect-error The same by name.
  await signalFlow(bought.name, "approve", "maybe", { why: "" }, { cluster, flow: order });
  // @ts-expect-error An outcome that only the director gives.
  await signalFlow(bought, "approve", "timedOut", { why: "" });
  // @ts-expect-error Data of another type.
  await signalFlow(bought, "approve", "yes", { why: 1 });
  // @ts-expect-error The same by name.
  await signalFlow(bought.name, "approve", "yes", { why: 1 }, { cluster, flow: order });
  // @ts-expect-error No data, where some is declared.
  await signalFlow(bought, "approve", "yes");
  // @ts-expect-error No outcome, where there must be one.
  await signalFlow(bought, "approve");
  // @ts-expect-error By name, without a cluster.
  await signalFlow(bought.name, "approve", "yes", { why: "" });

  const callback = await startFlow(called, {}, { cluster });
  await signalFlow(callback, "call");
  await signalFlow(callback, "call", undefined, { any: "data" });
  // @ts-expect-error An outcome, where the job names none.
  await signalFlow(callback, "call", "yes");

  const someRun = await getFlow("order-1", { cluster });
  await signalFlow(someRun, "anything", "yes", { why: 1 });
  await signalFlow("order-1", "anything", undefined, undefined, { cluster });
  const found = await getFlow({ key: "order-42" }, { cluster, flow: order });
  // @ts-expect-error An output of a job that there is not.
  void resultOf(await found.finished).outputs.chrage;
  for await (const request of found) void resultOf(request).outputs.charge?.receipt;
  const [listed] = await listFlows({ flow: order, status: "waiting" }, { cluster });
  // @ts-expect-error An output that has no such member.
  void resultOf(listed!.request).outputs.charge?.reciept;
  // @ts-expect-error A status that there is not.
  await listFlows({ status: "done" }, { cluster });
  // @ts-expect-error A list of nowhere.
  await listFlows({});

  await cancelFlow(bought);
  await cancelFlow("order-1", { cluster });
  // @ts-expect-error By name, without a cluster.
  await cancelFlow("order-1");
  // @ts-expect-error By request, without a cluster.
  await suspendFlow(bought.request);
  // @ts-expect-error Nothing that names a flow.
  await resumeFlow(42, { cluster });

  await retryFlow(bought);
  const fork = await forkFlow(bought, { from: "ship", input: { amount: 7 } });
  void resultOf(await fork.finished).outputs.charge?.receipt;
  await forkFlow(bought, { input: null });
  // @ts-expect-error A fork from a job that there is not.
  await forkFlow(bought, { from: "chip" });
  // @ts-expect-error The same by name.
  await forkFlow("order-1", { from: "chip" }, { cluster, flow: order });
  // @ts-expect-error An input of another type.
  await forkFlow(bought, { input: { amount: "7" } });
}
