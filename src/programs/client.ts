import { isUncertain, retryAfter } from "./commit.ts";
import { isAlreadyExists, isNotFound, RequestStateError } from "../errors.ts";
import type { Flow } from "../flow/definition.ts";
import type { Clock, Cluster, Log, NewObject, ObjectKey } from "../ports.ts";
import { API_VERSION, flowNameOf, isOver, type Json, KIND, nameOf, REQUEST_STATES, type RequestState } from "../request-state.ts";
import { createBackoff } from "../runtime/backoff.ts";
import { sleep, systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { runReflector } from "../runtime/reflector.ts";

/** What to start a flow with. */
export interface FlowRequest {
  /**
   * Names the request in the caller's terms: starting a flow twice with one key makes one request.
   * @default {None: every start makes a request}
   */
  readonly key?: string;
  /** What the handlers get; at most 64 KiB as JSON. */
  readonly input?: Json;
}

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
export interface FlowRun {
  /** The request as it was created, or as it stood when the key was found taken by an equal one. */
  readonly request: RequestState;
  /**
   * Resolves with the request when its flow is over, however it ended (see `hasSucceeded`). The first access begins
   * the watch. Rejects with a `RequestStateError` when the request is deleted before its end.
   */
  readonly finished: Promise<RequestState>;
}

/** How often a create without an answer is sent, before its caller is told. */
const TRIES = 5;

/** The size limit of an input (as JSON), in bytes. */
const INPUT_LIMIT = 65_536;

/**
 * Starts a flow: creates its request.
 *
 * @throws {TypeError} When the input is nothing that JSON can say.
 * @throws {RangeError} When the input is larger than 64 KiB as JSON.
 * @throws {RequestStateError} When the key is taken by a request with another flow or input.
 * @throws {StatusError} When the server refuses.
 * @throws {NoAnswerError} When no answer came several times: the request may exist. With a key, start again.
 */
export async function startFlow(flow: Flow, { key, input }: FlowRequest, options: StartOptions): Promise<FlowRun> {
  const { cluster, namespace = "default", signal, clock = systemClock, log = silentLog } = options;
  const by = options.identity ?? `client-${crypto.randomUUID().slice(0, 8)}`;
  checkInput(input);
  const uid = key === undefined ? crypto.randomUUID() : await uidOf(flow, key);
  const object = newRequest(flow, { uid, namespace, input, by, now: clock.now() });
  const backoff = createBackoff();
  let request: RequestState | undefined;
  for (let tries = 1; !request; tries++) {
    try {
      request = await createOrFind(cluster, object, key, signal);
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

/** A request on its way to the server. */
type NamedRequest = NewObject & Pick<RequestState, "spec" | "status"> & { readonly metadata: ObjectKey };

/** The request of a flow as its creator writes it: the first job is requested. Pure. */
export function newRequest(
  flow: Flow,
  { uid, namespace, input, by, now }: { uid: string; namespace: string; input?: Json; by: string; now: number },
): NamedRequest {
  const job = flow.jobs[0]!;
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name: uid, namespace },
    spec: {
      "request-uid": uid,
      job,
      state: "REQUESTED",
      attempt: 1,
      flow: flow.name,
      flowDigest: flow.digest,
      ...input !== undefined && { input },
    },
    status: { history: [{ job, state: "REQUESTED", timestamp: new Date(now).toISOString(), seq: 1, attempt: 1, by }] },
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
  if (flowNameOf(found) !== wanted.spec.flow || !equal(found.spec.input, wanted.spec.input)) {
    throw new RequestStateError(
      `Cannot start flow "${wanted.spec.flow}" with key "${key}": requeststates "${nameOf(found)}" has that key and another ` +
        `${flowNameOf(found) !== wanted.spec.flow ? "flow" : "input"}; choose another key or delete it`,
    );
  }
  return found;
}

/** Equal as JSON values, whatever the order of members. */
function equal(a: Json | undefined, b: Json | undefined): boolean {
  const sorted = (value: Json | undefined) =>
    JSON.stringify(
      value,
      (_, member) =>
        member && typeof member === "object" && !Array.isArray(member)
          ? Object.fromEntries(Object.entries(member).sort())
          : member,
    );
  return sorted(a) === sorted(b);
}

/** A UUID (version 8, RFC 9562) from the SHA-256 of flow and key. */
async function uidOf(flow: Flow, key: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify([flow.name, key]))))
    .subarray(0, 16);
  bytes[6] = bytes[6]! & 0x0f | 0x80;
  bytes[8] = bytes[8]! & 0x3f | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function checkInput(input: unknown): void {
  if (input === undefined) return;
  const text = JSON.stringify(input);
  if (text === undefined) throw new TypeError(`Cannot start a flow: its input is a ${typeof input}, expected what JSON can say`);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > INPUT_LIMIT) {
    throw new RangeError(`Cannot start a flow: its input is ${bytes} bytes as JSON, expected at most ${INPUT_LIMIT}`);
  }
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
