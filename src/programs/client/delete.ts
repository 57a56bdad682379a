import { ask, type FlowOptions } from "./options.ts";
import type { FlowRun } from "./run.ts";
import { findFlow, type FlowTarget } from "./target.ts";
import { isConflict, isNotFound } from "../../errors.ts";
import type { Flow } from "../../flow/plan.ts";
import { REQUEST_STATES, type RequestState } from "../../request-state.ts";

/**
 * Deletes the request of a flow, and with it all that is known of the flow. One that is under way is not brought to an end: its handler is
 * told to stop, and nothing comes after it; cancel it first where that matters.
 *
 * @returns The request as it last was.
 * @throws {RequestStateError} When there is none.
 * @throws {StatusError} When the server refuses.
 * @throws {NoAnswerError} When no answer came several times: it may be deleted.
 *
 * @example
 * ```ts
 * import { type Cluster, deleteFlow, listFlows } from "crd-watcher";
 *
 * async function clear(cluster: Cluster) {
 *   const old = { status: "cancelled", createdBefore: Date.now() - 86_400_000 } as const;
 *   for (const run of await listFlows(old, { cluster, namespace: "shop" })) await deleteFlow(run);
 * }
 * ```
 */
export function deleteFlow<F extends Flow>(run: FlowRun<F>, options?: Partial<FlowOptions<F>>): Promise<RequestState>;
/** The same for any flow that exists. */
export function deleteFlow<F extends Flow>(target: FlowTarget<F>, options: FlowOptions<F>): Promise<RequestState>;
export async function deleteFlow<F extends Flow>(
  target: FlowTarget<F>,
  options?: Partial<FlowOptions<F>>,
): Promise<RequestState> {
  const { request, client } = await findFlow("delete", target, options);
  const { name, namespace, uid } = request.metadata;
  // By its uid: what has its name by then is another one.
  const call = { preconditions: { uid: uid! }, signal: client.signal };
  await ask(client, () => client.cluster.delete(REQUEST_STATES, { name, namespace }, call)).catch((error: unknown) => {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  });
  return request;
}
