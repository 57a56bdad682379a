import { RequestStateError } from "../errors.ts";
import { type FlowResult, resultOf } from "../flow/flow-result.ts";
import { versionOf } from "../flow/ownership.ts";
import type { Flow } from "../flow/plan.ts";
import { statusOf } from "../flow/standing.ts";
import type { FlowRun } from "../programs/client/run.ts";
import { attemptOf, flowNameOf, type HistoryEntry, isOver, nameOf, type RequestState, STATES } from "../request-state.ts";
import type { Goal } from "./driver.ts";
import { type Prospect, prospectOf, standingText, type Surroundings } from "./prospect.ts";
import type { Witness } from "./witness.ts";

/** A flow as a test names it. */
export type Named = FlowRun | RequestState | string;

/** What a test can see, and wait to see, of flows. */
export interface View {
  /** As in `default/a`. */
  name(run: Named): string;
  /** @throws {Error} When there is none. */
  request(run: Named): RequestState;
  path(run: Named): readonly string[];
  history(run: Named): readonly string[];
  /** @throws {RequestStateError} When it is not over. */
  result(run: Named): FlowResult;
  /** The definition that drives it, where it is among those of the test. */
  flow(run: Named): Flow | undefined;
  /** The wait for something to hold of a flow. @param what As in `is over`. */
  goal(run: Named, what: string, holds: (request: RequestState) => boolean): Goal;
  /** Whether a request is at a job, or at a state of it. @throws {TypeError} When there is no such job or state. */
  isAt(run: Named, where: string): (request: RequestState) => boolean;
  /** All versions from the one of a run on, to the end of its flow. @param reach Waits. */
  versions(run: FlowRun, reach: (goal: Goal) => Promise<void>): AsyncIterableIterator<RequestState, undefined>;
}

/** What a view is made of. */
export interface ViewOptions {
  readonly witness: Witness;
  readonly namespace: string;
  readonly flows: readonly Flow[];
  readonly around: () => Surroundings;
  /** In milliseconds of virtual time. */
  readonly limit: number;
  /** After so many attempts of one job a flow is taken for one that tries for ever. */
  readonly attempts: number;
}

/** Makes a view. */
export function createView({ witness, namespace, flows, around, limit, attempts }: ViewOptions): View {
  const name = (run: Named): string => {
    if (typeof run === "string") return run.includes("/") ? run : `${namespace}/${run}`;
    if (run instanceof Promise) throw new TypeError("Cannot look at a flow that is a promise: await t.start()");
    return "metadata" in run ? nameOf({ ...run, metadata: { namespace, ...run.metadata } }) : `${run.namespace}/${run.name}`;
  };
  const newest = (run: Named) => {
    const version = witness.newest(name(run));
    if (!version) throw new Error(`There is no requeststates "${name(run)}" in this test`);
    return version;
  };
  const request = (run: Named) => newest(run).object;
  const entries = (run: Named): HistoryEntry[] => {
    const all: HistoryEntry[] = [];
    for (const entry of witness.entries(request(run).metadata.uid!)) {
      const last = all.at(-1);
      // A reference worker records a state on leaving it: equal neighbours are one.
      if (!last || last.job !== entry.job || last.state !== entry.state || last.attempt !== entry.attempt) all.push(entry);
    }
    return all;
  };
  const path = (run: Named) => entries(run).map(({ job }) => job).filter((job, index, jobs) => job !== jobs[index - 1]);

  const standing = (run: Named): string => {
    const { type, object } = newest(run);
    if (type === "DELETED") return "it was deleted";
    const { now } = around();
    if (!isOver(object)) return standingText(object, now);
    const { lastError } = object.status ?? {};
    const why = statusOf(object, now) === "failed" && lastError ? `; job ${lastError.job}: ${lastError.message}` : "";
    return `it is over (${statusOf(object, now)}) by way of ${path(run).join(", ")}${why}`;
  };
  const prospect = (run: Named): Prospect => {
    const { type, object } = newest(run);
    if (type === "DELETED" || isOver(object)) return { kind: "never", because: standing(run) };
    const prospect = prospectOf(object, around());
    if (prospect.kind !== "never") return prospect;
    const { job, state } = object.spec;
    return { kind: "never", because: `it stands at ${job}/${state}: ${prospect.because}` };
  };

  const flow = (run: Named) => versionOf(flows, request(run)).flow;

  return {
    name,
    request,
    path,
    history: (run) =>
      entries(run).map(({ job, state, reason, outcome }) =>
        [`${job}/${state}`, reason, outcome].filter((part) => part !== undefined).join(" ")
      ),
    result(run) {
      const { type, object } = newest(run);
      if (type === "DELETED" && !isOver(object)) {
        throw new RequestStateError(`requeststates "${name(run)}" was deleted before it was over`);
      }
      return { ...resultOf(object), path: path(run) };
    },
    flow,
    goal: (run, what, holds) => ({
      what: `flow "${flowNameOf(request(run))}" (${name(run)}) ${what}`,
      reached: () => {
        const { type, object } = newest(run);
        return type !== "DELETED" && holds(object);
      },
      hopeless: () => {
        const { object } = newest(run);
        if (isOver(object) || attemptOf(object) <= attempts) return undefined;
        const { job } = object.spec;
        return `job ${job} was tried ${attempts} times: let its handler come to an end, or raise attempts`;
      },
      prospect: () => prospect(run),
      standing: () => standing(run),
      limit,
    }),
    isAt(run, where) {
      const [job = "", state] = where.split("/");
      const jobs = flow(run)?.jobs ?? [];
      if (jobs.length > 0 && !jobs.includes(job)) {
        throw new TypeError(`Cannot wait until a flow comes to ${where}: it has no job "${job}" (jobs: ${jobs.join(", ")})`);
      }
      if (state !== undefined && !(STATES as readonly string[]).includes(state)) {
        throw new TypeError(
          `Cannot wait until a flow comes to ${where}: there is no state "${state}" (states: ${STATES.join(", ")})`,
        );
      }
      return ({ spec }) => spec.job === job && (state === undefined || spec.state === state);
    },
    async *versions(run, reach) {
      const { uid, resourceVersion } = run.request.metadata;
      const all = () => witness.versions.get(uid!) ?? [];
      let at = Math.max(0, all().findIndex(({ object }) => object.metadata.resourceVersion === resourceVersion));
      for (let last: RequestState | undefined; !last || !isOver(last);) {
        const version = all()[at];
        if (!version) {
          await reach({
            what: `flow "${flowNameOf(run.request)}" (${name(run)}) changes`,
            reached: () => all().length > at,
            prospect: () => prospect(run),
            standing: () => standing(run),
            limit,
          });
          continue;
        }
        if (version.type === "DELETED") {
          throw new RequestStateError(`requeststates "${name(run)}" was deleted before it was over`);
        }
        at++;
        yield last = version.object;
      }
      return undefined;
    },
  };
}
