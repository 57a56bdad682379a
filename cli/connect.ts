import { checkSetup, type Cluster, createHealth, type RunOptions, withRemedy } from "../mod.ts";
import type { Arguments } from "./arguments.ts";
import { impatient } from "./impatient.ts";
import type { Surroundings } from "./modes.ts";
import { setUpInTime } from "./set-up.ts";
import { unlessEnded } from "./unless-ended.ts";

/** A cluster that is ready for work, and all else that a program runs with. */
export type Connection = Surroundings & Pick<RunOptions, "metrics" | "health"> & { readonly cluster: Cluster };

/**
 * Connects with the client of this runtime, makes sure that the cluster is ready for work, and serves metrics and probes
 * from the first moment to the last: an operator sees a program that does not get ready.
 */
export async function withCluster(
  given: Arguments,
  surroundings: Surroundings,
  use: (connection: Connection) => Promise<number>,
): Promise<number> {
  const { signal, log } = surroundings;
  const health = createHealth();
  let isSetUp = false;
  health.check("setup", () => isSetUp ? undefined : "it is not known yet whether the API server is there, and what may be done");
  health.check("shutdown", () => signal.aborted ? "this process is ending" : undefined);
  // Loaded only where somebody looks in.
  const operations = given.metricsBindAddress || given.healthProbeBindAddress
    ? await (await import("./operations.ts")).openOperations({ ...given, health, log })
    : undefined;
  try {
    const { connect } = await ("Deno" in globalThis ? import("../src/adapters/deno.ts") : import("../src/adapters/node.ts"));
    const { kubeconfig, context, master, namespace, kubeApiQps: qps, kubeApiBurst: burst } = given;
    const rateLimit = qps ? { qps, burst } : undefined;
    const { metrics } = operations ?? {};
    const cluster = await unlessEnded(connect({ kubeconfig, context, master, log, metrics, rateLimit }), signal);
    try {
      // A worker and a serving director create nothing.
      const writes = given.mode === "worker" || given.serve ? ["patch"] as const : ["create", "patch"] as const;
      const leases = given.mode === "worker" ? "live" : given.serve && given.leaderElect ? "lead" : undefined;
      const check = () => checkSetup(impatient(cluster, { log }), { namespace, writes, leases, signal });
      // Who drives one flow has somebody waiting for him.
      await (given.mode === "worker" || given.serve ? setUpInTime(check, { log, signal }) : check());
      isSetUp = true;
      await surroundings.ready();
      return await use({ ...surroundings, metrics, health: operations?.health, cluster });
    } catch (error) {
      throw withRemedy(error);
    } finally {
      await cluster.close();
    }
  } finally {
    await operations?.close();
  }
}
