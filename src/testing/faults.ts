import {
  cut,
  type Fault,
  type FaultHandle,
  type FaultRequest,
  interfere,
  late,
  latency,
  loseAnswer,
  serverError,
  tooManyRequests,
} from "../fake/mod.ts";
import type { FakeCluster } from "../fake/mod.ts";
import { TIMES } from "../fake/instruments/faults-rules.ts";
import type { JobName } from "../flow/handler.ts";
import type { Flow } from "../flow/plan.ts";
import { checkOptions, checkValue, type Expectation, oneOf, SPAN } from "../options.ts";
import { type State, STATES } from "../request-state.ts";
import { nearest } from "../text.ts";
import type { Crew, ProgramKind } from "./crew.ts";
import { SENDER } from "./crew.ts";

/** A job, or the moment at which it enters a state: `ship/STARTED`. */
export type Step<F extends Flow = Flow> = F extends Flow ? JobName<F> | `${JobName<F>}/${State}` : never;

/** Which writes of RequestStates a fault hits. */
export interface FaultTarget<F extends Flow = Flow> {
  /** The write by which a job comes to a state (`charge/COMPLETED`), or any of that job. @default {Any write} */
  readonly on?: Step<F>;
  /** Whose writes. @default {Those of directors and workers} */
  readonly by?: ProgramKind;
  /** How many of them. @default {1} */
  readonly times?: number;
}

/**
 * What may go wrong between the programs and the API server, by name. Each hits the next write that it is about; one that has hit
 * nothing fails the test at its end. More of them, on any request: `t.fake.faults`.
 *
 * @throws {TypeError} When a target is none: no job, no state, no program is called so.
 * @throws {RangeError} When a number is none that can be.
 */
export interface TestFaults<F extends Flow = Flow> {
  /** Somebody else changes the object just before: the write is refused with 409, and decided again. */
  conflict(target?: FaultTarget<F>): FaultHandle;
  /** The write takes effect, then the connection breaks: its writer cannot know. */
  loseAnswer(target?: FaultTarget<F>): FaultHandle;
  /** The connection breaks at once, and the write takes effect after so many milliseconds. */
  landLate(ms: number, target?: FaultTarget<F>): FaultHandle;
  /** The connection breaks before the server has seen the write. */
  breakConnection(target?: FaultTarget<F>): FaultHandle;
  /** The answer takes so many milliseconds. */
  delay(ms: number, target?: FaultTarget<F>): FaultHandle;
  /** The server answers 500, as it does when etcd is silent. */
  serverError(target?: FaultTarget<F>): FaultHandle;
  /** The server answers 429 and asks to wait. @param seconds How long. @default {1} */
  tooManyRequests(seconds?: number, target?: FaultTarget<F>): FaultHandle;
  /** All open watches of the programs break now. */
  dropWatches(): void;
  /** The server forgets the past, as compaction does, and all watches break: who goes on has to list again (410). */
  forgetVersions(): void;
  /** For so many milliseconds from now on no program reaches the server. */
  outage(ms: number): void;
}

/** What faults are made with. */
export interface TestFaultsOptions {
  readonly fake: FakeCluster;
  readonly crew: Crew;
  readonly flows: readonly Flow[];
  readonly setTimer: (ms: number, callback: () => void) => void;
  readonly onChange: () => void;
}

/** The faults of a test, and those that have hit nothing yet. */
export interface FaultBook<F extends Flow> {
  readonly faults: TestFaults<F>;
  readonly unused: () => string[];
}

