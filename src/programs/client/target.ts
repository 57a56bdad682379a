import { ask, type Client, clientOf, type ClientOptions, type FlowOptions, TRIES } from "./options.ts";
import { createRun, type FlowRun } from "./run.ts";
import { commit } from "../commit.ts";
import { isAbsent, isNotFound, RequestStateError } from "../../errors.ts";
import { createFlowMetrics } from "../flow-metrics.ts";
import { uidOf } from "../../flow/creation.ts";
import type { RequestOf } from "../../flow/flow-result.ts";
import type { Flow } from "../../flow/plan.ts";
import type { Write } from "../../flow/write.ts";
import type { ObjectKey } from "../../ports.ts";
import { flowNameOf, nameOf, REQUEST_STATES, type RequestState } from "../../request-state.ts";
import { isName } from "../../options.ts";
import { checkShared, SIGNAL_OPTIONS } from "../given-options.ts";
import { notServed } from "../setup.ts";

/**
 * A flow that exists: the name of its request (`order-1`, or `shop/order-1` with its namespace), the key that it was started with
 * (the name of its flow is needed then, or its definition), its request at any version, or a run.
 */
export type FlowTarget<F extends Flow = Flow> = string | FlowKey | RequestOf<F> | FlowRun<F>;

/** A flow by what its starter calls it. */
export interface FlowKey {
  /** As it was given to `startFlow`. */
  readonly key: string;
  /** The name of its flow, where the definition is not at hand. @default {That of the definition} */
  readonly flow?: string;
}

/** What was found. */
export interface Found<F extends Flow> {
  /** At its newest version. */
  readonly request: RequestState;
  /** Its definition, where that is known. */
  readonly flow: F | undefined;
  /** How it is called about. */
  readonly client: Client;
  /** How its run goes on. */
  readonly options: ClientOptions;
}

/** What a call does to a flow: as in `Cannot cancel requeststates "shop/a"`. */
export type Verb = "get" | "cancel" | "suspend" | "resume" | "signal" | "retry" | "fork" | "delete";

/**
 * Reads the newest version of what a caller names: what he holds may be old, and nothing is decided by it.
 *
 * @throws {RequestStateError} When there is none, or it is of another flow.
 * @throws {TypeError} When it is nothing that names a flow.
 */
export async function findFlow<F extends Flow>(
  verb: Verb,
  target: FlowTarget<F>,
  given: Partial<FlowOptions<F>> | undefined,
): Promise<Found<F>> {
  const run = isRun(target) ? target : undefined;
  if (given !== undefined) checkShared(`Cannot ${verb} a flow`, given, SIGNAL_OPTIONS);
  // Waiting for the run may have been ended; this call was not.
  const options = { ...run?.options, signal: undefined, ...given } as ClientOptions;
  const { flow = run?.flow } = given ?? {};
  const client = clientOf(`Cannot ${verb} a flow`, options);
  const held = run ? run.request : isRequest(target) ? target : undefined;
  const key = held ? held.metadata : await addressOf(verb, target, flow, client);
  const named = typeof target === "object" && "key" in target ? ` of key ${JSON.stringify(target.key)}` : "";
  const address = `requeststates "${key.namespace}/${key.name}"`;
  const request = await ask(client, () => read(client, key)) as RequestState | undefined;
  if (!request || held && held.metadata.uid !== request.metadata.uid) {
    const why = held ? "it was deleted" : "there is none";
    const other = request ? ", another one has its name now" : "";
    throw new RequestStateError(
      `Cannot ${verb} ${address}${named}: ${why}${other}; look with "kubectl get requeststates -n ${key.namespace}"`,
    );
  }
  if (flow && flow.name !== flowNameOf(request)) {
    const unnamed = request.spec.flow === undefined ? ", because it names none (spec.flow)" : "";
    throw new RequestStateError(
      `Cannot ${verb} ${address}: it is of flow "${flowNameOf(request)}"${unnamed}, not of "${flow.name}"`,
    );
  }
  const signal = given?.signal ?? run?.options.signal;
  return { request, flow, client, options: { ...options, namespace: request.metadata.namespace, signal } };
}

/** Reads a request; undefined where there is none. */
async function read({ cluster, signal }: Client, { namespace, name }: ObjectKey): Promise<RequestState | undefined> {
  try {
    return await cluster.get<RequestState>(REQUEST_STATES, { namespace, name }, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    if (isAbsent(error)) return undefined;
    throw notServed(cluster, error);
  }
}

/** Writes to what was found. `plan` is asked as {@linkcode commit} does. @returns Its run. */
export async function writeTo<F extends Flow>(
  verb: Verb,
  { request, flow, client, options }: Found<F>,
  plan: (request: RequestState) => Write | undefined,
): Promise<FlowRun<F>> {
  const { cluster, clock, log, signal = new AbortController().signal } = client;
  const { request: later } = await commit(request, plan, {
    cluster,
    clock,
    log,
    signal,
    metrics: createFlowMetrics(),
    tries: TRIES,
  });
  if (!later) throw new RequestStateError(`Cannot ${verb} requeststates "${nameOf(request)}": it was deleted meanwhile`);
  return createRun(later, flow, options);
}

const isComposite = (value: unknown): value is object => typeof value === "object" && value !== null;
const isRun = <F extends Flow>(target: FlowTarget<F>): target is FlowRun<F> => isComposite(target) && "request" in target;
const isRequest = <F extends Flow>(target: FlowTarget<F>): target is RequestOf<F> => isComposite(target) && "metadata" in target;

/** The name of the request. */
async function addressOf<F extends Flow>(
  verb: Verb,
  target: FlowTarget<F>,
  flow: F | undefined,
  { namespace }: Client,
): Promise<ObjectKey> {
  // A key that is missing would be made up.
  if (isComposite(target) && "key" in target && target.key !== undefined) {
    const name = target.flow ?? flow?.name;
    if (name !== undefined) return { namespace, name: await uidOf({ name }, target.key) };
    throw new TypeError(
      `Cannot ${verb} the flow of key ${JSON.stringify(target.key)}: its definition is needed, pass it as { flow }`,
    );
  }
  const parts = typeof target === "string" ? target.split("/") : [];
  if (parts.length === 1 && isName(parts[0])) return { namespace, name: parts[0] };
  if (parts.length === 2 && parts.every(isName)) return { namespace: parts[0]!, name: parts[1]! };
  const shown = typeof target === "string"
    ? JSON.stringify(target)
    : isComposite(target) && "key" in target
    ? "{ key: undefined }"
    : String(target);
  throw new TypeError(
    `Cannot ${verb} a flow: it is given as ${shown}, expected the name of its request, { key }, a request or a run`,
  );
}
