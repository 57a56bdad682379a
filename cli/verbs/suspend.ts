import { isOver, suspendFlow } from "../../mod.ts";
import { changeFlows } from "./change.ts";
import type { RunVerb } from "./verb.ts";

/** Suspends flows. */
export const run: RunVerb = (context) =>
  changeFlows(context, context.given.operands, {
    ask: "Suspend",
    doing: "Suspending",
    done: "is suspended",
    already: "was suspended already",
    applies: (request) => !isOver(request) && request.spec.desiredState !== "Cancelled",
    apply: suspendFlow,
  });
