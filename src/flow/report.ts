/**
 * A worker says how its job ended. Pure.
 *
 * @module
 */

import { attemptOf, isOver, type Json, type LastError, type RequestState } from "../request-state.ts";
import { cancellationOf } from "./cancelling.ts";
import { endAfter, failed } from "./ends.ts";
import { whyNotOurs } from "./ownership.ts";
import type { Flow } from "./plan.ts";
import { requestAgain } from "./requesting.ts";
import type { Transition } from "./transition.ts";

/** How a handler ended. */
export type Result =
  | { readonly state: "COMPLETED"; readonly outcome?: string; readonly output?: Json }
  | {
    readonly state: "FAILED";
    readonly error: Omit<LastError, "job" | "attempt">;
    /**
     * `InvalidInput`: the handler was never run; the flow ends, whatever its definition says about failures. `TimedOut`: the time of
     * this attempt was over, and no director has said so.
     */
    readonly reason?: "InvalidInput" | "TimedOut";
  }
  /** Given back unfinished: not a failure. */
  | { readonly state: "REQUESTED"; readonly reason: string }
  /** Its handler has stopped because the flow is cancelled. */
  | { readonly state: "CANCELLED" };

/** Whether a claim stands: nobody has taken the job away. */
export function isHeldBy(request: RequestState, claimId: string): boolean {
  const { job, state } = request.spec;
  const claim = request.status?.claim;
  return state === "STARTED" && !isOver(request) && claim?.id === claimId && claim.job === job &&
    claim.attempt === attemptOf(request);
}

/**
 * The report of a job by the holder of its claim, or undefined where `claimId` holds it no more.
 *
 * What is given back, or stopped, in a flow that is cancelled ends it.
 *
 * @param now Milliseconds since the Unix epoch.
 */
export function reportJob(
  flow: Flow,
  request: RequestState,
  claimId: string,
  result: Result,
  now: number,
): Transition | undefined {
  if (!isHeldBy(request, claimId)) return undefined;
  const { job } = request.spec;
  const attempt = attemptOf(request);
  const entered = { job, attempt, entered: true };
  switch (result.state) {
    case "COMPLETED": {
      const { outcome, output } = result;
      const end = whyNotOurs(flow, request) === undefined ? endAfter(flow, job, outcome) : undefined;
      return { ...entered, state: "COMPLETED", ...outcome !== undefined && { outcome }, output, ...end && { end } };
    }
    case "FAILED":
      return { ...entered, state: "FAILED", reason: result.reason, error: { ...result.error, job, attempt } };
    case "REQUESTED":
    case "CANCELLED": {
      const { at: _, ...end } = cancellationOf(request, now) ?? {};
      if ("reason" in end) return { ...entered, state: "CANCELLED", reason: end.reason, end };
      return requestAgain(request, result.state === "REQUESTED" ? result.reason : "Released");
    }
  }
}

/**
 * The end of a request that has become too large for the server (413, or `etcdserver: request is too large`), by a write that is
 * as small as can be: its outputs are dropped. Undefined where somebody else has moved on.
 *
 * @param claimId The claim of the worker that says so; undefined: the director, or a worker whose claim was refused.
 */
export function endTooLarge(request: RequestState, claimId?: string): Transition | undefined {
  const { job, state } = request.spec;
  if (isOver(request) || claimId !== undefined && !isHeldBy(request, claimId)) return undefined;
  const attempt = attemptOf(request);
  const message = "the object has become too large for the server; its outputs were dropped";
  const end = failed(job, message, "ObjectTooLarge");
  const error = { type: "ObjectTooLarge", message, retryable: false, job, attempt };
  const fails = state === "REQUESTED" || state === "STARTED";
  return {
    job,
    attempt,
    state: fails ? "FAILED" : state as Transition["state"],
    entered: fails,
    ...fails && { reason: "ObjectTooLarge" },
    error,
    withoutOutputs: true,
    end,
  };
}
