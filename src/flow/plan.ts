/**
 * A flow as directors and workers know it: what {@linkcode defineFlow} makes of a definition. Pure.
 *
 * @module
 */

import type { Expectation } from "../options.ts";
import type { JobDefinitions } from "./definition.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import type { AnySchema } from "./standard-schema.ts";

/** A flow, checked and frozen. Its type parameters say what its jobs take and give. */
export interface Flow<Jobs extends JobDefinitions = JobDefinitions, Input extends AnySchema = AnySchema> {
  /** As in `spec.flow`. */
  readonly name: string;
  /** The names of its jobs, as the definition lists them. */
  readonly jobs: readonly string[];
  /** The job that a flow begins with. */
  readonly start: string;
  /** What is to be done about each job. Has no prototype: any name can be looked up. */
  readonly plans: { readonly [job: string]: JobPlan };
  /** Identifies the graph, so that processes with another definition of the same name keep off. */
  readonly digest: string;
  /** Milliseconds from the creation of a request: then it is cancelled. Becomes `spec.activeDeadlineSeconds`. */
  readonly deadline?: number;
  /** Milliseconds that a finished request is kept. Becomes `spec.ttlSecondsAfterFinished`. */
  readonly ttl: number;
  /** What the input must be. */
  readonly input?: AnySchema;
  /** Handlers are told to stop as soon as their worker could not renew its lease in time. */
  readonly onLeaseLost?: "abort";
  /** Exists for the compiler only. */
  readonly types?: { readonly jobs: Jobs; readonly input: Input };
}

/** One job of a flow. */
export interface JobPlan {
  /** Its name. */
  readonly name: string;
  /** The job after it, whatever its outcome. Absent: the flow ends, unless `on` says otherwise. */
  readonly next?: string;
  /** The job after it, by outcome: the ordinary ones, and `failed`, `timedOut`, `elapsed`. Has no prototype. */
  readonly on: { readonly [outcome: string]: string };
  /** The ordinary outcomes: one of them must be given, where there are any. */
  readonly outcomes: readonly string[];
  /** A flow that ends here has not succeeded. */
  readonly end?: "failed";
  /** No worker is needed: it waits. */
  readonly waits?: Waits;
  /** Milliseconds that an attempt may take, or that a signal is waited for. */
  readonly timeout?: number;
  /** Milliseconds in which a worker must have begun it. */
  readonly startTimeout?: number;
  /** When it is tried again. */
  readonly retry: RetryPolicy;
  /** Whether it waits for an operator when no attempt is left. */
  readonly parks: boolean;
  /** What its output, or the data of its signal, must be. */
  readonly output?: AnySchema;
}

/** What a job waits for; whichever comes first. */
export interface Waits {
  /** A member of `spec.signals`. */
  readonly signal: boolean;
  /** Milliseconds from its request. */
  readonly after?: number;
}

/** A definition; who gives its implementation means that. */
export const FLOW: Expectation = {
  expected: "what defineFlow gives",
  fits: (value) => isFlow(value),
  meant: (value) => isFlow((value as { flow?: unknown } | null)?.flow) ? "implementation.flow" : undefined,
};

/** Whether a value is what {@linkcode defineFlow} gives: programs without types may hand over anything. */
export const isFlow = (value: unknown): value is Flow => {
  const { name, plans } = (value ?? {}) as Partial<Flow>;
  return typeof name === "string" && typeof plans === "object";
};
