/**
 * Jobs that wait for a signal, for a moment, or for the first of both. No worker is needed: the director completes them. Pure.
 *
 * @module
 */

import { momentOf, type RequestState, type Signal } from "../request-state.ts";
import { RESERVED_OUTCOMES } from "./definition.ts";
import { type Decision, type Judged, waitFor, write } from "./decision.ts";
import { endAfter } from "./ends.ts";
import { jobsBefore } from "./graph.ts";
import { notBeforeOf } from "./moments.ts";
import type { Flow, JobPlan } from "./plan.ts";
import { outputFault } from "./sizes.ts";
import { cutText, timeText } from "../text.ts";
import { type Notice, stay, type Transition } from "./transition.ts";

/** What to do about a requested job that waits. */
export function decideWaiting(flow: Flow, plan: JobPlan, request: RequestState, { now, since }: Judged): Decision {
  const begin = Math.max(since, notBeforeOf(request) ?? since);
  if (begin > now) return waitFor("time", begin);
  const signal = signalOf(request, plan.name);
  if (signal && signalFault(plan, request, signal) === undefined) {
    return write(ended(flow, request, signal.outcome, { output: signal.data }));
  }
  const span = plan.waits!.after ?? plan.timeout;
  const isDue = span !== undefined && now >= begin + span;
  // Somebody has made the request by hand, or has taken it out: people would look for a worker.
  if (!isDue && request.status?.waitingFor === undefined) {
    return write({ ...stay(request), waitingFor: waitText(plan, begin, request)! });
  }
  if (span === undefined) return waitFor("signal");
  if (!isDue) return waitFor(plan.waits!.signal ? "signal" : "time", begin + span);
  const outcome = plan.waits!.after === undefined ? "timedOut" : "elapsed";
  // One that it could not go by stays: a signal is given once.
  return write(ended(flow, request, outcome, signal ? {} : { signal: outcome }));
}

function ended(flow: Flow, { spec }: RequestState, outcome: string | undefined, more: Partial<Transition>): Transition {
  const end = endAfter(flow, spec.job, outcome);
  return {
    job: spec.job,
    state: "COMPLETED",
    attempt: spec.attempt ?? 1,
    entered: true,
    ...outcome !== undefined && { outcome },
    ...more,
    ...end && { end },
  };
}

/**
 * What a waiting job will be seen to wait for, in a few words.
 *
 * @param of The request that comes to it: a signal that it was given before, and that cannot be gone by, is told of in the same write.
 */
export function waitText(plan: JobPlan, now: number, of?: RequestState): string | undefined {
  const { name, waits, outcomes, timeout } = plan;
  if (!waits) return undefined;
  const span = waits.after ?? timeout;
  const until = span === undefined ? "" : `until ${timeText(now + span)}`;
  const signal = waits.signal ? `signal${outcomes.length > 0 ? ` ${outcomes.join("|")}` : ""}` : "";
  const text = [signal, until].filter((part) => part !== "").join(" ");
  const given = of && signalOf(of, name);
  const isIgnored = given !== undefined && signalFault(plan, of!, given) !== undefined;
  return cutText(isIgnored ? `${text}; ${IGNORED}: cancel or fork the flow` : text, LONGEST);
}

/** Said of a signal that cannot be gone by. */
export const IGNORED = "the signal that was given is ignored";

/** As much as `status.waitingFor` takes. */
const LONGEST = 256;

/**
 * The outcomes of the signal that a request is seen to wait for, as {@linkcode waitText} has told it; undefined where it does not, or
 * where they are too many to be shown.
 */
export function awaitedOutcomes({ spec, status }: RequestState): readonly string[] | undefined {
  const [, outcomes, rest] = /^signal(?: (?!until )([\w.|-]+))?(.*)$/.exec(status?.waitingFor ?? "") ?? [];
  if (spec.state !== "REQUESTED" || rest === undefined || rest.endsWith("…")) return undefined;
  return outcomes?.split("|") ?? [];
}

