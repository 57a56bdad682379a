/**
 * What a handler is told, and what it may give back: types that come from the definition of the flow.
 *
 * @module
 */

import { ANYTHING, checkOptions, listOf, type Members, valueFault } from "../options.ts";
import type { Log } from "../ports.ts";
import type { Json, RequestState } from "../request-state.ts";
import type { JobDefinitions } from "./definition.ts";
import type { Middleware } from "./middleware.ts";
import { type Flow, isFlow } from "./plan.ts";
import type { AnySchema, Given, Read } from "./standard-schema.ts";

/** The definitions of a flow's jobs, as the compiler knows them. */
export type JobsOf<F extends Flow> = F extends Flow<infer Jobs, infer _> ? Jobs : JobDefinitions;

/** The names of a flow's jobs. */
export type JobName<F extends Flow> = keyof JobsOf<F> & string;

/** The names of the jobs that workers do. */
export type WorkedJob<F extends Flow> = {
  [J in JobName<F>]: JobsOf<F>[J] extends { readonly waitFor: "signal" } | { readonly after: number } ? never : J;
}[JobName<F>];

/** The names of the jobs that wait for a signal. */
export type SignalledJob<F extends Flow> = string extends JobName<F> ? string : {
  [J in JobName<F>]: JobsOf<F>[J] extends { readonly waitFor: "signal" } ? J : never;
}[JobName<F>];

/** The outcomes that a job's handler, or its signal, must give one of; never where there are none. */
export type OutcomeOf<F extends Flow, J extends JobName<F>> = JobsOf<F>[J] extends { readonly on: infer On }
  ? Exclude<keyof On & string, "failed" | "timedOut" | "elapsed">
  : string extends JobName<F> ? string
  : never;

/** What a job gives back, as it is given. */
export type OutputGiven<F extends Flow, J extends JobName<F>> = JobsOf<F>[J] extends { readonly output: infer Schema }
  ? Given<Schema>
  : Json;

/** What a job gave back, as others read it. */
export type OutputRead<F extends Flow, J extends JobName<F>> = JobsOf<F>[J] extends { readonly output: infer Schema }
  ? Read<Schema>
  : Json;

/** What a flow is started with. */
export type InputGiven<F extends Flow> = F extends Flow<infer _, infer Input extends AnySchema> ? Given<Input> : Json | undefined;

/** The input among what a flow is started with: it may be left out where its type has undefined. */
export type InputMember<F extends Flow> = undefined extends InputGiven<F> ? { readonly input?: InputGiven<F> }
  : { readonly input: InputGiven<F> };

/** The input as handlers read it. */
export type InputRead<F extends Flow> = F extends Flow<infer _, infer Input extends AnySchema> ? Read<Input> : Json | undefined;

/** What the jobs of a flow gave back so far, by job; a job that was not reached is absent. */
export type OutputsRead<F extends Flow> = { readonly [J in JobName<F>]?: OutputRead<F, J> };

/** What a handler is told about the job it shall do. */
export interface Job<F extends Flow = Flow, J extends JobName<F> = JobName<F>> {
  /** The name of the job. */
  readonly job: J;
  /** The caller's input, as the schema reads it; undefined where there is none. */
  readonly input: InputRead<F>;
  /** What earlier jobs of this flow gave back, by job. */
  readonly outputs: OutputsRead<F>;
  /** Counts from 1. */
  readonly attempt: number;
  /** A later attempt of this job always has a higher one: what it has touched can refuse an earlier one that still runs. */
  readonly fencingToken: number;
  /** The same for every attempt of this job of this request, and for no other. */
  readonly idempotencyKey: string;
  /**
   * Aborted when the flow is cancelled or its deadline has come, when the job's time is over, when the request is deleted or taken
   * over, and when the worker must end; its reason is a `JobAbortedError`.
   */
  readonly signal: AbortSignal;
  /** The request as it was claimed. */
  readonly request: RequestState;
  /** The worker's log; its lines name this request. */
  readonly log: Log;
}

/** The output among what a handler gives back: it may be left out where no type was declared. */
export type OutputMember<F extends Flow, J extends JobName<F>> = JobsOf<F>[J] extends { readonly output: AnySchema }
  ? { readonly output: OutputGiven<F, J> }
  : { readonly output?: OutputGiven<F, J> };

/**
 * What a handler gives back: an outcome exactly where its job has some. An output that JSON would turn into something else (NaN, a Map,
 * the instance of a class) fails the job for good: `lastError` says which part of it.
 */
