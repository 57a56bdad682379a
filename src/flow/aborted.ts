/**
 * What a handler is told when it shall stop: the reason of its signal.
 *
 * @module
 */

import { CrdWatcherError, isCrdWatcherError } from "../errors.ts";

/** Why a handler shall stop. */
export type AbortReason =
  /** Somebody has cancelled the flow. */
  | "Cancelled"
  /** The time of the whole flow is over. */
  | "DeadlineExceeded"
  /** The `timeout` of the job is over. */
  | "TimedOut"
  /** The worker could not renew its lease: somebody else has the job, or may have it any moment. */
  | "LeaseLost"
  /** Somebody else has moved the request on. */
  | "TakenOver"
  /** The request is gone. */
  | "Deleted"
  /** The worker has to end. */
  | "Draining";

/**
 * The reason of a handler's signal. After `Cancelled`, `DeadlineExceeded`, `TimedOut` and `Draining` it may clean up: the claim
 * still stands, and a result that it gives back in time counts. After the others nothing that it says is heard any more.
 *
 * @example Clean up only where nobody else is at work
 * ```ts
 * import { isJobAborted } from "crd-watcher";
 *
 * const handler = async ({ signal }: { readonly signal: AbortSignal }) => {
 *   signal.addEventListener("abort", () => {
 *     if (isJobAborted(signal.reason) && signal.reason.reason === "Cancelled") console.log("give the money back");
 *   });
 * };
 * ```
 */
export class JobAbortedError extends CrdWatcherError {
  /** Why. */
  readonly reason: AbortReason;

  /** Takes the reason, and a whole sentence for people. */
  constructor(reason: AbortReason, message: string) {
    super("job-aborted", message);
    this.reason = reason;
  }
}

/** The worker could not renew its lease, so that its job is another's, or may be. What it has touched, another touches now. */
export class LeaseLostError extends JobAbortedError {
  /** Takes a whole sentence for people. */
  constructor(message: string) {
    super("LeaseLost", message);
  }
}

/** Whether this is the reason of a handler's signal. */
export const isJobAborted = (error: unknown): error is JobAbortedError =>
  isCrdWatcherError(error) && error.crdWatcher === "job-aborted";

/** Whether a handler was told to stop because its worker could not renew its lease. */
export const isLeaseLost = (error: unknown): error is LeaseLostError => isJobAborted(error) && error.reason === "LeaseLost";
