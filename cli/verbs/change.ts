import { type FlowRun, isStatus, type RequestState } from "../../mod.ts";
import { thrownText } from "../../src/errors.ts";
import { printable, saidText } from "../../src/printable.ts";
import { nameOf } from "../../src/request-state.ts";
import { saidIn } from "../render/advice.ts";
import { flowColumns, flowRows } from "../render/flow-table.ts";
import { tableLines } from "../render/table.ts";
import { fitted, lineAbout } from "../render/width.ts";
import { createStatusCounts, flowsText } from "./counts.ts";
import { createObjectWriter, isObjectFormat } from "./objects.ts";
import { createProgress } from "./progress.ts";
import { placeText } from "./selection.ts";
import { findTargets, type TargetOptions } from "./targets.ts";
import { type CallContext, lookOf, type VerbContext } from "./verb.ts";
import { identityOf } from "../identity.ts";
import { UsageError } from "../arguments.ts";

/** What is done to flows. */
export interface Change extends TargetOptions {
  /** As in `Cancel 3 flows?` */
  readonly ask: string;
  /** As in `Cancelling 1 of 3`. */
  readonly doing: string;
  /** What has become of one, when it was done: as in `is cancelled`. */
  readonly done: string | ((request: RequestState) => string);
  /** What has become of one that was so already. @default {done} */
  readonly already?: Change["done"];
  /** Does it to one. @returns The run that goes on, and its request as it is now. */
  readonly apply: (run: FlowRun, options: CallContext) => Promise<FlowRun | RequestState>;
}

/** How many are done at a time. */
const AT_ONCE = 16;
/** How many are shown before a person is asked. */
const SHOWN = 10;
/** What is called in a sentence that a person reads, in cells. */
const LONGEST_CALLED = 48;
/** How many of those that did not work are told one by one. */
const TOLD = 20;

/**
 * Does something to the flows that are named or selected: says how many, asks a person where that is more than what was named, shows
 * how far it is, and what did not work.
 */
export async function changeFlows(context: VerbContext, names: readonly string[], change: Change): Promise<number> {
  const { given, terminal, signal } = context;
  const { runs, exact, missing, options } = await findTargets(context, names, change, identityOf("client"));
  if (runs.length === 0 && missing.length === 0) {
    terminal.note(`${printable(`Nothing to ${given.verb}: no flows in ${placeText(given)}`)}\n`);
    return 0;
  }
  if (given.watch && runs.length !== 1) {
    throw new UsageError(`One flow can be watched at a time, here are ${flowsText(runs.length)}: take --wait`);
  }
  if (!await isWanted(context, runs, exact && runs.length === 1, change.ask)) {
    terminal.note("Nothing was done\n");
    return 1;
  }
  const failed: string[] = [...missing];
  const denied = new Map<string, number>(); // rights that are missing: for how many flows
  const done: FlowRun[] = [];
  const changed: RequestState[] = [];
  const progress = createProgress(terminal, change.doing, runs.length);
  const isShown = !isObjectFormat(given.output);
  await eachOf(runs, AT_ONCE, signal, async (run) => {
    try {
      const result = await change.apply(run, options);
      const request = "metadata" in result ? result : result.request;
      if (!("metadata" in result)) done.push(result);
      changed.push(request);
      const said = resultText(run, request, change, given.dryRun);
      const line = lineAbout(await saidIn(run.request), said, terminal.screen?.columns);
      if (isShown) progress.above(() => terminal.out(`${line}\n`));
    } catch (error) {
      if (signal.aborted) throw error;
      const right = rightMissing(error);
      const times = right === undefined ? 0 : denied.get(right) ?? 0;
      if (right !== undefined) denied.set(right, times + 1);
      if (times === 0) failed.push(await refusalText(error, run, terminal.isWatched));
    }
    progress.done();
  }).finally(() => progress.end());
  if (isObjectFormat(given.output)) {
    const writer = createObjectWriter(given.output, terminal, names.length === 1 ? "one" : "list");
    await writer.add(changed);
    await writer.end();
  }
  const others = [...denied.values()].reduce((sum, count) => sum + count - 1, 0);
  for (const each of failed.slice(0, TOLD)) terminal.note(`${saidText(each)}\n`);
  if (others > 0) terminal.note(`${others.toLocaleString("en-GB")} more for want of the same right\n`);
  if (failed.length > TOLD) terminal.note(`and ${(failed.length - TOLD).toLocaleString("en-GB")} more\n`);
  if (runs.length + missing.length > 1) {
    const not = failed.length === 0 ? "" : `, ${(failed.length + others).toLocaleString("en-GB")} not`;
    terminal.note(`${flowsText(changed.length)} done${not}${given.dryRun ? ", as a dry run" : ""}\n`);
  }
  const code = await afterwards(context, done);
  return failed.length > 0 ? 1 : code;
}

