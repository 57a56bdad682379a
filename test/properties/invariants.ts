/**
 * The invariants of the protocol, as far as they can be seen in the versions of a request and in what its handlers did. Pure.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { attemptOf, type Flow, type HistoryEntry, isOver, type RequestState } from "../../mod.ts";
import { lotOf } from "../../src/flow/digest.ts";
import { endAfter } from "../../src/flow/ends.ts";
import { deadlineOf, notBeforeOf } from "../../src/flow/moments.ts";
import { restAfter } from "../../src/flow/retry-policy.ts";
import { branchOf, follows, type Place, type Role, STEPS, successorOf } from "../../src/flow/steps.ts";
import { conditionOf, isParked, momentOf } from "../../src/request-state.ts";
import type { Version } from "../../src/testing/witness.ts";

/** What else is known of a story. */
export interface Known {
  readonly flow: Flow;
  /** Milliseconds since the Unix epoch, of true time 0. */
  readonly epoch: number;
  /** By how much clocks may have differed from each other, and timers with them, in milliseconds. */
  readonly slack: number;
  /** When a worker has renewed its lease, in milliseconds of true time. */
  readonly renewals: (worker: string) => readonly number[];
  /** Whether nothing was wrong with a worker but what is sent, and it was not told to end: it loses no job. @default {Nobody knows} */
  readonly isWell?: (worker: string) => boolean;
  /** Whether somebody in the story has deleted it. */
  readonly wasDeleted: boolean;
}

/** What a version may be at most, in bytes. Inputs and outputs aside. */
const LARGEST = 16_384;

/** How many history entries are kept. */
const KEPT = 32;

/** Every fault that is seen in the versions of one request, as sentences; none, if all is well. */
export function faultsIn(versions: readonly Version[], known: Known): string[] {
  const faults: string[] = [];
  const entries: HistoryEntry[] = []; // all that there ever were
  let counted = { failed: 0, lost: 0 };
  versions.forEach(({ type, object, at }, index) => {
    const before = versions[index - 1]?.object;
    const say = (rule: string, what: string) => {
      const { name, resourceVersion } = object.metadata;
      faults.push(`${rule}: ${what} (requeststates ${name}, version ${resourceVersion}, after ${Math.round(at)} ms)`);
    };
    if (type === "DELETED") {
      if (index !== versions.length - 1) say("watch", "it goes on after its deletion");
      return checkDeletion(object, at, known, say);
    }
    const fresh = takeEntries(entries, object, say);
    checkForm(object, known, say);
    if (!before) return;
    checkKept(before, object, say);
    if (isOver(before)) {
      if (!isDeepStrictEqual([before.spec, before.status], [object.spec, object.status])) {
        say("I9", "it has changed after its end");
      }
      return;
    }
    counted = checkFailures(before, object, counted, known.flow, say);
    checkChange(before, object, fresh, { ...known, at }, say);
  });
  faults.push(...historyFaults(entries, versions[0]!.object.metadata.name));
  return faults;
}

type Say = (rule: string, what: string) => void;

/** I1. @returns The new entries. */
function takeEntries(entries: HistoryEntry[], { spec, status }: RequestState, say: Say): readonly HistoryEntry[] {
  const { history = [], historyDropped: dropped = 0 } = status ?? {};
  const count = entries.length;
  if (history.length + dropped < count) say("I1", `it has ${history.length + dropped} entries, there were ${count}`);
  if (history.length > KEPT) say("I17", `${history.length} entries are kept`);
  history.forEach((entry, index) => {
    const place = dropped + index;
    const old = entries[place];
    if (old && !isDeepStrictEqual(old, entry)) say("I1", `entry ${place + 1} was ${text(old)}, is ${text(entry)}`);
    if (!old) entries[place] = entry;
    if (entry.seq !== place + 1) say("I1", `entry ${place + 1} has number ${entry.seq}`);
    const last = entries[place - 1];
    if (last && momentOf(last.timestamp) > momentOf(entry.timestamp)) say("I1", `entry ${place + 1} is before the one before it`);
  });
  const last = history.at(-1);
  if (last?.job !== spec.job || last.state !== spec.state) {
    say("I2", `the last entry is ${text(last)}, not ${spec.job}/${spec.state}`);
  }
  return entries.slice(count);
}

