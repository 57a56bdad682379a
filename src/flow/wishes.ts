/**
 * What a user wants of a flow that is under way: to cancel it, to suspend and resume it, to signal a job that waits, to retry one
 * that is parked. Each is a conditional write. Pure.
 *
 * @module
 */

import { RequestStateError } from "../errors.ts";
import { conditionOf, isOver, isParked, type Json, nameOf, type RequestState, type Signal } from "../request-state.ts";
import { RESERVED_OUTCOMES } from "./definition.ts";
import { differenceIn } from "./difference.ts";
import { namelessness } from "./ownership.ts";
import type { Flow, JobPlan } from "./plan.ts";
import { requestAgain } from "./requesting.ts";
import { OUTPUT_LIMIT } from "./sizes.ts";
import { checkValue } from "./standard-schema.ts";
import { endStatusOf } from "./standing.ts";
import type { Transition } from "./transition.ts";
import { meantText } from "../text.ts";
import { storedValue } from "./value.ts";
import { awaitedOutcomes, ignoredSignal, SIGNAL_REMEDY, signalOf } from "./waiting.ts";
import { applied } from "./json-patch.ts";
import { preconditionsOf, signalOperation, type Write } from "./write.ts";

/** What a user wants of a flow as a whole. */
export type DesiredState = "Running" | "Suspended" | "Cancelled";

/** As in `Cannot cancel requeststates "shop/a"`. */
const VERBS: Readonly<Record<DesiredState, string>> = { Running: "resume", Suspended: "suspend", Cancelled: "cancel" };

/**
 * The write that cancels, suspends or resumes a flow; undefined where it is so already.
 *
 * @throws {RequestStateError} When the flow is over otherwise, or was cancelled, which is not taken back.
 */
export function wish(request: RequestState, desired: DesiredState): Write | undefined {
  const { desiredState = "Running" } = request.spec;
  const action = `Cannot ${VERBS[desired]} requeststates "${nameOf(request)}"`;
  if (isOver(request)) {
    if (desired === "Cancelled" && endStatusOf(request) === "cancelled") return undefined;
    throw new RequestStateError(`${action}: ${overText(request)}`);
  }
  if (desired === desiredState) return undefined;
  if (desiredState === "Cancelled") throw new RequestStateError(`${action}: ${CANCELLED}; start a new flow`);
  return writeIn(
    request,
    { op: "add", path: "/spec/desiredState", value: desired },
    (later) => later.spec.desiredState === desired,
  );
}

/**
 * A signal as it will be kept, checked against the definition. A signal is not taken back: where the definition is not at hand, it
 * must be one for which the request is seen to wait.
 *
 * @param known The definition, or the request.
 * @param outcome One of those that the job's `on` names; undefined where it names none.
 * @throws {TypeError} When the job is unknown or does not wait for a signal, when it has no such outcome, or when the data does not
 * fit its schema.
 * @throws {RangeError} When the data is larger than 4 KiB as JSON.
 */
export async function checkSignal(
  known: Flow | RequestState,
  job: string,
  { outcome, data, by }: Omit<Signal, "data"> & { readonly data?: unknown },
): Promise<Signal> {
  const ofWhat = "plans" in known ? `flow "${known.name}"` : `requeststates "${nameOf(known)}"`;
  const action = `Cannot signal job "${job}" of ${ofWhat}`;
  const { outcomes, output } = "plans" in known ? planOf(known, job, action) : awaited(known, job, outcome, action);
  if (outcomes.length > 0 ? !outcomes.includes(outcome!) : outcome !== undefined) {
    const given = outcome === undefined ? "missing" : `"${outcome}"`;
    const expected = outcomes.length > 0 ? `one of ${outcomes.join(", ")}` : "none, the job has no outcomes";
    const own = RESERVED_OUTCOMES.includes(outcome!) ? " (the director gives that one itself)" : "";
    throw new TypeError(`${action}: its outcome is ${given}${own}, expected ${expected}${meantText(outcome, outcomes)}`);
  }
  const stored = storedValue(data, action, "data", OUTPUT_LIMIT);
  const { fault } = await checkValue(output, stored);
  if (fault !== undefined) throw new TypeError(`${action}: its data does not fit its schema: ${fault}`);
  return { ...outcome !== undefined && { outcome }, ...stored !== undefined && { data: stored }, ...by !== undefined && { by } };
}

function planOf(flow: Flow, job: string, action: string): JobPlan {
  const plan = flow.plans[job];
  if (plan?.waits?.signal) return plan;
  const waiting = flow.jobs.filter((each) => flow.plans[each]!.waits?.signal);
  const why = plan ? "it does not wait for a signal" : "there is no such job";
  throw new TypeError(`${action}: ${why} (jobs that do: ${waiting.join(", ") || "none"})${plan ? "" : meantText(job, waiting)}`);
}

