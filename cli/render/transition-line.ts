import type { RequestState } from "../../mod.ts";
import { momentOf } from "../../src/request-state.ts";
import { printable } from "../printable.ts";
import type { TransitionSeen } from "../transitions.ts";
import { flowWords } from "./flow-words.ts";
import type { Look, Style } from "./paint.ts";
import { tookText } from "./time.ts";
import { fitted, padded, widthOf } from "./width.ts";

const STYLES: Readonly<Record<string, Style>> = { COMPLETED: "green", FAILED: "red", CANCELLED: "dim", STARTED: "cyan" };

/** A transition in one line: when, of which flow where there are several, job and state, what it took, and by whom. Pure. */
export function transitionLine(
  request: RequestState,
  { entry, before }: TransitionSeen,
  { width = Infinity, paint, now }: Look,
  { named }: { readonly named: boolean },
): string {
  const { called } = flowWords(request, now);
  const { job, state, timestamp, reason, outcome, by } = entry;
  const error = request.status?.lastError;
  const took = before && state !== "REQUESTED" ? tookText(momentOf(timestamp) - momentOf(before.timestamp)) : "";
  const why = state === "FAILED" && error?.job === job && error.attempt === entry.attempt ? error.message : undefined;
  const head = `${timestamp}  ${named ? `${padded(fitted(called, 20), 20)}  ` : ""}${padded(fitted(job, 20), 12)}  `;
  const rest = [took, outcome, reason, why, by && `by ${by}`].filter((part) => part !== undefined && part !== "").join(", ");
  const shown = padded(fitted(state, 10), 9);
  const room = width - widthOf(printable(head)) - widthOf(shown) - 2;
  return `${printable(head)}${paint(STYLES[state], shown.trimEnd())}${shown.replace(/^\S+/, "")}  ${fitted(rest, room)}`
    .trimEnd();
}