/** Makes them. */
export function createTestFaults<F extends Flow>({ fake, crew, flows, setTimer, onChange }: TestFaultsOptions): FaultBook<F> {
  const added: { readonly name: string; readonly handle: FaultHandle; removed: boolean }[] = [];

  const step = stepIn(flows.flatMap(({ jobs }) => jobs));
  const add = (name: string, fault: Fault, target: FaultTarget<F> = {}): FaultHandle => {
    checkOptions<FaultTarget>(`Cannot have the fault ${name}`, target, {
      on: step,
      by: oneOf(["director", "worker"]),
      times: TIMES,
    });
    const { on, by, times = 1 } = target;
    const where = (request: FaultRequest) => isBy(request, by) && (on === undefined || isStep(request, on));
    const rule = fake.faults.add({ match: { verb: "patch", resource: RESOURCE, where }, times, fault });
    const entry = { name: on === undefined ? name : `${name} on ${on}`, handle: rule, removed: false };
    added.push(entry);
    onChange();
    return {
      get hits() {
        return rule.hits;
      },
      remove() {
        entry.removed = true;
        rule.remove();
      },
    };
  };

  let touched = 0;
  /** As somebody does who labels it with kubectl. */
  const touch = async ({ path }: FaultRequest) => {
    const body = JSON.stringify({ metadata: { annotations: { "crd-watcher/touched": String(++touched) } } });
    const headers = { "content-type": "application/merge-patch+json" };
    const response = await fake.fetch(new Request(`http://cluster.invalid${path}`, { method: "PATCH", body, headers }));
    await response.arrayBuffer();
  };

  const faults: TestFaults<F> = {
    conflict: (target) => add("conflict", interfere(touch), target),
    loseAnswer: (target) => add("loseAnswer", loseAnswer(), target),
    landLate: (ms, target) => add("landLate", late(ms), target),
    breakConnection: (target) => add("breakConnection", cut(), target),
    delay: (ms, target) => add("delay", latency(ms), target),
    serverError: (target) => add("serverError", serverError(), target),
    tooManyRequests: (seconds, target) => add("tooManyRequests", tooManyRequests(seconds), target),
    dropWatches() {
      for (const { machine } of crew.alive) machine.dropWatches();
      onChange();
    },
    forgetVersions() {
      fake.compact();
      faults.dropWatches();
    },
    outage(ms) {
      checkValue("Cannot have an outage", "ms", ms, SPAN);
      crew.cut("fails");
      setTimer(ms, () => {
        crew.cut("works");
        onChange();
      });
      onChange();
    },
  };
  return {
    faults,
    unused: () => added.filter(({ handle, removed }) => !removed && handle.hits === 0).map(({ name }) => name),
  };
}

/** A job, or a state of one. */
function stepIn(jobs: readonly string[]): Expectation {
  const states: readonly string[] = STATES;
  const split = (value: unknown) => typeof value === "string" ? value.split("/") : [];
  return {
    expected: `one of ${jobs.join(", ")}, or a state of one, as in "${jobs[0]}/STARTED" (${states.join(", ")})`,
    fits: (value) => {
      const [job = "", state, ...rest] = split(value);
      return jobs.includes(job) && (state === undefined || states.includes(state)) && rest.length === 0;
    },
    meant: (value) => {
      const [job = "", state] = split(value);
      const [meantJob, meantState] = [nearest(job, jobs), state === undefined ? undefined : nearest(state, states)];
      return meantJob === undefined || state !== undefined && meantState === undefined
        ? undefined
        : [meantJob, meantState].filter((word) => word !== undefined).join("/");
    },
  };
}

const RESOURCE = "requeststates.com.redhat.ecosystem.sample";

const isBy = ({ headers }: FaultRequest, kind: ProgramKind | undefined): boolean => {
  const sender = headers.get(SENDER);
  return sender !== null && (kind === undefined || sender.startsWith(kind));
};

interface Operation {
  readonly path: string;
  readonly value?: unknown;
}
interface Entry {
  readonly job: string;
  readonly state: string;
}

/** Whether a write brings a job to a state: its last history entry says so. */
function isStep({ body }: FaultRequest, step: string): boolean {
  const entries = (Array.isArray(body) ? body as Operation[] : []).flatMap(({ path, value }) =>
    path === "/status/history/-"
      ? [value as Entry]
      : path === "/status/history"
      ? value as Entry[]
      : path === "/status"
      ? (value as { readonly history?: Entry[] }).history ?? []
      : []
  );
  const last = entries.at(-1);
  return last !== undefined && (step === last.job || step === `${last.job}/${last.state}`);
}
