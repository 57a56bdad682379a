/**
 * A worker takes a job. Pure.
 *
 * @module
 */

import { attemptOf, type Claim, isOver, type RequestState } from "../request-state.ts";
import { cancellationOf } from "./cancelling.ts";
import { notBeforeOf } from "./moments.ts";
import { faultOf, whyNotOurs } from "./ownership.ts";
import type { Flow } from "./plan.ts";
import type { Transition } from "./transition.ts";

/** Who wants to take a job. */
export interface Claimant extends Pick<Claim, "id" | "holderIdentity"> {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Whether it has a handler for a job. @default {For each} */
  readonly handles?: (job: string) => boolean;
}

/**
 * The claim of a requested job by a worker, or undefined where there is nothing to claim: now, or at all. `spec.notBefore` is all
 * that passes by itself: look again at {@linkcode notBeforeOf}.
 */
export const claimJob = (flow: Flow, request: RequestState, claimant: Claimant): Transition | undefined =>
  isDrivable(flow, request) ? claimDrivable(flow, request, claimant) : undefined;

/** As {@linkcode claimJob}, of a request that is known to be drivable. */
export function claimDrivable(
  flow: Flow,
  request: RequestState,
  { id, holderIdentity, now, handles }: Claimant,
): Transition | undefined {
  const { job, state, desiredState = "Running" } = request.spec;
  if (state !== "REQUESTED" || desiredState !== "Running") return undefined;
  if (flow.plans[job]!.waits || handles?.(job) === false) return undefined;
  if (now < (notBeforeOf(request) ?? now) || cancellationOf(request, now)) return undefined;
  const attempt = attemptOf(request);
  return { job, state: "STARTED", attempt, entered: true, claim: { id, holderIdentity, job, attempt } };
}

/** Whether this flow's director and workers may act on a request at all. Pure. */
export const isDrivable = (flow: Flow, request: RequestState): boolean =>
  !isOver(request) && whyNotOurs(flow, request) === undefined && faultOf(flow, request) === undefined;
