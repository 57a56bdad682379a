/**
 * What must not compile. `tsc` fails when one of these lines does.
 *
 * @module
 */
import {
  type Cluster,
  defineFlow,
  type Flow,
  implementFlow,
  resultOf,
  runDirector,
  runWorker,
  shape,
  startFlow,
} from "../mod.ts";
import type { JobName, OutcomeOf, OutputGiven, SignalledJob } from "../mod.ts";

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

  signal(order, "approve", "yes", { why: "it is cheap" });
  // @ts-expect-error A signal for a misspelt job.
  signal(order, "aprove", "yes", { why: "" });
  // @ts-expect-error A signal for a job that does not wait for one.
  signal(order, "cool", "yes", { why: "" });
  // @ts-expect-error An outcome that `on` does not name.
  signal(order, "approve", "maybe", { why: "" });
  // @ts-expect-error Data of another type.
  signal(order, "approve", "yes", { why: 1 });
  signal(untyped, "anything", "yes", { why: 1 });
}

/** As `signalFlow` takes them. */
declare function signal<F extends Flow, J extends SignalledJob<F> & JobName<F>>(
  flow: F,
  job: J,
  outcome: OutcomeOf<F, J>,
  data: OutputGiven<F, J>,
): void;
