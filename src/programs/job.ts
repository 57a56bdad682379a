/**
 * What a handler is told, and what it may give back.
 *
 * @module
 */

import { causesOf, thrownText } from "../errors.ts";
import type { Flow } from "../flow/definition.ts";
import type { Result } from "../flow.ts";
import type { Json, RequestState } from "../request-state.ts";

/** What a handler is told about the job it shall do. */
export interface Job {
  /** The name of the job. */
  readonly job: string;
  /** The caller's input; undefined where there is none. */
  readonly input: Json | undefined;
  /** What earlier jobs of this flow gave back, by job. */
  readonly outputs: { readonly [job: string]: Json };
  /** Counts from 1. Also the fencing token: a later attempt always has a higher one. */
  readonly attempt: number;
  /** The same for every attempt of this job of this request, and for no other. */
  readonly idempotencyKey: string;
  /** Aborted when the request is deleted or taken over, and when the worker must end. */
  readonly signal: AbortSignal;
  /** The request as it was claimed. */
  readonly request: RequestState;
}

/** Does one job. What it throws fails the job. */
export type Handler = (job: Job) => Promise<{ readonly output?: Json } | void>;

/** A handler for every job of a flow. */
export type Handlers<Name extends string = string> = { readonly [J in Name]: Handler };

/** A flow with its handlers, as a module given to the command line exports it. */
export interface Implementation<Name extends string = string> {
  /** What is to be done. */
  readonly flow: Flow<Name>;
  /** How. */
  readonly handlers: Handlers<Name>;
}

/**
 * Puts a flow and its handlers together.
 *
 * @throws {TypeError} When a job has no handler, or a handler no job; all of them are named.
 */
export function implementFlow<Name extends string>(flow: Flow<Name>, handlers: Handlers<Name>): Implementation<Name> {
  const faults = [
    ...flow.jobs.filter((job) => typeof handlers[job] !== "function").map((job) => `job "${job}" has no handler`),
    ...Object.keys(handlers).filter((job) => !(flow.jobs as readonly string[]).includes(job)).map((job) =>
      `handler "${job}" has no job`
    ),
  ];
  if (faults.length > 0) throw new TypeError(`Cannot implement flow "${flow.name}": ${faults.join("; ")}`);
  return Object.freeze({ flow, handlers: Object.freeze({ ...handlers }) });
}

/** The size limit of one output (as JSON), in bytes: every write of the request carries it to every watcher. */
const OUTPUT_LIMIT = 4_096;

/** The size limit of all outputs of a request together. */
const OUTPUTS_LIMIT = 65_536;

const sizeOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value) ?? "").length;

/**
 * The result of a job whose handler gave back `output`.
 *
 * @throws {TypeError} When it is nothing that JSON can say.
 * @throws {RangeError} When it is too large to be kept in the request.
 */
export function completed(output: Json | undefined, request: RequestState): Result {
  if (output === undefined) return { state: "COMPLETED" };
  const size = sizeOf(output);
  if (size === 0) throw new TypeError(`The output is a ${typeof output}, expected what JSON can say`);
  const advice = "store it elsewhere and give back where";
  if (size > OUTPUT_LIMIT) {
    throw new RangeError(`The output is ${size} bytes as JSON, at most ${OUTPUT_LIMIT} are kept: ${advice}`);
  }
  const all = size + sizeOf(request.status?.outputs ?? {});
  if (all > OUTPUTS_LIMIT) {
    throw new RangeError(`All outputs together are ${all} bytes as JSON, at most ${OUTPUTS_LIMIT} are kept: ${advice}`);
  }
  return { state: "COMPLETED", output };
}

/** The result of a job whose handler threw. */
export function failed(thrown: unknown, { retryable }: { readonly retryable: boolean } = { retryable: true }): Result {
  const type = causesOf(thrown)[0]?.name ?? "Error";
  return { state: "FAILED", error: { type: cut(type, 250), message: cut(thrownText(thrown), 1_024), retryable } };
}

/** The first bytes of a text, never half a character. */
function cut(text: string, limit: number): string {
  const bytes = new TextEncoder().encode(text);
  return bytes.length <= limit ? text : new TextDecoder().decode(bytes.subarray(0, limit - 4)).replace(/\uFFFD$/, "") + "…";
}
