/**
 * A flow that nobody wants any more, or whose time is over. Pure.
 *
 * @module
 */

import type { RequestState } from "../request-state.ts";
import { deadlineOf } from "./moments.ts";
import type { End } from "./transition.ts";

/** Why a flow has to end before its end. */
export interface Cancellation extends End {
  /** Since when, where the object says so: its deadline. */
  readonly at?: number;
}

/**
 * Why a flow has to end now, whatever its definition says; undefined where it may go on.
 *
 * A worker whose handler is under way aborts it then, and reports {@linkcode Result} `CANCELLED`.
 *
 * @param now Milliseconds since the Unix epoch.
 */
export function cancellationOf(request: RequestState, now: number): Cancellation | undefined {
  if (request.spec.desiredState === "Cancelled") {
    return { succeeded: false, reason: "Cancelled", message: "The request was cancelled" };
  }
  const deadline = deadlineOf(request);
  if (deadline === undefined || now < deadline) return undefined;
  const { activeDeadlineSeconds: seconds } = request.spec;
  const message = `The flow was not over ${seconds} s after its creation`;
  return { succeeded: false, reason: "DeadlineExceeded", message, at: deadline };
}
