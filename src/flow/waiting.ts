/**
 * Jobs that wait for a signal, for a moment, or for the first of both. No worker is needed: the director completes them. Pure.
 *
 * @module
 */

import type { RequestState, Signal } from "../request-state.ts";
import { RESERVED_OUTCOMES } from "./definition.ts";
import { type Decision, type Judged, waitFor, write } from "./decision.ts";
import { endAfter } from "./ends.ts";
import { notBeforeOf } from "./moments.ts";
import type { Flow, JobPlan } from "./plan.ts";
import { outputFault } from "./sizes.ts";
import { cutText, timeText } from "../text.ts";
import type { Notice, Transition } from "./transition.ts";

/** What to do about a requested job that waits. */
export function decideWaiting(flow: Flow, plan: JobPlan, request: RequestState, { now, since }: Judged): Decision {
  const begin = Math.max(since, notBeforeOf(request) ?? since);
  if (begin > now) return waitFor("time", begin);
  const signal = signalOf(request, plan.name);
  if (signal && signalFault(plan, request, signal) === undefined) {
    return write(ended(flow, request, signal.outcome, { output: signal.data }));
  }
  const span = plan.waits!.after ?? plan.timeout;
  if (span === undefined) return waitFor("signal");
  if (now < begin + span) return waitFor(plan.waits!.signal ? "signal" : "time", begin + span);
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

/** What a waiting job will be seen to wait for, in a few words. */
export function waitText({ waits, outcomes, timeout }: JobPlan, now: number): string | undefined {
  if (!waits) return undefined;
  const span = waits.after ?? timeout;
  const until = span === undefined ? "" : `until ${timeText(now + span)}`;
  const signal = waits.signal ? `signal${outcomes.length > 0 ? ` ${outcomes.join("|")}` : ""}` : "";
  return cutText([signal, until].filter((part) => part !== "").join(" "), LONGEST);
}

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

/** The signal for a job; undefined where none was given. */
export function signalOf({ spec }: RequestState, job: string): Signal | undefined {
  return spec.signals && Object.hasOwn(spec.signals, job) ? spec.signals[job] : undefined;
}

/** Why a signal cannot be gone by, as a clause with the remedy; undefined where it can. */
export function signalFault(plan: JobPlan, request: RequestState, { outcome, data }: Signal): string | undefined {
  const { name, waits, outcomes } = plan;
  if (!waits) return `job "${name}" does not wait`;
  if (!waits.signal) return `job "${name}" waits for its time only`;
  if (outcomes.length > 0 && (outcome === undefined || !outcomes.includes(outcome))) {
    return `its outcome is ${outcome === undefined ? "missing" : `"${outcome}"`}, expected one of ${outcomes.join(", ")}`;
  }
  if (outcomes.length === 0 && outcome !== undefined) {
    return `its outcome is "${outcome}", but job "${name}" has no outcomes: leave it out`;
  }
  const fault = data === undefined ? undefined : outputFault(data, request);
  return fault === undefined ? undefined : `its data ${fault}`;
}

/** Signals that will never end a job: nobody hears of it but those who look at the object. */
export function signalNotices(flow: Flow, request: RequestState): Notice[] {
  const { spec, status } = request;
  return Object.entries(spec.signals ?? {}).flatMap(([job, signal]): Notice[] => {
    const plan = flow.plans[job];
    if (!plan) {
      const waiting = flow.jobs.filter((each) => flow.plans[each]!.waits?.signal).join(", ") || "none";
      const fault = `flow "${flow.name}" has no such job (jobs that wait for one: ${waiting})`;
      return [{ type: "Warning", reason: "UnknownSignal", message: `The signal for job "${job}" is ignored: ${fault}` }];
    }
    const isDue = job === spec.job && spec.state === "REQUESTED";
    const isTaken = !isDue && (RESERVED_OUTCOMES.includes(signal.outcome ?? "") || Object.hasOwn(status?.outputs ?? {}, job));
    const fault = isTaken ? undefined : signalFault(plan, request, signal);
    if (fault === undefined) return [];
    const remedy = "a signal is not taken back: cancel the flow, or fork it from that job";
    return [{
      type: "Warning",
      reason: "UnusableSignal",
      message: `The signal for job "${job}" is ignored: ${fault}; ${remedy}`,
    }];
  });
}
