/**
 * Jobs that fail, take too long, or whose worker is lost: another attempt, another branch, an operator, or the end. Pure.
 *
 * @module
 */

import { attemptOf, type Failures, isParked, type LastError, type RequestState } from "../request-state.ts";
import { type Decision, type Judged, waitFor, write } from "./decision.ts";
import { lotOf } from "./digest.ts";
import { failed } from "./ends.ts";
import { spanText } from "./moments.ts";
import type { Flow, JobPlan } from "./plan.ts";
import { requestAgain, requestNext } from "./requesting.ts";
import { restAfter } from "./retry-policy.ts";
import { branchOf } from "./steps.ts";
import { type Notice, stay, type Transition } from "./transition.ts";
import { waitText } from "./waiting.ts";

/**
 * Why a director fails a job itself: reasons of FAILED entries that are not for another attempt. A worker may say `TimedOut`, too,
 * where no director did; its error is retryable then.
 */
type Verdict = "TimedOut" | "WorkerLost" | "NoWorker";
const VERDICTS: readonly string[] = ["TimedOut", "WorkerLost", "NoWorker"];

/** Reasons of FAILED entries that end the flow, whatever its definition says about failures. */
const FATAL: readonly string[] = ["InvalidInput", "ObjectTooLarge"];

/** What to do about a job that failed. */
export function decideFailed(flow: Flow, plan: JobPlan, request: RequestState, judged: Judged): Decision {
  const { now, since } = judged;
  if (isParked(request)) return waitFor("operator");
  const error = errorOf(request);
  const reason = reasonOf(request);
  if (reason !== undefined && FATAL.includes(reason)) return over(plan, request, failuresOf(request), reason);
  const isVerdict = reason !== undefined && VERDICTS.includes(reason) && error?.retryable !== true;
  if (!isVerdict && error?.retryAfterSeconds !== undefined) {
    return again(request, judged, since + error.retryAfterSeconds * 1_000, anew(plan, request, now, "RetryAfter"));
  }
  const counted = isVerdict ? failuresOf(request) : { ...failuresOf(request), failed: (failuresOf(request).failed ?? 0) + 1 };
  const mayHelp = !isVerdict && error?.retryable !== false && !plan.retry.nonRetryable.includes(error?.type ?? "");
  if (mayHelp && counted.failed! < plan.retry.limit) {
    const lot = lotOf(`${request.metadata.uid} ${plan.name} ${attemptOf(request)}`);
    const notice = warning(
      "Retrying",
      `Job ${plan.name} failed (attempt ${attemptOf(request)}), it is tried again: ${textOf(error)}`,
    );
    return again(
      request,
      judged,
      since + restAfter(plan.retry, counted.failed!, lot),
      anew(plan, request, now, "Retrying", counted),
      notice,
    );
  }
  const branch = branchOf(flow, plan.name, { inTime: !(reason === "TimedOut" || reason === "NoWorker") });
  if (branch !== undefined) {
    if (isSuspended(request)) return waitFor("resume");
    const notice = warning("JobFailed", `Job ${plan.name} failed, the flow goes on with ${branch}: ${textOf(error)}`);
    return write(requestNext(flow, request, branch, now, "JobFailed"), notice);
  }
  return plan.parks ? parked(plan, request, counted) : over(plan, request, counted, isVerdict ? reason : undefined);
}

/** Another attempt; of a job that waits, which only somebody else can have begun or failed, one that is seen to wait. */
function anew(plan: JobPlan, request: RequestState, now: number, reason: string, failures?: Failures): Transition {
  const waitingFor = waitText(plan, now, request);
  return { ...requestAgain(request, reason, failures), ...waitingFor !== undefined && { waitingFor } };
}

/** Another attempt, once its time has come. */
function again({ spec }: RequestState, { now }: Judged, due: number, transition: Transition, ...notices: Notice[]): Decision {
  if (spec.desiredState === "Suspended") return waitFor("resume");
  return now < due ? waitFor("retry", due) : write(transition, ...notices);
}

