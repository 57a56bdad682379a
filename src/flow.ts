/**
 * The rules of a flow: its states, who may do what, what comes next. Everything here is pure: no IO, no clock, no
 * randomness. A function is given a request and returns what should happen to it; `flow/write.ts` turns that into a write.
 *
 * @module
 */

import { type Flow, SAMPLE } from "./flow/definition.ts";
import { cancelled, failed, succeeded } from "./flow/ends.ts";
import { follows, successorOf } from "./flow/graph.ts";
import type { Transition } from "./flow/transition.ts";
import {
  attemptOf,
  type Claim,
  entriesOf,
  flowNameOf,
  isOver,
  type Json,
  type LastError,
  type RequestState,
  type State,
  STATES,
} from "./request-state.ts";

/** What a director should do about a request. */
export type Decision =
  /** Write this. */
  | { readonly action: "write"; readonly transition: Transition }
  /** Nothing: a worker comes next. */
  | { readonly action: "wait" }
  /** Nothing: the flow is over. */
  | { readonly action: "over" }
  /** Nothing: another flow, or another definition of it. */
  | { readonly action: "leave"; readonly because: string }
  /** Nothing, and nobody will: the content breaks the protocol. */
  | { readonly action: "report"; readonly fault: string };

/**
 * Decides what a director should do about a request now. Pure.
 *
 * @param flow What the director knows.
 * @param request As it stands on the server.
 */
export function decide(flow: Flow, request: RequestState): Decision {
  if (isOver(request)) return { action: "over" };
  const because = whyNotOurs(flow, request);
  if (because) return { action: "leave", because };
  const fault = faultOf(flow, request);
  if (fault) return { action: "report", fault };
  const { job } = request.spec;
  const attempt = attemptOf(request);
  const stay = { job, attempt, entered: false };
  switch (request.spec.state as State) {
    case "REQUESTED":
    case "STARTED":
      return { action: "wait" };
    case "COMPLETED": {
      const successor = successorOf(flow, job);
      return {
        action: "write",
        transition: successor === undefined
          ? { ...stay, state: "COMPLETED", end: succeeded }
          : { job: successor, state: "REQUESTED", attempt: 1, entered: true },
      };
    }
    case "FAILED":
      return { action: "write", transition: { ...stay, state: "FAILED", end: failed(job, request.status?.lastError) } };
    case "CANCELLED":
      return { action: "write", transition: { ...stay, state: "CANCELLED", end: cancelled } };
  }
}

/** The claim of a requested job by a worker, or undefined where there is nothing to claim. Pure. */
export function claimJob(flow: Flow, request: RequestState, claim: Pick<Claim, "id" | "holderIdentity">): Transition | undefined {
  const { job, state, desiredState = "Running" } = request.spec;
  if (state !== "REQUESTED" || desiredState !== "Running" || !isDrivable(flow, request)) return undefined;
  const attempt = attemptOf(request);
  return { job, state: "STARTED", attempt, entered: true, claim: { ...claim, job, attempt } };
}

/** How a handler ended. */
export type Result =
  | { readonly state: "COMPLETED"; readonly output?: Json }
  | { readonly state: "FAILED"; readonly error: Pick<LastError, "type" | "message" | "retryable"> }
  /** Given back unfinished: not a failure. */
  | { readonly state: "REQUESTED"; readonly reason: string };

/** The report of a job by the holder of its claim, or undefined where `claimId` holds it no more. Pure. */
export function reportJob(flow: Flow, request: RequestState, claimId: string, result: Result): Transition | undefined {
  const { job, state } = request.spec;
  const attempt = attemptOf(request);
  const claim = request.status?.claim;
  if (state !== "STARTED" || claim?.id !== claimId || claim.job !== job || claim.attempt !== attempt || isOver(request)) {
    return undefined;
  }
  switch (result.state) {
    case "COMPLETED":
      return {
        job,
        state: "COMPLETED",
        attempt,
        entered: true,
        output: result.output,
        end: successorOf(flow, job) === undefined && whyNotOurs(flow, request) === undefined ? succeeded : undefined,
      };
    case "FAILED":
      return { job, state: "FAILED", attempt, entered: true, error: { ...result.error, job, attempt } };
    case "REQUESTED":
      return { job, state: "REQUESTED", attempt: attempt + 1, entered: true, reason: result.reason };
  }
}

/** Whether this flow's director and workers may act on a request at all. Pure. */
export const isDrivable = (flow: Flow, request: RequestState): boolean =>
  !isOver(request) && whyNotOurs(flow, request) === undefined && faultOf(flow, request) === undefined;

/** Why a request is another director's business, or undefined. Pure. */
export function whyNotOurs(flow: Flow, request: RequestState): string | undefined {
  const { spec } = request;
  const name = flowNameOf(request);
  if (name !== flow.name) return `it belongs to flow "${name}", not to "${flow.name}"`;
  const digest = spec.flow === undefined ? SAMPLE.digest : spec.flowDigest;
  if (digest !== flow.digest) return `its flow "${name}" has digest ${digest}, this process knows ${flow.digest}`;
  return undefined;
}

/** What in a request breaks the protocol so that nobody may go on with it, or undefined. Pure. */
export function faultOf(flow: Flow, request: RequestState): string | undefined {
  const { job, state } = request.spec;
  if (!isState(state)) {
    return `state "${state}" is unknown (known: ${STATES.join(", ")}); correct spec.state or delete the object`;
  }
  if (!flow.jobs.includes(job)) {
    return `job "${job}" is not one of flow "${flow.name}" (${flow.jobs.join(", ")}); correct spec.job or delete the object`;
  }
  const entries = entriesOf(request);
  for (const entry of entries) {
    if (!isState(entry.state) || !flow.jobs.includes(entry.job)) {
      return `its history names ${entry.job}/${entry.state}, which flow "${flow.name}" does not have; correct status.history or delete the object`;
    }
  }
  const last = entries.at(-1);
  if (last && !(last.job === job && last.state === state) && !follows(flow, last, { job, state })) {
    return `its history ends with ${last.job}/${last.state}, from where ${job}/${state} cannot be reached; correct status.history or delete the object`;
  }
  return undefined;
}

const isState = (state: string): state is State => (STATES as readonly string[]).includes(state);