/** What holds of each version. */
function checkForm(request: RequestState, { flow }: Known, say: Say): void {
  const { spec, status, metadata } = request;
  const { input: _, signals: _signals, ...ownSpec } = spec;
  const { outputs: _outputs, ...ownStatus } = status ?? {};
  const bytes = new TextEncoder().encode(JSON.stringify([metadata, ownSpec, ownStatus])).length;
  if (bytes > LARGEST) say("I17", `it has ${bytes} bytes, inputs and outputs aside`);
  const { failed = 0, lost = 0 } = status?.failures ?? {};
  const { limit, lostLimit } = flow.plans[spec.job]!.retry;
  if (failed > limit || lost > lostLimit) {
    say("I8", `it has failed ${failed} times of ${limit}, was lost ${lost} times of ${lostLimit}`);
  }
  if (spec.state === "STARTED") {
    const { claim } = status!;
    if (claim?.job !== spec.job || claim.attempt !== attemptOf(request)) say("I6", `it is started, its claim is ${text(claim)}`);
  }
  if (spec.state === "REQUESTED" && status?.claim) say("I6", "it is requested, and has a claim");
  const finished = conditionOf(request, "Finished");
  const succeeded = conditionOf(request, "Succeeded");
  if (isOver(request) !== (finished?.status === "True")) say("F", `its condition Finished is ${finished?.status}`);
  if (isOver(request) && !["True", "False"].includes(succeeded?.status ?? "")) {
    say("F", `its condition Succeeded is ${succeeded?.status}`);
  }
}

/** I10, I18: what nobody may change. */
function checkKept(before: RequestState, request: RequestState, say: Say): void {
  for (
    const member of [
      "request-uid",
      "flow",
      "flowDigest",
      "input",
      "notBefore",
      "activeDeadlineSeconds",
      "ttlSecondsAfterFinished",
    ]
  ) {
    const [a, b] = [before, request].map(({ spec }) => spec[member as keyof typeof spec]);
    if (!isDeepStrictEqual(a, b)) say("I10", `spec.${member} has changed`);
  }
  for (const member of ["labels", "annotations"] as const) {
    if (!isDeepStrictEqual(before.metadata[member], request.metadata[member])) say("I18", `its ${member} have changed`);
  }
  for (const [job, signal] of Object.entries(before.spec.signals ?? {})) {
    if (!isDeepStrictEqual(request.spec.signals?.[job], signal)) say("I10", `the signal for ${job} has changed`);
  }
  for (const [job, output] of Object.entries(before.status?.outputs ?? {})) {
    if (!isDeepStrictEqual(request.status?.outputs?.[job], output)) say("I10", `the output of ${job} has changed`);
  }
  if (before.spec.desiredState === "Cancelled" && request.spec.desiredState !== "Cancelled") {
    say("I10", "its cancellation was taken back");
  }
}