function parked(plan: JobPlan, request: RequestState, failures: Failures): Decision {
  const message = `Job ${plan.name} has failed and waits for somebody to retry it or to cancel the flow: ${
    textOf(errorOf(request))
  }`;
  return write({
    ...stay(request),
    ...hasAny(failures) && { failures },
    waitingFor: "operator retry|cancel",
    standstill: { status: "False", reason: "Parked", message },
  }, warning("Parked", message));
}

function over(plan: JobPlan, request: RequestState, failures: Failures, reason?: string): Decision {
  const end = failed(plan.name, errorOf(request)?.message, reason);
  return write({ ...stay(request), ...hasAny(failures) && { failures }, end }, warning("Failed", end.message));
}

/** An attempt that is taken from its worker: another one follows, if the limit allows it. */
export function takeAway(
  flow: Flow,
  plan: JobPlan,
  request: RequestState,
  now: number,
  why: "TimedOut" | "WorkerLost",
): Decision {
  const before = failuresOf(request);
  const holder = request.status?.claim?.holderIdentity;
  const worker = holder === undefined ? "a worker that names no claim" : `worker ${holder}`;
  const [kind, limit, message] = why === "TimedOut"
    ? ["failed" as const, plan.retry.limit, `Job ${plan.name} was not done within ${spanText(plan.timeout!)} by ${worker}`]
    : [
      "lost" as const,
      plan.retry.lostLimit,
      `${worker.replace(/^./, (first) => first.toUpperCase())} was lost in job ${plan.name}`,
    ];
  const count = (before[kind] ?? 0) + 1;
  const failures = { ...before, [kind]: count };
  if (count < limit) {
    return write(
      anew(plan, request, now, why, failures),
      warning(why, `${message} (attempt ${attemptOf(request)}), the job is tried again`),
    );
  }
  return write(fail(flow, plan, request, why, message, failures), warning(why, `${message}, for the last time`));
}

/** Nobody has begun it in time: another attempt would wait for the same. */
export function noWorker(flow: Flow, plan: JobPlan, request: RequestState): Decision {
  const message = `No worker has begun job ${plan.name} within ${spanText(plan.startTimeout!)}`;
  // As any failed job, it is looked at once more: it may be parked, or have a branch.
  const { end: _, ...transition } = fail(flow, plan, request, "NoWorker", message);
  return write(transition, warning("NoWorker", message));
}

function fail(
  flow: Flow,
  plan: JobPlan,
  request: RequestState,
  reason: Verdict,
  message: string,
  failures?: Failures,
): Transition {
  const { job, attempt } = stay(request);
  const goesOn = plan.parks || branchOf(flow, plan.name, { inTime: reason === "WorkerLost" }) !== undefined;
  return {
    job,
    attempt,
    state: "FAILED",
    entered: true,
    reason,
    error: { type: reason, message, retryable: false, job, attempt },
    ...failures && { failures },
    ...!goesOn && { end: failed(plan.name, message, reason) },
  };
}

/** Whether nothing new is to be begun. */
export const isSuspended = ({ spec }: RequestState): boolean => spec.desiredState === "Suspended";

/** The error of this very attempt. */
export function errorOf(request: RequestState): LastError | undefined {
  const error = request.status?.lastError;
  return error?.job === request.spec.job && error.attempt === attemptOf(request) ? error : undefined;
}

/** Why the present state was entered. */
function reasonOf({ spec, status }: RequestState): string | undefined {
  const last = status?.history?.at(-1);
  return last?.job === spec.job && last.state === spec.state ? last.reason : undefined;
}

const failuresOf = ({ status }: RequestState): Failures => status?.failures ?? {};
const hasAny = ({ failed = 0, lost = 0 }: Failures): boolean => failed + lost > 0;
const textOf = (error: LastError | undefined): string => error?.message ?? "nothing was said about why";
const warning = (reason: string, message: string): Notice => ({ type: "Warning", reason, message });
