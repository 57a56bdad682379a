import { type FlowStatus, isOver, type RequestState, statusOf, watchFlows } from "../../mod.ts";
import { waitOf } from "../../src/flow/standing.ts";
import { byAge } from "../../src/programs/client/find.ts";
import { readWorkers, type Workers } from "../../src/programs/client/workers.ts";
import { nameOf } from "../../src/request-state.ts";
import { UsageError } from "../arguments.ts";
import { createLive } from "../live.ts";
import { printable } from "../../src/printable.ts";
import { flowColumns, flowRows } from "../render/flow-table.ts";
import { tableLines } from "../render/table.ts";
import { transitionLine } from "../render/transition-line.ts";
import { verdictLine } from "../render/verdict.ts";
import { createTransitions } from "../transitions.ts";
import { createStatusCounts, flowsText } from "./counts.ts";
import { createLookout } from "./lookout.ts";
import { createObjectWriter, isObjectFormat } from "./objects.ts";
import { placeText, selectionOf } from "./selection.ts";
import { callOptions, lookOf, type RunVerb, type VerbContext } from "./verb.ts";

const UNDER_WAY: readonly FlowStatus[] = ["running", "waiting", "parked"];

/** How long a flow that is over stays on the screen, in milliseconds. */
const LINGER = 60_000;

/** Shows what happens: to one flow until it is over, or to all that are selected. */
export const run: RunVerb = async (context) => {
  const { operands } = context.given;
  if (operands.length === 1) {
    const { findTargets } = await import("./targets.ts");
    const { runs: [target] } = await findTargets(context, operands, {});
    return await (await import("./follow.ts")).followRun(context, target!);
  }
  if (operands.length > 1) throw new UsageError(`One flow can be watched at a time, or all: "${operands[1]}" is one too many`);
  const { given, terminal } = context;
  if (isObjectFormat(given.output)) return await watchObjects(context);
  return terminal.screen ? await watchInPlace(context) : await watchInLines(context);
};

/** Those that are under way, unless it says otherwise. */
async function changesOf(context: VerbContext) {
  const { given, clock } = context;
  return watchFlows({ status: UNDER_WAY, ...selectionOf(given, clock) }, await callOptions(context));
}

async function watchObjects(context: VerbContext): Promise<number> {
  const writer = createObjectWriter(context.given.output as "json", context.terminal, "stream");
  for await (const change of await changesOf(context)) if (change.type !== "synced") await writer.add([change.request]);
  return 0;
}

/** A line for each transition from now on, and one for each end. */
async function watchInLines(context: VerbContext): Promise<number> {
  const { terminal } = context;
  const transitions = createTransitions();
  for await (const change of await changesOf(context)) {
    if (change.type === "synced") continue;
    const { type, request } = change;
    const news = transitions.newIn(request);
    if (type === "found") continue;
    const look = lookOf(context);
    if (type === "deleted") terminal.out(`${printable(`${nameOf(request)} was deleted`)}\n`);
    else for (const seen of news) terminal.out(`${transitionLine(request, seen, look, { named: true })}\n`);
    if (type === "changed" && isOver(request)) terminal.out(`${verdictLine(request, look, { named: true })}\n`);
  }
  return 0;
}

/** A table that is kept up to date; what is over stays in it for a while. */
async function watchInPlace(context: VerbContext): Promise<number> {
  const { given, terminal, clock } = context;
  const shown = new Map<string, { request: RequestState; over?: number }>(); // by uid
  const columns = flowColumns({ allNamespaces: given.allNamespaces });
  const options = await callOptions(context);
  let workers: Workers | undefined;
  let synced = false;
  const lines = (width: number): string[] => {
    const look = { ...lookOf(context), width, headers: !given.noHeaders };
    const now = clock.monotonic();
    for (const [uid, { over }] of shown) if (over !== undefined && now - over > LINGER) shown.delete(uid);
    const requests = [...shown.values()].map(({ request }) => request).sort(byUrgency(look.now));
    const counts = createStatusCounts();
    counts.add(requests, look.now);
    const { rows = 24 } = terminal.screen ?? {};
    // The most urgent come first: where not all fit on the screen, the others are counted.
    const fitting = requests.length > rows - 3 ? requests.slice(0, Math.max(1, rows - 4)) : requests;
    const more = requests.length - fitting.length;
    if (requests.length === 0) {
      const which = given.status === undefined ? "No flows are under way in" : "No flows in";
      return [synced ? printable(`${which} ${placeText(given)}`) : "Looking..."];
    }
    return [
      ...tableLines(columns, flowRows(fitting, look.now, workers), look),
      ...more > 0 ? [look.paint("dim", `and ${more.toLocaleString("en-GB")} more`)] : [],
      `${flowsText(requests.length)}: ${counts.text(look.paint)}`,
    ];
  };
  const live = createLive({ terminal, clock, lines });
  const waitsForWorker = () => [...shown.values()].some(({ request }) => waitOf(request, clock.now())?.for === "worker");
  const lookout = createLookout({
    clock,
    look: async () =>
      waitsForWorker()
        ? await readWorkers({ ...options, namespace: given.allNamespaces ? undefined : given.namespace })
        : workers,
    tell(found) {
      workers = found;
      live.changed();
    },
  });
  try {
    for await (const change of await changesOf(context)) {
      if (change.type === "synced") {
        synced = true;
        lookout.now();
      } else if (change.type === "deleted") shown.delete(change.request.metadata.uid!);
      else shown.set(change.request.metadata.uid!, entryOf(change.request, clock.monotonic()));
      live.changed();
    }
  } finally {
    lookout.end();
    live.end();
  }
  return 0;
}

const entryOf = (request: RequestState, now: number) => ({ request, ...isOver(request) && { over: now } });

/** What needs a person comes first, then the newest. */
const URGENCY: readonly FlowStatus[] = ["parked", "failed", "waiting", "running", "cancelled", "succeeded"];
const byUrgency = (now: number) => (a: RequestState, b: RequestState): number =>
  URGENCY.indexOf(statusOf(a, now)) - URGENCY.indexOf(statusOf(b, now)) ||
  byAge(b, a);
