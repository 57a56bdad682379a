/**
 * Requests in every state, and the operations that change them.
 *
 * @module
 */
import { SAMPLE } from "../../src/flow/definition.ts";
import type { PatchOperation } from "../../src/ports.ts";
import type { HistoryEntry, RequestState, State } from "../../src/request-state.ts";

/** A job and a state. */
export type Step = readonly [job: string, state: State];

/** An entry of a history. */
export const entry = ([job, state]: Step, index: number): HistoryEntry => ({
  job,
  state,
  timestamp: `2026-01-01T00:00:0${index % 10}.000Z`,
  seq: index + 1,
  attempt: 1,
  by: "test",
});

/** A request in a state, with the history that led there. */
export function requestAt(steps: readonly Step[], more: { spec?: object; status?: object } = {}): RequestState {
  const [job, state] = steps.at(-1)!;
  return {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: "request", namespace: "default" },
    spec: { "request-uid": "request", job, state, attempt: 1, ...more.spec },
    status: { history: steps.map(entry), ...more.status },
  };
}

/** All that a job goes through. */
export const done = (job: string): Step[] => [[job, "REQUESTED"], [job, "STARTED"], [job, "COMPLETED"]];
/** How a state is reached. */
export function stepsTo(job: string, state: State): Step[] {
  const before = SAMPLE.jobs.slice(0, SAMPLE.jobs.indexOf(job as "JOB1")).flatMap(done);
  const own: Readonly<Record<State, readonly State[]>> = {
    REQUESTED: ["REQUESTED"],
    STARTED: ["REQUESTED", "STARTED"],
    COMPLETED: ["REQUESTED", "STARTED", "COMPLETED"],
    FAILED: ["REQUESTED", "STARTED", "FAILED"],
    CANCELLED: ["REQUESTED", "CANCELLED"],
  };
  return [...before, ...own[state].map((each): Step => [job, each])];
}

/** An operation of a JSON patch. */
export const replace = (path: string, value: unknown): PatchOperation => ({ op: "replace", path, value });
/** An operation of a JSON patch. */
export const add = (path: string, value: unknown): PatchOperation => ({ op: "add", path, value });
/** An operation of a JSON patch. */
export const remove = (path: string): PatchOperation => ({ op: "remove", path });

/** One step, as JSON patch: job, state, attempt, an entry of the history. */
export function stepTo(request: RequestState, [job, state]: Step): PatchOperation[] {
  const before = request.spec;
  const again = job === before.job && state === "REQUESTED" && before.state !== "REQUESTED";
  const attempt = job !== before.job ? 1 : before.attempt! + (again ? 1 : 0);
  return [
    replace("/spec/job", job),
    replace("/spec/state", state),
    replace("/spec/attempt", attempt),
    add("/status/history/-", entry([job, state], request.status!.history!.length)),
  ];
}
