/**
 * Writes to a request, and what the rules of the CRD say to each.
 *
 * @module
 */
import { SAMPLE } from "../../src/flow/definition.ts";
import { stepFault, STEPS } from "../../src/flow/steps.ts";
import type { Transition } from "../../src/flow/transition.ts";
import { writeOf } from "../../src/flow/write.ts";
import type { PatchOperation } from "../../src/ports.ts";
import { type RequestState, type State, STATES } from "../../src/request-state.ts";
import { goldenCases } from "../flow/cases.ts";
import { add, entry, remove, replace, requestAt, type Step, stepsTo, stepTo } from "./cel-requests.ts";

/** A request as it stands, and a write to it. */
export interface Write {
  readonly name: string;
  readonly request: RequestState;
  readonly operations: readonly PatchOperation[];
  /** What it is refused with: `field: message` of each cause. Undefined: it is accepted. */
  readonly refusal?: readonly string[];
}

/** From every state of every job to every other: of the sample flow, which names none, and of another one with a signal. */
function matrix(flow?: string): Write[] {
  const spec = flow === undefined ? {} : { flow, signals: { JOB1: { outcome: "yes" }, JOB2: {} } };
  const places = [...SAMPLE.jobs, "JOB9"].flatMap((job) => STATES.map((state): Step => [job, state]));
  return places.filter(([job]) => job !== "JOB9").flatMap((from) =>
    places.map((to): Write => {
      const request = requestAt(stepsTo(...from), { spec });
      const [a, b] = [from, to].map(([job, state]) => `${job}/${state}`);
      const fault = stepFault(request, { job: to[0], state: to[1] }, flow !== undefined);
      const refusal = fault === undefined ? [] : [`spec: Invalid value: ${fault}`];
      const again = to[0] !== from[0] && to[1] === "REQUESTED" &&
        request.status!.history!.some(({ job, state }) => job === to[0] && state === "COMPLETED");
      if (again) refusal.unshift("spec.job: Invalid value: A job that has completed is not requested again");
      const name = `${a} to ${b}${flow === undefined ? "" : ` in flow ${flow}`}`;
      return { name, request, operations: stepTo(request, to), refusal: refusal.length === 0 ? undefined : refusal };
    })
  );
}

const started = requestAt(stepsTo("JOB1", "STARTED"), { spec: { flow: "own", flowDigest: "d1" } });
const over = requestAt(stepsTo("JOB2", "COMPLETED"), {
  status: { completionTime: "2026-01-01T00:00:09Z", conditions: [], outputs: { JOB1: { a: null } } },
});
const long = (count: number) =>
  requestAt(Array.from({ length: count }, (): Step[] => [["JOB1", "REQUESTED"], ["JOB1", "STARTED"]]).flat().slice(-count));
const transition = (state: State, more: Partial<Transition> = {}): Transition => ({
  job: "JOB1",
  state,
  attempt: 1,
  entered: true,
  ...more,
});
/** A write as this project makes it, without its conditions: they are the caller's. */
const own = (request: RequestState, change: Transition) =>
  writeOf(request, change, { by: "test", now: Date.parse("2026-01-02") }).operations.slice(2);
const end = { succeeded: true, reason: "Completed", message: "All jobs completed" };
const unrecorded = (count: number) => ({ ...long(count), spec: { ...long(count).spec, state: "FAILED" } });

/** What this project, the reference and users do. */
const accepted: readonly Omit<Write, "refusal">[] = [
  { name: "a label", request: over, operations: [add("/metadata/labels", { a: "b" })] },
  { name: "TTL of a finished flow", request: over, operations: [add("/spec/ttlSecondsAfterFinished", 5)] },
  { name: "a pause", request: started, operations: [add("/spec/desiredState", "Suspended")] },
  {
    name: "the end after the last job",
    request: requestAt(stepsTo("JOB2", "COMPLETED")),
    operations: own(requestAt(stepsTo("JOB2", "COMPLETED")), {
      job: "JOB2",
      state: "COMPLETED",
      attempt: 1,
      entered: false,
      end,
    }),
  },
  { name: "the oldest entry dropped", request: long(32), operations: own(long(32), transition("COMPLETED")) },
  {
    name: "two dropped, with a missing entry",
    request: unrecorded(32),
    operations: own(unrecorded(32), transition("REQUESTED", { attempt: 2 })),
  },
  { name: "three dropped", request: long(34), operations: own(long(34), transition("COMPLETED")) },
  { name: "many dropped", request: long(100), operations: own(long(100), transition("COMPLETED")) },
  {
    name: "the first entries",
    request: { ...started, status: undefined },
    operations: own({ ...started, status: undefined }, transition("COMPLETED")),
  },
  {
    name: "a full update that erases what it does not know",
    request: started,
    operations: [
      replace("/spec", { "request-uid": "request", job: "JOB1", state: "COMPLETED" }),
      replace("/status", {
        history: [...started.status!.history!, started.status!.history![1]!].map(({ job, state, timestamp }) => ({
          job,
          state,
          timestamp,
        })),
      }),
    ],
  },
  { name: "a step that records nothing", request: { ...started, status: {} }, operations: [replace("/spec/state", "FAILED")] },
  {
    name: "the next job of another flow",
    request: requestAt(stepsTo("JOB1", "COMPLETED"), { spec: { flow: "own" } }),
    operations: stepTo(requestAt(stepsTo("JOB1", "COMPLETED")), ["JOB9", "REQUESTED"]),
  },
];

