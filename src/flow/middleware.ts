/**
 * What is done around handlers: tracing, tenancy, secrets. Pure, but for what it is given.
 *
 * @module
 */

import type { Json } from "../request-state.ts";
import type { Job, JobName, Returned, WorkedJob } from "./handler.ts";
import type { Flow } from "./plan.ts";

/** A job of a flow that a worker does, whichever it is. */
export type JobOf<F extends Flow = Flow> = string extends JobName<F> ? Job
  : { [J in WorkedJob<F>]: Job<F, J> }[WorkedJob<F>];

/** What some handler of a flow gives back. */
export type ReturnedOf<F extends Flow = Flow> = string extends JobName<F>
  ? { readonly outcome?: string | undefined; readonly output?: Json } | void
  : { [J in WorkedJob<F>]: Returned<F, J> }[WorkedJob<F>];

/**
 * Runs what comes next, at last the handler; once for each job.
 *
 * @param changes Members of the job that it shall be told instead. They change nothing of the request. @default {None}
 * @returns What it gives back; `{}` where that is nothing.
 */
export type Next<F extends Flow = Flow> = (changes?: Partial<Omit<JobOf<F>, "job">>) => Promise<Exclude<ReturnedOf<F>, void>>;

/**
 * Is called with each job instead of its handler, and decides what becomes of it: what it gives back is the result of the job, what
 * it throws fails the job, as if the handler had done so. It sees the input and the outputs as their schemas read them; the output
 * that it gives back is checked after it.
 *
 * A method, so that one of one flow can stand among those of any.
 *
 * @example Secrets that are named in the input, for handlers only
 * ```ts
 * import type { Middleware } from "crd-watcher";
 *
 * const withSecrets = (read: (name: string) => Promise<string>): Middleware => async ({ input }, next) => {
 *   const { secret, ...others } = input as { secret: string };
 *   return await next({ input: { ...others, token: await read(secret) } });
 * };
 * ```
 */
export type Middleware<F extends Flow = Flow> = {
  around(job: JobOf<F>, next: Next<F>): Promise<ReturnedOf<F>>;
}["around"];

/** Does a job: a handler with all that is around it. */
export type Performer = (job: Job) => unknown;

/** Puts what is done around a handler around it, the first one outermost. */
export const surround = (handler: Performer, use: readonly Middleware[]): Performer =>
  use.reduceRight<Performer>((inner, layer) => (job) => layer(job, nextOf(job, inner)), handler);

function nextOf(job: Job, inner: Performer): Next {
  let called = false;
  const run = async (changes: Partial<Job> | undefined) => {
    if (called) throw new Error("next was called twice: a handler is run once for each claim");
    called = true;
    return (await inner(changes ? { ...job, ...changes } : job) ?? {}) as Exclude<ReturnedOf, void>;
  };
  return (changes) => {
    const running = run(changes);
    running.catch(() => {}); // who does not wait for it is not told either
    return running;
  };
}
