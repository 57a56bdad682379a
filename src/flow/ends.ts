/**
 * How a flow can end. Pure.
 *
 * @module
 */

import { isOver, momentOf, type RequestState } from "../request-state.ts";
import type { Flow } from "./plan.ts";
import { successorOf } from "./steps.ts";
import type { End } from "./transition.ts";

/** The end of a flow whose job completed with an outcome; undefined where another job comes next. */
export function endAfter(flow: Flow, job: string, outcome?: string): End | undefined {
  if (successorOf(flow, job, outcome) !== undefined) return undefined;
  if (flow.plans[job]?.end !== "failed") return { succeeded: true, reason: "Completed", message: "All jobs completed" };
  return { succeeded: false, reason: reasonOf(job), message: `The flow has ended with job ${job}` };
}

/** A job failed for good. @param reason CamelCase. */
export const failed = (job: string, message: string | undefined, reason = "JobFailed"): End => ({
  succeeded: false,
  reason,
  message: message ? `Job ${job} failed: ${message}` : `Job ${job} failed`,
});

/** A name in CamelCase, as reasons are: `clean-up` is `CleanUp`. */
function reasonOf(job: string): string {
  const words = job.split(/[-_.]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  return /^[A-Za-z]/.test(words) ? words : `Job${words}`;
}

/** When a finished request may be deleted, in milliseconds since the Unix epoch; undefined: never. */
export function expiryOf(request: RequestState): number | undefined {
  const { flow, ttlSecondsAfterFinished: ttl } = request.spec;
  // Those of the reference name no flow: they are not ours to delete.
  if (flow === undefined || ttl === undefined || !isOver(request)) return undefined;
  const end = momentOf(request.status!.completionTime!);
  return Number.isNaN(end) ? undefined : end + ttl * 1_000;
}
