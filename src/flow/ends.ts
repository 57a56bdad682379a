/**
 * How a flow can end. Pure.
 *
 * @module
 */

import type { LastError } from "../request-state.ts";
import type { End } from "./transition.ts";

/** Every job completed. */
export const succeeded: End = { succeeded: true, reason: "Completed", message: "All jobs completed" };
/** The user wanted no more of it. */
export const cancelled: End = { succeeded: false, reason: "Cancelled", message: "The request was cancelled" };

/** A job failed for good. */
export function failed(job: string, error: LastError | undefined): End {
  return { succeeded: false, reason: "JobFailed", message: error ? `Job ${job} failed: ${error.message}` : `Job ${job} failed` };
}
