/**
 * The RequestState resource: its address, its shape, and how to read what is derivable from it.
 *
 * @module
 */

import { checkValue, type Expectation, OBJECT } from "./options.ts";
import type { Condition, KubernetesObject, Resource } from "./ports.ts";

/** Where RequestStates are served. */
export const REQUEST_STATES: Resource = { group: "com.redhat.ecosystem.sample", version: "v1", plural: "requeststates" };

/** `apiVersion` of a RequestState. */
export const API_VERSION = "com.redhat.ecosystem.sample/v1";

/** `kind` of a RequestState. */
export const KIND = "RequestState";

/** Selects exactly the requests that are not over, so that finished ones cost a watcher nothing. */
export const UNFINISHED = "status.completionTime=";

/** Selects exactly those that are over. */
export const FINISHED = "status.completionTime!=";

/** A value as a field selector has it. */
const selectorValue = (value: string): string => value.replaceAll(/[\\,=]/g, "\\$&");

/** Selects those that name a flow; those of the sample flow need not. */
export const ofFlow = (name: string): string => `spec.flow=${selectorValue(name)}`;

/** Selects the one of a name. */
export const ofName = (name: string): string => `metadata.name=${selectorValue(name)}`;

/** The state of a request's current job. */
export type State = "REQUESTED" | "STARTED" | "COMPLETED" | "FAILED" | "CANCELLED";

/** Every state a job can be in. */
export const STATES: readonly State[] = ["REQUESTED", "STARTED", "COMPLETED", "FAILED", "CANCELLED"];

/** Anything that JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One state that was entered. The reference writes the first three members only, and its timestamps are free text. */
export interface HistoryEntry {
  /** The job. */
  readonly job: string;
  /** The state that was entered. */
  readonly state: string;
  /** RFC 3339 with milliseconds where this library wrote it. */
  readonly timestamp: string;
  /** Counts the entries of this request from 1, dropped ones included. */
  readonly seq?: number;
  /** The attempt of the job. */
  readonly attempt?: number;
  /** The identity of the process that made the transition. */
  readonly by?: string;
  /** CamelCase; why, where it is not the ordinary course. */
  readonly reason?: string;
  /** The outcome that chose the next job. */
  readonly outcome?: string;
}

/** Who holds the current job. `id` is random for each claim. */
export interface Claim {
  /** Random for each claim. */
  readonly id: string;
  /** The worker, unique for each start of a process. */
  readonly holderIdentity: string;
  /** The job that was claimed. */
  readonly job: string;
  /** The attempt that was claimed. */
  readonly attempt: number;
  /** RFC 3339 with milliseconds. */
  readonly acquireTime: string;
}

/** How a job that waits was ended. Given once, kept; it may come before its job does. */
export interface Signal {
  /** One of the outcomes that the job's `on` names; absent where it names none. */
  readonly outcome?: string;
  /** Becomes the output of the job; at most 4 KiB as JSON. */
  readonly data?: Json;
  /** Who gave it. */
  readonly by?: string;
}

/** The job of another flow from which a flow goes on. */
export interface ForkedFrom {
  /** The name of the other request. */
  readonly name: string;
  /** Its uid. */
  readonly uid: string;
  /** The first job here. */
  readonly job: string;
}

/** Attempts of the current job that went wrong; the limits of retries are judged by these. */
export interface Failures {
  /** Attempts that failed, or took too long. */
  readonly failed?: number;
  /** Attempts whose worker was lost. */
  readonly lost?: number;
}

/** Why a job failed. */
export interface LastError {
  /** The name of the error. */
  readonly type: string;
  /** At most 1 KiB. */
  readonly message: string;
  /** Whether another attempt may help. */
  readonly retryable: boolean;
  /** The handler asks to be tried again after so many seconds; that is not counted as a failure. */
  readonly retryAfterSeconds?: number;
  /** The job that failed. */
  readonly job: string;
  /** The attempt that failed. */
  readonly attempt: number;
}

/** What is wanted, and where the flow stands. */
export interface RequestStateSpec {
  /** Also the object's name. */
  readonly "request-uid": string;
  /** The current job. */
  readonly job: string;
  /** The state of the current job. */
  readonly state: string;
  /** Absent: the sample flow. */
  readonly flow?: string;
  /** The digest of the definition that it was created by. */
  readonly flowDigest?: string;
  /** At most 64 KiB as JSON. */
  readonly input?: Json;
  /** How jobs that wait were ended, by job; at most 16. */
  readonly signals?: { readonly [job: string]: Signal };
  /** RFC 3339: the first job is not begun before it. */
  readonly notBefore?: string;
  /** Where this flow goes on from. */
  readonly forkedFrom?: ForkedFrom;
  /** 1 for each new job, one more at every new request of it: the fencing token. */
  readonly attempt?: number;
  /** What the user wants. @default {"Running"} */
  readonly desiredState?: "Running" | "Suspended" | "Cancelled";
  /** How long after its creation it may go on, in seconds. */
  readonly activeDeadlineSeconds?: number;
  /** How long after its end the object is kept, in seconds. */
  readonly ttlSecondsAfterFinished?: number;
}

