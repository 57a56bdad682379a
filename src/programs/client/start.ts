import { ask, type Client, clientOf, type ClientOptions } from "./options.ts";
import { createRun, type FlowRun } from "./run.ts";
import { isAbsent, isAlreadyExists, isNotFound, RequestStateError } from "../../errors.ts";
import { keyConflict, type NamedRequest, startRequest, WANTED, type Wanted } from "../../flow/creation.ts";
import type { InputMember } from "../../flow/handler.ts";
import { type Flow, isFlow } from "../../flow/plan.ts";
import { REQUEST_STATES, type RequestState } from "../../request-state.ts";
import { checkOptions } from "../../options.ts";
import { noNamespace, notServed } from "../setup.ts";

/** What to start a flow with. */
export type FlowRequest<F extends Flow = Flow> = Omit<Wanted, "input"> & InputMember<F>;

/**
 * Starts a flow: creates its request.
 *
 * With a key it may be called again, here or elsewhere, until it has succeeded: equal inputs under one key are one flow, for as long
 * as its request is there. What is equal is what the server keeps: `-0` is 0, a `Date` and whatever else has a `toJSON` is what that
 * gives, members that are undefined are absent, half a surrogate pair is U+FFFD, a null at the top is no input. What JSON would turn into
 * something else (NaN, a Map, a function, the instance of a class) is refused, wherever in the input it stands.
 *
 * @throws {TypeError} When the input is nothing that JSON can say, or does not fit its schema; when the flow is none.
 * @throws {RangeError} When the input is larger than 64 KiB as JSON.
 * @throws {RequestStateError} When the key is taken by a request with another flow or input.
 * @throws {SetupError} When the namespace is not there, or RequestStates are not installed.
 * @throws {StatusError} When the server refuses.
 * @throws {NoAnswerError} When no answer came several times: the request may exist. With a key, start again.
 *
 * @example
 * ```ts
 * import { type Cluster, defineFlow, resultOf, startFlow } from "crd-watcher";
 *
 * const order = defineFlow("order", ["charge", "ship"]);
 *
 * async function buy(cluster: Cluster) {
 *   const run = await startFlow(order, { key: "order-42", input: { amount: 12 } }, { cluster, namespace: "shop" });
 *   for await (const { spec } of run) console.log(spec.job, spec.state);
 *   return resultOf(await run.finished).outputs.charge;
 * }
 * ```
 */
export async function startFlow<F extends Flow>(flow: F, wanted: FlowRequest<F>, options: ClientOptions): Promise<FlowRun<F>> {
  if (!isFlow(flow)) throw new TypeError(`Cannot start a flow: it is given as ${String(flow)}, expected what defineFlow gives`);
  const client = clientOf(`Cannot start flow "${flow.name}"`, options);
  checkOptions(`Cannot start flow "${flow.name}"`, wanted ?? {}, WANTED, "what it is started with");
  const { namespace, identity: by, clock } = client;
  const object = await startRequest(flow, wanted ?? {}, { namespace, by, now: clock.now() });
  return createRun(await createRequest(object, wanted?.key, client), flow, options);
}

/**
 * Creates a request, or finds an equal one under its name. The name makes the create repeatable: if the one without an answer took
 * effect, the next one finds it.
 *
 * @throws {RequestStateError} When the name is taken by a request that is not equal.
 */
export async function createRequest(object: NamedRequest, key: string | undefined, client: Client): Promise<RequestState> {
  for (;;) {
    const request = await ask(client, () => createOrFind(object, key, client));
    if (request) return request;
  }
}

/** @returns Undefined where what had the name was gone when it was looked at. */
async function createOrFind(
  wanted: NamedRequest,
  key: string | undefined,
  { cluster, signal }: Client,
): Promise<RequestState | undefined> {
  const { name, namespace = "default" } = wanted.metadata;
  try {
    return await cluster.create<RequestState>(REQUEST_STATES, wanted, { signal });
  } catch (error) {
    if (isNotFound(error)) throw isAbsent(error) ? noNamespace(namespace, error) : notServed(cluster, error);
    if (!isAlreadyExists(error)) throw error;
  }
  let found: RequestState;
  try {
    found = await cluster.get<RequestState>(REQUEST_STATES, { name, namespace }, { signal });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  const conflict = keyConflict(found, wanted, key);
  if (conflict !== undefined) throw new RequestStateError(conflict);
  return found;
}
