/**
 * What a flow has gone through, attempt by attempt, as its history tells it. Pure.
 *
 * @module
 */

import { checkRequest, entriesOf, type LastError, momentOf, type RequestState } from "../request-state.ts";
import { signalOf } from "./waiting.ts";

/** One attempt of one job. Moments are milliseconds since the Unix epoch; what the history does not tell is absent. */
export interface Attempt {
  /** The job. */
  readonly job: string;
  /** From 1. */
  readonly attempt: number;
  /** The last state that it entered. */
  readonly state: string;
  /** When it was asked for. */
  readonly requested?: number;
  /** When a worker began it. */
  readonly started?: number;
  /** When it completed, failed, was cancelled, or was taken from its worker. */
  readonly ended?: number;
  /** The worker that did it, or who gave the signal that ended it. */
  readonly by?: string;
  /** The outcome that chose the next job. */
  readonly outcome?: string;
  /** CamelCase; why it was asked for, where that is not the ordinary course. */
  readonly cause?: string;
  /** CamelCase; why it ended, where that is not the ordinary course: `WorkerLost`, `TimedOut`, `Released`. */
  readonly reason?: string;
  /** Why it failed, where that is still known: requests keep the last error only. */
  readonly error?: LastError;
}

/** The attempts of a flow, in their order; the oldest may be forgotten (`status.historyDropped`). */
export function attemptsOf(request: RequestState): readonly Attempt[] {
  checkRequest("Cannot tell the attempts of a flow", request);
  const { status } = request;
  const attempts: { -readonly [Member in keyof Attempt]: Attempt[Member] }[] = [];
  for (const { job, state, timestamp, by, reason, outcome, ...entry } of entriesOf(request)) {
    const moment = momentOf(timestamp);
    const at = Number.isNaN(moment) ? undefined : moment;
    let last = attempts.at(-1);
    if (state === "REQUESTED" || last?.job !== job) {
      // Taken from its worker: the next attempt says why.
      if (last?.job === job && last.state === "STARTED") Object.assign(last, { ended: at, reason });
      const number = entry.attempt ?? (last?.job === job ? last.attempt + 1 : 1);
      attempts.push(last = { job, attempt: number, state });
      if (state === "REQUESTED") Object.assign(last, { requested: at, cause: reason });
    }
    last.state = state;
    if (state === "STARTED") Object.assign(last, { started: at, by });
    if (state === "COMPLETED" || state === "FAILED" || state === "CANCELLED") {
      const given = last.started === undefined && state === "COMPLETED" ? signalOf(request, job)?.by : undefined;
      Object.assign(last, { ended: at, outcome, reason, by: last.by ?? given ?? by });
    }
  }
  const error = status?.lastError;
  const failed = error && attempts.findLast(({ job, attempt }) => job === error.job && attempt === error.attempt);
  if (failed) failed.error = error;
  return attempts;
}
