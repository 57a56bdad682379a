import { type FlowRun, listFlows, type RequestState } from "../../mod.ts";
import { createLookUp, LATEST } from "../../src/programs/client/look-up.ts";
import { UsageError } from "../arguments.ts";
import { selectingFlags, selectionOf } from "./selection.ts";
import { type CallContext, callOptions, type VerbContext } from "./verb.ts";

/** The flows that a verb is to do something with. */
export interface Targets {
  readonly runs: readonly FlowRun[];
  /** Each was named, by what only it is called. */
  readonly exact: boolean;
  /** What names were given for which there is no flow, and why, as sentences. */
  readonly missing: readonly string[];
  readonly options: CallContext;
}

/** What a selection takes. */
export interface TargetOptions {
  /** Of those that are selected, what it can be done to. @default {All} */
  readonly applies?: (request: RequestState) => boolean;
  /** Where they stand, where --status does not say. */
  readonly status?: VerbContext["given"]["status"];
}

/**
 * Finds the flows that a command line means: those that are named, or those that are selected.
 *
 * @throws {UsageError} When it says both, or neither.
 */
export async function findTargets(
  context: VerbContext,
  names: readonly string[],
  { applies = () => true, status }: TargetOptions,
  identity?: string,
): Promise<Targets> {
  const { given, clock } = context;
  const flags = selectingFlags(given, names.length > 0);
  if (names.length === 0 && flags.length === 0) {
    throw new UsageError(`Name what to ${given.verb}: names, or a selection such as --status, --selector, --flow-name or --all`);
  }
  if (names.length > 0 && flags.length > 0 && names.some((name) => name !== LATEST)) {
    throw new UsageError(`Give names or a selection, not both: ${names[0]} and ${flags[0]}`);
  }
  const options = await callOptions(context, identity);
  const selection = selectionOf(given, clock);
  if (names.length === 0) {
    const runs = await listFlows({ status, ...selection }, options);
    return { runs: runs.filter(({ request }) => applies(request)), exact: false, missing: [], options };
  }
  const runs = new Map<string, FlowRun>(); // by uid: one may be named twice
  const missing: string[] = [];
  const likely = (await context.flows())?.map((flow) => flow.name);
  const lookUp = createLookUp(selection, options, likely && [...new Set(likely)]);
  for (const name of names) {
    try {
      const run = await lookUp.find(name);
      runs.set(run.request.metadata.uid!, run);
    } catch (error) {
      // One name that is wrong keeps the others from nothing; what keeps all of them does.
      if (names.length === 1 || !(error instanceof Error) || (error as { crdWatcher?: string }).crdWatcher !== "request-state") {
        throw error;
      }
      missing.push(error.message);
    }
  }
  const isExact = (name: string) => name !== LATEST && !/…|\.\.\./.test(name);
  return { runs: [...runs.values()], exact: names.every(isExact), missing, options };
}
