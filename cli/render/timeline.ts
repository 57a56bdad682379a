import type { RequestState } from "../../mod.ts";
import { type Attempt, attemptsOf } from "../../src/flow/attempts.ts";
import { isOfServer } from "../../src/flow/moments.ts";
import type { FlowEvent } from "../../src/programs/client/events.ts";
import { isOver } from "../../src/request-state.ts";
import type { Look, Style } from "./paint.ts";
import { type Column, headerLine, rowLine, widthsOf } from "./table.ts";
import { agoText, clockText, tookText } from "./time.ts";
import { fitted, inLines, WIDEST } from "./width.ts";

/** By state; a map, because states and reasons are text of others. */
const STYLES: ReadonlyMap<string, Style> = new Map([
  ["COMPLETED", "green"],
  ["FAILED", "red"],
  ["CANCELLED", "dim"],
  ["STARTED", "cyan"],
  ["REQUESTED", "yellow"],
  ["LOST", "red"],
  ["TIMED OUT", "red"],
]);

/** How far the reason of a failure stands from the left. */
const INDENT = 4;

/**
 * What a flow has gone through: a line for each attempt of each job, and below it why it did not go well. Pure.
 *
 * @param notes What is to be said of the last attempt, below it.
 * @param events What was told of the flow; undefined: nobody has asked. The object keeps the reason of its newest failure only.
 */
export function timelineLines(
  request: RequestState,
  look: Look,
  notes: readonly string[] = [],
  events?: readonly FlowEvent[],
): string[] {
  const attempts = attemptsOf(request);
  const { now, width, paint } = look;
  const first = attempts[0]?.requested;
  const last = attempts.at(-1);
  const isLive = (attempt: Attempt) => attempt === last && attempt.ended === undefined && !isOver(request);
  const [oldest] = request.status?.history ?? [];
  const isRough = oldest !== undefined && isOfServer(request, oldest);
  const span = (from: number | undefined, to: number | undefined, attempt: Attempt, isExact = true) =>
    from === undefined ? "" : to !== undefined ? tookText(to - from, isExact) : isLive(attempt) ? agoText(from, now) : "";
  const columns: Column<Attempt>[] = [
    { header: "AT", text: ({ requested, started, ended }) => clockText(requested ?? started ?? ended, first) },
    { header: "JOB", text: ({ job }) => job, least: 8 },
    { header: "ATTEMPT", text: ({ attempt }) => String(attempt), right: true },
    { header: "STATE", text: (attempt) => stateOf(attempt), style: (attempt) => STYLES.get(stateOf(attempt)) },
    {
      header: "WAITED",
      text: (attempt) => span(attempt.requested, attempt.started ?? attempt.ended, attempt, !isRough || attempt !== attempts[0]),
      right: true,
    },
    {
      header: "TOOK",
      text: (attempt) => attempt.started === undefined ? "" : span(attempt.started, attempt.ended, attempt),
      right: true,
    },
    { header: "OUTCOME", text: ({ outcome = "" }) => outcome, least: 8 },
    { header: "BY", text: ({ by = "" }) => by, least: 8 },
  ];
  const widths = widthsOf(columns, attempts, width);
  const below = (text: string, style: Style | undefined) =>
    inLines(text, Math.max(20, (width ?? WIDEST) - INDENT)).map((line) => " ".repeat(INDENT) + paint(style, line));
  const dropped = request.status?.historyDropped;
  return [
    headerLine(columns, widths, look),
    ...dropped
      ? [fitted(`(${dropped} earlier entries of the history are not kept)`, width ?? WIDEST)].map((line) => paint("dim", line))
      : [],
    ...attempts.flatMap((attempt, index) => [
      rowLine(columns, attempt, widths, look),
      ...notesOf(attempt, events && (() => toldOf(attempts, index, events))).flatMap(([text, style]) => below(text, style)),
      ...attempt === last ? notes.flatMap((note) => below(note, undefined)) : [],
    ]),
  ];
}

/** The last state that it entered; how it was taken from its worker is none, and says more. */
const stateOf = ({ state, ended, reason = "" }: Attempt): string =>
  state === "STARTED" && ended !== undefined ? TAKEN.get(reason) ?? state : state;

const TAKEN: ReadonlyMap<string, string> = new Map([["WorkerLost", "LOST"], ["TimedOut", "TIMED OUT"], ["Released", "RELEASED"]]);

/** Why an attempt did not go well, or why there was one. */
function notesOf(
  { error, reason, state, cause }: Attempt,
  told?: () => string,
): (readonly [text: string, style: Style | undefined])[] {
  const why = error
    ? error.type === "Error" ? error.message : `${error.type}: ${error.message}`
    : REASONS.get(reason ?? "") ?? reason ?? (state === "FAILED" ? told?.() : undefined);
  const isBad = state === "FAILED" || reason === "WorkerLost" || reason === "TimedOut";
  return [
    ...cause === "Retried" ? [["retried by a person", "dim"] as const] : [],
    ...why === undefined || state === "COMPLETED" ? [] : [[why, isBad ? "red" as const : "dim" as const] as const],
  ];
}

/** Why an attempt has failed of which the object has kept no reason, as events tell it. */
function toldOf(attempts: readonly Attempt[], index: number, events: readonly FlowEvent[]): string {
  const { job, attempt } = attempts[index]!;
  const next = attempts[index + 1];
  if (next?.job === job && next.cause === "RetryAfter") return REASONS.get("RetryAfter")!;
  const isLast = next?.job !== job;
  const beginnings = [`Job ${job} failed (attempt ${attempt}), `, ...isLast ? [`Job ${job} failed, `] : []];
  const event = events.findLast(({ reason, message }) =>
    (reason === "Retrying" || reason === "JobFailed") && beginnings.some((beginning) => message.startsWith(beginning))
  );
  return event ? event.message.slice(event.message.indexOf(": ") + 2) : GONE;
}

const GONE = "its reason is gone: the object keeps the newest one, events are kept for an hour";

/** What is meant by reasons of entries. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["WorkerLost", "its worker was lost: it was given to another one"],
  ["TimedOut", "it took too long"],
  ["Released", "its worker was told to end, and gave it back"],
  ["NoWorker", "no worker has begun it in time"],
  ["RetryAfter", "its handler asked to be called again later"],
]);
