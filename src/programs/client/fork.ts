import type { FlowOptions } from "./options.ts";
import { createRun, type FlowRun } from "./run.ts";
import { createRequest } from "./start.ts";
import { findFlow, type FlowTarget, type Found, writeTo } from "./target.ts";
import { RequestStateError } from "../../errors.ts";
import { WANTED, type Wanted } from "../../flow/creation.ts";
import { forkRequest } from "../../flow/fork.ts";
import type { InputGiven, JobName } from "../../flow/handler.ts";
import type { Flow } from "../../flow/plan.ts";
import { retryParked } from "../../flow/wishes.ts";
import { writeOf } from "../../flow/write.ts";
import { ANYTHING, checkOptions, type Members } from "../../options.ts";
import { hasSucceeded, isOver, nameOf } from "../../request-state.ts";

/** How a flow goes on from another one. */
export interface ForkOf<F extends Flow = Flow> extends Omit<Wanted, "input"> {
  /** The job that it begins with. @default {The job that failed} */
  readonly from?: JobName<F>;
  /** What the handlers get; null: nothing. @default {The input of the other flow} */
  readonly input?: InputGiven<F> | null;
}

const FORK: Members<ForkOf> = { ...WANTED, from: ANYTHING };

/**
 * Starts a flow that goes on from a job of another one, with the outputs of the jobs before that. The other one stays as it is. Its
 * definition is needed, and may be a newer one. Without a key people see it called as the other one, and how: `order-42,from-ship`.
 *
 * @param wanted With a key it may be called again: the same fork under one key is one flow.
 * @returns The run of the new flow.
 * @throws {TypeError} When the definition is not known, has no such job, or the input is nothing that JSON can say or does not fit.
 * @throws {RangeError} When the input is too large.
 * @throws {RequestStateError} When there is no such flow, it is of another definition, none of its jobs failed and `from` is not given,
 * or the key is taken.
 * @throws {StatusError} When the server refuses.
 * @throws {NoAnswerError} When no answer came several times: the new flow may exist. With a key, fork again.
 *
 * @example
 * ```ts
 * import { type Cluster, defineFlow, forkFlow } from "crd-watcher";
 *
 * const order = defineFlow("order", ["charge", "ship"]);
 *
 * async function shipAgain(name: string, cluster: Cluster) {
 *   const fork = await forkFlow(name, { from: "ship" }, { cluster, namespace: "shop", flow: order });
 *   return await fork.finished;
 * }
 * ```
 */
export function forkFlow<F extends Flow>(
  run: FlowRun<F>,
  wanted?: ForkOf<F>,
  options?: Partial<FlowOptions<F>>,
): Promise<FlowRun<F>>;
/** The same for any flow that exists. */
export function forkFlow<F extends Flow>(
  target: FlowTarget<F>,
  wanted: ForkOf<F>,
  options: FlowOptions<F>,
): Promise<FlowRun<F>>;
export async function forkFlow<F extends Flow>(
  target: FlowTarget<F>,
  wanted: ForkOf<F> = {},
  options?: Partial<FlowOptions<F>>,
): Promise<FlowRun<F>> {
  checkOptions("Cannot fork a flow", wanted, FORK, "what it is forked with");
  return await fork("fork", await findFlow("fork", target, options), wanted);
}

/**
 * Retries what failed. A parked flow goes on: its job is tried anew, its failures are counted from 0. A flow that is over is forked
 * from the job that failed; its definition is needed then. A retry that is under way, or that has succeeded, is found again and not
 * begun twice.
 *
 * @returns The run: of the same flow, or of the fork.
 * @throws {RequestStateError} When there is none, it is under way and not parked, or none of its jobs has failed.
 * @throws {TypeError} When it is to be forked, and the definition is not known or has no such job.
 * @throws {StatusError} When the server refuses.
 * @throws {NoAnswerError} When no answer came several times.
 *
 * @example
 * ```ts
 * import { type Cluster, listFlows, retryFlow } from "crd-watcher";
 *
 * async function retryAll(cluster: Cluster) {
 *   for (const run of await listFlows({ flow: "order", status: "parked" }, { cluster, namespace: "shop" })) await retryFlow(run);
 * }
 * ```
 */
export function retryFlow<F extends Flow>(run: FlowRun<F>, options?: Partial<FlowOptions<F>>): Promise<FlowRun<F>>;
/** The same for any flow that exists. */
export function retryFlow<F extends Flow>(target: FlowTarget<F>, options: FlowOptions<F>): Promise<FlowRun<F>>;
export async function retryFlow<F extends Flow>(
  target: FlowTarget<F>,
  options?: Partial<FlowOptions<F>>,
): Promise<FlowRun<F>> {
  const found = await findFlow("retry", target, options);
  const { request, client: { identity: by, clock } } = found;
  if (hasSucceeded(request)) {
    throw new RequestStateError(
      `Cannot retry requeststates "${nameOf(request)}": its flow has succeeded; to do a part again, fork it`,
    );
  }
  if (isOver(request)) return await retryOver(found);
  return await writeTo("retry", found, (request) => {
    const transition = retryParked(request);
    return transition && writeOf(request, transition, { by, now: clock.now() });
  });
}

/** Two who retry at once must not do everything twice: what is under way is found by its key, what has failed too is left behind. */
async function retryOver<F extends Flow>(found: Found<F>): Promise<FlowRun<F>> {
  for (let time = 1;; time++) {
    const run = await fork("retry", found, { key: `retry ${time} of ${found.request.metadata.uid}` }, time);
    if (!isOver(run.request) || hasSucceeded(run.request)) return run;
  }
}

async function fork<F extends Flow>(
  verb: "fork" | "retry",
  { request, flow, client, options }: Found<F>,
  wanted: ForkOf<F>,
  retry?: number,
): Promise<FlowRun<F>> {
  if (!flow) {
    throw new TypeError(`Cannot ${verb} requeststates "${nameOf(request)}": its definition is needed, pass it as { flow }`);
  }
  const { namespace = client.namespace } = request.metadata;
  const object = await forkRequest(flow, request, { ...wanted, retry }, {
    namespace,
    by: client.identity,
    now: client.clock.now(),
  });
  return createRun(await createRequest(object, wanted.key, client), flow, options);
}