/** What happened so far. */
export interface RequestStateStatus {
  /** The states that were entered, the oldest first. */
  readonly history?: readonly HistoryEntry[];
  /** How many of the oldest entries are not kept any more. */
  readonly historyDropped?: number;
  /** Who holds the current job; stays until the next request. */
  readonly claim?: Claim;
  /** What each job gave back, by job; 4 KiB each as JSON, 64 KiB in all. */
  readonly outputs?: { readonly [job: string]: Json };
  /** Why a job failed, where one did. */
  readonly lastError?: LastError;
  /** Failed and lost attempts of the current job. */
  readonly failures?: Failures;
  /** In a few words, where no worker comes next: a signal, a moment, an operator. */
  readonly waitingFor?: string;
  /** RFC 3339: when the first job was started. */
  readonly startTime?: string;
  /** Set when the flow is over, whatever its end. */
  readonly completionTime?: string;
  /** `Finished` and `Succeeded`. */
  readonly conditions?: readonly Condition[];
}

/** One running flow. */
export interface RequestState extends KubernetesObject {
  /** What is wanted, and where the flow stands. */
  readonly spec: RequestStateSpec;
  /** What happened so far. */
  readonly status?: RequestStateStatus;
}

const REQUEST: Expectation = {
  expected: "a RequestState, as run.request is",
  fits: (value) => OBJECT.fits(value) && OBJECT.fits((value as Partial<RequestState>).spec),
  meant: (value) => OBJECT.fits(value) && "request" in (value as object) ? "run.request" : undefined,
};

/**
 * Where JavaScript, or a cast, has let by what is no request: costs no more than a look where all is well, because it is asked in loops.
 *
 * @param action As in `Cannot tell where a flow stands`.
 * @throws {TypeError} When it is none.
 */
export function checkRequest(action: string, request: RequestState): void {
  if (!(request as Partial<RequestState> | null | undefined)?.spec) checkValue(action, "request", request, REQUEST);
}

/** The history with equal neighbours as one: the reference records a state on leaving it, this library on entering it. */
export function entriesOf(request: RequestState): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const entry of request.status?.history ?? []) {
    const last = entries.at(-1);
    if (!last || last.job !== entry.job || last.state !== entry.state || last.attempt !== entry.attempt) entries.push(entry);
  }
  return entries;
}

/** The attempt of the current job, counted from its REQUESTED entries where the reference erased the field. */
export function attemptOf(request: RequestState): number {
  checkRequest("Cannot tell the attempt of a flow", request);
  const { attempt, job } = request.spec;
  return attempt ?? Math.max(1, entriesOf(request).filter((entry) => entry.job === job && entry.state === "REQUESTED").length);
}

/** As this library and the API server write it: read as it is. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

/**
 * The moment a timestamp names, in milliseconds since the Unix epoch: RFC 3339, or what Go's `time.Time.String()`
 * prints, as the reference writes it. NaN for anything else.
 */
export function momentOf(timestamp: string): number {
  if (RFC_3339.test(timestamp)) return Date.parse(timestamp);
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,3})?\d* ?(Z|[+-]\d\d:?\d\d)/i.exec(timestamp);
  return parts
    ? Date.parse(`${parts[1]}T${parts[2]}${parts[3] ?? ""}${parts[4]!.toUpperCase().replace(/^(...)(\d\d)$/, "$1:$2")}`)
    : NaN;
}

/** Whether the flow is over: nothing changes any more. */
export function isOver(request: RequestState): boolean {
  checkRequest("Cannot tell whether a flow is over", request);
  return request.status?.completionTime !== undefined;
}

/** The condition of a type; undefined where there is none. */
export const conditionOf = (request: RequestState, type: "Finished" | "Succeeded"): Condition | undefined =>
  request.status?.conditions?.find((condition) => condition.type === type);

/** Whether the flow is over and has ended well. */
export const hasSucceeded = (request: RequestState): boolean =>
  isOver(request) && conditionOf(request, "Succeeded")?.status === "True";

/** Whether a job has failed for good and waits for somebody to retry it or to cancel the flow. */
export const isParked = (request: RequestState): boolean =>
  !isOver(request) && request.spec.state === "FAILED" && conditionOf(request, "Finished")?.reason === "Parked";

/** The name of a request's flow; a request that names none belongs to the sample flow. */
export function flowNameOf(request: RequestState): string {
  checkRequest("Cannot tell the name of a flow", request);
  return request.spec.flow ?? "sample";
}

/** What to call a request in a message. */
export const nameOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace}/${metadata.name}`;
