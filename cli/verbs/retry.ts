import { forkFlow, hasSucceeded, isOver, retryFlow } from "../../mod.ts";
import { isParked } from "../../src/request-state.ts";
import { UsageError } from "../arguments.ts";
import { changeFlows } from "./change.ts";
import { definitionFor } from "./get.ts";
import type { RunVerb } from "./verb.ts";

/** Retries flows: those that are parked go on, those that are over go on in another one. */
export const run: RunVerb = async (context) => {
  const { from, flow: module } = context.given;
  if (from !== undefined && module === undefined) {
    throw new UsageError(`Flag --from needs the definition: name its module, --flow MODULE`);
  }
  const flows = await context.flows();
  return await changeFlows(context, context.given.operands, {
    ask: "Retry",
    doing: "Retrying",
    done: "is tried again",
    already: "is being tried again already",
    ...from === undefined && { status: ["parked"] },
    applies: (request) => isParked(request) || isOver(request) && (from !== undefined || !hasSucceeded(request)),
    async apply(run, options) {
      const flow = definitionFor(run.request, flows);
      if (from === undefined && isOver(run.request) && !hasSucceeded(run.request) && !flow) {
        throw new Error(
          `Cannot retry requeststates "${run.namespace}/${run.name}": its flow is over, a new one goes on from the job that failed; ` +
            `name the module that defines it, --flow MODULE`,
        );
      }
      return from === undefined
        ? await retryFlow(run, { ...options, flow })
        : await forkFlow(run, { from }, { ...options, flow });
    },
  });
};
