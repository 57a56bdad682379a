import { type Flow, type FlowRun, hasSucceeded, isOver, type RequestState } from "../../mod.ts";
import { readHolder } from "../../src/programs/client/holder.ts";
import { createRun } from "../../src/programs/client/run.ts";
import { tookText } from "../render/time.ts";
import { createLive } from "../live.ts";
import { calledIn, saidIn } from "../render/advice.ts";
import { type FlowFacts, flowPage } from "../render/flow-page.ts";
import { transitionLine } from "../render/transition-line.ts";
import { verdictLine } from "../render/verdict.ts";
import { lineAbout } from "../render/width.ts";
import { createTransitions } from "../transitions.ts";
import { definitionFor, readWorkersFor } from "./get.ts";
import { createLookout } from "./lookout.ts";
import { createObjectWriter, isObjectFormat } from "./objects.ts";
import { createStandstill } from "./standstill.ts";
import { callOptions, FLOW_FAILED, lookOf, type VerbContext } from "./verb.ts";

/** Ends the waiting, not the flow. */
const TIMED_OUT = new Error("its time to be waited for is over");

/** Each version of a flow up to its end, or until it was waited for long enough. */
async function* versionsOf({ given, clock, signal }: VerbContext, run: FlowRun): AsyncGenerator<RequestState, void, undefined> {
  const { timeout } = given;
  if (timeout === undefined) return yield* run;
  const ending = new AbortController();
  const cancel = clock.setTimer(timeout, () => ending.abort(TIMED_OUT));
  try {
    yield* createRun(run.request, run.flow, { ...run.options, signal: AbortSignal.any([signal, ending.signal]) });
  } catch (error) {
    if (error !== TIMED_OUT) throw error;
  } finally {
    cancel();
  }
}

/** Says so where it was not waited for up to its end. */
async function tellTimeout({ given, terminal }: VerbContext, last: RequestState): Promise<void> {
  if (isOver(last)) return;
  const called = await saidIn(last);
  const said = `is not over after ${tookText(given.timeout)} (--timeout): it goes on`;
  terminal.note(`${lineAbout(called, said, terminal.screen?.columns)}\n`);
}

/** Shows what happens to a flow until it is over. @returns The exit code. */
export async function followRun(context: VerbContext, run: FlowRun): Promise<number> {
  const { given, terminal } = context;
  const flow = definitionFor(run.request, await context.flows());
  const last = isObjectFormat(given.output)
    ? await followObjects(context, run)
    : terminal.screen
    ? await followInPlace(context, run, flow)
    : await followInLines(context, run);
  await tellTimeout(context, last);
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
    for await (const request of versionsOf(context, run)) {
      if (isAlone) standstill.seen(last = request);
      else last = request;
    }
  } finally {
    standstill.end();
  }
  if (!isObjectFormat(given.output)) terminal.out(`${verdictLine(last, lookOf(context), { named: true })}\n`);
  await tellTimeout(context, last);
  return last;
}

/** The exit code of a flow that was waited for: of one that is not over it is that of an error. */
export const codeOf = (request: RequestState): number => !isOver(request) ? 1 : hasSucceeded(request) ? 0 : FLOW_FAILED;

async function followObjects(context: VerbContext, run: FlowRun): Promise<RequestState> {
  const { given, terminal } = context;
  let last: RequestState = run.request;
  const writer = createObjectWriter(given.output as "json", terminal, "stream");
  for await (const request of versionsOf(context, run)) await writer.add([last = request]);
  return last;
}

async function followInLines(context: VerbContext, run: FlowRun): Promise<RequestState> {
  const { terminal } = context;
  const transitions = createTransitions();
  let last: RequestState = run.request;
  for await (const request of versionsOf(context, run)) {
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
  const facts = { flow, called: await calledIn(run.request), module: context.given.flow, program: context.program() };
  const live = createLive({
    terminal,
    clock,
    lines: (columns) =>
      flowPage(last, { ...seen, ...facts }, {
        ...lookOf(context),
        width: columns,
      }, {
        advice: needsPerson(last),
      }),
  });
  // Whether the worker that holds the job lives, or who is there that would do it.
  const look = createLookout({
    clock,
    look: () => Promise.all([readHolder(last, options), readWorkersFor(last, options)]),
    tell([holder, workers]) {
      seen = { holder, workers };
      live.changed();
    },
  });
  try {
    for await (const request of versionsOf(context, run)) {
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
