import { deleteFlow } from "../../mod.ts";
import { changeFlows } from "./change.ts";
import type { RunVerb } from "./verb.ts";

/** Deletes flows. */
export const run: RunVerb = (context) =>
  changeFlows(context, context.given.operands, {
    ask: "Delete",
    doing: "Deleting",
    done: "is deleted",
    apply: deleteFlow,
  });
