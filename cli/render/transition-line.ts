import type { RequestState } from "../../mod.ts";
import { momentOf } from "../../src/request-state.ts";
import type { TransitionSeen } from "../transitions.ts";
import { flowWords } from "./flow-words.ts";
import type { Look, Style } from "./paint.ts";
import { tookText } from "./time.ts";
import { fitted, padded } from "./width.ts";

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
  const head = `${timestamp}  ${named ? `${padded(fitted(called, 20), 20)}  ` : ""}`;
  const rest = [took, outcome, reason, why, by && `by ${by}`].filter((part) => part !== undefined && part !== "").join(", ");
  const text = fitted(`${head}${padded(job, 12)}  ${padded(state, 9)}  ${rest}`.trimEnd(), width);
  const at = text.indexOf(state, head.length);
  return at < 0 ? text : text.slice(0, at) + paint(STYLES[state], state) + text.slice(at + state.length);
}
