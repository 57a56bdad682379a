/**
 * An order with a branch, a retry and an approval, on a fake cluster in this process:
 * `npx tsx examples/approve-order.ts`, `npx deno run -P examples/approve-order.ts`.
 */
import {
  createConsoleLog,
  defineFlow,
  resultOf,
  runDirector,
  runWorker,
  shape,
  signalFlow,
  startFlow,
  whatItWaitsFor,
} from "crd-watcher";
import { createFakeCluster } from "crd-watcher/fake";
import { createFetchCluster } from "crd-watcher/fetch";
import { requestStateCrd } from "crd-watcher/testing";

const order = defineFlow("order", {
  start: "charge",
  input: shape<{ amount: number }>(),
  jobs: {
    charge: {
      on: { paid: "approve", declined: "notify" },
      output: shape<{ receipt: string }>(),
      retry: { limit: 5, initial: 20 /* ms */ },
    },
    approve: { waitFor: "signal", on: { yes: "ship", no: "refund", timedOut: "refund" }, timeout: 86_400_000 /* a day */ },
    ship: { next: "notify" },
    refund: { end: "failed" }, // a flow that ends here has not succeeded
    notify: {},
  },
});

const cluster = createFetchCluster(createFakeCluster({ crds: [requestStateCrd] }).fetch); // or: await connect(), from "crd-watcher/node"
const ending = new AbortController();
const log = createConsoleLog("error"); // jobs that fail on purpose are no news here
const options = { cluster, log, signal: ending.signal };

const director = runDirector([order], options);
const worker = runWorker(order, {
  async charge({ input, attempt, idempotencyKey }) {
    if (attempt === 1) throw new Error("the bank does not answer"); // it is tried again
    return { outcome: input.amount > 1_000 ? "declined" : "paid", output: { receipt: `r-${idempotencyKey.length}` } };
  },
  ship: async () => {},
  refund: async () => {},
  notify: async () => {},
}, options);

const run = await startFlow(order, { key: "order-42", input: { amount: 12 } }, { cluster });
for await (const request of run) {
  const { job, state } = request.spec;
  console.log(`${job.padEnd(8)} ${state.padEnd(10)} ${whatItWaitsFor(request, Date.now()) ?? ""}`);
  if (job === "approve" && state === "REQUESTED") await signalFlow(run, "approve", "yes", { why: "a good customer" });
}
const { status, path, outputs } = resultOf(await run.finished);
console.log(`${status} by way of ${path.join(", ")}; receipt ${outputs.charge?.receipt}`);

ending.abort();
await Promise.all([director.finished, worker.finished]);
