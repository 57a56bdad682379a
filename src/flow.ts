/**
 * The rules of a flow: its states, who may do what, what comes next. Everything here is pure: no IO, no clock, no
 * randomness. A function is given a request and returns what should happen to it; `patch.ts` turns that into a write.
 *
 * @module
 */

import { FlowDefinitionError } from "./errors.ts";
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

/** A flow as a director and its workers know it. Made by {@linkcode defineFlow}; frozen. */
export interface Flow<Job extends string = string> {
  /** As in `spec.flow`. */
  readonly name: string;
  /** In the order in which they run. */
  readonly jobs: readonly Job[];
  /** Identifies the graph, so that processes with another definition of the same name keep off. */
  readonly digest: string;
}

/**
 * Defines a flow: a name and its jobs, one after the other.
 *
 * @param name 1 to 63 characters: lower-case letters, digits and `-`.
 * @param jobs At least one; each 1 to 63 characters, no two alike.
 * @throws {FlowDefinitionError} Listing every fault.
 *
 * @example The flow of the reference
 * ```ts
 * import { defineFlow } from "crd-watcher";
 *
 * const sample = defineFlow("sample", ["JOB1", "JOB2"]);
 * ```
 */
export function defineFlow<const Job extends string>(name: string, jobs: readonly Job[]): Flow<Job> {
  const faults: string[] = [];
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    faults.push(`the name must be 1 to 63 lower-case letters, digits or "-", and begin and end with a letter or digit`);
  }
  if (jobs.length === 0) faults.push("it has no jobs");
  jobs.forEach((job, index) => {
    if (!/^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(job)) {
      faults.push(
        `job ${JSON.stringify(job)} must be 1 to 63 letters, digits, "-", "_" or ".", and begin and end with a letter or digit`,
      );
    }
    if (jobs.indexOf(job) < index) faults.push(`job ${JSON.stringify(job)} stands there twice`);
  });
  if (faults.length > 0) throw new FlowDefinitionError(name, faults);
  return Object.freeze({ name, jobs: Object.freeze([...jobs]), digest: digestOf(jobs) });
}

/** The flow of a request that names none: what the reference drives. */
export const SAMPLE: Flow<"JOB1" | "JOB2"> = defineFlow("sample", ["JOB1", "JOB2"]);

/** The job after `job`; undefined where the flow ends. */
export function successorOf(flow: Flow, job: string): string | undefined {
  return flow.jobs[flow.jobs.indexOf(job) + 1];
}

/** The end of a flow. */
export interface End {
  /** Whether every job completed. */
  readonly succeeded: boolean;
  /** CamelCase. */
  readonly reason: string;
  /** For people; becomes the message of the conditions. */
  readonly message: string;
}

/** One legal step of a request, to be made by one conditional write. */
export interface Transition {
  /** The job afterwards. */
  readonly job: string;
  /** The state afterwards. */
  readonly state: State;
  /** The attempt afterwards. */
  readonly attempt: number;
  /** False: the state stays, only its end is recorded. */
  readonly entered: boolean;
  /** CamelCase; why, where it is not the ordinary course. */
  readonly reason?: string;
  /** Set by the claim; every other transition to REQUESTED clears it. */
  readonly claim?: Omit<Claim, "acquireTime">;
  /** What the handler gave back. */
  readonly output?: Json;
  /** What the handler threw. */
  readonly error?: LastError;
  /** Set where the flow is over with this transition. */
  readonly end?: End;
}

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

/** Whether one step leads from `from` to `to`. Pure. */
export function follows(flow: Flow, from: { job: string; state: string }, to: { job: string; state: string }): boolean {
  const next = from.state === "COMPLETED" && to.state === "REQUESTED" ? successorOf(flow, from.job) : from.job;
  return to.job === next && TRANSITIONS.some((rule) => rule.from === from.state && rule.to === to.state);
}

const succeeded: End = { succeeded: true, reason: "Completed", message: "All jobs completed" };
const cancelled: End = { succeeded: false, reason: "Cancelled", message: "The request was cancelled" };

function failed(job: string, error: LastError | undefined): End {
  return { succeeded: false, reason: "JobFailed", message: error ? `Job ${job} failed: ${error.message}` : `Job ${job} failed` };
}

const isState = (state: string): state is State => (STATES as readonly string[]).includes(state);

/** FNV-1a, 64 bits: short and stable; it tells definitions apart, it does not protect them. */
export function digestOf(jobs: readonly string[]): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(JSON.stringify(jobs))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
}
