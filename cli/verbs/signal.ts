import { isOver, signalFlow } from "../../mod.ts";
import { waitOf } from "../../src/flow/standing.ts";
import { UsageError } from "../arguments.ts";
import { changeFlows } from "./change.ts";
import { definitionFor } from "./get.ts";
import { readJson } from "./json-value.ts";
import { selectingFlags } from "./selection.ts";
import type { RunVerb } from "./verb.ts";

/** Gives flows the signal that a job waits for. */
export const run: RunVerb = async (context) => {
  const { given, clock } = context;
  const { names, job, outcome } = readOperands(given.operands, selectingFlags(given, false).length > 0);
  const data = given.data === undefined ? undefined : await readJson("data", given.data, context.terminal);
  const flows = await context.flows();
  return await changeFlows(context, names, {
    ask: `Signal ${job}${outcome === undefined ? "" : ` ${outcome}`} to`,
    doing: "Signalling",
    done: `has its signal for ${job}${outcome === undefined ? "" : `, ${outcome}`}`,
    already: `had that signal for ${job} already`,
    applies: (request) => !isOver(request) && request.spec.job === job && waitOf(request, clock.now())?.for === "signal",
    apply: (run, options) =>
      signalFlow(run.request, job as never, outcome, data as never, { ...options, flow: definitionFor(run.request, flows) }),
  });
};

/** Names come first; the last two words are the job and the outcome, which not every job has. */
function readOperands(words: readonly string[], isSelected: boolean): { names: string[]; job: string; outcome?: string } {
  const usage = isSelected ? "signal JOB [OUTCOME] with a selection" : "signal NAME... JOB [OUTCOME]";
  if (words.length < (isSelected ? 1 : 2)) throw new UsageError(`It takes a job to signal: ${usage}`);
  if (isSelected && words.length <= 2) return { names: [], job: words[0]!, outcome: words[1] };
  if (words.length === 2) return { names: [words[0]!], job: words[1]! };
  return { names: words.slice(0, -2), job: words.at(-2)!, outcome: words.at(-1)! };
}
