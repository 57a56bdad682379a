import { isUncertain, retryAfter } from "./commit.ts";
import { isAlreadyExists, isNotFound, RequestStateError } from "../errors.ts";
import { keyConflict, type NamedRequest, startRequest, type Wanted } from "../flow/creation.ts";
import type { RequestOf } from "../flow/flow-result.ts";
import type { InputMember } from "../flow/handler.ts";
import type { Flow } from "../flow/plan.ts";
import type { Clock, Cluster, Log } from "../ports.ts";
import { isOver, nameOf, REQUEST_STATES, type RequestState } from "../request-state.ts";
import { createBackoff } from "../runtime/backoff.ts";
import { sleep, systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { runReflector } from "../runtime/reflector.ts";

/** What to start a flow with. */
export type FlowRequest<F extends Flow = Flow> = Omit<Wanted, "input"> & InputMember<F>;

/** Where and how a flow is started. */
export interface StartOptions {
  /** The cluster that the flow runs on. */
  readonly cluster: Cluster;
  /** The namespace of the request. @default {"default"} */
  readonly namespace?: string;
  /** The identity in the history. @default {`client-` and 8 random digits} */
  readonly identity?: string;
  /** Ends waiting. */
  readonly signal?: AbortSignal;
  /** Time. @default {The machine's clock} */
  readonly clock?: Clock;
  /** Where it tells what it does. @default {Nothing is logged} */
  readonly log?: Log;
}

/** A flow that was started. */
export interface FlowRun<F extends Flow = Flow> {
  /** The request as it was created, or as it stood when the key was found taken by an equal one. */
  readonly request: RequestOf<F>;
  /**
   * Resolves with the request when its flow is over, however it ended (see `hasSucceeded`). The first access begins
   * the watch. Rejects with a `RequestStateError` when the request is deleted before its end.
   */
  readonly finished: Promise<RequestOf<F>>;
}

/** How often a create without an answer is sent, before its caller is told. */
const TRIES = 5;

/**
 * Starts a flow: creates its request.
 *
 * @throws {TypeError} When the input is nothing that JSON can say.
 * @throws {RangeError} When the input is larger than 64 KiB as JSON.
 * @throws {RequestStateError} When the key is taken by a request with another flow or input.
 * @throws {StatusError} When the server refuses.
 * @throws {NoAnswerError} When no answer came several times: the request may exist. With a key, start again.
 */
export async function startFlow<F extends Flow>(flow: F, wanted: FlowRequest<F>, options: StartOptions): Promise<FlowRun<F>> {
  const { cluster, namespace = "default", signal, clock = systemClock, log = silentLog } = options;
  const by = options.identity ?? `client-${crypto.randomUUID().slice(0, 8)}`;
  const object = await startRequest(flow, wanted, { namespace, by, now: clock.now() });
  const backoff = createBackoff();
  let request: RequestState | undefined;
  for (let tries = 1; !request; tries++) {
    try {
      request = await createOrFind(cluster, object, wanted.key, signal);
    } catch (error) {
      // The name makes the create repeatable: if the one without an answer took effect, the next one finds it.
      if (tries < TRIES && isUncertain(error)) {
        await sleep(clock, retryAfter(error) ?? backoff.next(), signal);
      } else throw error;
    }
  }
  const created = request;
  let finished: Promise<RequestState> | undefined;
  return {
    request: created,
    get finished() {
      return finished ??= untilOver(created, { cluster, signal, clock, log });
    },
  };
}

/** Creates a request, or finds an equal one under its name. @returns Undefined where that was gone when it was looked at. */
async function createOrFind(
  cluster: Cluster,
  wanted: NamedRequest,
  key: string | undefined,
  signal: AbortSignal | undefined,
): Promise<RequestState | undefined> {
  try {
    return await cluster.create<RequestState>(REQUEST_STATES, wanted, { signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const { name, namespace } = wanted.metadata;
  let found: RequestState;
  try {
    found = await cluster.get<RequestState>(REQUEST_STATES, { name, namespace }, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  const conflict = keyConflict(found, wanted, key);
  if (conflict !== undefined) throw new RequestStateError(conflict);
  return found;
}

/** Watches one request until its flow is over. */
async function untilOver(
  request: RequestState,
  { cluster, signal, clock, log }: { cluster: Cluster; signal: AbortSignal | undefined; clock: Clock; log: Log },
): Promise<RequestState> {
  const { uid, name, namespace } = request.metadata;
  const ending = new AbortController();
  const over = Promise.withResolvers<RequestState>();
  const stop = () => over.reject(signal?.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const lost = () => over.reject(new RequestStateError(`requeststates "${nameOf(request)}" was deleted before it was over`));
  const reflector = runReflector<RequestState>({
    cluster,
    resource: REQUEST_STATES,
    namespace,
    fieldSelector: `metadata.name=${name}`,
    clock,
    log,
    signal: ending.signal,
    onEvent({ type, object }) {
      if (object.metadata.uid !== uid) return;
      if (type === "DELETED") lost();
      else if (isOver(object)) over.resolve(object);
    },
  });
  reflector.synced.then(() => reflector.store.get(nameOf(request))?.metadata.uid === uid || lost(), () => {});
  try {
    return await over.promise;
  } finally {
    signal?.removeEventListener("abort", stop);
    ending.abort();
    await reflector.finished;
  }
}
