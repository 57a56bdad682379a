import process from "node:process";
import type { HistoryEntry, RequestState } from "../mod.ts";
import { flowKeyOf } from "../src/flow/creation.ts";
import { type Span, spanOf, spanUntil } from "../src/flow/moments.ts";
import { momentOf, nameOf } from "../src/request-state.ts";
import { shortName } from "./log-line.ts";
import { write } from "./output.ts";
import { flowEnd } from "./render/flow-end.ts";
import { fitted, padded } from "./render/width.ts";
import { printable, shortened } from "../src/printable.ts";
import { createTerminal } from "./terminal.ts";
import { createTransitions } from "./transitions.ts";
import { shownObject, yamlOf } from "./yaml.ts";

/** Writes a line for people and pipes. */
export const print = (line: string): void => write("stdout", `${printable(line)}\n`);

/** Shows the transitions of requests, each once, as aligned lines. */
export interface TransitionPrinter {
  /** Shows what is new in this version of a request. */
  readonly show: (request: RequestState) => void;
}

/** How transitions are shown. */
export interface TransitionPrinterOptions {
  /** The jobs that will come, for the width of their column. */
  readonly jobs: readonly string[];
  /** Show only what this identity did, with the request's name. @default {All of the one request} */
  readonly by?: () => string;
  /** Whether a person looks on: of many requests lines are shorter then. @default {Whether stdout is a terminal} */
  readonly isWatched?: boolean;
  /** Where the lines go. @default {stdout} */
  readonly say?: (line: string) => void;
}

/**
 * Makes a printer of transitions.
 *
 * The line of a single request: when (since its first entry), job, state, who, how long since the entry before.
 */
export function createTransitionPrinter(
  { jobs, by, isWatched = process.stdout.isTTY, say = print }: TransitionPrinterOptions,
): TransitionPrinter {
  const transitions = createTransitions();
  const width = Math.max(...jobs.map((job) => job.length));
  let first: HistoryEntry | undefined; // of a single request: it may not be kept to the end
  const line = (request: RequestState, entry: HistoryEntry, before: HistoryEntry | undefined) => {
    const took = before && entry.state !== "REQUESTED"
      ? `${entry.state === "STARTED" ? "after" : "took"} ${spanText(spanOf(request, before, entry))}`
      : "";
    const what = `${entry.job.padEnd(width)}  ${entry.state.padEnd(9)}`;
    return by === undefined
      ? `${seconds(spanOf(request, first ??= entry, entry))}  ${what}  ${(entry.by ?? "?").padEnd(36)}  ${took}`.trimEnd()
      : (isWatched ? watchedLine : servedLine)(request, entry, what, took);
  };
  return {
    show(request) {
      for (const { entry, before } of transitions.newIn(request)) {
        if (by === undefined || entry.by === by()) say(line(request, entry, before));
      }
    },
  };
}

/** Of a key that somebody else has written, in characters: those of the library are no longer. */
const LONGEST_KEY = 1_024;

/** The line of one request of many: its key, which people know it by, comes last, because it may be long. Pure. */
export function servedLine(request: RequestState, { timestamp }: HistoryEntry, what: string, took: string): string {
  const key = shortened(flowKeyOf(request) ?? "", LONGEST_KEY);
  return [timestamp, nameOf(request), what, took, key].filter((part) => part !== "").join("  ").trimEnd();
}

/** The same for a person who looks on, so that it fits: the time of day, and which flow, as a person calls it. Pure. */
export function watchedLine(
  request: RequestState,
  { timestamp, attempt = 1, reason }: HistoryEntry,
  what: string,
  took: string,
): string {
  const moment = momentOf(timestamp);
  const time = Number.isNaN(moment) ? fitted(timestamp, 8) : new Date(moment).toISOString().slice(11, 19);
  const called = flowKeyOf(request) || request.metadata.name;
  const more = [took, ...attempt > 1 ? [`attempt ${attempt}`] : [], ...reason ? [reason] : []].filter((part) => part !== "").join(
    ", ",
  );
  return `${time}  ${padded(shortName(called), 11)}  ${what}  ${more}`.trimEnd();
}

/** As `   1.234 s`; what may be up to a second less in whole seconds. */
const seconds = ({ ms, isExact }: Span): string =>
  `${isExact ? (ms / 1_000).toFixed(3) : Math.floor(ms / 1_000)}`.padStart(8) + " s";

function spanText({ ms, isExact }: Span): string {
  if (Number.isNaN(ms)) return "?";
  if (!isExact) return ms < 1_000 ? "less than 1 s" : `${Math.floor(ms / 1_000)} s`;
  return ms < 10_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** How a flow has ended, in a sentence. Pure. */
export function endText(request: RequestState): string {
  const { status } = request;
  const end = status?.conditions?.find(({ type }) => type === "Succeeded");
  const history = status?.history ?? [];
  const took = spanUntil(request, momentOf(history.at(-1)?.timestamp ?? ""));
  const how = end?.status === "True" ? "Succeeded" : `${end?.reason ?? "Ended"}: ${end?.message ?? ""}`;
  return `${how}, ${(status?.historyDropped ?? 0) + history.length} transitions in ${took ? spanText(took) : "?"}`;
}

/** Shows the end of a flow: a sentence, and the object. */
export async function printEnd(request: RequestState): Promise<void> {
  const { screen } = createTerminal();
  const [sentence, object] = [printable(endText(request)), await yamlOf(shownObject(request))];
  print("");
  write("stdout", flowEnd(request, { sentence, object, screen, now: Date.now() }));
}