export type Returned<F extends Flow, J extends JobName<F>> = string extends JobName<F>
  ? { readonly outcome?: string | undefined; readonly output?: Json } | void
  : [OutcomeOf<F, J>] extends [never]
    ? JobsOf<F>[J] extends { readonly output: AnySchema } ? OutputMember<F, J> & { readonly outcome?: undefined }
    : (OutputMember<F, J> & { readonly outcome?: undefined }) | void
  : OutputMember<F, J> & { readonly outcome: OutcomeOf<F, J> };

/**
 * Does one job. What it throws fails the job; `RetryAfterError` and `NeverRetryError` say how to go on.
 *
 * A method, so that a handler of one flow can stand among handlers of any.
 */
export type Handler<F extends Flow = Flow, J extends JobName<F> = JobName<F>> = {
  handle(job: Job<F, J>): Promise<Returned<F, J>>;
}["handle"];

/** A handler for every job that workers do. Written like this, the compiler still sees literals as outcomes. */
export type Handlers<F extends Flow = Flow> = Required<{ readonly [J in WorkedJob<F>]?: Handler<F, J> }>;

/** A flow with its handlers, as a module given to the command line exports it. */
export interface Implementation<F extends Flow = Flow> {
  /** What is to be done. */
  readonly flow: F;
  /** How. */
  readonly handlers: Handlers<F>;
  /** What is done around each handler, the outermost first. @default {Nothing} */
  readonly use?: readonly Middleware<F>[];
}

/** What else belongs to an implementation. */
export interface ImplementOptions<F extends Flow = Flow> {
  /** What is done around each handler, the outermost first. @default {Nothing} */
  readonly use?: readonly Middleware<F>[];
}

const IMPLEMENT: Members<ImplementOptions> = { use: ANYTHING }; // looked at below

/**
 * Puts a flow and its handlers together.
 *
 * @throws {TypeError} When a job has no handler, or a handler no job; all of them are named.
 *
 * @example Every job of it in a span of a tracer
 * ```ts
 * import { defineFlow, implementFlow } from "crd-watcher";
 *
 * const order = defineFlow("order", ["charge", "ship"]);
 * implementFlow(order, { charge: async () => {}, ship: async () => {} }, {
 *   use: [async (job, next) => {
 *     console.time(job.idempotencyKey);
 *     try {
 *       return await next();
 *     } finally {
 *       console.timeEnd(job.idempotencyKey);
 *     }
 *   }],
 * });
 * ```
 */
export function implementFlow<F extends Flow>(
  flow: F,
  handlers: Handlers<F>,
  options: ImplementOptions<F> = {},
): Implementation<F> {
  if (!isFlow(flow) || typeof handlers !== "object" || handlers === null) {
    throw new TypeError("Cannot implement a flow: it needs what defineFlow gives, and an object of handlers by job");
  }
  checkOptions(`Cannot implement flow "${flow.name}"`, options, IMPLEMENT);
  const { use = [] } = options;
  const missing = workedJobsOf(flow).filter((job) => !hasHandler(handlers, job));
  const faults = [
    ...missing.map((job) => `job "${job}" has no handler`),
    ...handlerFaults(flow, handlers as Handlers),
    ...useFaults(use),
  ];
  if (faults.length > 0) throw new TypeError(`Cannot implement flow "${flow.name}": ${faults.join("; ")}`);
  return Object.freeze({ flow, handlers: Object.freeze({ ...handlers }), ...use.length > 0 && { use: Object.freeze([...use]) } });
}

/** What is wrong with what shall be done around handlers, as clauses of one sentence. */
export function useFaults(use: unknown): string[] {
  const fault = valueFault("use", use, listOf("functions"));
  if (fault) return [fault.why];
  return [...use as unknown[]].flatMap((each, index) => typeof each === "function" ? [] : [`use[${index}] is no function`]);
}

/** The names of the jobs that workers do. */
export const workedJobsOf = (flow: Flow): readonly string[] => flow.jobs.filter((job) => !flow.plans[job]!.waits);

/** Whether there is a handler for a job; what an object inherits, as `constructor`, is none. */
export const hasHandler = (handlers: Partial<Handlers>, job: string): boolean =>
  Object.hasOwn(handlers, job) && handlers[job] !== undefined;

/** What is wrong with handlers, of which some may be missing, as clauses of one sentence. */
export function handlerFaults(flow: Flow, handlers: Partial<Handlers>): string[] {
  return Object.keys(handlers).flatMap((job) =>
    !flow.plans[job]
      ? [`handler "${job}" has no job`]
      : flow.plans[job].waits
      ? [`handler "${job}" is of a job that waits: the director completes it`]
      : typeof handlers[job] !== "function" && handlers[job] !== undefined
      ? [`handler "${job}" is no function`]
      : []
  );
}