/** I8: limits are judged by what was counted. @returns The counts as they must be now. */
function checkFailures(
  before: RequestState,
  request: RequestState,
  { failed, lost }: { readonly failed: number; readonly lost: number },
  flow: Flow,
  say: Say,
): { failed: number; lost: number } {
  const last = request.status!.history!.at(-1)!;
  const entered = isEntered(before, request);
  const verdict = reasonOf(before) !== undefined && ["TimedOut", "WorkerLost", "NoWorker"].includes(reasonOf(before)!) &&
    before.status?.lastError?.retryable !== true;
  const fatal = ["InvalidInput", "ObjectTooLarge"].includes(reasonOf(before) ?? "");
  let counts = { failed, lost };
  if (entered && request.spec.state === "REQUESTED" && (request.spec.job !== before.spec.job || last.reason === "Retried")) {
    counts = { failed: 0, lost: 0 };
  } else if (entered && last.reason === "TimedOut" && last.by?.startsWith("director")) counts.failed++;
  else if (entered && last.reason === "WorkerLost") counts.lost++;
  else if (entered && before.spec.state === "FAILED" && last.reason === "Retrying") counts.failed++;
  else if (!entered && before.spec.state === "FAILED" && !isParked(before) && (isParked(request) || isOver(request))) {
    if (!verdict && !fatal) counts.failed++;
  }
  const { failed: a = 0, lost: b = 0 } = request.status?.failures ?? {};
  if (a !== counts.failed || b !== counts.lost) {
    say("I8", `its failures are ${a} and ${b} lost, expected ${counts.failed} and ${counts.lost}`);
  }
  const { limit } = flow.plans[request.spec.job]!.retry;
  if (entered && last.reason === "Retrying" && counts.failed >= limit) {
    say("I8", `it is tried again after ${counts.failed} failures of ${limit}`);
  }
  return counts;
}

/** The change from one version to the next: a step of the protocol, an end, something said, or a wish. */
function checkChange(
  before: RequestState,
  request: RequestState,
  fresh: readonly HistoryEntry[],
  known: Known & { readonly at: number },
  say: Say,
): void {
  const { flow } = known;
  const last = fresh.at(-1);
  if (!isEntered(before, request)) {
    if (fresh.length > 0) say("I2", `${text(last)} was entered, and it was so already`);
    if (isOver(request)) checkEnd(before, request, flow, say);
    else if (!isDeepStrictEqual(before.status, request.status) && !conditionOf(request, "Finished")) {
      say("step", "its status has changed, and it has entered nothing");
    }
    return;
  }
  if (fresh.length !== 1) say("I2", `${fresh.length} entries were added by one step`);
  const [from, to]: readonly [Place, Place] = [before.spec, request.spec];
  const role = roleOf(last?.by);
  const step = STEPS.some((step) =>
    step.from === from.state && step.to === to.state && (step.job === "same") === (from.job === to.job) &&
    step.by.includes(role!)
  );
  if (!step || !follows(flow, from, to)) {
    say("step", `${last?.by} has gone from ${from.job}/${from.state} to ${to.job}/${to.state}`);
  }
  const attempts = [attemptOf(before), attemptOf(request)] as const;
  const expected = to.state !== "REQUESTED" ? attempts[0] : from.job === to.job ? attempts[0] + 1 : 1;
  if (attempts[1] !== expected || last?.attempt !== expected) say("I8", `its attempt is ${attempts.join(", then ")}`);
  if (role === "worker" && from.state === "STARTED" && last?.by !== before.status?.claim?.holderIdentity) {
    say("I6", `${before.status?.claim?.holderIdentity} holds it, ${last?.by} has ended it`);
  }
  checkMoment(before, request, last!, known, say);
  if (isOver(request)) checkEnd(before, request, flow, say);
}

