/**
 * When things are due. All moments are milliseconds since the Unix epoch. Pure.
 *
 * @module
 */

import { momentOf, type RequestState } from "../request-state.ts";

/**
 * When a request entered its present state, as its own record has it, never in the future: the clocks of several machines meet in
 * one history. What a director has seen for itself is better.
 */
export function enteredAt(request: RequestState, now: number): number {
  const last = momentOf(request.status?.history?.at(-1)?.timestamp ?? "");
  if (!Number.isNaN(last)) return Math.min(now, last);
  const created = momentOf(request.metadata.creationTimestamp ?? "");
  return Number.isNaN(created) ? now : Math.min(now, created);
}

/** The last moment that a date can say; a number of seconds on an object may lead beyond it. */
const LAST = 8.64e15;

/** Until when a flow may go on; undefined: as long as it takes. */
export function deadlineOf({ metadata, spec }: RequestState): number | undefined {
  if (spec.activeDeadlineSeconds === undefined) return undefined;
  const created = momentOf(metadata.creationTimestamp ?? "");
  if (Number.isNaN(created)) return undefined;
  return Math.min(LAST, created + spec.activeDeadlineSeconds * 1_000);
}

/** Before when nothing is begun; undefined: at once. */
export function notBeforeOf({ spec }: RequestState): number | undefined {
  if (spec.notBefore === undefined) return undefined;
  const moment = momentOf(spec.notBefore);
  return Number.isNaN(moment) ? undefined : moment;
}

/** The earliest of some moments. */
export const earliest = (...moments: readonly (number | undefined)[]): number | undefined => {
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

/** A span for people: `90 s`, `1.5 s`. */
export const spanText = (ms: number): string => `${ms / 1_000} s`;
