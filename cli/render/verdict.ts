import { flowNameOf, isOver, type RequestState, statusOf } from "../../mod.ts";
import { waitOf } from "../../src/flow/standing.ts";
import type { Holder } from "../../src/programs/client/holder.ts";
import { attemptsOf } from "../../src/flow/attempts.ts";
import { spanUntil } from "../../src/flow/moments.ts";
import type { Peer } from "../../src/runtime/leases/peer.ts";
import { momentOf } from "../../src/request-state.ts";
import { printable } from "../../src/printable.ts";
import { endWords, flowWords, waitWords } from "./flow-words.ts";
import { type Look, STATUS_STYLES } from "./paint.ts";
import { agoText, tookText } from "./time.ts";
import { fitted, WIDEST, widthOf } from "./width.ts";

/** What a verdict says beside where the flow stands. */
export interface VerdictOptions {
  /** Which flow it is. @default {false} */
  readonly named?: boolean;
  /** Whether the worker that holds its job lives. */
  readonly holder?: Holder;
  /** The workers that are there, where that is known. */
  readonly workers?: readonly Peer[];
}

/** In cells. */
const LEAST_CALLED = 24;

/** Where a flow stands, or how it ended, in one line: the last one of whatever is shown of it. Pure. */
export function verdictLine(request: RequestState, look: Look, { named = false, holder, workers }: VerdictOptions = {}): string {
  const { width, paint, now } = look;
  const { called, flow } = flowWords(request, now);
  const status = statusOf(request, now);
  const rest = isOver(request) ? endText(request) : standText(request, now, holder, workers);
  // What it is called gives way before what is said of it.
  const room = (width ?? WIDEST) - widthOf(printable(` (${flow}) ${status}${rest}`));
  const who = named ? `${fitted(called, Math.max(LEAST_CALLED, room))} ${printable(`(${flow}) `)}` : "";
  const text = fitted(`${who}${status}${rest}`, width ?? WIDEST);
  const end = who.length + status.length;
  // A line that was cut may have lost the word.
  return text.slice(who.length, end) !== status ? text : who + paint(STATUS_STYLES[status], status) + text.slice(end);
}

function endText(request: RequestState): string {
  const took = spanUntil(request, momentOf(request.status!.completionTime!));
  const path = pathOf(request);
  const why = endWords(request);
  const after = took === undefined ? "" : ` after ${tookText(took.ms, took.isExact)}`;
  const job = why === "" || request.spec.state !== "FAILED" ? "" : `job ${request.spec.job}: `;
  return `${after}: ${why === "" ? path.join(", ") : job + why}`;
}

function standText(
  request: RequestState,
  now: number,
  holder: Holder | undefined,
  workers: readonly Peer[] | undefined,
): string {
  const wait = waitOf(request, now)!;
  const what = `job ${request.spec.job} ${wait.for === "result" ? "is with" : "waits for"} ${
    waitWords(request, wait, now, workers)
  }`;
  const isLost = wait.for === "result" && (holder?.state === "silent" || holder?.state === "gone");
  return ` for ${agoText(wait.since, now)}: ${what}${isLost ? `, which is ${holder.state}` : ""}`;
}

/** The jobs that were gone through, as far as the history goes back. */
function pathOf(request: RequestState): string[] {
  const path: string[] = request.status?.historyDropped ? ["..."] : [];
  for (const { job } of attemptsOf(request)) if (path.at(-1) !== job) path.push(job);
  return path.length > 0 ? path : [flowNameOf(request)];
}
