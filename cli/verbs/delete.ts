import { deleteFlow, type RequestState } from "../../mod.ts";
import { changeFlows } from "./change.ts";
import type { RunVerb } from "./verb.ts";

/** Deletes flows. */
export const run: RunVerb = (context) =>
  changeFlows(context, context.given.operands, {
    ask: "Delete",
    doing: "Deleting",
    done: doneTo,
    apply: deleteFlow,
  });

/** The server keeps what has finalizers until they are taken away; `get` says which. */
function doneTo({ metadata: { finalizers = [] } }: RequestState): string {
  return finalizers.length === 0 ? "is deleted" : "is deleted once its finalizers are gone";
}
