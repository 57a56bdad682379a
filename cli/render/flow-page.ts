import { type Flow, flowNameOf, isOver, type Json, type RequestState } from "../../mod.ts";
import type { FlowEvent } from "../../src/programs/client/events.ts";
import type { Holder } from "../../src/programs/client/holder.ts";
import type { Peer } from "../../src/runtime/leases/peer.ts";
import { absenceOf, absenceText, missingText } from "../../src/flow/attendance.ts";
import { waitOf } from "../../src/flow/standing.ts";
import { silenceText } from "../../src/text.ts";
import { flowKeyOf } from "../../src/flow/creation.ts";
import { edgesOf } from "../../src/flow/digest.ts";
import { birthOf, deadlineOf } from "../../src/flow/moments.ts";
import { momentOf, nameOf } from "../../src/request-state.ts";
import { adviceFor } from "./advice.ts";
import { flowWords } from "./flow-words.ts";
import type { Look } from "./paint.ts";
import { agoText, momentText, tookText } from "./time.ts";
import { timelineLines } from "./timeline.ts";
import { verdictLine } from "./verdict.ts";
import { fitted, padded, WIDEST, widthOf } from "./width.ts";

/** What is known of a flow beside its request. */
export interface FlowFacts {
  /** The worker that holds its job. */
  readonly holder?: Holder;
  /** The workers that are there, where that is known. */
  readonly workers?: readonly Peer[];
  /** What was told of it. */
  readonly events?: readonly FlowEvent[];
  /** Its definition. */
  readonly flow?: Flow;
  /** What stands for it in a command line. @default {Its name} */
  readonly called?: string;
  /** The module that was named. @default {None} */
  readonly module?: string;
  /** How this program was called. @default {As people call it} */
  readonly program?: string;
}

/** How much of a flow is shown. */
export interface FlowPageOptions {
  /** What it was given, what came out, what was told: all of it. @default {What fits} */
  readonly wide?: boolean;
  /** What can be done. @default {true} */
  readonly advice?: boolean;
}

/** All that is known of a flow, the verdict last. Pure. */
export function flowPage(request: RequestState, facts: FlowFacts, look: Look, options: FlowPageOptions = {}): string[] {
  const { wide = false, advice = true } = options;
  const within = { ...look, width: wide ? undefined : look.width ?? WIDEST };
  const sections = [
    headLines(request, within),
    timelineLines(request, within, [
      ...holderNotes(request, facts.holder, look.now),
      ...absenceNotes(request, facts.workers, look.now),
    ], facts.events),
    outputLines(request, within),
    eventLines(facts.events ?? [], within, wide ? Infinity : 5),
    nextLines(request, facts, within),
    ...advice ? [adviceLines(request, facts, within)] : [],
    [verdictLine(request, within, facts)],
  ];
  return sections.filter((lines) => lines.length > 0).flatMap((lines, index) => index === 0 ? lines : ["", ...lines]);
}

/** Names and what they are, one below the other. */
function pairLines(pairs: readonly (readonly [name: string, text: string | undefined])[], { width, paint }: Look): string[] {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined && pair[1] !== "");
  const column = Math.max(0, ...shown.map(([name]) => widthOf(fitted(name, 24)))) + 2;
  return shown.map(([name, text]) =>
    paint("dim", padded(fitted(name, 24), column)) + fitted(text, width === undefined ? Infinity : width - column)
  );
}

function headLines(request: RequestState, look: Look): string[] {
  const { spec } = request;
  const { now } = look;
  const birth = birthOf(request);
  const deadline = isOver(request) ? undefined : deadlineOf(request);
  const fork = spec.forkedFrom;
  return pairLines([
    ["flow", flowNameOf(request) + (spec.flowDigest === undefined ? "" : `, graph ${spec.flowDigest}`)],
    ["key", flowKeyOf(request)],
    ["name", nameOf(request)],
    ["labels", flowWords(request, now).labels],
    ["started", birth && `${momentText(birth.at)}, ${agoText(birth.at, now)} ago`],
    ["goes on from", fork && `${fork.name}, with job ${fork.job}`],
    ["deadline", deadline === undefined ? undefined : `${momentText(deadline)}, ${leftText(deadline, now)}`],
    ["wanted", spec.desiredState === "Running" ? undefined : spec.desiredState],
    ["deleted", deletionText(request, now)],
    ["input", spec.input === undefined ? undefined : jsonText(spec.input)],
  ], look);
}

