/**
 * The adapter over `@kubernetes/client-node`. Made for Node; works on Deno, too, where it is the fallback.
 *
 * @module
 */
import { IsomorphicFetchHttpLibrary, RequestContext, type ResponseContext } from "@kubernetes/client-node";
import { SetupError } from "../errors.ts";
import type { Cluster } from "../ports.ts";
import { systemClock } from "../runtime/clock.ts";
import { permissionError } from "./failures.ts";
import { createCluster } from "./http.ts";
import { createIdentity, type Dispatcher, type Identity } from "./identity.ts";
import { type ConnectOptions, type Credentials, findCredentials } from "./kubeconfig.ts";
import { HttpFailure, type Transport, type TransportRequest } from "./transport.ts";
import { createSlots } from "./slots.ts";

export type { ConnectOptions } from "./kubeconfig.ts";

/**
 * Connects to a cluster: finds the credentials and runs their plugin, where they have one. The server is first spoken to
 * by the first call.
 *
 * Sources, in this order: `kubeconfig` (its server replaced by `master`), `master` alone, `$KUBECONFIG`,
 * `~/.kube/config`, the service account of the pod.
 *
 * @param options Where to look for credentials, and limits.
 * @returns The cluster; `close()` it, so that its idle connections do not hold the process.
 * @throws {SetupError} when no credentials are found, or they cannot be used.
 *
 * @example List the nodes
 * ```ts
 * import { connect } from "crd-watcher/node";
 *
 * const cluster = await connect();
 * const nodes = await cluster.list({ group: "", version: "v1", plural: "nodes" });
 * console.log(nodes.items.map((node) => node.metadata.name));
 * await cluster.close();
 * ```
 */
export async function connect(options: ConnectOptions = {}): Promise<Cluster> {
  const { clock = systemClock, requestTimeout = 30_000, log } = options;
  const credentials = findCredentials(options);
  const transport = createNodeTransport(credentials, () => findCredentials(options));
  const cluster = createCluster(transport, { clock, requestTimeout });
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    const error = new SetupError(`The credentials of ${credentials.source} did not come within ${requestTimeout / 1000} s`);
    cancel = clock.setTimer(requestTimeout, () => reject(error));
  });
  try {
    await Promise.race([transport.authorize(), late]);
  } catch (error) {
    await cluster.close();
    throw permissionError("Cannot connect", error) ?? error;
  } finally {
    cancel();
  }
  log?.debug(`Talking to ${cluster.server} through @kubernetes/client-node, with the credentials of ${credentials.source}`);
  return cluster;
}

interface NodeTransport extends Transport {
  /** Gets the credentials ready. @throws {SetupError} when they cannot be used. */
  authorize(): Promise<unknown>;
}

/**
 * Sends through client-node's own fetch.
 *
 * @param reread Finds the credentials again, after the server has refused them: files may have changed since.
 */
function createNodeTransport(credentials: Credentials, reread: () => Credentials): NodeTransport {
  bodiesMustError();
  const base = credentials.cluster.server.replace(/\/+$/, "");
  const library = new IsomorphicFetchHttpLibrary();
  // Each call under way has a connection of its own: a thousand at once would spend their time on TLS handshakes.
  const slots = createSlots(32);
  const pools = new Set<Dispatcher>();
  let current: Dispatcher | undefined;

  /** A pool that is replaced lets its watches come to their end. */
  const replace = (dispatcher: Dispatcher) => {
    const old = current;
    current = dispatcher;
    pools.add(dispatcher);
    if (old) old.close().catch(() => {}).finally(() => pools.delete(old));
  };
  let identity = createIdentity(credentials, replace);

  const renew = (refused: Identity) => {
    // OIDC keeps its newest refresh token in memory only.
    if (identity !== refused || credentials.user["auth-provider"]) return;
    identity = createIdentity(reread(), replace);
  };

  const attempt = async (by: Identity, request: TransportRequest): Promise<ResponseContext> => {
    const { headers, dispatcher } = await by.authorize();
    const context = new RequestContext(base + request.path, request.method);
    for (const [name, value] of Object.entries(headers)) context.setHeaderParam(name, value);
    context.setHeaderParam("Accept", request.accept ?? "application/json");
    context.setHeaderParam("User-Agent", "crd-watcher");
    if (request.contentType) context.setHeaderParam("Content-Type", request.contentType);
    if (request.body !== undefined) context.setBody(request.body);
    context.setSignal(request.signal);
    context.setDispatcher(dispatcher.compose(unlimited));
    return await library.send(context).toPromise();
  };

  const send = async (request: TransportRequest): Promise<ResponseContext> => {
    const by = identity;
    let response = await attempt(by, request).catch(later);
    if (response.httpStatusCode === 401) {
      const body = await response.body.text();
      const failure = new HttpFailure(401, body, response.headers["retry-after"]);
      try {
        renew(by);
      } catch {
        throw failure;
      }
      response = await attempt(identity, request).catch(later);
    }
    if (response.httpStatusCode < 300) return response;
    throw new HttpFailure(response.httpStatusCode, await response.body.text(), response.headers["retry-after"]);
  };

  return {
    server: base,
    authorize: () => identity.authorize(),
    text: (request) => slots.run(async () => await (await send(request)).body.text(), request.signal),
    stream: async (request) => (await send(request)).body.stream() ?? new ReadableStream(),
    async close() {
      const open = [...pools];
      pools.clear();
      await Promise.all(open.map((pool) => pool.destroy()));
    },
  };
}

/** Credentials that worked once and fail later are worth another try. */
function later(error: unknown): never {
  throw error instanceof SetupError && !permissionError("", error) ? new Error(error.message) : error;
}

type Dispatch = Dispatcher["dispatch"];

/**
 * Undici ends a body that is silent for 300 s, as a watch may be; limits are set in http.ts. HTTP/1.1: a watch then has
 * its own connection, and any number of them cannot starve the other calls.
 */
const unlimited = (dispatch: Dispatch): Dispatch => (options, handler) =>
  dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0, allowH2: false } as typeof options, handler);

/**
 * In Deno undici takes each body for one that is read already, and then neither an abort nor a lost connection reaches
 * the reader. Node's own streams answer to this symbol.
 */
function bodiesMustError(): void {
  const readable = Symbol.for("nodejs.stream.readable");
  if (!("Deno" in globalThis) || readable in ReadableStream.prototype) return;
  Object.defineProperty(ReadableStream.prototype, readable, { configurable: true, get: () => true });
}
