import type { Log } from "../../ports.ts";
import type { RequestState } from "../../request-state.ts";
import { faultOf } from "../../runtime/reflector/malformed.ts";

/**
 * What of a list is a request: a proxy, or the CRD of somebody else, may give anything. What is none is told of, and left out, as in a watch.
 */
export const wholeOf = (items: readonly RequestState[], log: Log): readonly RequestState[] =>
  items.filter((item) => {
    const fault = faultOf(item) ?? (typeof item.spec === "object" && item.spec !== null ? undefined : "without a spec");
    if (fault === undefined) return true;
    const name = item?.metadata?.name;
    const which = typeof name === "string" && name !== "" ? ` (${JSON.stringify(name)})` : "";
    log.warn(`The list of requeststates has an object ${fault}${which}, which is left out`);
    return false;
  });
