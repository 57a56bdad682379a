import { type Flow, type FlowRun, hasSucceeded, isOver, type RequestState } from "../../mod.ts";
import { readHolder } from "../../src/programs/client/holder.ts";
import { createLive } from "../live.ts";
import { calledIn } from "../render/advice.ts";
import { type FlowFacts, flowPage } from "../render/flow-page.ts";
import { transitionLine } from "../render/transition-line.ts";
import { verdictLine } from "../render/verdict.ts";
import { createTransitions } from "../transitions.ts";
import { definitionFor, readWorkersFor } from "./get.ts";
import { createObjectWriter, isObjectFormat } from "./objects.ts";
import { createStandstill } from "./standstill.ts";
import { type CallContext, callOptions, FLOW_FAILED, lookOf, type VerbContext } from "./verb.ts";

/** How often it is looked whether the worker lives, in milliseconds. */
const LOOK = 5_000;

/** Shows what happens to a flow until it is over. @returns The exit code. */
export async function followRun(context: VerbContext, run: FlowRun): Promise<number> {
  const { given, terminal } = context;
  const flow = definitionFor(run.request, await context.flows());
  const last = isObjectFormat(given.output)
    ? await followObjects(context, run)
    : terminal.screen
    ? await followInPlace(context, run, flow)
    : await followInLines(context, run);
  return codeOf(last);
}

/** Waits for the end of a flow, and says how it was; of one alone also what it waits for, where nothing happens. @returns It at its end. */
export async function awaitRun(
  context: VerbContext,
  run: FlowRun,
  { isAlone }: { readonly isAlone: boolean },
): Promise<RequestState> {
  const { given, terminal } = context;
  const standstill = createStandstill(context);
  let last: RequestState = run.request;
  try {
    for await (const request of run) {
      if (isAlone) standstill.seen(last = request);
      else last = request;
    }
  } finally {
    standstill.end();
  }
  if (!isObjectFormat(given.output)) terminal.out(`${verdictLine(last, lookOf(context), { named: true })}\n`);
  return last;
}

/** The exit code of a flow that is over. */
export const codeOf = (request: RequestState): number => hasSucceeded(request) ? 0 : FLOW_FAILED;

async function followObjects(context: VerbContext, run: FlowRun): Promise<RequestState> {
  const { given, terminal } = context;
  let last: RequestState = run.request;
  const writer = createObjectWriter(given.output as "json", terminal, "stream");
  for await (const request of run) await writer.add([last = request]);
  return last;
}

async function followInLines(context: VerbContext, run: FlowRun): Promise<RequestState> {
  const { terminal } = context;
  const transitions = createTransitions();
  let last: RequestState = run.request;
  for await (const request of run) {
    last = request;
    for (const seen of transitions.newIn(request)) {
      terminal.out(`${transitionLine(request, seen, lookOf(context), { named: false })}\n`);
    }
  }
  terminal.out(`${verdictLine(last, lookOf(context), { named: true })}\n`);
  return last;
}

async function followInPlace(context: VerbContext, run: FlowRun, flow: Flow | undefined): Promise<RequestState> {
  const { terminal, clock } = context;
  const options = await callOptions(context);
  let last: RequestState = run.request;
  let seen: Pick<FlowFacts, "holder" | "workers"> = {};
  const called = await calledIn(run.request);
  const live = createLive({
    terminal,
    clock,
    lines: (columns) =>
      flowPage(last, { ...seen, flow, called, module: context.given.flow }, { ...lookOf(context), width: columns }, {
        advice: needsPerson(last),
      }),
  });
  const look = createLookout(options, () => last, (found) => {
    seen = found;
    live.changed();
  });
  try {
    for await (const request of run) {
      last = request;
      live.changed();
      look.now();
    }
  } finally {
    look.end();
    live.end();
  }
  return last;
}

/** What a person can do is shown where the flow needs one; and at its end, where something went wrong. */
const needsPerson = (request: RequestState): boolean =>
  isOver(request) || request.status?.waitingFor !== undefined || request.spec.desiredState === "Suspended";

/** Looks now and then whether the worker that holds the job lives, or who is there that would do it. */
function createLookout(
  options: CallContext,
  request: () => RequestState,
  tell: (seen: Pick<FlowFacts, "holder" | "workers">) => void,
): { now(): void; end(): void } {
  let cancel = () => {};
  let ended = false;
  const look = () => {
    cancel();
    if (ended) return;
    cancel = options.clock.setTimer(LOOK, look);
    // It is shown beside the rest: where it cannot be had, the rest is there all the same.
    const about = request();
    Promise.all([readHolder(about, options), readWorkersFor(about, options)])
      .then(([holder, workers]) => !ended && tell({ holder, workers }), () => {});
  };
  return {
    now: look,
    end() {
      ended = true;
      cancel();
    },
  };
}
