import { isOver, resumeFlow } from "../../mod.ts";
import { changeFlows } from "./change.ts";
import type { RunVerb } from "./verb.ts";

/** Lets suspended flows go on. */
export const run: RunVerb = (context) =>
  changeFlows(context, context.given.operands, {
    ask: "Resume",
    doing: "Resuming",
    done: "goes on",
    already: "was not suspended",
    applies: (request) => !isOver(request) && request.spec.desiredState === "Suspended",
    apply: resumeFlow,
  });