/** The server keeps what has finalizers until they are taken away. */
function deletionText({ metadata: { deletionTimestamp, finalizers = [] } }: RequestState, now: number): string | undefined {
  if (deletionTimestamp === undefined) return undefined;
  const since = momentOf(deletionTimestamp);
  return `${momentText(since)}, ${agoText(since, now)} ago, waits for ${finalizers.join(", ")}`;
}

const leftText = (moment: number, now: number): string =>
  moment > now ? `${tookText(moment - now)} left` : `${agoText(moment, now)} ago`;

const jsonText = (value: Json): string => JSON.stringify(value);

/** Whether the worker that holds the job lives. */
function holderNotes(request: RequestState, holder: Holder | undefined, now: number): string[] {
  if (!holder || request.spec.state !== "STARTED") return [];
  const { state, renewed, duration } = holder;
  switch (state) {
    case "alive":
      return [`its worker is alive: it renewed its lease ${agoText(renewed, now)} ago`];
    case "silent":
      return [
        `its worker ${silenceText(renewed)}, for ${agoText(renewed, now)}: a director gives the job to another one ` +
        `5s after its lease of ${tookText(duration)} has run out`,
      ];
    case "gone":
      return [`its worker ${silenceText(undefined)}: a director gives the job to another one`];
    default:
      return [];
  }
}

/** Why no worker has begun the job, where that is not for want of time. */
function absenceNotes(request: RequestState, workers: readonly Peer[] | undefined, now: number): string[] {
  const absence = workers && waitOf(request, now)?.for === "worker" ? absenceOf(request, workers) : undefined;
  if (!absence) return [];
  const too = absence.lacks === "graph" ? "; its director has to know that graph, too" : "";
  return [`it waits for ${missingText(request)}: ${absenceText(request, absence)}${too}`];
}

function outputLines(request: RequestState, look: Look): string[] {
  const outputs = Object.entries(request.status?.outputs ?? {});
  if (outputs.length === 0) return [];
  return [look.paint("bold", "OUTPUTS"), ...pairLines(outputs.map(([job, value]) => [job, jsonText(value)]), look)];
}

function eventLines(events: readonly FlowEvent[], look: Look, limit: number): string[] {
  const told = events.slice(-limit);
  if (told.length === 0) return [];
  const { width, paint, now } = look;
  return [
    paint("bold", "EVENTS") + (events.length > told.length ? paint("dim", `  the last ${told.length} of ${events.length}`) : ""),
    ...told.map(({ type, reason, message, count, last }) => {
      const often = count > 1 ? ` (${count} times)` : "";
      const ago = padded(last === undefined ? "" : `${agoText(last, now)} ago`, 9);
      const text = fitted(`${reason}${often}: ${message}`, width === undefined ? Infinity : width - 10);
      return `${ago} ${type === "Warning" ? paint("yellow", text) : text}`;
    }),
  ];
}

/** Which jobs can come, by the definition. */
function nextLines(request: RequestState, { flow }: FlowFacts, look: Look): string[] {
  const plan = flow?.plans[request.spec.job];
  if (!plan || isOver(request)) return [];
  const edges = edgesOf(plan);
  const text = edges.length === 0
    ? `the flow ends with ${plan.name}`
    : edges.map(([outcome, to]) => outcome === "" ? to : `${outcome}: ${to}`).join(", ");
  return pairLines([[`after ${plan.name}`, text]], look);
}

/** What a person can do about it, to be copied; none where that is nothing. */
export function adviceLines(request: RequestState, facts: FlowFacts, { width, paint, now }: Look): string[] {
  const advice = adviceFor(request, { now, ...facts });
  if (advice.length === 0) return [];
  const column = Math.max(...advice.map(({ command }) => widthOf(command))) + 2;
  return [
    paint("bold", "WHAT YOU CAN DO"),
    ...advice.map(({ command, does: what }) => {
      const does = fitted(what, WIDEST);
      // A command is never cut: it is there to be copied.
      const fits = does !== "" && (width === undefined || 2 + column + 2 + widthOf(does) <= width);
      return `  ${fits ? padded(command, column) + paint("dim", `# ${does}`) : command}`;
    }),
  ];
}