/** Why a step may be made now, and not before. */
function checkMoment(
  before: RequestState,
  request: RequestState,
  entry: HistoryEntry,
  { flow, at, epoch, slack, renewals, isWell }: Known & { readonly at: number },
  say: Say,
): void {
  const plan = flow.plans[before.spec.job]!;
  const { state, job } = request.spec;
  const desired = before.spec.desiredState ?? "Running";
  const enteredAt = momentOf(before.status!.history!.at(-1)!.timestamp) - epoch;
  const notBefore = (due: number, rule: string, what: string) => {
    if (at < due - slack - 1) say(rule, `${what} ${Math.round(due - at)} ms too early`);
  };
  const role = roleOf(entry.by);
  if (state === "STARTED") {
    if (desired !== "Running") say(desired === "Suspended" ? "I15" : "I16", `it was claimed, and is to be ${desired}`);
    notBefore((notBeforeOf(request) ?? 0) - epoch, "I15", "it was claimed");
    if (plan.waits) say("step", "a job that waits was claimed");
  }
  if (state === "REQUESTED" && role === "director" && desired === "Suspended" && before.spec.state !== "STARTED") {
    say("I15", "it was requested, and is suspended");
  }
  if (state === "REQUESTED" && desired === "Cancelled" && role === "director") say("I16", "it was requested, and is cancelled");
  if (before.spec.state === "FAILED" && state === "REQUESTED" && role === "director") {
    const error = before.status?.lastError;
    const rest = entry.reason === "Retrying"
      ? restAfter(
        plan.retry,
        request.status!.failures!.failed!,
        lotOf(`${request.metadata.uid} ${plan.name} ${attemptOf(before)}`),
      )
      : entry.reason === "RetryAfter"
      ? error!.retryAfterSeconds! * 1_000
      : 0;
    notBefore(enteredAt + rest, "I15", "it was tried again");
  }
  if (job !== before.spec.job) {
    const last = before.status!.history!.at(-1)!;
    const next = before.spec.state === "FAILED"
      ? branchOf(flow, before.spec.job, { inTime: !["TimedOut", "NoWorker"].includes(last.reason ?? "") })
      : successorOf(flow, before.spec.job, last.outcome);
    if (next !== job) say("I7", `after ${before.spec.job}/${before.spec.state} ${last.outcome} comes ${next}, not ${job}`);
  }
  if (entry.reason === "WorkerLost") {
    const { holderIdentity, acquireTime } = before.status!.claim!;
    const [claimed, decided] = [acquireTime, entry.timestamp].map((time) => momentOf(time) - epoch) as [number, number];
    if (!mayBeLost(renewals(holderIdentity), { claimed, decided, slack })) {
      say("I14", `${holderIdentity} was taken for lost, and has renewed its lease in time`);
    }
  }
  if (entry.reason === "WorkerLost" || entry.reason === "Released") {
    const { holderIdentity } = before.status!.claim!;
    if (isWell?.(holderIdentity)) {
      say("I25", `${holderIdentity} has lost an attempt (${entry.reason}), and nothing was wrong with it`);
    }
  }
  if (entry.reason === "TimedOut" && role === "director") notBefore(enteredAt + plan.timeout!, "timeout", "it was taken away");
  if (entry.reason === "NoWorker") notBefore(enteredAt + plan.startTimeout!, "startTimeout", "it has failed");
  if (entry.reason === "Released" && before.status?.claim?.holderIdentity !== entry.by) say("I6", `${entry.by} has released it`);
  if (state === "COMPLETED" && plan.waits) {
    if (desired === "Suspended") say("I15", "its signal was taken, and it is suspended");
    const signal = request.spec.signals?.[job];
    if (!signal) say("signal", "it has completed without a signal");
    if (["elapsed", "timedOut"].includes(entry.outcome ?? "")) {
      notBefore(enteredAt + (plan.waits.after ?? plan.timeout!), "pause", "its time was over");
    } else if (signal?.outcome !== entry.outcome) {
      say("signal", `its outcome is ${entry.outcome}, the signal says ${signal?.outcome}`);
    }
  }
  if (state === "CANCELLED") {
    if (entry.reason === "Cancelled" && desired !== "Cancelled") say("cancel", "nobody has cancelled it");
    if (entry.reason === "DeadlineExceeded") notBefore(deadlineOf(request)! - epoch, "deadline", "it was ended");
    if (!isOver(request)) say("cancel", "it is cancelled, and not over");
  }
}

/** How long before a takeover its verdict may have been made, in milliseconds. */
const VERDICT = 5_000;

