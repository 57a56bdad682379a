/**
 * What a user wants of a flow as a whole. Each of these calls is one conditional write of `spec.desiredState`, or none where it is so
 * already; the director does the rest. `kubectl patch` of that field does the same.
 *
 * @module
 */

import type { FlowOptions } from "./options.ts";
import type { FlowRun } from "./run.ts";
import { findFlow, type FlowTarget, type Verb, writeTo } from "./target.ts";
import type { Flow } from "../../flow/plan.ts";
import { type DesiredState, wish } from "../../flow/wishes.ts";

/**
 * Cancels a flow: at once where nobody works on it, else when the handler has heeded its signal, or after the grace period. That
 * is not taken back. `(await cancelFlow(run)).finished` waits for the end.
 *
 * @returns Its run; that its flow is to be cancelled is written.
 * @throws {RequestStateError} When there is none, or its flow has ended otherwise.
 * @throws {StatusError} When the server refuses.
 * @throws {NoAnswerError} When no answer came several times: it may be written, and may be asked for again.
 *
 * @example
 * ```ts
 * import { cancelFlow, type Cluster, resultOf } from "crd-watcher";
 *
 * async function stop(name: string, cluster: Cluster) {
 *   const run = await cancelFlow(name, { cluster, namespace: "shop" });
 *   return resultOf(await run.finished).status; // "cancelled"
 * }
 * ```
 */
export function cancelFlow<F extends Flow>(run: FlowRun<F>, options?: Partial<FlowOptions<F>>): Promise<FlowRun<F>>;
/** The same for any flow that exists. */
export function cancelFlow<F extends Flow>(target: FlowTarget<F>, options: FlowOptions<F>): Promise<FlowRun<F>>;
export function cancelFlow<F extends Flow>(target: FlowTarget<F>, options?: Partial<FlowOptions<F>>): Promise<FlowRun<F>> {
  return desire("cancel", "Cancelled", target, options);
}

/**
 * Suspends a flow: no job of it is claimed or requested any more, one that is under way ends. Its deadline goes on.
 *
 * @returns Its run; that its flow is suspended is written.
 * @throws {RequestStateError} When there is none, or its flow is over or cancelled.
 * @throws {StatusError} When the server refuses.
 * @throws {NoAnswerError} When no answer came several times: it may be written, and may be asked for again.
 */
export function suspendFlow<F extends Flow>(run: FlowRun<F>, options?: Partial<FlowOptions<F>>): Promise<FlowRun<F>>;
/** The same for any flow that exists. */
export function suspendFlow<F extends Flow>(target: FlowTarget<F>, options: FlowOptions<F>): Promise<FlowRun<F>>;
export function suspendFlow<F extends Flow>(target: FlowTarget<F>, options?: Partial<FlowOptions<F>>): Promise<FlowRun<F>> {
  return desire("suspend", "Suspended", target, options);
}

/**
 * Lets a suspended flow go on.
 *
 * @returns Its run; that its flow goes on is written.
 * @throws {RequestStateError} When there is none, or its flow is over or cancelled.
 * @throws {StatusError} When the server refuses.
 * @throws {NoAnswerError} When no answer came several times: it may be written, and may be asked for again.
 */
export function resumeFlow<F extends Flow>(run: FlowRun<F>, options?: Partial<FlowOptions<F>>): Promise<FlowRun<F>>;
/** The same for any flow that exists. */
export function resumeFlow<F extends Flow>(target: FlowTarget<F>, options: FlowOptions<F>): Promise<FlowRun<F>>;
export function resumeFlow<F extends Flow>(target: FlowTarget<F>, options?: Partial<FlowOptions<F>>): Promise<FlowRun<F>> {
  return desire("resume", "Running", target, options);
}

async function desire<F extends Flow>(
  verb: Verb,
  desired: DesiredState,
  target: FlowTarget<F>,
  options: Partial<FlowOptions<F>> | undefined,
): Promise<FlowRun<F>> {
  return await writeTo(verb, await findFlow(verb, target, options), (request) => wish(request, desired));
}