const frozen = [
  "<nil>: Invalid value: The flow is over, only its metadata and spec.ttlSecondsAfterFinished may still be changed",
];
const append = [
  "status.history: Invalid value: status.history is append-only: at most two entries are added by one write, none is changed or moved, and only the oldest are dropped, counted by status.historyDropped, while 32 stay",
];
const last = [
  "status: Invalid value: The last entry of status.history must be the job and state that this write enters, or those that it leaves",
];
const attempt = [
  "spec.attempt: Invalid value: spec.attempt is 1 for a new job, goes up by 1 when a job is requested again, and stays otherwise; where it was erased it is added by a step only",
];
const step = (from: string, to: string) => [`spec: Invalid value: The flow cannot go from ${from} to ${to} in one step`];

/** What nobody may do. */
const refused: readonly Write[] = [
  { name: "an entry rewritten", request: started, operations: [replace("/status/history/0/timestamp", "x")], refusal: append },
  {
    name: "an entry removed",
    request: started,
    operations: [remove("/status/history/0")],
    refusal: [...append, ...last].slice(0, 1),
  },
  {
    name: "entries reordered",
    request: started,
    operations: [{ op: "move", from: "/status/history/0", path: "/status/history/1" } as unknown as PatchOperation],
    refusal: append,
  },
  {
    name: "three entries at once",
    request: started,
    operations: [0, 1, 2].map(() => add("/status/history/-", started.status!.history![1])),
    refusal: append,
  },
  {
    name: "a drop that is not counted",
    request: long(32),
    operations: [...stepTo(long(32), ["JOB1", "COMPLETED"]), remove("/status/history/0")],
    refusal: append,
  },
  {
    name: "a drop too early",
    request: started,
    operations: [remove("/status/history/0"), add("/status/historyDropped", 1)],
    refusal: append,
  },
  {
    name: "a count that goes back",
    request: { ...started, status: { ...started.status, historyDropped: 2 } },
    operations: [replace("/status/historyDropped", 1)],
    refusal: append,
  },
  {
    name: "the history removed",
    request: started,
    operations: [remove("/status/history")],
    refusal: ["status: Invalid value: status.history is append-only, it cannot be removed"],
  },
  {
    name: "the status removed",
    request: started,
    operations: [remove("/status")],
    refusal: ["status: Invalid value: status.history is append-only, it cannot be removed"],
  },
  {
    name: "a false entry",
    request: started,
    operations: [replace("/spec/state", "COMPLETED"), add("/status/history/-", entry(["JOB1", "FAILED"], 3))],
    refusal: last,
  },
  {
    name: "a false entry without a step",
    request: started,
    operations: [add("/status/history/-", entry(["JOB1", "FAILED"], 3))],
    refusal: last,
  },
  {
    name: "another uid",
    request: started,
    operations: [replace("/spec/request-uid", "other")],
    refusal: ['spec.request-uid: Invalid value: "other": spec.request-uid cannot be changed'],
  },
  {
    name: "another flow",
    request: started,
    operations: [replace("/spec/flow", "other")],
    refusal: ['spec.flow: Invalid value: "other": spec.flow cannot be changed'],
  },
  {
    name: "another digest",
    request: started,
    operations: [replace("/spec/flowDigest", "d2")],
    refusal: ['spec.flowDigest: Invalid value: "d2": spec.flowDigest cannot be changed'],
  },
  {
    name: "Cancelled taken back",
    request: { ...started, spec: { ...started.spec, desiredState: "Cancelled" } },
    operations: [replace("/spec/desiredState", "Running")],
    refusal: ['spec.desiredState: Invalid value: "Running": spec.desiredState cannot be taken back from Cancelled'],
  },
  { name: "an attempt that jumps", request: started, operations: [replace("/spec/attempt", 3)], refusal: attempt },
  {
    name: "an attempt that is not counted",
    request: started,
    operations: [replace("/spec/state", "REQUESTED")],
    refusal: attempt,
  },
  {
    name: "a job skipped",
    request: requestAt(stepsTo("JOB1", "REQUESTED")),
    operations: [replace("/spec/job", "JOB2")],
    refusal: step("JOB1/REQUESTED", "JOB2/REQUESTED"),
  },
  {
    name: "an unknown state",
    request: started,
    operations: [replace("/spec/state", "PAUSED")],
    refusal: step("JOB1/STARTED", "JOB1/PAUSED"),
  },
  { name: "a finished flow: its state", request: over, operations: [replace("/spec/state", "CANCELLED")], refusal: frozen },
  {
    name: "a finished flow: what the user wants",
    request: over,
    operations: [add("/spec/desiredState", "Cancelled")],
    refusal: frozen,
  },
  { name: "a finished flow: its deadline", request: over, operations: [add("/spec/activeDeadlineSeconds", 5)], refusal: frozen },
  {
    name: "a finished flow: completionTime changed",
    request: over,
    operations: [replace("/status/completionTime", "2026-01-01T00:00:10Z")],
    refusal: frozen,
  },
  {
    name: "a finished flow: completionTime removed",
    request: over,
    operations: [remove("/status/completionTime")],
    refusal: frozen,
  },
  { name: "a finished flow: an output", request: over, operations: [replace("/status/outputs/JOB1", { a: 1 })], refusal: frozen },
  {
    name: "a finished flow: an entry",
    request: over,
    operations: [add("/status/history/-", entry(["JOB2", "COMPLETED"], 6))],
    refusal: frozen,
  },
];

