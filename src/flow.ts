/**
 * The rules of a flow: what should happen to a request now. Everything here is pure: no IO, no clock, no randomness; what the
 * request itself does not say is an argument. `flow/write.ts` turns the answer into a write.
 *
 * @module
 */

import { type Cancellation, cancellationNotice, cancellationOf } from "./flow/cancelling.ts";
import { type Circumstances, type Decision, type Judged, waitFor, write } from "./flow/decision.ts";
import { endAfter, expiryOf } from "./flow/ends.ts";
import { decideFailed, isSuspended, noWorker, takeAway } from "./flow/failing.ts";
import { deadlineOf, earliest, enteredAt, notBeforeOf } from "./flow/moments.ts";
import { digestFor, digestText, erasureFault, faultOf, isState, outcomeOf, unknownState, versionOf } from "./flow/ownership.ts";
import { FLOW, type Flow, type JobPlan } from "./flow/plan.ts";
import { requestNext } from "./flow/requesting.ts";
import { successorOf } from "./flow/steps.ts";
import { type Notice, stay } from "./flow/transition.ts";
import { decideWaiting, signalNotices } from "./flow/waiting.ts";
import { checkValue, NUMBER } from "./options.ts";
import { attemptOf, checkRequest, conditionOf, flowNameOf, isOver, type RequestState, type State } from "./request-state.ts";

/** How long handlers may go on after their flow was cancelled, where nothing is said; in milliseconds. */
const GRACE = 30_000;

/** How long a request with an unknown digest may be another director's business before anybody is told; in milliseconds. */
const PATIENCE = 10_000;

/** What is not done where JavaScript, or a cast, has let by what is no argument of it. */
const ACTION = "Cannot decide about a request";

/**
 * Decides what a director should do about a request now. Pure.
 *
 * Every timer counts from the moment at which the request entered its state, so that a restart loses none.
 *
 * @param flows What the director knows: a flow, or several, of which several may be versions of one.
 * @param request As it stands on the server.
 *
 * @example
 * ```ts
 * import { decide, defineFlow, type RequestState } from "crd-watcher";
 *
 * const flow = defineFlow("order", ["charge", "ship"]);
 * const request: RequestState = {
 *   apiVersion: "com.redhat.ecosystem.sample/v1",
 *   kind: "RequestState",
 *   metadata: { name: "r-1" },
 *   spec: { "request-uid": "r-1", flow: "order", flowDigest: flow.digest, job: "charge", state: "COMPLETED" },
 * };
 * const decision = decide(flow, request, { now: Date.now(), holderAlive: true });
 * if (decision.action === "write") console.log(decision.transition.job); // "ship"
 * ```
 */
export function decide(flows: Flow | readonly Flow[], request: RequestState, circumstances: Circumstances): Decision {
  if (!flows) checkValue(ACTION, "flows", flows, FLOW);
  checkRequest(ACTION, request);
  const now = (circumstances as Circumstances | undefined)?.now as number;
  if (!(now >= 0)) checkValue(ACTION, "circumstances.now", now, NUMBER);
  if (isOver(request)) return afterTheEnd(request, now);
  const version = versionOf(flows, request);
  const erasure = version.flow?.plans[request.spec.job] ? undefined : erasureFault(flows, request);
  if (!version.flow && version.known.length === 0 && erasure === undefined) {
    return { action: "leave", because: `this process does not know its flow "${request.spec.flow}"` };
  }
  const { state } = request.spec;
  if (!isState(state)) return { action: "report", fault: unknownState(state)! };
  const judged: Judged = {
    ...circumstances,
    holderAlive: circumstances.holderAlive ?? true,
    since: circumstances.since ?? enteredAt(request, now),
    grace: circumstances.grace ?? GRACE,
  };
  const cancellation = cancellationOf(request, now);
  if (cancellation || state === "CANCELLED") return cancel(request, cancellation ?? CANCELLED, judged);
  if (erasure !== undefined) return { action: "report", fault: erasure };
  if (!version.flow) return untilDeadline(request, decideUnknown(request, version.known, judged), []);
  const { flow } = version;
  const fault = faultOf(flow, request);
  if (fault !== undefined) return { action: "report", fault };
  const notices = [...signalNotices(flow, request), ...claimNotices(request, judged)];
  const decision = decideState(flow, request, state, judged);
  // In an upgrade a director of the old version may have said so before this one began.
  const isMissed = conditionOf(request, "Finished")?.reason === "DefinitionMissing";
  if (isMissed && decision.action === "wait") return write({ ...stay(request), standstill: null });
  return untilDeadline(request, decision, notices);
}

function decideState(flow: Flow, request: RequestState, state: Exclude<State, "CANCELLED">, judged: Judged): Decision {
  const plan = flow.plans[request.spec.job]!;
  switch (state) {
    case "REQUESTED":
      if (isSuspended(request)) return waitFor("resume");
      return plan.waits ? decideWaiting(flow, plan, request, judged) : decideRequested(flow, plan, request, judged);
    case "STARTED":
      return decideStarted(flow, plan, request, judged);
    case "COMPLETED":
      return decideCompleted(flow, request, judged);
    case "FAILED":
      return decideFailed(flow, plan, request, judged);
  }
}

