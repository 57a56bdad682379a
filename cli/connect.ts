import { checkSetup, type Cluster, withRemedy } from "../mod.ts";
import type { Arguments } from "./arguments.ts";
import { stderrLog as log } from "./print.ts";

/** Connects with the client of this runtime, and makes sure that the cluster is ready for work. */
export async function withCluster(
  given: Pick<Arguments, "mode" | "serve" | "namespace" | "kubeconfig" | "master">,
  signal: AbortSignal,
  use: (cluster: Cluster) => Promise<number>,
): Promise<number> {
  const { connect } = await ("Deno" in globalThis ? import("../src/adapters/deno.ts") : import("../src/adapters/node.ts"));
  const cluster = await connect({ kubeconfig: given.kubeconfig, master: given.master, log });
  try {
    // A worker and a serving director create nothing.
    const writes = given.mode === "worker" || given.serve ? ["patch"] as const : ["create", "patch"] as const;
    await checkSetup(cluster, { namespace: given.namespace, writes, signal });
    return await use(cluster);
  } catch (error) {
    throw withRemedy(error);
  } finally {
    await cluster.close();
  }
}
