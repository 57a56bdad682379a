/**
 * Which step may follow which: the table of the protocol. Pure.
 *
 * @module
 */

import type { RequestState, State } from "../request-state.ts";
import type { Flow } from "./plan.ts";

/** Who makes a transition. */
export type Role = "director" | "worker" | "client";

/** One row of the table. */
export interface Step {
  readonly from: State;
  readonly to: State;
  /** The job afterwards: the same one, or one that the definition names as its successor. */
  readonly job: "same" | "next";
  readonly by: readonly Role[];
}

/** From which state to which, and who may do it. What is not listed here is refused. */
export const STEPS: readonly Step[] = [
  { from: "REQUESTED", to: "STARTED", job: "same", by: ["worker"] }, // the claim
  { from: "REQUESTED", to: "COMPLETED", job: "same", by: ["director"] }, // the job waited, its signal is there
  { from: "REQUESTED", to: "FAILED", job: "same", by: ["director", "worker"] }, // nobody has begun it in time; or it is too large
  { from: "STARTED", to: "COMPLETED", job: "same", by: ["worker"] },
  { from: "STARTED", to: "FAILED", job: "same", by: ["worker", "director"] },
  { from: "STARTED", to: "REQUESTED", job: "same", by: ["worker", "director"] }, // the next attempt
  { from: "FAILED", to: "REQUESTED", job: "same", by: ["director", "client"] }, // the next attempt
  { from: "FAILED", to: "REQUESTED", job: "next", by: ["director"] }, // its branch for "failed" or "timedOut"
  { from: "COMPLETED", to: "REQUESTED", job: "next", by: ["director"] },
  { from: "REQUESTED", to: "CANCELLED", job: "same", by: ["director"] },
  { from: "STARTED", to: "CANCELLED", job: "same", by: ["worker", "director"] },
  { from: "FAILED", to: "CANCELLED", job: "same", by: ["director"] },
  { from: "COMPLETED", to: "CANCELLED", job: "same", by: ["director"] },
];

/** Where a request stands. */
export interface Place {
  readonly job: string;
  readonly state: string;
}

/**
 * The job after `job`, undefined where the flow ends.
 *
 * @param outcome The one that its handler, its signal or the director gave.
 */
export function successorOf(flow: Flow, job: string, outcome?: string): string | undefined {
  const plan = flow.plans[job];
  return (outcome === undefined ? undefined : plan?.on[outcome]) ?? plan?.next;
}

/** The job that a definition names for a job that failed for good. */
export function branchOf(flow: Flow, job: string, { inTime }: { readonly inTime: boolean }): string | undefined {
  const { failed, timedOut } = flow.plans[job]?.on ?? {};
  return inTime ? failed : timedOut ?? failed;
}

/** Whether one step leads from `from` to `to` in this flow. Pure. */
export function follows(flow: Flow, from: Place, to: Place): boolean {
  const job = to.job === from.job ? "same" : isNext(flow, from, to.job) ? "next" : undefined;
  return STEPS.some((step) => step.from === from.state && step.to === to.state && step.job === job) &&
    (from.state !== "REQUESTED" || to.state !== "COMPLETED" || flow.plans[from.job]?.waits !== undefined);
}

/** Whether the definition has an edge for it: by a failure where the job has failed, else by any other. */
function isNext(flow: Flow, { job, state }: Place, to: string): boolean {
  const plan = flow.plans[job];
  if (!plan) return false;
  const { next, on, waits } = plan;
  const failures = waits ? [] : ["failed", "timedOut"];
  return state === "FAILED"
    ? failures.some((outcome) => on[outcome] === to)
    : next === to || Object.entries(on).some(([outcome, each]) => each === to && !failures.includes(outcome));
}

/**
 * Why the protocol has no such step, in the words of the rules of the CRD, which know no definitions; undefined where it has.
 * Pure.
 *
 * @param signalled Whether `spec.signals` will name the job.
 */
export function stepFault(request: RequestState, to: Place, signalled: boolean): string | undefined {
  const { job, state, flow } = request.spec;
  if (job === to.job && state === to.state) return undefined;
  const legal = STEPS.some((step) => step.from === state && step.to === to.state && (step.job === "same") === (job === to.job)) &&
    (state !== "REQUESTED" || to.state !== "COMPLETED" || signalled) &&
    (job === to.job || flow !== undefined || state === "COMPLETED" && job === "JOB1" && to.job === "JOB2");
  return legal ? undefined : `The flow cannot go from ${job}/${state} to ${to.job}/${to.state} in one step`;
}
