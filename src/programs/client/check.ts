import type { ClientOptions } from "./options.ts";
import { flowPages } from "./pages.ts";
import type { FlowRun } from "./run.ts";
import type { FlowSelection } from "./selection.ts";
import { faultOf, versionOf, whyNotOurs } from "../../flow/ownership.ts";
import type { Flow } from "../../flow/plan.ts";
import type { RequestState } from "../../request-state.ts";

/** Which flows in flight some definitions can drive. */
export interface FlowCheck {
  /** How many they can. */
  readonly driven: number;
  /** Those of their names that they cannot. */
  readonly undriven: readonly UndrivenFlow[];
  /** How many are of other names. */
  readonly others: number;
}

/** A flow that some definitions cannot drive. */
export interface UndrivenFlow {
  /** The flow. */
  readonly run: FlowRun;
  /** Why, as the end of a sentence. */
  readonly why: string;
}

/**
 * Finds the flows in flight that some definitions cannot drive: before a new version of a program takes the place of the old one.
 *
 * @param flows Definitions; several may be versions of one.
 * @throws {StatusError} When the server refuses.
 *
 * @example
 * ```ts
 * import { checkFlows, type Cluster, defineFlow } from "crd-watcher";
 *
 * const order = defineFlow("order", ["charge", "pack", "ship"]);
 *
 * async function mayDeploy(cluster: Cluster) {
 *   const { undriven } = await checkFlows([order], {}, { cluster, namespace: "shop" });
 *   return undriven.length === 0;
 * }
 * ```
 */
export async function checkFlows(
  flows: readonly Flow[],
  selection: Omit<FlowSelection, "status">,
  options: ClientOptions,
): Promise<FlowCheck> {
  const undriven: UndrivenFlow[] = [];
  let [driven, others] = [0, 0];
  for await (const { runs } of flowPages({ ...selection, status: ["running", "waiting", "parked"] }, options)) {
    for (const run of runs) {
      const version = versionOf(flows, run.request);
      const why = whyNot(flows, run.request);
      if (!version.flow && version.known.length === 0) others++;
      else if (why === undefined) driven++;
      else undriven.push({ run, why });
    }
  }
  return { driven, undriven, others };
}

function whyNot(flows: readonly Flow[], request: RequestState): string | undefined {
  const { flow } = versionOf(flows, request);
  return flow ? faultOf(flow, request) : whyNotOurs(flows, request);
}
