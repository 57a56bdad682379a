import { ask, type ClientOptions, type FlowOptions } from "./options.ts";
import { createRun, type FlowRun } from "./run.ts";
import { clientFor, compileSelection, type FlowSelection } from "./selection.ts";
import { findFlow, type FlowTarget } from "./target.ts";
import { isNotFound } from "../../errors.ts";
import { bornAt } from "../../flow/moments.ts";
import type { Flow } from "../../flow/plan.ts";
import type { ObjectList } from "../../ports.ts";
import { REQUEST_STATES, type RequestState } from "../../request-state.ts";
import { notServed } from "../setup.ts";
import { wholeOf } from "./whole.ts";

/**
 * Finds a flow.
 *
 * @param target The name of its request, or the key that it was started with.
 * @throws {RequestStateError} When there is none, or it is of another flow than `options.flow`.
 * @throws {StatusError} When the server refuses.
 *
 * @example
 * ```ts
 * import { type Cluster, defineFlow, getFlow, whatItWaitsFor } from "crd-watcher";
 *
 * const order = defineFlow("order", ["charge", "ship"]);
 *
 * async function look(cluster: Cluster) {
 *   const run = await getFlow({ key: "order-42" }, { cluster, namespace: "shop", flow: order });
 *   console.log(whatItWaitsFor(run.request, Date.now()));
 * }
 * ```
 */
export async function getFlow<F extends Flow = Flow>(target: FlowTarget<F>, options: FlowOptions<F>): Promise<FlowRun<F>> {
  const { request, flow, options: found } = await findFlow("get", target, options);
  return createRun(request, flow, found);
}

/**
 * Lists flows, in the order of their creation. They are read in pages; only those that are selected are kept.
 *
 * @throws {TypeError} When the status is none.
 * @throws {StatusError} When the server refuses.
 *
 * @example What waits for somebody
 * ```ts
 * import { type Cluster, listFlows, whatItWaitsFor } from "crd-watcher";
 *
 * async function show(cluster: Cluster) {
 *   for (const { name, request } of await listFlows({ status: ["waiting", "parked"] }, { cluster, namespace: "shop" })) {
 *     console.log(name, whatItWaitsFor(request, Date.now()));
 *   }
 * }
 * ```
 */
export async function listFlows<F extends Flow = Flow>(
  selection: FlowSelection<F>,
  options: ClientOptions,
): Promise<readonly FlowRun<F>[]> {
  const client = clientFor("Cannot list flows", selection, options);
  const { query, isSelected } = compileSelection(selection, client);
  const found = await ask(client, async () => {
    let version = "";
    const selected = new Map<string, RequestState>(); // by uid: a list that begins anew shows some of them again
    const onPage = ({ resourceVersion, items }: ObjectList<RequestState>) => {
      if (resourceVersion !== version) selected.clear();
      version = resourceVersion;
      for (const item of wholeOf(items, client.log)) if (isSelected(item)) selected.set(item.metadata.uid!, item);
    };
    const { items, resourceVersion } = await client.cluster.list<RequestState>(REQUEST_STATES, {
      ...query,
      signal: client.signal,
      onPage,
    });
    if (items.length > 0) onPage({ items, resourceVersion });
    return [...selected.values()];
  }).catch((error: unknown) => {
    throw isNotFound(error) ? notServed(client.cluster, error) : error;
  });
  const known = typeof selection.flow === "object" ? selection.flow : undefined;
  return found.sort(byAge).map((request) => createRun(request, known, { ...options, namespace: request.metadata.namespace }));
}

/** The oldest first. */
export const byAge = (a: RequestState, b: RequestState): number =>
  bornAt(a) - bornAt(b) || a.metadata.name.localeCompare(b.metadata.name);
