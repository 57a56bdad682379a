/**
 * What a flow is: a name and a graph of jobs, checked once and frozen. Pure.
 *
 * @module
 */

import { FlowDefinitionError } from "../errors.ts";
import { definitionFaults } from "./definition-faults.ts";
import { graphDigest } from "./digest.ts";
import type { Flow, JobPlan, Waits } from "./plan.ts";
import type { Json } from "../request-state.ts";
import { RETRY_DEFAULTS, type RetryPolicy } from "./retry-policy.ts";
import type { AnySchema, StandardSchema } from "./standard-schema.ts";

/**
 * One job of a definition. Without `waitFor` and `after` a worker does it.
 *
 * @typeParam Job The names of the jobs that may come after it.
 */
export interface JobDefinition<Job extends string = string> {
  /** The job after it. Absent, and no outcomes in `on`: the flow ends here. */
  readonly next?: Job;
  /**
   * The job after it, by outcome. The handler (or the signal) must then give one of the names. Three are given by the
   * director: `failed` when no attempt is left, `timedOut` when that was for `timeout` or `startTimeout` (or when no signal came
   * in time), `elapsed` when a pause is over.
   */
  readonly on?: { readonly [outcome: string]: Job };
  /** A flow that ends here has not succeeded: a refund, a clean-up. */
  readonly end?: "failed";
  /** It waits for a member of `spec.signals`: an approval, a callback. */
  readonly waitFor?: "signal";
  /** Milliseconds that it waits: a durable pause. With `waitFor`, what comes first. */
  readonly after?: number;
  /**
   * Milliseconds that one attempt may take, then its handler is told to stop; where it waits for a signal, until it goes on with
   * `timedOut`. @default {No limit}
   */
  readonly timeout?: number;
  /** Milliseconds in which a worker must have begun it; it fails then, and is not tried again. @default {No limit} */
  readonly startTimeout?: number;
  /** When it is tried again. @default {3 attempts, up to 1 s, then 2 s apart} */
  readonly retry?: Partial<RetryPolicy>;
  /** `park`: when no attempt is left, and `on` has no branch for that, it waits for an operator. @default {The flow fails} */
  readonly onExhausted?: "park";
  /** What the handler gives back as `output`, or what the data of the signal is: `shape<T>()`, or a Standard Schema. */
  readonly output?: AnySchema;
}

/**
 * Refuses members that there are not, as `timout`: the compiler does not look for them where it infers. The text is what it shows.
 *
 * @typeParam Given What was written.
 * @typeParam Known What it may have.
 */
export type NoOther<Given, Known> = { readonly [Member in Exclude<keyof Given, keyof Known>]: "there is no member of this name" };

/**
 * {@linkcode NoOther} for a job and its `retry`, and no `next` beside outcomes that say themselves what comes next.
 *
 * @typeParam Given The definition of a job, as it was written.
 */
export type NoOtherMembers<Given> =
  & NoOther<Given, JobDefinition>
  & (Given extends { readonly retry: infer Retry } ? { readonly retry: NoOther<Retry, RetryPolicy> } : unknown)
  & (Given extends { readonly on: infer On; readonly next: string }
    ? [Exclude<keyof On, "failed" | "timedOut" | "elapsed">] extends [never] ? unknown
    : { readonly next: "the outcomes of this job say what comes next" }
    : unknown);

/** The jobs of a definition, by name. */
export interface JobDefinitions {
  /** What is to be done about one job. */
  readonly [job: string]: JobDefinition;
}

/** What is expected where nothing was said. */
export type NoSchema = StandardSchema<Json | undefined>;

/** A flow's definition. */
export interface FlowDefinition<Jobs, Input extends AnySchema = AnySchema> {
  /** The first job. */
  readonly start: keyof Jobs & string;
  /** All jobs, by name: each 1 to 63 letters, digits, "-", "_" or ".". At most 16 of them wait. */
  readonly jobs: Jobs;
  /** What the input is: `shape<T>()`, or a Standard Schema, which is checked at the start and before each handler. */
  readonly input?: Input;
  /** Milliseconds from its creation: then a flow is cancelled, wherever it stands. @default {No limit} */
  readonly deadline?: number;
  /** Milliseconds that a finished request is kept. @default {86_400_000} */
  readonly ttl?: number;
  /**
   * `abort`: handlers are told to stop as soon as their worker could not renew its lease in time, rather than when it has seen that
   * another one has the job. For effects that must not be had twice at a time; an outage of the API server costs attempts then.
   * @default {Handlers go on: an outage costs nothing}
   */
  readonly onLeaseLost?: "abort";
}

/**
 * Defines a flow: its jobs, and which of them comes after which.
 *
 * @param name 1 to 63 characters: lower-case letters, digits and `-`.
 * @param jobs One after the other.
 * @throws {FlowDefinitionError} Listing every fault.
 *
 * @example The flow of the reference
 * ```ts
 * import { defineFlow } from "crd-watcher";
 *
 * const sample = defineFlow("sample", ["JOB1", "JOB2"]);
 * ```
 */
