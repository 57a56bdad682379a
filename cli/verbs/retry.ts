import { type Flow, flowNameOf, forkFlow, hasSucceeded, isOver, type RequestState, retryFlow, SAMPLE } from "../../mod.ts";
import { namelessness } from "../../src/flow/ownership.ts";
import { isParked, nameOf } from "../../src/request-state.ts";
import { UsageError } from "../arguments.ts";
import { changeFlows } from "./change.ts";
import { definitionFor } from "./get.ts";
import type { RunVerb } from "./verb.ts";

/** Why the definition by which a flow would go on in a new one is not known, and what to do. */
function whyUnknown(request: RequestState, module: string | undefined, flows: readonly Flow[] = []): string {
  const nameless = request.spec.flow === undefined ? namelessness(request) : undefined;
  if (nameless !== undefined) return `${nameless}, which cannot be set later; start the flow anew`;
  const over = isOver(request) ? "its flow is over, a new one goes on from the job that failed" : "its definition is needed";
  if (module === undefined) return `${over}; name the module that defines it, --flow MODULE`;
  const unnamed = request.spec.flow === undefined ? ", because it names none (spec.flow)" : "";
  const known = [...new Set(flows.map(({ name }) => name))].join(", ");
  return `it is of flow "${flowNameOf(request)}"${unnamed}, the module "${module}" has ${known}; name the module that defines it`;
}

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
      const flow = definitionFor(run.request, flows ?? [SAMPLE]); // that needs no module
      const isForked = from !== undefined || isOver(run.request) && !hasSucceeded(run.request);
      if (isForked && (!flow || run.request.spec.flow === undefined && namelessness(run.request) !== undefined)) {
        throw new Error(`Cannot retry requeststates "${nameOf(run.request)}": ${whyUnknown(run.request, module, flows)}`);
      }
      return from === undefined
        ? await retryFlow(run, { ...options, flow })
        : await forkFlow(run, { from }, { ...options, flow });
    },
  });
};