function awaited(
  request: RequestState,
  job: string,
  outcome: string | undefined,
  action: string,
): Pick<JobPlan, "outcomes" | "output"> {
  // Whether it is the same one again says who gives it; the flow may have gone on since.
  if (signalOf(request, job)) return { outcomes: outcome === undefined ? [] : [outcome] };
  if (isOver(request)) throw new RequestStateError(`${action}: ${overText(request)}`);
  const outcomes = awaitedOutcomes(request);
  if (outcomes && request.spec.job === job) return { outcomes };
  const { spec, status } = request;
  const stands = `${spec.job}/${spec.state}${status?.waitingFor === undefined ? "" : `, waiting for ${status.waitingFor}`}`;
  throw new TypeError(
    `${action}: it is not seen to wait for that (it stands at ${stands}); at another time the definition with its digest is needed, pass it as { flow }`,
  );
}

/**
 * The write that gives a signal, before or while its job waits; undefined where the same one was given already.
 *
 * @param signal As {@linkcode checkSignal} has it.
 * @throws {RequestStateError} When another signal was given, or the flow is over or cancelled.
 */
export function giveSignal(request: RequestState, job: string, signal: Signal): Write | undefined {
  const action = `Cannot signal job "${job}" of requeststates "${nameOf(request)}"`;
  const given = signalOf(request, job);
  if (given) {
    const difference = differenceIn(`spec.signals.${job}`, said(given), said(signal));
    if (difference === undefined) return undefined;
    const by = given.by ? ` by ${given.by}` : "";
    const ignored = job === request.spec.job ? ignoredSignal(request) : undefined;
    throw new RequestStateError(
      ignored === undefined
        ? `${action}: another one was given${by}, and is not taken back: ${difference}`
        : `${action}: another one was given${by}, which is ignored: ${ignored}; ${SIGNAL_REMEDY}`,
    );
  }
  if (isOver(request)) throw new RequestStateError(`${action}: ${overText(request)}`);
  if (request.spec.desiredState === "Cancelled") throw new RequestStateError(`${action}: ${CANCELLED}`);
  // Where the answer was lost, somebody else may have given another one.
  return writeIn(request, signalOperation(request, job, signal), (later) => {
    const landed = signalOf(later, job);
    return landed !== undefined && differenceIn("", said(landed), said(signal)) === undefined;
  });
}

/** What a signal says, whoever gave it. */
const said = ({ outcome, data }: Signal): Json => ({
  ...outcome !== undefined && { outcome },
  ...data !== undefined && { data },
});

/**
 * Another attempt of a parked job; its failures are counted from 0 again. Undefined where its present attempt is one already.
 *
 * @throws {RequestStateError} When it is not parked, or was cancelled.
 */
export function retryParked(request: RequestState): Transition | undefined {
  const isCancelled = request.spec.desiredState === "Cancelled" && !isOver(request);
  if (isParked(request) && !isCancelled) return requestAgain(request, "Retried", null);
  if (isRetried(request) && !isCancelled) return undefined;
  const { job, state } = request.spec;
  const why = isOver(request)
    ? `${overText(request)}, fork it from the job that failed`
    : isCancelled
    ? CANCELLED
    : `it is not parked, but ${job}/${state}${standing(request)}`;
  throw new RequestStateError(`Cannot retry requeststates "${nameOf(request)}": ${why}`);
}

/** What becomes of it where it stands, and what to do where that is nothing. */
function standing(request: RequestState): string {
  const nameless = namelessness(request);
  if (nameless !== undefined) {
    return `, and no director goes on with it: ${nameless}, which cannot be set later; cancel it, and start the flow anew`;
  }
  if (conditionOf(request, "Finished")?.reason === "DefinitionMissing") {
    return ", and no director here knows its definition: deploy that version, or cancel it and start the flow anew";
  }
  return request.spec.state === "FAILED" ? ": its director goes on with it" : "";
}

const CANCELLED = "it was cancelled, which is not taken back";

const overText = (request: RequestState): string => `its flow is over (${endStatusOf(request)})`;

/** Somebody has asked for the attempt that is under way. */
function isRetried(request: RequestState): boolean {
  const { job, state } = request.spec;
  const asked = request.status?.history?.findLast((entry) => entry.job === job && entry.state === "REQUESTED");
  return (state === "REQUESTED" || state === "STARTED") && !isOver(request) && asked?.reason === "Retried";
}

function writeIn(request: RequestState, operation: Write["operations"][number], isIn: Write["isIn"]): Write {
  const operations = [...preconditionsOf(request), operation];
  return { operations, next: applied(request, operations), isIn };
}
