/**
 * How a transition becomes one conditional write: a JSON patch that begins with the uid and the resourceVersion it
 * was decided on. A stale one is refused by the server with 409, one for a re-created object with 422. Pure.
 *
 * @module
 */

import { RequestStateError } from "../errors.ts";
import type { Condition, PatchOperation } from "../ports.ts";
import {
  attemptOf,
  conditionOf,
  type HistoryEntry,
  momentOf,
  nameOf,
  type RequestState,
  type RequestStateStatus,
  type Signal,
} from "../request-state.ts";
import { applied, escapePointer } from "./json-patch.ts";
import { signalOf } from "./waiting.ts";
import { stepFault } from "./steps.ts";
import type { End, Standstill, Transition } from "./transition.ts";

/** How many history entries are kept: a write at 100 entries costs the API server five times one at 6. */
export const HISTORY_LIMIT = 32;

/** Who writes, and when. */
export interface Author {
  /** The writer's identity, unique for each start of a process. */
  readonly by: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** A write that was decided on one version of a request. */
export interface Write {
  readonly operations: readonly PatchOperation[];
  /** The request as the write leaves it, but for what the server sets: its new version. */
  readonly next: RequestState;
  /** Whether the request, as read later, shows that this very write took effect. */
  readonly isIn: (request: RequestState) => boolean;
}

/** The operations that every write begins with: a stale one is refused. */
export const preconditionsOf = ({ metadata }: RequestState): PatchOperation[] => [
  { op: "replace", path: "/metadata/uid", value: metadata.uid },
  { op: "replace", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
];

/**
 * The write that makes a transition.
 *
 * @throws {RequestStateError} When the protocol has no such step; in the words in which the server would refuse it.
 */
export function writeOf(request: RequestState, transition: Transition, { by, now }: Author): Write {
  const { spec, status } = request;
  const signalled = transition.signal !== undefined || signalOf(request, spec.job) !== undefined;
  const fault = stepFault(request, transition, signalled);
  if (fault !== undefined) throw new RequestStateError(`Cannot write requeststates "${nameOf(request)}": ${fault}`);
  const missing = missingEntry(request, now);
  const last = missing ?? status?.history?.at(-1);
  const timestamp = timeAfter(last, now);
  const entry: HistoryEntry | undefined = transition.entered
    ? {
      job: transition.job,
      state: transition.state,
      timestamp,
      seq: 1 + (last?.seq ?? lengthOf(status) + (missing ? 1 : 0)),
      attempt: transition.attempt,
      by,
      reason: transition.reason,
      outcome: transition.outcome,
    }
    : undefined;
  const operations = preconditionsOf(request);
  if (spec.job !== transition.job) operations.push({ op: "replace", path: "/spec/job", value: transition.job });
  if (spec.state !== transition.state) operations.push({ op: "replace", path: "/spec/state", value: transition.state });
  if (transition.entered && spec.attempt !== transition.attempt) {
    operations.push({ op: "add", path: "/spec/attempt", value: transition.attempt });
  }
  if (transition.signal !== undefined) {
    operations.push(signalOperation(request, transition.job, { outcome: transition.signal, by }));
  }
  operations.push(...statusOperations(status, {
    entries: [missing, entry].filter((entry) => entry !== undefined),
    set: {
      claim: transition.claim && { ...transition.claim, acquireTime: timestamp },
      lastError: transition.error,
      failures: transition.failures ?? undefined,
      waitingFor: transition.waitingFor,
      ...transition.end && { startTime: startOf(request), completionTime: timestamp },
      conditions: conditionsAfter(request, transition, timestamp),
    },
    output: transition.output === undefined ? undefined : { job: transition.job, value: transition.output },
    clear: [
      ...transition.state === "REQUESTED" ? ["claim" as const] : [],
      ...transition.failures === null ? ["failures" as const] : [],
      ...transition.waitingFor === undefined && (transition.entered || transition.end) ? ["waitingFor" as const] : [],
      ...transition.withoutOutputs ? ["outputs" as const] : [],
    ],
  }));
  const isIn = (later: RequestState) =>
    transition.claim
      ? later.status?.claim?.id === transition.claim.id
      : entry
      ? (later.status?.history ?? []).some((other) => other.seq === entry.seq && other.by === by && other.timestamp === timestamp)
      : transition.end
      ? later.status?.completionTime !== undefined
      : transition.waitingFor !== undefined && !transition.standstill
      ? later.status?.waitingFor === transition.waitingFor
      : conditionOf(later, "Finished")?.reason === transition.standstill?.reason;
  return { operations, next: applied(request, operations), isIn };
}

/** Adds one member to `spec.signals`. */
export const signalOperation = ({ spec }: RequestState, job: string, signal: Signal): PatchOperation =>
  spec.signals
    ? { op: "add", path: `/spec/signals/${escapePointer(job)}`, value: signal }
    : { op: "add", path: "/spec/signals", value: { [job]: signal } };

/** The entry for the state that the request is in, where its last writer did not record it; the reference does not. */
function missingEntry(request: RequestState, now: number): HistoryEntry | undefined {
  const { metadata, spec, status } = request;
  const last = status?.history?.at(-1);
  if (last?.job === spec.job && last.state === spec.state) return undefined;
  const entered = last ? now : momentOf(metadata.creationTimestamp ?? "") || now;
  return {
    job: spec.job,
    state: spec.state,
    timestamp: timeAfter(last, entered),
    seq: 1 + (last?.seq ?? lengthOf(status)),
    attempt: attemptOf(request),
  };
}

const lengthOf = (status: RequestStateStatus | undefined): number =>
  (status?.historyDropped ?? 0) + (status?.history?.length ?? 0);

/** RFC 3339 with milliseconds, never before the entry before it: clocks of several machines meet in one history. */
function timeAfter(last: HistoryEntry | undefined, now: number): string {
  const time = new Date(now).toISOString();
  if (!last) return time;
  if (OWN_TIME.test(last.timestamp)) return last.timestamp > time ? last.timestamp : time; // of one form: as text, too
  const before = momentOf(last.timestamp);
  return before > now ? new Date(before).toISOString() : time;
}

/** As {@linkcode timeAfter} writes it. */
const OWN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

interface StatusChange {
  readonly entries: readonly HistoryEntry[];
  readonly set: Partial<RequestStateStatus>;
  readonly output?: { readonly job: string; readonly value: unknown };
  readonly clear: readonly ("claim" | "failures" | "waitingFor" | "outputs")[];
}

function statusOperations(status: RequestStateStatus | undefined, change: StatusChange): PatchOperation[] {
  const { set, output } = change;
  if (!status) {
    const outputs = output && { [output.job]: output.value };
    return [{ op: "add", path: "/status", value: withoutUndefined({ history: change.entries, ...set, outputs }) }];
  }
  const operations: PatchOperation[] = [];
  const surplus = (status.history?.length ?? 0) + change.entries.length - HISTORY_LIMIT;
  if (change.entries.length > 0 && !status.history) {
    operations.push({ op: "add", path: "/status/history", value: change.entries });
  } else {
    for (const entry of change.entries) operations.push({ op: "add", path: "/status/history/-", value: entry });
  }
  for (let index = 0; change.entries.length > 0 && index < surplus; index++) {
    operations.push({ op: "remove", path: "/status/history/0" });
  }
  if (change.entries.length > 0 && surplus > 0) {
    // The first start is about to be forgotten.
    if (set.startTime === undefined && status.startTime === undefined) {
      const started = startedAt(status);
      if (started !== undefined) operations.push({ op: "add", path: "/status/startTime", value: started });
    }
    operations.push({ op: "add", path: "/status/historyDropped", value: (status.historyDropped ?? 0) + surplus });
  }
  for (const member in set) {
    const value = set[member as keyof RequestStateStatus];
    if (value !== undefined) operations.push({ op: "add", path: `/status/${member}`, value });
  }
  if (output) {
    operations.push(
      status.outputs
        ? { op: "add", path: `/status/outputs/${escapePointer(output.job)}`, value: output.value }
        : { op: "add", path: "/status/outputs", value: { [output.job]: output.value } },
    );
  }
  for (const member of change.clear) {
    if (status[member] !== undefined) operations.push({ op: "remove", path: `/status/${member}` });
  }
  return operations;
}

function withoutUndefined<T extends object>(object: T): T {
  const rest = { ...object };
  for (const name in rest) if (rest[name] === undefined) delete rest[name];
  return rest;
}

/** When the first job was started, as far as the history goes back. */
function startedAt(status: RequestStateStatus | undefined): string | undefined {
  const moment = momentOf(status?.history?.find((entry) => entry.state === "STARTED")?.timestamp ?? "");
  return Number.isNaN(moment) ? undefined : new Date(moment).toISOString();
}

const startOf = ({ metadata, status }: RequestState): string | undefined =>
  status?.startTime ?? startedAt(status) ?? metadata.creationTimestamp;

/** The conditions as a transition leaves them; undefined where it changes none. */
function conditionsAfter(
  { status }: RequestState,
  { entered, end, standstill }: Transition,
  timestamp: string,
): readonly Condition[] | undefined {
  const before = status?.conditions ?? [];
  const others = before.filter(({ type }) => type !== "Finished" && type !== "Succeeded");
  const said = (type: string, status: Condition["status"], { reason, message }: End | Standstill): Condition => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: before.find((condition) => condition.type === type && condition.status === status)?.lastTransitionTime ??
      timestamp.replace(/\.\d+Z$/, "Z"),
  });
  if (end) return [...others, said("Finished", "True", end), said("Succeeded", end.succeeded ? "True" : "False", end)];
  if (standstill) return [...others, said("Finished", standstill.status, standstill)];
  return (entered || standstill === null) && others.length < before.length ? others : undefined;
}
