import type { Clock, FlowSelection } from "../../mod.ts";
import { ageText } from "../../src/text.ts";
import type { VerbArguments } from "../arguments.ts";

/** The flows that the flags of a command line select. */
export function selectionOf(given: VerbArguments, clock: Clock): FlowSelection {
  const { namespace, allNamespaces, selector, flowName, status, since, older } = given;
  const now = clock.now();
  return {
    namespace,
    allNamespaces,
    ...selector !== undefined && { labelSelector: selector },
    ...flowName !== undefined && { flow: flowName },
    ...status !== undefined && { status },
    ...since !== undefined && { createdAfter: now - since },
    ...older !== undefined && { createdBefore: now - older },
  };
}

/** The flags that select, as they were given; those that names go with are left out. */
export function selectingFlags({ selector, status, since, older, all, flowName }: VerbArguments, named: boolean): string[] {
  return Object.entries({ selector, status, since, older, all, ...!named && { "flow-name": flowName } })
    .flatMap(([name, value]) => value === undefined || value === false ? [] : [`--${name}`]);
}

/** Where flows were looked for, for a sentence: `namespace "shop" with labels tenant=a, parked, started more than 2h ago`. */
export function placeText({ namespace, allNamespaces, selector, flowName, status, since, older }: VerbArguments): string {
  return [
    allNamespaces ? "any namespace" : `namespace "${namespace}"`,
    ...flowName === undefined ? [] : [` of flow "${flowName}"`],
    ...selector === undefined ? [] : [` with labels ${selector}`],
    ...status === undefined ? [] : [`, ${status.join(" or ")}`],
    ...since === undefined ? [] : [`, started within the last ${ageText(since)}`],
    ...older === undefined ? [] : [`, started more than ${ageText(older)} ago`],
  ].join("");
}
