/**
 * What must not compile. `tsc` fails when one of these lines does.
 *
 * @module
 */
import { type Cluster, defineFlow, implementFlow, runWorker } from "../mod.ts";

const order = defineFlow("order", ["charge", "ship"]);
const cluster = {} as Cluster;
const job = async () => {};

/** Never called: it is about its types only. */
export function mustNotCompile(): void {
  implementFlow(order, { charge: job, ship: job });
  // @ts-expect-error A job without a handler.
  implementFlow(order, { charge: job });
  // @ts-expect-error A misspelt job.
  implementFlow(order, { charge: job, ship: job, chip: job });
  // @ts-expect-error A handler that gives back what JSON cannot say.
  runWorker(order, { charge: async () => ({ output: () => {} }), ship: job }, { cluster });
  // @ts-expect-error A worker without a cluster.
  runWorker(order, { charge: job, ship: job }, {});
}