/** Whether there was a moment, not long before the decision, at which the holder had held its claim and not renewed for all its time. */
function mayBeLost(
  renewals: readonly number[],
  { claimed, decided, slack }: { readonly claimed: number; readonly decided: number; readonly slack: number },
): boolean {
  const moments = [decided, ...renewals.filter((at) => at <= decided && at >= decided - VERDICT - slack)];
  return moments.some((moment) => {
    const last = renewals.findLast((at) => at < moment) ?? -Infinity;
    return claimed <= moment + slack && moment - last >= 15_000 - slack;
  });
}

/** How a flow ends is said by its last job. */
function checkEnd(before: RequestState, request: RequestState, flow: Flow, say: Say): void {
  const { job, state } = request.spec;
  const plan = flow.plans[job]!;
  const last = request.status!.history!.at(-1)!;
  const succeeded = conditionOf(request, "Succeeded")?.status;
  const timely = !["TimedOut", "NoWorker"].includes(last.reason ?? "");
  if (state === "COMPLETED") {
    const end = endAfter(flow, job, last.outcome);
    if (!end) say("I7", "it has ended, and another job comes next");
    else if (succeeded !== (end.succeeded ? "True" : "False")) say("F", `Succeeded is ${succeeded}`);
  } else if (succeeded !== "False") say("F", `Succeeded is ${succeeded}`);
  if (state === "FAILED" && (branchOf(flow, job, { inTime: timely }) !== undefined || plan.parks)) {
    say("I7", "it has failed for good, and another branch, or an operator, comes next");
  }
  if (state === "REQUESTED" || state === "STARTED") say("F", `it has ended in ${job}/${state}`);
  if (isParked(before) && state !== "CANCELLED") say("F", "it was parked, and has ended without a cancellation");
}

/** I3, I4, I5. */
function historyFaults(entries: readonly HistoryEntry[], name: string): string[] {
  const faults: string[] = [];
  const atMostOnce = (rule: string, what: string, of: readonly HistoryEntry[], key: (entry: HistoryEntry) => string) => {
    const seen = new Set<string>();
    for (const entry of of) {
      if (seen.has(key(entry))) faults.push(`${rule}: ${what} twice: ${key(entry)} (requeststates ${name})`);
      seen.add(key(entry));
    }
  };
  const inState = (...states: string[]) => entries.filter(({ state }) => states.includes(state));
  atMostOnce("I3", "an attempt was started", inState("STARTED"), ({ job, attempt }) => `${job} ${attempt}`);
  atMostOnce("I4", "an attempt has ended", inState("COMPLETED", "FAILED"), ({ job, attempt }) => `${job} ${attempt}`);
  atMostOnce("I5", "a job has completed", inState("COMPLETED"), ({ job }) => job);
  atMostOnce("I8", "an attempt was requested", inState("REQUESTED"), ({ job, attempt }) => `${job} ${attempt}`);
  const cancelled = entries.findIndex(({ state }) => state === "CANCELLED");
  if (cancelled >= 0 && cancelled !== entries.length - 1) {
    faults.push(`I4: something follows its cancellation (requeststates ${name})`);
  }
  return faults;
}

/** I23. */
function checkDeletion(request: RequestState, at: number, { wasDeleted, epoch, slack }: Known, say: Say): void {
  if (wasDeleted) return;
  if (!isOver(request)) return say("I23", "it was deleted, and is not over");
  const expiry = momentOf(request.status!.completionTime!) + request.spec.ttlSecondsAfterFinished! * 1_000 - epoch;
  if (at < expiry - slack - 1) say("I23", `it was deleted ${Math.round(expiry - at)} ms too early`);
}

const isEntered = ({ spec: a }: RequestState, { spec: b }: RequestState): boolean =>
  a.job !== b.job || a.state !== b.state || a.attempt !== b.attempt;

const reasonOf = ({ status }: RequestState): string | undefined => status?.history?.at(-1)?.reason;

/** What somebody is, by an identity. */
export const roleOf = (by: string | undefined): Role | undefined =>
  ["director", "worker", "client"].find((role) => by?.startsWith(role)) as Role;

const text = (value: unknown): string => JSON.stringify(value) ?? "nothing";