export function defineFlow<const Job extends string>(
  name: string,
  jobs: readonly Job[],
): Flow<{ readonly [J in Job]: JobDefinition<never> }, NoSchema>;
/**
 * Defines a flow with branches, retries, jobs that wait.
 *
 * @param definition Graphs have no cycles: polling is a handler that throws `RetryAfterError`, a loop is a new flow.
 * @throws {FlowDefinitionError} Listing every fault.
 *
 * @example An order that somebody must approve
 * ```ts
 * import { defineFlow } from "crd-watcher";
 *
 * const order = defineFlow("order", {
 *   start: "charge",
 *   jobs: {
 *     charge: { on: { paid: "approve", declined: "notify", failed: "notify" }, retry: { limit: 5 }, timeout: 30_000 },
 *     approve: { waitFor: "signal", on: { yes: "ship", no: "refund", timedOut: "refund" }, timeout: 86_400_000 },
 *     ship: { next: "notify", onExhausted: "park" },
 *     refund: { end: "failed" },
 *     notify: {},
 *   },
 * });
 * ```
 */
export function defineFlow<
  const Jobs extends { readonly [J in keyof Jobs]: JobDefinition<keyof Jobs & string> & NoOtherMembers<Jobs[J]> },
  Input extends AnySchema = NoSchema,
>(name: string, definition: FlowDefinition<Jobs, Input>): Flow<Jobs, Input>;
export function defineFlow(name: string, jobs: readonly string[] | FlowDefinition<JobDefinitions>): Flow {
  const faults = definitionFaults(name, jobs);
  if (faults.length > 0) throw new FlowDefinitionError(String(name), faults);
  const definition = isSequence(jobs) ? sequenceOf(jobs) : jobs;
  const { start, deadline, ttl = DEFAULT_TTL, input, onLeaseLost } = definition;
  const plans = withoutPrototype(Object.entries(definition.jobs).map(([job, own]) => [job, planOf(job, own)] as const));
  return Object.freeze({
    name,
    jobs: Object.freeze(Object.keys(definition.jobs)),
    start,
    plans,
    digest: graphDigest(start, plans),
    ttl,
    ...deadline !== undefined && { deadline },
    ...input !== undefined && { input },
    ...onLeaseLost !== undefined && { onLeaseLost },
  });
}

/** How long finished requests are kept where nothing is said, in milliseconds. */
const DEFAULT_TTL = 86_400_000;

const isSequence = (jobs: unknown): jobs is readonly string[] => Array.isArray(jobs);

/** A sequence in the long form. */
function sequenceOf(jobs: readonly string[]): FlowDefinition<JobDefinitions> {
  const links = jobs.map((job, index) => [job, index + 1 < jobs.length ? { next: jobs[index + 1]! } : {}] as const);
  return { start: jobs[0]!, jobs: Object.fromEntries(links) };
}

/** Given by the director, never by a handler or a signal. */
export const RESERVED_OUTCOMES: readonly string[] = ["failed", "timedOut", "elapsed"];

function planOf(name: string, { next, on = {}, end, timeout, startTimeout, output, ...job }: JobDefinition): JobPlan {
  const retry = { ...RETRY_DEFAULTS, ...withoutUndefined(job.retry ?? {}) };
  return Object.freeze({
    name,
    ...withoutUndefined({ next, end, timeout, startTimeout, output, waits: waitsOf(job) }),
    on: withoutPrototype(Object.entries(on)),
    outcomes: Object.freeze(Object.keys(on).filter((outcome) => !RESERVED_OUTCOMES.includes(outcome))),
    retry: Object.freeze({ ...retry, nonRetryable: Object.freeze([...retry.nonRetryable]) }),
    parks: job.onExhausted === "park",
  });
}

function waitsOf({ waitFor, after }: JobDefinition): Waits | undefined {
  if (waitFor === undefined && after === undefined) return undefined;
  return Object.freeze({ signal: waitFor === "signal", ...after !== undefined && { after } });
}

/** So that any name can be looked up: `constructor` is a job like others. */
function withoutPrototype<Value>(entries: readonly (readonly [string, Value])[]): Readonly<Record<string, Value>> {
  const record: Record<string, Value> = Object.create(null);
  for (const [name, value] of entries) record[name] = value;
  return Object.freeze(record);
}

const withoutUndefined = <Value extends object>(value: Value): Partial<Value> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<Value>;

/** The flow of a request that names none: what the reference drives. */
export const SAMPLE: Flow<{ readonly JOB1: JobDefinition<never>; readonly JOB2: JobDefinition<never> }, NoSchema> = defineFlow(
  "sample",
  ["JOB1", "JOB2"],
);
