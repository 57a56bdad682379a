import { type Flow, flowNameOf, type FlowRun, type RequestState } from "../../mod.ts";
import { digestFor } from "../../src/flow/ownership.ts";
import { readEvents } from "../../src/programs/client/events.ts";
import { readHolder } from "../../src/programs/client/holder.ts";
import { readWorkers } from "../../src/programs/client/workers.ts";
import { waitOf } from "../../src/flow/standing.ts";
import type { Peer } from "../../src/runtime/leases/peer.ts";
import { UsageError } from "../arguments.ts";
import { printable, saidText } from "../../src/printable.ts";
import { calledIn } from "../render/advice.ts";
import { type FlowFacts, flowPage } from "../render/flow-page.ts";
import { createObjectWriter, isObjectFormat } from "./objects.ts";
import { placeText } from "./selection.ts";
import { findTargets } from "./targets.ts";
import { type CallContext, lookOf, type RunVerb } from "./verb.ts";

/** Shows flows, one page each. */
export const run: RunVerb = async (context) => {
  const { given, terminal } = context;
  const { runs, missing, options } = await findTargets(context, given.operands, {});
  if (given.watch) {
    if (runs.length !== 1) throw new UsageError(`One flow can be watched at a time: here are ${runs.length}; "watch" shows all`);
    return await (await import("./follow.ts")).followRun(context, runs[0]!);
  }
  const { output } = given;
  if (isObjectFormat(output)) {
    const isOne = given.operands.length === 1;
    const writer = createObjectWriter(output, terminal, isOne ? "one" : "list");
    await writer.add(runs.map(({ request }) => request));
    await writer.end();
  } else {
    const flows = await context.flows();
    for (const [index, run] of runs.entries()) {
      const facts = { ...await factsOf(run, flows, options), module: given.flow, program: context.program() };
      const lines = flowPage(run.request, facts, lookOf(context), { wide: output === "wide" });
      terminal.out(`${[...index > 0 ? ["", ""] : [], ...lines].join("\n")}\n`);
    }
  }
  if (runs.length === 0 && missing.length === 0) terminal.note(`${printable(`No flows in ${placeText(given)}`)}\n`);
  for (const each of missing) terminal.note(`${saidText(each)}\n`);
  return missing.length > 0 ? 1 : 0;
};

/** Reads what is known of a flow beside its request. */
export async function factsOf(run: FlowRun, flows: readonly Flow[] | undefined, options: CallContext): Promise<FlowFacts> {
  const { request } = run;
  const [holder, events, workers] = await Promise.all([
    readHolder(request, options),
    readEvents(request, options),
    readWorkersFor(request, options),
  ]);
  return { holder, events, workers, flow: definitionFor(request, flows), called: await calledIn(request) };
}

/** Reads which workers are there, where a flow waits for one and this user may see that. */
export async function readWorkersFor(request: RequestState, options: CallContext): Promise<readonly Peer[] | undefined> {
  if (waitOf(request, options.clock.now())?.for !== "worker") return undefined;
  const { namespace = "default" } = request.metadata;
  const workers = await readWorkers({ ...options, namespace });
  return workers && (workers.get(namespace) ?? []);
}

/** The definition of a flow among some: that with its graph, else another version. */
export function definitionFor(request: RequestState, flows: readonly Flow[] | undefined): Flow | undefined {
  const named = flows?.filter(({ name }) => name === flowNameOf(request));
  return named?.find(({ digest }) => digest === digestFor(request)) ?? named?.[0];
}