/** Until when a request is seen to wait, in milliseconds since the Unix epoch; undefined where it does not say. */
export function awaitedUntil({ status }: RequestState): number | undefined {
  const moment = momentOf(/(?:^| )until ([^\s;]+)(?:;|$)/.exec(status?.waitingFor ?? "")?.[1] ?? "");
  return Number.isNaN(moment) ? undefined : moment;
}

/** The signal for a job; undefined where none was given. */
export function signalOf({ spec }: RequestState, job: string): Signal | undefined {
  return spec.signals && Object.hasOwn(spec.signals, job) ? spec.signals[job] : undefined;
}

/** Why a signal cannot be gone by, as a clause; undefined where it can. */
export function signalFault(
  { name, waits, outcomes }: Pick<JobPlan, "name" | "waits" | "outcomes">,
  request: RequestState,
  { outcome, data }: Signal,
): string | undefined {
  if (!waits) return `job "${name}" does not wait`;
  if (!waits.signal) return `job "${name}" waits for its time only`;
  if (outcomes.length > 0 && (outcome === undefined || !outcomes.includes(outcome))) {
    return `its outcome is ${outcome === undefined ? "missing" : `"${outcome}"`}, expected one of ${outcomes.join(", ")}`;
  }
  if (outcomes.length === 0 && outcome !== undefined) {
    return `its outcome is "${outcome}", but job "${name}" has no outcomes: leave it out`;
  }
  const fault = data === undefined ? undefined : outputFault(name, data, request);
  return fault === undefined ? undefined : `its data ${fault}`;
}

/** What can be done where a signal cannot be gone by. */
export const SIGNAL_REMEDY = "a signal is not taken back: cancel the flow, or fork it from that job";

/** Why the job that a request is seen to wait in ignores the signal that it was given, as a clause; from the object alone. */
export function ignoredSignal(request: RequestState): string | undefined {
  const { job: name } = request.spec;
  const signal = signalOf(request, name);
  const outcomes = awaitedOutcomes(request);
  return signal && outcomes && signalFault({ name, waits: { signal: true }, outcomes }, request, signal);
}

/** Signals that will never end a job: nobody hears of it but those who look at the object. */
export function signalNotices(flow: Flow, request: RequestState): Notice[] {
  return Object.entries(request.spec.signals ?? {}).flatMap(([job, signal]): Notice[] => {
    const tell = (reason: string, why: string): Notice[] => [
      { type: "Warning", reason, message: `The signal for job "${job}" is ignored: ${why}` },
    ];
    const plan = flow.plans[job];
    if (!plan) {
      const waiting = flow.jobs.filter((each) => flow.plans[each]!.waits?.signal).join(", ") || "none";
      return tell("UnknownSignal", `flow "${flow.name}" has no such job (jobs that wait for one: ${waiting})`);
    }
    const why = isDone(request, job, signal) ? undefined : signalFault(plan, request, signal) ??
      (mayComeTo(flow, request, job) ? undefined : "the flow does not come to that job any more");
    return why === undefined ? [] : tell("UnusableSignal", `${why}; ${SIGNAL_REMEDY}`);
  });
}

/** Whether the job has ended already, by this signal or in spite of it; as far as the history goes back. */
function isDone({ spec, status }: RequestState, job: string, { outcome = "" }: Signal): boolean {
  if (job === spec.job && spec.state === "REQUESTED") return false;
  return RESERVED_OUTCOMES.includes(outcome) || Object.hasOwn(status?.outputs ?? {}, job) ||
    (status?.history ?? []).some((entry) => entry.job === job && entry.state === "COMPLETED");
}

/** Whether the job is the present one, or comes later; a job that is forgotten by the history may have been done. */
const mayComeTo = (flow: Flow, { spec, status }: RequestState, job: string): boolean =>
  job === spec.job || (status?.historyDropped ?? 0) > 0 || jobsBefore(flow, job).has(spec.job);
