/** Runs one order on a fake cluster in this process: `npx tsx examples/run-order.ts`, `npx deno run -P examples/run-order.ts`. */
import { defineFlow, hasSucceeded, runDirector, runWorker, startFlow } from "crd-watcher";
import { createFetchCluster } from "crd-watcher/fetch";
import { createFakeCluster } from "crd-watcher/fake";
import { requestStateCrd } from "crd-watcher/testing";

const order = defineFlow("order", ["charge", "ship", "notify"]);

const cluster = createFetchCluster(createFakeCluster({ crds: [requestStateCrd] }).fetch); // or: await connect(), from "crd-watcher/node"
const ending = new AbortController();
const options = { cluster, signal: ending.signal };

const director = runDirector([order], options);
const worker = runWorker(order, {
  charge: async ({ input, idempotencyKey }) => ({ output: { receipt: `r-1 for ${JSON.stringify(input)}`, idempotencyKey } }),
  ship: async ({ outputs }) => console.log("shipping, paid by", outputs.charge),
  notify: async ({ signal }) => signal.throwIfAborted(),
}, options);

const run = await startFlow(order, { key: "order-42", input: { amount: 12 } }, { cluster });
const finished = await run.finished;
console.log(hasSucceeded(finished) ? "succeeded" : "failed", "after", finished.status?.history?.length, "transitions");

ending.abort();
await Promise.all([director.finished, worker.finished]);
