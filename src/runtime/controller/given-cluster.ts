import type { Cluster } from "../../ports.ts";

/**
 * Where JavaScript, or a cast, has let by what is no cluster.
 *
 * @param action As in `Cannot start flow "order"`.
 * @throws {TypeError} When there is none, or the `await` before `connect()` was forgotten.
 */
export function checkCluster(action: string, cluster: Cluster): void {
  const given: unknown = cluster;
  if (given && typeof (given as PromiseLike<unknown>).then !== "function") return;
  const what = given ? "a promise, expected what it resolves to: await connect()" : `${given}, expected what connect() gives`;
  throw new TypeError(`${action}: options.cluster is ${what}`);
}