const ending = [
  "status.completionTime: Invalid value: status.completionTime is set by the write that ends the flow, with the condition Finished; to end a flow set spec.desiredState to Cancelled",
];
const finished = (status: "True" | "False") => [
  { type: "Finished", status, reason: "Parked", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" },
];
const completed = requestAt(stepsTo("JOB1", "COMPLETED"), { spec: { flow: "own" } });
const parked = requestAt(stepsTo("JOB1", "FAILED"), { spec: { flow: "own" }, status: { conditions: finished("False") } });

/** A flow that is not over is not made to look so by its completionTime. */
const ends: readonly Write[] = [
  ...[started, completed, parked, { ...started, status: undefined }].map((request): Write => ({
    name: `completionTime alone, at ${request.spec.state}${request.status ? "" : " without a status"}`,
    request,
    operations: request.status
      ? [add("/status/completionTime", "2026-01-01T00:00:09Z")]
      : [add("/status", { completionTime: "2026-01-01T00:00:09Z" })],
    refusal: ending,
  })),
  {
    name: "completionTime in the middle of a job, with its condition",
    request: started,
    operations: [add("/status/completionTime", "2026-01-01T00:00:09Z"), add("/status/conditions", finished("True"))],
    refusal: ending,
  },
  {
    name: "completionTime between jobs, with its condition",
    request: completed,
    operations: [add("/status/completionTime", "2026-01-01T00:00:09Z"), add("/status/conditions", finished("True"))],
  },
];

/** The golden cases: whatever the pure core writes is taken, and what it refuses is refused in the same words. */
const golden = (await goldenCases()).flatMap(({ name, input, output }): Write[] => {
  const request: RequestState = { ...input.request, metadata: { name: "request", namespace: "default" } };
  if (output.operations) return [{ name, request, operations: output.operations.slice(2) }];
  if (input.to === undefined) return [];
  const { job, state } = input.to;
  return [{
    name,
    request,
    operations: stepTo(request, [job, state as State]),
    refusal: [`spec: Invalid value: ${output.because}`],
  }];
});

/** What must not be set anew, or passed on. */
const erased = (member: string): RequestState => {
  const { [member]: _, ...spec } = { ...started.spec, notBefore: "2026-01-01T00:00:00Z", forkedFrom } as Record<string, unknown>;
  return { ...started, spec: spec as unknown as RequestState["spec"] };
};
const forkedFrom = { name: "other", uid: "u-1", job: "JOB1" };
const once = [
  "spec: Invalid value: spec.flow, spec.flowDigest, spec.forkedFrom and spec.notBefore are set when the object is created, or never",
];
const waiting = requestAt(stepsTo("JOB1", "REQUESTED"), {
  spec: { flow: "own", signals: { JOB1: { outcome: "yes", by: "ann" } } },
});
const claimed = {
  ...started,
  status: {
    ...started.status,
    claim: { id: "c-1", holderIdentity: "w", job: "JOB1", attempt: 1, acquireTime: "2026-01-01T00:00:00Z" },
  },
};

/** Requested anew. */
const again: RequestState = {
  ...started,
  spec: { ...started.spec, state: "REQUESTED", attempt: 2 },
  status: { history: [...started.status!.history!, entry(["JOB1", "REQUESTED"], started.status!.history!.length)] },
};

/** What a flow with signals, forks and retries adds to that. */
const later: readonly Write[] = [
  ...["flow", "flowDigest", "forkedFrom", "notBefore"].flatMap((member): Write[] => {
    const value = { flow: "x", flowDigest: "x", forkedFrom, notBefore: "2026-01-01T00:00:00Z" }[member];
    return [
      { name: `${member} set anew`, request: erased(member), operations: [add(`/spec/${member}`, value)], refusal: once },
      { name: `${member} erased`, request: { ...erased(""), spec: erased("").spec }, operations: [remove(`/spec/${member}`)] },
    ];
  }),
  {
    name: "an attempt set anew, without a step",
    request: { ...started, spec: { ...started.spec, attempt: undefined } },
    operations: [add("/spec/attempt", 99)],
    refusal: attempt,
  },
  ...[["id", "c-9"], ["holderIdentity", "w-9"], ["job", "JOB2"], ["attempt", 9]].map(([member, value]): Write => ({
    name: `another ${member} in the claim`,
    request: claimed,
    operations: [replace(`/status/claim/${member}`, value!)],
    refusal: ["status.claim: Invalid value: status.claim is not passed on, and nothing in it is changed"],
  })),
  {
    name: "another claim of the same attempt",
    request: claimed,
    operations: [replace("/status/claim", { ...claimed.status.claim, id: "c-9", holderIdentity: "w-9" })],
    refusal: ["status.claim: Invalid value: status.claim is not passed on, and nothing in it is changed"],
  },
  {
    name: "a claim where one of an earlier attempt was left",
    request: { ...again, status: { ...again.status, claim: claimed.status.claim } },
    operations: [
      ...stepTo(again, ["JOB1", "STARTED"]),
      replace("/status/claim", { ...claimed.status.claim, id: "c-2", attempt: 2 }),
    ],
  },
  {
    name: "the claim given back",
    request: claimed,
    operations: [...stepTo(claimed, ["JOB1", "REQUESTED"]), remove("/status/claim")],
  },
  { name: "a signal", request: waiting, operations: [add("/spec/signals/JOB2", { outcome: "no", data: { a: [null] } })] },
  {
    name: "a second outcome of a signal",
    request: waiting,
    operations: [replace("/spec/signals/JOB1/outcome", "no")],
    refusal: ["spec.signals[JOB1]: Invalid value: A signal that was given is not changed"],
  },
  {
    name: "other data of a signal",
    request: { ...waiting, spec: { ...waiting.spec, signals: { JOB1: { outcome: "yes", data: { a: [1] } } } } },
    operations: [replace("/spec/signals/JOB1/data/a/0", 2)],
    refusal: ["spec.signals[JOB1]: Invalid value: A signal that was given is not changed"],
  },
  {
    name: "a signal taken back",
    request: waiting,
    operations: [remove("/spec/signals/JOB1")],
    refusal: ["spec.signals: Invalid value: A signal that was given is not taken back"],
  },
  {
    name: "a seventeenth signal",
    request: waiting,
    operations: [
      replace(
        "/spec/signals",
        Object.fromEntries(
          Array.from({ length: 17 }, (_, index) => [`JOB${index + 1}`, index ? {} : waiting.spec.signals!.JOB1]),
        ),
      ),
    ],
    refusal: [
      "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
      "spec.signals: Too many: 17: must have at most 16 items",
    ],
  },
  { name: "a finished flow: a signal", request: over, operations: [add("/spec/signals", { JOB1: {} })], refusal: frozen },
];

/** Every write. */
export const writes: readonly Write[] = [...matrix(), ...matrix("own"), ...accepted, ...refused, ...later, ...ends, ...golden];

/** Steps to the same job. */
const same = STEPS.filter(({ job }) => job === "same").length;

/**
 * How many of the matrix are steps: those of the table to the same job, and staying; without a signal one less. The sample flow
 * has one successor; in another flow each job may be followed by those that have not completed: two, and one.
 */
export const stepCount: number = SAMPLE.jobs.length * (2 * same - 1 + 2 * STATES.length) + 1 + 2 * (2 + 1);
