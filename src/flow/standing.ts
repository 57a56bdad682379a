/**
 * Where a flow stands, for people: in a word, and in a few. From the object alone, so that it can be said where the definition is not
 * at hand. Pure.
 *
 * @module
 */

import {
  attemptOf,
  checkRequest,
  conditionOf,
  hasSucceeded,
  isOver,
  isParked,
  momentOf,
  type RequestState,
} from "../request-state.ts";
import type { Awaited } from "./decision.ts";
import { enteredAt, notBeforeOf } from "./moments.ts";
import { awaitedOutcomes, awaitedUntil, IGNORED, ignoredSignal, SIGNAL_REMEDY } from "./waiting.ts";

/**
 * Where a flow stands, in a word.
 *
 * | status | what |
 * | --- | --- |
 * | `running` | a worker does its job, or shall do it next; or its director is about to take the next step |
 * | `waiting` | it goes on by a signal, at its time, when it is resumed, or when somebody knows its definition |
 * | `parked` | a job has failed for good: it waits to be retried or cancelled |
 * | `failed`, `succeeded`, `cancelled` | it is over |
 */
export type FlowStatus = "running" | "waiting" | "parked" | EndStatus;

/** How a flow has ended, in a word. */
export type EndStatus = "failed" | "succeeded" | "cancelled";

/** All of them. */
export const FLOW_STATUSES: readonly FlowStatus[] = ["running", "waiting", "parked", "failed", "succeeded", "cancelled"];

/** What is not done where there is no request. */
const ACTION = "Cannot tell where a flow stands";

/**
 * Where a flow stands, in a word. Pure.
 *
 * @param now Milliseconds since the Unix epoch.
 */
export function statusOf(request: RequestState, now: number): FlowStatus {
  checkRequest(ACTION, request);
  if (isOver(request)) return endStatusOf(request);
  if (isParked(request)) return "parked";
  const { state, desiredState } = request.spec;
  if (desiredState === "Cancelled") return "running";
  // Before all else, as `waitOf` says it: a job that was begun is nobody's, either.
  if (conditionOf(request, "Finished")?.reason === "DefinitionMissing") return "waiting";
  if (state === "STARTED") return "running";
  if (desiredState === "Suspended") return "waiting";
  if (state !== "REQUESTED") return "running";
  return now < (notBeforeOf(request) ?? now) || request.status?.waitingFor !== undefined ? "waiting" : "running";
}

/** How a flow that is over has ended. */
export const endStatusOf = (request: RequestState): EndStatus =>
  hasSucceeded(request) ? "succeeded" : request.spec.state === "CANCELLED" ? "cancelled" : "failed";

/** What a flow waits for, as far as its request shows it. */
export interface Wait {
  /** Whom or what; `director`: its next step is due, or comes after the rest that follows a failure. */
  readonly for: Awaited | "director";
  /** Since when, in milliseconds since the Unix epoch; never in the future. */
  readonly since: number;
  /** Until when at the most, in milliseconds since the Unix epoch. */
  readonly until?: number;
  /** For a signal: the outcomes that it may have; empty where the job has none, absent where they are not shown. */
  readonly outcomes?: readonly string[];
  /** For a result, or an abort: the worker that holds the job; absent where it names no claim. */
  readonly holder?: string;
}

/**
 * What a flow waits for, and since when. Undefined where it is over. Pure.
 *
 * @param now Milliseconds since the Unix epoch.
 */
export function waitOf(request: RequestState, now: number): Wait | undefined {
  checkRequest(ACTION, request);
  if (isOver(request)) return undefined;
  const { state, desiredState } = request.spec;
  const holder = request.status?.claim?.holderIdentity;
  const since = enteredAt(request, now);
  if (isParked(request)) return { for: "operator", since: saidSince(request, now) };
  if (desiredState === "Cancelled") return state === "STARTED" ? { for: "abort", since, holder } : { for: "director", since };
  if (conditionOf(request, "Finished")?.reason === "DefinitionMissing") {
    return { for: "definition", since: saidSince(request, now) };
  }
  if (state === "STARTED") return { for: "result", since, holder };
  if (desiredState === "Suspended") return { for: "resume", since };
  if (state !== "REQUESTED") return { for: "director", since };
  const notBefore = notBeforeOf(request);
  if (notBefore !== undefined && now < notBefore) return { for: "time", since, until: notBefore };
  if (request.status?.waitingFor === undefined) return { for: "worker", since };
  const until = awaitedUntil(request);
  const isSignal = /^signal\b/.test(request.status.waitingFor);
  return isSignal ? { for: "signal", since, until, outcomes: awaitedOutcomes(request) } : { for: "time", since, until };
}

/** Since when it is said of a request that it stands still. */
function saidSince(request: RequestState, now: number): number {
  const said = momentOf(conditionOf(request, "Finished")?.lastTransitionTime ?? "");
  return Number.isNaN(said) ? enteredAt(request, now) : Math.min(said, now);
}

/**
 * What a flow waits for, in words for an operator: `a worker for job charge`. Undefined where it is over. Pure.
 *
 * @param now Milliseconds since the Unix epoch.
 */
export function whatItWaitsFor(request: RequestState, now: number): string | undefined {
  const wait = waitOf(request, now);
  if (!wait) return undefined;
  const { spec, status } = request;
  const { job, state } = spec;
  const attempt = attemptOf(request) > 1 ? ` (attempt ${attemptOf(request)})` : "";
  const { holder = "a worker that names no claim" } = wait;
  switch (wait.for) {
    case "operator":
      return `somebody to retry job ${job} or to cancel the flow`;
    case "abort":
      return `${holder} to stop job ${job}`;
    case "definition":
      return "a director that knows its definition";
    case "result":
      return `${holder} to do job ${job}${attempt}`;
    case "resume":
      return "somebody to resume it";
    case "worker":
      return `a worker for job ${job}${attempt}`;
    case "signal":
    case "time":
      return status?.waitingFor === undefined || now < (notBeforeOf(request) ?? now)
        ? `its time, ${spec.notBefore}`
        : waitingText(request, status.waitingFor);
    default:
      if (spec.desiredState === "Cancelled") return "its director to cancel it";
      if (state === "FAILED") return `its director, after job ${job} failed${attempt}`;
      return state === "COMPLETED" ? `its director, after job ${job} completed` : "its director";
  }
}

function waitingText(request: RequestState, waitingFor: string): string {
  const [awaited] = waitingFor.split(`; ${IGNORED}`);
  const ignored = ignoredSignal(request);
  return `job ${request.spec.job}: ${awaited}${ignored === undefined ? "" : `; ${IGNORED}: ${ignored}; ${SIGNAL_REMEDY}`}`;
}