/** A worker claims it, unless none does in time. */
function decideRequested(flow: Flow, plan: JobPlan, request: RequestState, { now, since, resumeSeen }: Judged): Decision {
  if (plan.startTimeout === undefined) return waitFor("worker");
  // While it was suspended, or before its time, nobody could have begun it.
  const due = Math.max(since, notBeforeOf(request) ?? since, resumeSeen ?? since) + plan.startTimeout;
  return now < due ? waitFor("worker", due) : noWorker(flow, plan, request);
}

/** Its worker reports, unless it is lost or takes too long. */
function decideStarted(flow: Flow, plan: JobPlan, request: RequestState, judged: Judged): Decision {
  const { now, since, holderAlive, legacyTimeout } = judged;
  const hasClaim = request.status?.claim !== undefined;
  if (hasClaim && !holderAlive) return takeAway(flow, plan, request, now, "WorkerLost");
  const timeout = plan.timeout === undefined ? undefined : since + plan.timeout;
  if (timeout !== undefined && now >= timeout) return takeAway(flow, plan, request, now, "TimedOut");
  const legacy = hasClaim || legacyTimeout === undefined ? undefined : since + legacyTimeout;
  if (legacy !== undefined && now >= legacy) return takeAway(flow, plan, request, now, "WorkerLost");
  return waitFor("result", earliest(timeout, legacy));
}

/** Somebody has written that a job was begun, or has taken out the claim: nobody is at work on it, and nobody will be. */
function claimNotices(request: RequestState, { legacyTimeout }: Judged): Notice[] {
  const { flow, job, state } = request.spec;
  // A worker of the reference claims nothing; it knows no flow but the sample.
  if (state !== "STARTED" || request.status?.claim || flow === undefined || legacyTimeout !== undefined) return [];
  const anew = `request it anew (spec.state REQUESTED, spec.attempt ${attemptOf(request) + 1})`;
  const message = `Job ${job} is STARTED without a claim: nobody goes on with it, ${anew} or cancel the flow`;
  return [{ type: "Warning", reason: "NoClaim", message }];
}

/** The next job, or the end. */
function decideCompleted(flow: Flow, request: RequestState, { now }: Judged): Decision {
  const outcome = outcomeOf(request);
  const successor = successorOf(flow, request.spec.job, outcome);
  if (successor === undefined) return write({ ...stay(request), end: endAfter(flow, request.spec.job, outcome)! });
  return isSuspended(request) ? waitFor("resume") : write(requestNext(flow, request, successor, now));
}

/** At once where nobody works on it; else its worker has some time to stop its handler and to say so. */
function cancel(request: RequestState, { at, ...end }: Cancellation, judged: Judged): Decision {
  const { now, holderAlive, grace, cancelSeen = now } = judged;
  const notice = cancellationNotice(end);
  if (request.spec.state === "CANCELLED") return write({ ...stay(request), end }, notice);
  const due = (at ?? cancelSeen) + grace;
  if (request.spec.state === "STARTED" && holderAlive && now < due) return waitFor("abort", due);
  const { job } = request.spec;
  return write({ job, attempt: attemptOf(request), state: "CANCELLED", entered: true, reason: end.reason, end }, notice);
}

/** A known flow with an unknown graph: said once, where nobody else goes on with it. */
function decideUnknown(request: RequestState, known: readonly Flow[], { now, since, holderAlive }: Judged): Decision {
  if (conditionOf(request, "Finished")?.reason === "DefinitionMissing") return waitFor("definition");
  // Who has claimed it knows the graph, as a director that is being replaced may.
  if (request.spec.state === "STARTED" && request.status?.claim && holderAlive) return waitFor("result");
  if (now < since + PATIENCE) return waitFor("definition", since + PATIENCE);
  const [name, digests] = [flowNameOf(request), known.map(({ digest }) => digest).join(", ")];
  const message = digestFor(request) === undefined
    ? `It does not say to which graph of flow "${name}" it keeps (spec.flowDigest, here ${digests}), and that is not set later: cancel it ` +
      "and create it anew"
    : `No director here knows the graph of flow "${name}" ${
      digestText(request)
    }, but ${digests}: deploy that version beside the new one, ` +
      "or cancel the flow and start it anew";
  return write(
    { ...stay(request), standstill: { status: "Unknown", reason: "DefinitionMissing", message } },
    { type: "Warning", reason: "DefinitionMissing", message },
  );
}

/** A decision to wait, but not beyond the deadline. */
function untilDeadline(request: RequestState, decision: Decision, notices: readonly Notice[]): Decision {
  if (decision.action !== "wait") return decision;
  const until = earliest(decision.until, deadlineOf(request));
  return { ...decision, ...until !== undefined && { until }, notices };
}

function afterTheEnd(request: RequestState, now: number): Decision {
  const expiry = expiryOf(request);
  if (expiry === undefined) return { action: "over" };
  if (now < expiry) return { action: "over", until: expiry };
  const { uid, resourceVersion } = request.metadata;
  return {
    action: "delete",
    preconditions: { ...uid !== undefined && { uid }, ...resourceVersion !== undefined && { resourceVersion } },
  };
}

/** Somebody has written the state, but not the end. */
const CANCELLED: Cancellation = { succeeded: false, reason: "Cancelled", message: "The request was cancelled" };
