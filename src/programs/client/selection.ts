import { type Client, clientOf, type ClientOptions } from "./options.ts";
import { ANY_TEXT, ANYTHING, checkOptions, type Members, TEXT, TRUTH } from "../../options.ts";
import { FLOW, type Flow } from "../../flow/plan.ts";
import { bornAt } from "../../flow/moments.ts";
import { FLOW_STATUSES, type FlowStatus, statusOf } from "../../flow/standing.ts";
import type { Selection } from "../../ports.ts";
import { FINISHED, flowNameOf, ofFlow, ofName, type RequestState, UNFINISHED } from "../../request-state.ts";

/** Which flows are listed. All that is said must hold. */
export interface FlowSelection<F extends Flow = Flow> {
  /** The definition, or its name. @default {Flows of any name} */
  readonly flow?: F | string;
  /** Where they stand: one of these. @default {Anywhere} */
  readonly status?: FlowStatus | readonly FlowStatus[];
  /** As in `tenant=a,tier!=free`. @default {Any labels} */
  readonly labelSelector?: string;
  /** The name of its request: at most one in a namespace. @default {Any name} */
  readonly name?: string;
  /** Created then or later; a number is milliseconds since the Unix epoch. @default {Any time} */
  readonly createdAfter?: Date | number;
  /** Created before then; a number is milliseconds since the Unix epoch. @default {Any time} */
  readonly createdBefore?: Date | number;
  /** Those of this namespace. @default {`options.namespace`} */
  readonly namespace?: string;
  /** Those of every namespace. @default {false} */
  readonly allNamespaces?: boolean;
}

/** A selection, in parts. */
export interface CompiledSelection {
  /** What the server can tell apart, so that it need not send the others. */
  readonly query: Selection;
  /** What only a look at the request can tell, and all the rest. */
  readonly isSelected: (request: RequestState) => boolean;
  /** Whether any flow that is over may be selected. */
  readonly hasEnds: boolean;
}

const SELECTION: Members<FlowSelection> = {
  flow: {
    expected: "what defineFlow gives, or a name",
    fits: (value) => TEXT.fits(value) || FLOW.fits(value),
    meant: FLOW.meant,
  },
  status: ANYTHING, // looked at below
  labelSelector: ANY_TEXT,
  name: TEXT,
  createdAfter: ANYTHING,
  createdBefore: ANYTHING,
  namespace: ANYTHING, // looked at among the options
  allNamespaces: TRUTH,
};

/**
 * How the flows of a selection are asked for.
 *
 * @param action As in `Cannot list flows`.
 * @throws {TypeError} When a member of the selection is unknown, or is not what it has to be; as `clientOf` does.
 */
export function clientFor(action: string, selection: FlowSelection, options: ClientOptions): Client {
  checkOptions(action, selection, SELECTION, "the selection");
  return clientOf(action, { ...options, namespace: selection.namespace ?? options?.namespace });
}

/** @throws {TypeError} When the status or a time is none. */
export function compileSelection(
  selection: FlowSelection,
  { namespace, clock }: Pick<Client, "namespace" | "clock">,
): CompiledSelection {
  const { flow, labelSelector, name, allNamespaces = false } = selection;
  const statuses = statusesOf(selection);
  const flowName = typeof flow === "object" ? flow.name : flow;
  const [after, before] = [timeOf(selection, "createdAfter", -Infinity), timeOf(selection, "createdBefore", Infinity)];
  const fieldSelector = fieldSelectorOf(statuses, flowName, name);
  return {
    query: {
      ...!allNamespaces && { namespace },
      ...labelSelector !== undefined && { labelSelector },
      ...fieldSelector !== "" && { fieldSelector },
    },
    isSelected(request) {
      const created = bornAt(request);
      return (flowName === undefined || flowNameOf(request) === flowName) && !(created < after) && !(created >= before) &&
        (statuses.size === FLOW_STATUSES.length || statuses.has(statusOf(request, clock.now())));
    },
    hasEnds: ENDS.some((end) => statuses.has(end)),
  };
}

function statusesOf({ status }: FlowSelection): ReadonlySet<FlowStatus> {
  const wanted = typeof status === "string" ? [status] : status ?? FLOW_STATUSES;
  const unknown = wanted.find((status) => !FLOW_STATUSES.includes(status));
  if (unknown === undefined) return new Set(wanted);
  throw new TypeError(`Cannot list flows: status is ${JSON.stringify(unknown)}, expected one of ${FLOW_STATUSES.join(", ")}`);
}

function timeOf(selection: FlowSelection, member: "createdAfter" | "createdBefore", otherwise: number): number {
  const time = Number(selection[member] ?? otherwise);
  if (!Number.isNaN(time)) return time;
  throw new TypeError(`Cannot list flows: ${member} is ${String(selection[member])}, expected a Date or milliseconds since 1970`);
}

const ENDS: readonly FlowStatus[] = ["failed", "succeeded", "cancelled"];

function fieldSelectorOf(statuses: ReadonlySet<FlowStatus>, flowName: string | undefined, name: string | undefined): string {
  const ends = [...statuses].filter((status) => ENDS.includes(status)).length;
  return [
    ...name === undefined ? [] : [ofName(name)],
    // The sample flow may be named or not.
    ...flowName !== undefined && flowName !== "sample" ? [ofFlow(flowName)] : [],
    ...ends === 0 ? [UNFINISHED] : ends === statuses.size ? [FINISHED] : [],
  ].join(",");
}