/** Waits for the ends, or shows what happens, where that is wanted. */
async function afterwards(context: VerbContext, runs: readonly FlowRun[]): Promise<number> {
  const { given } = context;
  if (given.dryRun || !given.wait && !given.watch) return 0;
  const { awaitRun, codeOf, followRun } = await import("./follow.ts");
  if (given.watch) return runs[0] ? await followRun(context, runs[0]) : 0;
  const ends = await Promise.all(runs.map((run) => awaitRun(context, run, { isAlone: runs.length === 1 })));
  return Math.max(0, ...ends.map(codeOf));
}

/** Which right is missing, by RBAC's words; it is missing for all flows of a namespace. */
function rightMissing(error: unknown): string | undefined {
  return /\bcannot \w+ resource .*? in the namespace "[^"]*"/.exec(isStatus(error) ? error.message : "")?.[0];
}

/** Why it could not be done to one. The library speaks to programmers, and calls it by its name, where a person has given its key. */
async function refusalText(error: unknown, { request }: FlowRun, isWatched: boolean): Promise<string> {
  const said = await saidIn(request);
  const called = isWatched ? fitted(said, LONGEST_CALLED) : said;
  const object = `requeststates "${nameOf(request)}"`;
  return thrownText(error)
    .replace(/^Cannot fork /, "Cannot retry ") // as it is called here
    .replace(object, () => said === request.metadata.name ? object : `${called} (${object})`)
    .replace("pass it as { flow }", "name its module, --flow MODULE")
    .replace("say from which job to go on", "say from which job to go on: --from JOB --flow MODULE")
    .replace("to do a part again, fork it", "to do a part again in a new flow: --from JOB --flow MODULE");
}

function resultText(run: FlowRun, request: RequestState, { done, already = done }: Change, dryRun = false): string {
  const isOther = request.metadata.uid !== run.request.metadata.uid;
  const isSame = request.metadata.resourceVersion === run.request.metadata.resourceVersion && !dryRun;
  const what = isSame ? already : done;
  const text = isOther ? `goes on in ${request.metadata.name}` : typeof what === "string" ? what : what(request);
  return `${text}${dryRun ? " (dry run: nothing was written)" : ""}`;
}

/** Says what is about to be done, and asks a person where one is there. */
async function isWanted(context: VerbContext, runs: readonly FlowRun[], isNamed: boolean, ask: string): Promise<boolean> {
  const { given, terminal, signal } = context;
  if (isNamed || runs.length === 0) return true;
  const look = lookOf(context);
  const requests = runs.map(({ request }) => request);
  const counts = createStatusCounts();
  counts.add(requests, look.now);
  const text = `${printable(ask)} ${flowsText(runs.length)} (${
    counts.text(terminal.isWatched ? look.paint : (_, text) => text)
  })`;
  if (given.yes || given.dryRun || !terminal.ask) {
    if (runs.length > 1) terminal.note(`${text}\n`);
    return true;
  }
  const columns = flowColumns({ allNamespaces: given.allNamespaces });
  const width = terminal.screen?.columns ?? 80;
  const lines = tableLines(columns, flowRows(requests.slice(0, SHOWN), look.now), { ...look, width });
  if (runs.length > SHOWN) lines.push(`and ${(runs.length - SHOWN).toLocaleString("en-GB")} more`);
  terminal.note(`${lines.join("\n")}\n`);
  const answer = await terminal.ask(`${text}? [y/N] `, signal);
  return /^\s*y(es)?\s*$/i.test(answer);
}

/** Does something to each, so many at a time. The first that it throws for ends it. */
async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  signal: AbortSignal,
  use: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const work = async () => {
    for (const item of rest) {
      signal.throwIfAborted();
      await use(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
