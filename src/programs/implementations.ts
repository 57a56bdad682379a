import { kindOfJob } from "../flow/attendance.ts";
import type { Handlers, Implementation } from "../flow/handler.ts";
import { handlerFaults, hasHandler, useFaults, workedJobsOf } from "../flow/handler.ts";
import { type Middleware, type Performer, surround } from "../flow/middleware.ts";
import { digestFor, whyNotOurs } from "../flow/ownership.ts";
import type { Flow, JobPlan } from "../flow/plan.ts";
import { flowNameOf, type RequestState } from "../request-state.ts";

/** A flow, and handlers of all its jobs or some of them. */
export type PartialImplementation = Pick<Implementation, "flow" | "use"> & { readonly handlers: Partial<Handlers> };

/** One version of a flow, as a worker does its jobs. */
export interface Implemented {
  readonly flow: Flow;
  /** Whether it does this job. */
  readonly handles: (job: string) => boolean;
  /** Does a job that it handles. */
  readonly performer: (job: string) => Performer;
  /** The jobs whose outputs are read through a schema. Mostly none. */
  readonly checked: readonly JobPlan[];
}

/** All that a worker does. */
export interface Implementations {
  readonly flows: readonly Flow[];
  /** What drives a request; undefined where it is none of this worker's business. */
  readonly of: (request: RequestState) => Implemented | undefined;
  /** Why the job of a request is not done by this worker, as the end of a sentence; undefined where it is. */
  readonly whyNot: (request: RequestState) => string | undefined;
  /** All that it takes, as `kindOf` names it. */
  readonly takes: readonly string[];
  /** What it leaves to others, a sentence for each flow of which it does not do all. */
  readonly partly: readonly string[];
}

/**
 * Brings together what a worker does.
 *
 * @param use What is done around all handlers, outside of what implementations have of their own.
 * @throws {TypeError} When there is nothing to do, two are of the same graph, or a handler fits no job; every fault is named.
 */
export function bringTogether(given: readonly PartialImplementation[], use: readonly Middleware[]): Implementations {
  const faults: string[] = given.length === 0 ? ["it is given no flow"] : useFaults(use);
  const byName = new Map<string, Map<string, Implemented>>(); // then by digest
  for (const [index, implementation] of given.entries()) {
    const { flow, handlers, use: own = [] } = implementation ?? {};
    if (!flow?.plans || !handlers) {
      faults.push(`item ${index} is not what implementFlow gives, nor { flow, handlers }`);
      continue;
    }
    const wrong = [...handlerFaults(flow, handlers), ...useFaults(own)];
    faults.push(...wrong.map((fault) => `flow "${flow.name}": ${fault}`));
    const versions = byName.get(flow.name) ?? new Map<string, Implemented>();
    if (versions.has(flow.digest)) faults.push(`flow "${flow.name}" is given twice with the same graph`);
    const around = [use, own].flatMap((each) => Array.isArray(each) ? each : []);
    byName.set(flow.name, versions.set(flow.digest, implemented(implementation, around)));
  }
  if (faults.length > 0) throw new TypeError(`Cannot run a worker: ${faults.join("; ")}`);
  const flows = given.map(({ flow }) => flow);
  const of = (request: RequestState) => byName.get(flowNameOf(request))?.get(digestFor(request) ?? "");
  return {
    flows,
    of,
    whyNot: (request) => whyNotOurs(flows, request),
    takes: given.flatMap(({ flow, handlers }) =>
      flow.jobs.filter((job) => hasHandler(handlers, job)).map((job) => kindOfJob(flow.name, flow.digest, job))
    ),
    partly: given.flatMap(({ flow, handlers }) => partlyText(flow, handlers)),
  };
}

/** What a flow's worker leaves to others, as a sentence; nothing where that is nothing. */
function partlyText(flow: Flow, handlers: Partial<Handlers>): string[] {
  const [own, others]: [string[], string[]] = [[], []];
  for (const job of workedJobsOf(flow)) (hasHandler(handlers, job) ? own : others).push(job);
  const jobs = (names: readonly string[]) => `job${names.length === 1 ? "" : "s"} ${names.join(", ")}`;
  if (others.length === 0) return [];
  return [`Does ${own.length === 0 ? "no job" : jobs(own)} of flow ${flow.name}: leaves ${jobs(others)} to other workers`];
}

function implemented({ flow, handlers }: PartialImplementation, use: readonly Middleware[]): Implemented {
  const performers = new Map<string, Performer>();
  for (const [job, handler] of Object.entries(handlers)) {
    if (handler !== undefined) performers.set(job, surround(handler as Performer, use));
  }
  return {
    flow,
    handles: (job) => performers.has(job),
    performer: (job) => performers.get(job)!,
    checked: Object.values(flow.plans).filter(({ output }) => output !== undefined),
  };
}
