import type { RequestState } from "../../mod.ts";
import { spanOf } from "../../src/flow/moments.ts";
import type { TransitionSeen } from "../transitions.ts";
import { flowWords } from "./flow-words.ts";
import type { Look, Style } from "./paint.ts";
import { tookText } from "./time.ts";
import { fitted, padded, WIDEST, widthOf } from "./width.ts";

/** A map, because states are text of others. */
const STYLES: ReadonlyMap<string, Style> = new Map([
  ["COMPLETED", "green"],
  ["FAILED", "red"],
  ["CANCELLED", "dim"],
  ["STARTED", "cyan"],
]);

/** A transition in one line: when, of which flow where there are several, job and state, what it took, and by whom. Pure. */
export function transitionLine(
  request: RequestState,
  { entry, before }: TransitionSeen,
  { width = WIDEST, paint, now }: Look,
  { named }: { readonly named: boolean },
): string {
  const { called } = flowWords(request, now);
  const { job, state, timestamp, reason, outcome, by } = entry;
  const error = request.status?.lastError;
  const span = before && state !== "REQUESTED" ? spanOf(request, before, entry) : undefined;
  const took = tookText(span?.ms, span?.isExact);
  const why = state === "FAILED" && error?.job === job && error.attempt === entry.attempt ? error.message : undefined;
  const called20 = named ? `${padded(fitted(called, 20), 20)}  ` : "";
  // The reference writes a longer text for the time, and anybody any other.
  const head = `${fitted(timestamp, 40)}  ${called20}${padded(fitted(job, 20), 12)}  `;
  const rest = [took, outcome, reason, why, by && `by ${by}`].filter((part) => part !== undefined && part !== "").join(", ");
  const shown = fitted(state, 10);
  const room = width - widthOf(head) - 9 - 2;
  const line = `${head}${paint(STYLES.get(state), shown)}${" ".repeat(Math.max(0, 9 - widthOf(shown)))}  ${fitted(rest, room)}`;
  return line.trimEnd();
}
