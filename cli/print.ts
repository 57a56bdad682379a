import type { HistoryEntry, RequestState } from "../mod.ts";
import { momentOf } from "../src/request-state.ts";
import { write } from "./output.ts";
import { isPrintable, printable, printableLines } from "./printable.ts";

/** Writes a line for people and pipes. */
export const print = (line: string): void => write("stdout", `${printable(line)}\n`);

/** Of how many requests it is remembered what was shown. */
const REMEMBERED = 10_000;

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
}

/**
 * Makes a printer of transitions.
 *
 * The line of a single request: when (since its first entry), job, state, who, how long since the entry before.
 */
export function createTransitionPrinter({ jobs, by }: TransitionPrinterOptions): TransitionPrinter {
  const shown = new Map<string, number>(); // by uid: the seq of the last entry shown
  const width = Math.max(...jobs.map((job) => job.length));
  const line = (request: RequestState, entry: HistoryEntry, before: HistoryEntry | undefined, first: HistoryEntry) => {
    const took = before && entry.state !== "REQUESTED"
      ? `${entry.state === "STARTED" ? "after" : "took"} ${span(before, entry)}`
      : "";
    const what = `${entry.job.padEnd(width)}  ${entry.state.padEnd(9)}`;
    return by === undefined
      ? `${seconds(first, entry)}  ${what}  ${(entry.by ?? "?").padEnd(36)}  ${took}`.trimEnd()
      : `${entry.timestamp}  ${request.metadata.namespace}/${request.metadata.name}  ${what}  ${took}`.trimEnd();
  };
  return {
    show(request) {
      const { history = [], historyDropped = 0, completionTime } = request.status ?? {};
      const uid = request.metadata.uid!;
      history.forEach((entry, index) => {
        const seq = entry.seq ?? historyDropped + index + 1;
        if (seq <= (shown.get(uid) ?? 0)) return;
        shown.set(uid, seq);
        // The end of a request is not always seen: the longest forgotten goes.
        if (shown.size > REMEMBERED) shown.delete(shown.keys().next().value!);
        if (by === undefined || entry.by === by()) print(line(request, entry, history[index - 1], history[0]!));
      });
      if (by !== undefined && completionTime) shown.delete(uid);
    },
  };
}

/** Milliseconds from one entry to another; NaN where a timestamp is free text. */
const between = (from: HistoryEntry, to: HistoryEntry): number => momentOf(to.timestamp) - momentOf(from.timestamp);

const seconds = (from: HistoryEntry, to: HistoryEntry): string => `${(between(from, to) / 1_000).toFixed(3).padStart(8)} s`;

function span(from: HistoryEntry, to: HistoryEntry): string {
  const ms = between(from, to);
  return Number.isNaN(ms) ? "?" : ms < 10_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** Shows the end of a flow: a sentence, then the object. */
export async function printEnd(request: RequestState): Promise<void> {
  const { status, metadata } = request;
  const end = status?.conditions?.find(({ type }) => type === "Succeeded");
  const history = status?.history ?? [];
  const took = history.length > 0 ? span(history[0]!, history.at(-1)!) : "?";
  print("");
  print(
    `${
      end?.status === "True" ? "Succeeded" : `${end?.reason ?? "Ended"}: ${end?.message ?? ""}`
    }, ${history.length} transitions in ${took}`,
  );
  print("");
  const { managedFields: _, ...shownMetadata } = metadata as RequestState["metadata"] & { managedFields?: unknown };
  write("stdout", await yamlOf({ ...request, metadata: shownMetadata }));
}

/** An object as YAML that is safe for a terminal, and means the same. */
async function yamlOf(object: unknown): Promise<string> {
  const { Document, visit } = await import("yaml"); // most modes show no object
  const document = new Document(object);
  visit(document, {
    Scalar(_, node) {
      // Between double quotes YAML takes JSON's escapes.
      if (typeof node.value === "string" && !isPrintable(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return printableLines(document.toString({ lineWidth: 0 }));
}
