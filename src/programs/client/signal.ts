import { ask, type Client, type FlowOptions } from "./options.ts";
import type { FlowRun } from "./run.ts";
import { findFlow, type FlowTarget, writeTo } from "./target.ts";
import { isStatus } from "../../errors.ts";
import type { JobName, JobsOf, OutcomeOf, OutputGiven, SignalledJob } from "../../flow/handler.ts";
import { digestFor } from "../../flow/ownership.ts";
import type { Flow } from "../../flow/plan.ts";
import type { AnySchema } from "../../flow/standard-schema.ts";
import { checkSignal, giveSignal } from "../../flow/wishes.ts";
import type { KubernetesObject, Resource } from "../../ports.ts";
import type { Json, Signal } from "../../request-state.ts";

/** How a signal is given. */
export interface SignalOptions<F extends Flow = Flow> extends FlowOptions<F> {
  /** Who gives it, as it is noted down. @default {The user whom the server has authenticated} */
  readonly by?: string;
}

/** The outcome of a signal: one of those that the job's `on` names, undefined where it names none. */
export type SignalOutcome<F extends Flow, J extends JobName<F>> = string extends JobName<F> ? string | undefined
  : [OutcomeOf<F, J>] extends [never] ? undefined
  : OutcomeOf<F, J>;

/** The data of a signal: of the type that the job declares as its output, any or none where it declares none. */
export type SignalData<F extends Flow, J extends JobName<F>> = JobsOf<F>[J] extends { readonly output: AnySchema }
  ? OutputGiven<F, J>
  : Json | undefined;

/** What a signal says, and how it is given; what may be undefined may be left out. */
export type SignalArguments<F extends Flow, J extends JobName<F>> = undefined extends SignalData<F, J>
  ? undefined extends SignalOutcome<F, J>
    ? [outcome?: SignalOutcome<F, J>, data?: SignalData<F, J>, options?: Partial<SignalOptions<F>>]
  : [outcome: SignalOutcome<F, J>, data?: SignalData<F, J>, options?: Partial<SignalOptions<F>>]
  : [outcome: SignalOutcome<F, J>, data: SignalData<F, J>, options?: Partial<SignalOptions<F>>];

/**
 * Gives the signal that a job waits for, or will wait for: an approval, a callback. It is given once and not taken back; the same one
 * again changes nothing. By the definition it is checked in full; without it, or where the flow was started with another graph, it is
 * taken only where the request itself shows that the job waits for it now.
 *
 * @param job A job that waits for a signal.
 * @param outcome One of those that the job's `on` names; undefined where it names none.
 * @param data Becomes the output of the job; at most 4 KiB as JSON. What JSON would turn into something else is refused, as in an input.
 * @returns Its run; the signal is written.
 * @throws {TypeError} When there is no such job or outcome, or the data is nothing that JSON can say or does not fit its schema.
 * @throws {RangeError} When the data is too large.
 * @throws {RequestStateError} When there is no such flow, it is over, or another signal was given.
 * @throws {StatusError} When the server refuses.
 * @throws {NoAnswerError} When no answer came several times: it may be written, and may be given again.
 *
 * @example
 * ```ts
 * import { type Cluster, defineFlow, signalFlow } from "crd-watcher";
 *
 * const order = defineFlow("order", {
 *   start: "approve",
 *   jobs: { approve: { waitFor: "signal", on: { yes: "ship", no: "refund" } }, ship: {}, refund: { end: "failed" } },
 * });
 *
 * async function approve(cluster: Cluster) {
 *   const options = { cluster, namespace: "shop", flow: order };
 *   await signalFlow({ key: "order-42" }, "approve", "yes", { why: "a good customer" }, options);
 * }
 * ```
 */
export function signalFlow<F extends Flow, J extends SignalledJob<F> & JobName<F>>(
  run: FlowRun<F>,
  job: J,
  ...signal: SignalArguments<F, J>
): Promise<FlowRun<F>>;
/** The same for any flow that exists. */
export function signalFlow<F extends Flow, J extends SignalledJob<F> & JobName<F>>(
  target: FlowTarget<F>,
  job: J,
  outcome: SignalOutcome<F, J>,
  data: SignalData<F, J>,
  options: SignalOptions<F>,
): Promise<FlowRun<F>>;
export async function signalFlow<F extends Flow>(
  target: FlowTarget<F>,
  job: string,
  outcome?: string,
  data?: unknown,
  options?: Partial<SignalOptions<F>>,
): Promise<FlowRun<F>> {
  const found = await findFlow("signal", target, options);
  // Another version of the definition does not know what this flow waits for.
  const { flow, request } = found;
  const checked = await checkSignal(flow?.digest === digestFor(request) ? flow! : request, job, { outcome, data });
  const isNew = giveSignal(request, job, checked) !== undefined;
  const by = options?.by ?? (isNew ? await userOf(found.client) : undefined);
  const signal: Signal = { ...checked, ...by !== undefined && { by } };
  return await writeTo("signal", found, (request) => giveSignal(request, job, signal));
}

const SELF: Resource = { group: "authentication.k8s.io", version: "v1", plural: "selfsubjectreviews" };

interface SelfSubjectReview extends KubernetesObject {
  readonly status?: { readonly userInfo?: { readonly username?: string } };
}

/** Whom the server takes this user for; undefined where it does not say (it is asked since Kubernetes 1.28). */
async function userOf(client: Client): Promise<string | undefined> {
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} };
  try {
    const { status } = await ask(client, () => client.cluster.create<SelfSubjectReview>(SELF, review, { signal: client.signal }));
    return status?.userInfo?.username;
  } catch (error) {
    if (isStatus(error)) return undefined;
    throw error;
  }
}
