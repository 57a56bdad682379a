import { ask, clientOf, type ClientOptions, type FlowOptions } from "./options.ts";
import { createRun, type FlowRun } from "./run.ts";
import { findFlow, type FlowTarget } from "./target.ts";
import { isNotFound } from "../../errors.ts";
import type { Flow } from "../../flow/plan.ts";
import { FLOW_STATUSES, type FlowStatus, statusOf } from "../../flow/standing.ts";
import type { ObjectList } from "../../ports.ts";
import { FINISHED, flowNameOf, ofFlow, REQUEST_STATES, type RequestState, UNFINISHED } from "../../request-state.ts";
import { notServed } from "../setup.ts";

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

/** Which flows are listed. All that is said must hold. */
export interface FlowSelection<F extends Flow = Flow> {
  /** The definition, or its name. @default {Flows of any name} */
  readonly flow?: F | string;
  /** Where they stand: one of these. @default {Anywhere} */
  readonly status?: FlowStatus | readonly FlowStatus[];
  /** As in `tenant=a,tier!=free`. @default {Any labels} */
  readonly labelSelector?: string;
  /** Those of this namespace. @default {`options.namespace`} */
  readonly namespace?: string;
  /** Those of every namespace. @default {false} */
  readonly allNamespaces?: boolean;
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
  const { flow, labelSelector, namespace = options?.namespace, allNamespaces = false } = selection;
  const client = clientOf("Cannot list flows", { ...options, namespace });
  const statuses = statusesOf(selection);
  const flowName = typeof flow === "object" ? flow.name : flow;
  const isSelected = (request: RequestState) =>
    (flowName === undefined || flowNameOf(request) === flowName) && statuses.has(statusOf(request, client.clock.now()));
  const found = await ask(client, async () => {
    let version = "";
    const selected = new Map<string, RequestState>(); // by uid: a list that begins anew shows some of them again
    const onPage = ({ resourceVersion, items }: ObjectList<RequestState>) => {
      if (resourceVersion !== version) selected.clear();
      version = resourceVersion;
      for (const item of items) if (isSelected(item)) selected.set(item.metadata.uid!, item);
    };
    const { items, resourceVersion } = await client.cluster.list<RequestState>(REQUEST_STATES, {
      ...!allNamespaces && { namespace: client.namespace },
      ...labelSelector !== undefined && { labelSelector },
      ...fieldSelectorOf(statuses, flowName),
      signal: client.signal,
      onPage,
    });
    if (items.length > 0) onPage({ items, resourceVersion });
    return [...selected.values()];
  }).catch((error: unknown) => {
    throw isNotFound(error) ? notServed(client.cluster, error) : error;
  });
  const known = typeof flow === "object" ? flow : undefined;
  return found.sort(byAge).map((request) => createRun(request, known, { ...options, namespace: request.metadata.namespace }));
}

function statusesOf({ status }: FlowSelection): ReadonlySet<FlowStatus> {
  const wanted = typeof status === "string" ? [status] : status ?? FLOW_STATUSES;
  const unknown = wanted.find((status) => !FLOW_STATUSES.includes(status));
  if (unknown === undefined) return new Set(wanted);
  throw new TypeError(`Cannot list flows: status is ${JSON.stringify(unknown)}, expected one of ${FLOW_STATUSES.join(", ")}`);
}

const ENDS: readonly FlowStatus[] = ["failed", "succeeded", "cancelled"];

/** What the server can tell apart, so that it need not send the others. */
function fieldSelectorOf(statuses: ReadonlySet<FlowStatus>, flowName: string | undefined): { fieldSelector?: string } {
  const ends = [...statuses].filter((status) => ENDS.includes(status)).length;
  const terms = [
    // The sample flow may be named or not.
    ...flowName !== undefined && flowName !== "sample" ? [ofFlow(flowName)] : [],
    ...ends === 0 ? [UNFINISHED] : ends === statuses.size ? [FINISHED] : [],
  ];
  return terms.length > 0 ? { fieldSelector: terms.join(",") } : {};
}

const byAge = (a: RequestState, b: RequestState): number =>
  (a.metadata.creationTimestamp ?? "").localeCompare(b.metadata.creationTimestamp ?? "") ||
  a.metadata.name.localeCompare(b.metadata.name);
