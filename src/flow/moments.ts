/**
 * When things are due. All moments are milliseconds since the Unix epoch. Pure.
 *
 * @module
 */

import { type HistoryEntry, momentOf, type RequestState } from "../request-state.ts";

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

/** How long something took, as well as that is known. */
export interface Span {
  /** In milliseconds. */
  readonly ms: number;
  /** Otherwise it was up to a second less: its beginning is known in whole seconds. */
  readonly isExact: boolean;
}

/** The API server counts in these, and cuts off the rest. */
const SECOND = 1_000;

/** Whether an entry is one that its creator has not written: what was made up for it since has the time of the server. */
export const isOfServer = ({ metadata }: RequestState, { timestamp, by }: HistoryEntry): boolean =>
  by === undefined && momentOf(timestamp) === momentOf(metadata.creationTimestamp ?? "");

/** The time from an entry of a request to a later one, never less than nothing: clocks differ; NaN where one of them is free text. */
export const spanOf = (request: RequestState, from: HistoryEntry, to: HistoryEntry): Span => ({
  ms: Math.max(0, momentOf(to.timestamp) - momentOf(from.timestamp)),
  isExact: !isOfServer(request, from),
});

/**
 * When a flow was started: as its creator has recorded it where that is the second of the server, too, whose clock may be another;
 * undefined where nothing tells. Deadlines count from the time of the server alone, as the protocol has it.
 */
export function birthOf(request: RequestState): { readonly at: number; readonly isExact: boolean } | undefined {
  const { metadata, status } = request;
  const created = momentOf(metadata.creationTimestamp ?? "");
  if (Number.isNaN(created)) return undefined;
  const first = status?.historyDropped ? undefined : status?.history?.[0];
  const isOwn = first?.state === "REQUESTED" && (first.seq ?? 1) === 1 && !isOfServer(request, first);
  const asked = isOwn ? momentOf(first.timestamp) : NaN;
  // It may have been asked for in the second before.
  return Math.abs(asked - created) < SECOND ? { at: asked, isExact: true } : { at: created, isExact: false };
}

/** When the request of a flow was created, as well as that is known: never before what the server says, in whole seconds. */
export const bornAt = (request: RequestState): number =>
  Math.max(birthOf(request)?.at ?? 0, momentOf(request.metadata.creationTimestamp ?? "") || 0);

/** The time from the start of a flow to a moment; undefined where one of them is not known, or is before the other: clocks differ. */
export function spanUntil(request: RequestState, moment: number): Span | undefined {
  const birth = birthOf(request);
  return birth && moment >= birth.at ? { ms: moment - birth.at, isExact: birth.isExact } : undefined;
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
