/**
 * The adapter for Node. Works on Deno, too, where it is the fallback.
 *
 * @module
 */
import process from "node:process";
import { SetupError } from "../errors.ts";
import type { Cluster } from "../ports.ts";
import { systemClock } from "../runtime/time/clock.ts";
import { permissionError } from "./transport/failures.ts";
import { findIdentity } from "./sources/find-identity.ts";
import { createCluster } from "./api/http.ts";
import { checkConnectOptions, type ConnectOptions } from "./sources/kubeconfig.ts";
import { runtimeFault } from "./runtime-version.ts";
import { createWire } from "./wire/wire.ts";

export type { HttpsOptions, KubeConfigLike } from "./sources/given-kubeconfig.ts";
export type { ConnectOptions } from "./sources/kubeconfig.ts";
export type { RateLimit } from "./api/rate-limit.ts";

/**
 * Connects to a cluster: finds the credentials and runs their plugin, where they have one. The server is first spoken to
 * by the first call.
 *
 * Sources, in this order: `kubeConfig`, `kubeconfig` (its server replaced by `master`), `master` alone, `$KUBECONFIG`,
 * `~/.kube/config`, the service account of the pod.
 *
 * @param options Where to look for credentials, and limits.
 * @returns The cluster; `close()` it, so that its idle connections do not hold the process.
 * @throws {SetupError} when no credentials are found, or they cannot be used.
 * @throws {TypeError} when `kubeConfig` is given beside `kubeconfig`, `context` or `master`.
 *
 * @example List the nodes
 * ```ts
 * import { connect } from "crd-watcher/node";
 *
 * const cluster = await connect();
 * const nodes = await cluster.list({ group: "", version: "v1", plural: "nodes" });
 * console.log(nodes.items.map((node) => node.metadata.name));
 * await cluster.close();
 * ```
 */
export async function connect(options: ConnectOptions = {}): Promise<Cluster> {
  checkConnectOptions(options);
  const { clock = systemClock, requestTimeout, log, metrics, rateLimit } = options;
  const fault = runtimeFault(process.versions);
  if (fault !== undefined) throw new SetupError(fault);
  try {
    const identity = await findIdentity(options);
    const wire = createWire(identity, clock);
    const cluster = createCluster(wire, { clock, requestTimeout, metrics, rateLimit, log });
    await wire.prepare();
    log?.debug(`Talking to ${cluster.server} with the credentials of ${identity.source}`);
    return cluster;
  } catch (error) {
    throw permissionError("Cannot connect", error) ?? error;
  }
}
