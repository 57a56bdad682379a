/**
 * How a flow has ended, for whoever started it. Pure.
 *
 * @module
 */

import { RequestStateError } from "../errors.ts";
import { checkRequest, conditionOf, entriesOf, isOver, nameOf, type RequestState } from "../request-state.ts";
import type { InputRead, JobName, OutputsRead } from "./handler.ts";
import type { Flow } from "./plan.ts";
import { type EndStatus, endStatusOf } from "./standing.ts";

/** A request of which the compiler knows the flow. */
export interface RequestOf<F extends Flow = Flow> extends RequestState {
  /** Exists for the compiler only. */
  readonly ofFlow?: F;
}

/** How a flow has ended. */
export interface FlowResult<F extends Flow = Flow> {
  /** In a word. */
  readonly status: EndStatus;
  /** CamelCase: `Completed`, `JobFailed`, `Cancelled`, `DeadlineExceeded`, or the name of the job that ends a flow as failed. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
  /** The job with which it ended. */
  readonly job: JobName<F>;
  /** The jobs that were gone through, as far as the history goes back. */
  readonly path: readonly JobName<F>[];
  /** What the jobs gave back, by job; as it is stored, not as a schema reads it. */
  readonly outputs: OutputsRead<F>;
  /** What it was started with, as it is stored. */
  readonly input: InputRead<F>;
}

/**
 * How a flow has ended.
 *
 * @param finished As `run.finished` gives it.
 * @throws {RequestStateError} When it is not over yet.
 */
export function resultOf<F extends Flow = Flow>(finished: RequestOf<F>): FlowResult<F> {
  checkRequest("Cannot tell the result of a flow", finished);
  if (!isOver(finished)) throw new RequestStateError(`requeststates "${nameOf(finished)}" is not over yet`);
  const { reason = "", message = "" } = conditionOf(finished, "Succeeded") ?? {};
  const path: string[] = [];
  for (const { job } of entriesOf(finished)) if (path.at(-1) !== job) path.push(job);
  return {
    status: endStatusOf(finished),
    reason,
    message,
    job: finished.spec.job as JobName<F>,
    path: path as JobName<F>[],
    outputs: (finished.status?.outputs ?? {}) as OutputsRead<F>,
    input: finished.spec.input as InputRead<F>,
  };
}
