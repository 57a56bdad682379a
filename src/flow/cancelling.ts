/**
 * A flow that nobody wants any more, or whose time is over. Pure.
 *
 * @module
 */

import { conditionOf, isOver, type RequestState } from "../request-state.ts";
import { deadlineOf } from "./moments.ts";
import type { End, Notice } from "./transition.ts";

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

/** What a person should see of a flow that has ended before its end. */
export const cancellationNotice = ({ reason, message }: Pick<End, "reason" | "message">): Notice => ({
  type: "Warning",
  reason,
  message,
});

/**
 * What a person should see of an end that a worker has written because its flow was cancelled: a worker tells nobody. Undefined for
 * any other end, and for one that a director has written, who has told of it.
 */
export function untoldCancellation(request: RequestState): Notice | undefined {
  const { spec, status } = request;
  const last = status?.history?.at(-1);
  if (!isOver(request) || spec.state !== "CANCELLED" || last?.by === undefined) return undefined;
  const end = last.by === status?.claim?.holderIdentity ? conditionOf(request, "Finished") : undefined;
  return end && cancellationNotice(end);
}
