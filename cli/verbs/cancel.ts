import { cancelFlow, isOver } from "../../mod.ts";
import { changeFlows } from "./change.ts";
import type { RunVerb } from "./verb.ts";

/** Cancels flows. */
export const run: RunVerb = (context) =>
  changeFlows(context, context.given.operands, {
    ask: "Cancel",
    doing: "Cancelling",
    done: "is to be cancelled",
    already: "was to be cancelled already",
    applies: (request) => !isOver(request),
    apply: cancelFlow,
  });
