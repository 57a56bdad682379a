/**
 * Which step may follow which. Pure.
 *
 * @module
 */

import type { State } from "../request-state.ts";
import type { Flow } from "./definition.ts";

/** Who makes a transition. */
export type Role = "director" | "worker";

/** From which state to which, and who may do it. What is not listed here is refused. */
export const TRANSITIONS: readonly { readonly from: State; readonly to: State; readonly by: readonly Role[] }[] = [
  { from: "REQUESTED", to: "STARTED", by: ["worker"] }, // the claim
  { from: "STARTED", to: "COMPLETED", by: ["worker"] },
  { from: "STARTED", to: "FAILED", by: ["worker", "director"] },
  { from: "STARTED", to: "REQUESTED", by: ["worker", "director"] }, // the same job, the next attempt
  { from: "COMPLETED", to: "REQUESTED", by: ["director"] }, // the successor, attempt 1
  { from: "FAILED", to: "REQUESTED", by: ["director"] }, // the same job, the next attempt
  { from: "REQUESTED", to: "CANCELLED", by: ["director"] },
  { from: "STARTED", to: "CANCELLED", by: ["worker", "director"] },
  { from: "COMPLETED", to: "CANCELLED", by: ["director"] },
  { from: "FAILED", to: "CANCELLED", by: ["director"] },
];

/** The job after `job`; undefined where the flow ends. */
export function successorOf(flow: Flow, job: string): string | undefined {
  return flow.jobs[flow.jobs.indexOf(job) + 1];
}

/** Whether one step leads from `from` to `to`. Pure. */
export function follows(flow: Flow, from: { job: string; state: string }, to: { job: string; state: string }): boolean {
  const next = from.state === "COMPLETED" && to.state === "REQUESTED" ? successorOf(flow, from.job) : from.job;
  return to.job === next && TRANSITIONS.some((rule) => rule.from === from.state && rule.to === to.state);
}
