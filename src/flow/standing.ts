/**
 * Where a flow stands, for people: in a word, and in a few. From the object alone, so that it can be said where the definition is not
 * at hand. Pure.
 *
 * @module
 */

import { attemptOf, conditionOf, hasSucceeded, isOver, isParked, type RequestState } from "../request-state.ts";
import { notBeforeOf } from "./moments.ts";
import { IGNORED, ignoredSignal, SIGNAL_REMEDY } from "./waiting.ts";

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

/**
 * Where a flow stands, in a word. Pure.
 *
 * @param now Milliseconds since the Unix epoch.
 */
export function statusOf(request: RequestState, now: number): FlowStatus {
  if (isOver(request)) return endStatusOf(request);
  if (isParked(request)) return "parked";
  const { state, desiredState } = request.spec;
  if (desiredState === "Cancelled" || state === "STARTED") return "running";
  if (desiredState === "Suspended" || conditionOf(request, "Finished")?.reason === "DefinitionMissing") return "waiting";
  if (state !== "REQUESTED") return "running";
  return now < (notBeforeOf(request) ?? now) || request.status?.waitingFor !== undefined ? "waiting" : "running";
}

/** How a flow that is over has ended. */
export const endStatusOf = (request: RequestState): EndStatus =>
  hasSucceeded(request) ? "succeeded" : request.spec.state === "CANCELLED" ? "cancelled" : "failed";

/**
 * What a flow waits for, in words for an operator: `a worker for job charge`. Undefined where it is over. Pure.
 *
 * @param now Milliseconds since the Unix epoch.
 */
export function whatItWaitsFor(request: RequestState, now: number): string | undefined {
  if (isOver(request)) return undefined;
  const { spec, status } = request;
  const { job, state, desiredState } = spec;
  const attempt = attemptOf(request) > 1 ? ` (attempt ${attemptOf(request)})` : "";
  const holder = status?.claim?.holderIdentity ?? "a worker that names no claim";
  if (isParked(request)) return `somebody to retry job ${job} or to cancel the flow`;
  if (desiredState === "Cancelled") return state === "STARTED" ? `${holder} to stop job ${job}` : "its director to cancel it";
  if (conditionOf(request, "Finished")?.reason === "DefinitionMissing") return "a director that knows its definition";
  if (state === "STARTED") return `${holder} to do job ${job}${attempt}`;
  if (desiredState === "Suspended") return "somebody to resume it";
  const notBefore = notBeforeOf(request);
  switch (state) {
    case "REQUESTED":
      if (notBefore !== undefined && now < notBefore) return `its time, ${spec.notBefore}`;
      return status?.waitingFor === undefined ? `a worker for job ${job}${attempt}` : waitingText(request, status.waitingFor);
    case "FAILED":
      return `its director, after job ${job} failed${attempt}`;
    case "COMPLETED":
      return `its director, after job ${job} completed`;
    default:
      return "its director";
  }
}

function waitingText(request: RequestState, waitingFor: string): string {
  const [awaited] = waitingFor.split(`; ${IGNORED}`);
  const ignored = ignoredSignal(request);
  return `job ${request.spec.job}: ${awaited}${ignored === undefined ? "" : `; ${IGNORED}: ${ignored}; ${SIGNAL_REMEDY}`}`;
}
