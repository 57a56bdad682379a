/**
 * The adapter over `@cloudydeno/kubernetes-client`, for Deno.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import process from "node:process";
import { causeText, SetupError } from "../errors.ts";
import type { Clock, Cluster } from "../ports.ts";
import { systemClock } from "../runtime/time/clock.ts";
import { byteStreamOf } from "./transport/byte-stream.ts";
import { permissionError } from "./transport/failures.ts";
import { findIdentity } from "./sources/find-identity.ts";
import { createCluster } from "./api/http.ts";
import type { Authorization, Identity } from "./credentials/identity.ts";
import { checkConnectOptions, type ConnectOptions } from "./sources/kubeconfig.ts";
import { runtimeFault } from "./runtime-version.ts";
import { createSpread } from "./spread.ts";
import { HttpFailure, type Lifetime, signalOf, type Transport, type TransportRequest } from "./transport/transport.ts";
import { FIELD_MANAGER } from "./transport/user-agent.ts";

export type { HttpsOptions, KubeConfigLike } from "./sources/given-kubeconfig.ts";
export type { ConnectOptions } from "./sources/kubeconfig.ts";
export type { RateLimit } from "./api/rate-limit.ts";

/** The client's package, in two parts: put together where it is imported, so that nothing asks JSR before it is wanted. */
const client = "kubernetes-client@0.8.1";
const library = `@cloudydeno/${client}`;
/** How long JSR may take, in milliseconds. */
const patience = 5_000;

/** Variables by which Deno's fetch finds a proxy. */
const PROXIES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);

/** The client, as far as it is used here. Its own types stay out of ours: not everybody reaches JSR. */
interface Client {
  performRequest(request: ClientRequest & { expectStream: true }): Promise<ReadableStream<Uint8Array>>;
  performRequest(request: ClientRequest): Promise<Uint8Array>;
  close?(): void;
}
interface ClientRequest {
  readonly method: string;
  readonly path: string;
  readonly bodyRaw?: Uint8Array;
  readonly contentType?: string;
  readonly accept: string;
  readonly abortSignal: AbortSignal;
  readonly expectStream?: boolean;
}
interface Library {
  readonly KubeConfig: { fromPieces(pieces: { cluster: unknown; user: unknown }): unknown };
  readonly KubeConfigRestClient: { forKubeConfig(config: unknown): Promise<Client> };
}

/**
 * Connects to a cluster through `@cloudydeno/kubernetes-client`, loaded from JSR when it is first needed; where JSR is
 * not reached within 5 s, or the kubeconfig asks for what that client cannot do, through the same client as in Node. The log
 * says which one was taken, and why. Sources of credentials and errors are those of the Node adapter.
 *
 * @param options Where to look for credentials, and limits.
 * @returns The cluster; `close()` it, so that its idle connections do not hold the process.
 * @throws {SetupError} when no credentials are found, they cannot be used, or Deno was not granted a permission.
 * @throws {TypeError} when `kubeConfig` is given beside `kubeconfig`, `context` or `master`.
 *
 * @example List the nodes
 * ```ts
 * import { connect } from "@crd-watcher/crd-watcher/deno";
 *
 * const cluster = await connect();
 * const nodes = await cluster.list({ group: "", version: "v1", plural: "nodes" });
 * console.log(nodes.items.map((node) => node.metadata.name));
 * await cluster.close();
 * ```
 */
export async function connect(options: ConnectOptions = {}): Promise<Cluster> {
  if (!("Deno" in globalThis)) throw new SetupError("crd-watcher/deno works in Deno only: import crd-watcher/node");
  checkConnectOptions(options);
  const { clock = systemClock, requestTimeout, log, metrics, rateLimit } = options;
  const limits = { clock, requestTimeout, metrics, rateLimit, log };
  const fault = runtimeFault(process.versions);
  if (fault !== undefined) throw new SetupError(fault);
  try {
    const identity = await findIdentity(options);
    const authorization = await identity.authorize();
    const loaded = whatItLacks(authorization, identity.source) ?? await load(clock);
    if (typeof loaded !== "string") {
      const transport = await createDenoTransport(loaded, identity);
      log?.info(`Using ${library}, with the credentials of ${identity.source}`);
      return createCluster(transport, limits);
    }
    log?.info(`Using the client of crd-watcher itself, because ${loaded}`);
    const { createWire } = await import("./wire/wire.ts");
    const wire = createWire(identity, clock);
    await wire.prepare();
    return createCluster(wire, limits);
  } catch (error) {
    throw permissionError("Cannot connect", error) ?? error;
  }
}

/** What somebody asks for that the client passes over in silence, or fails on. */
function whatItLacks({ headers, connection }: Authorization, source: string): string | undefined {
  const { server, insecure, serverName, proxy } = connection;
  const { authorization = "", ...others } = headers;
  const wants: [boolean, string][] = [
    [new URL(server).pathname !== "/", `a path in the server's URL (${server})`],
    [insecure === true && server.startsWith("https:"), "insecure-skip-tls-verify"],
    [serverName !== undefined, "tls-server-name"],
    [proxy !== undefined, "a proxy (proxy-url, HTTPS_PROXY)"],
    // Deno's fetch takes it from the environment by rules of its own, loopback not excepted.
    [PROXIES.some((name) => process.env[name]), "the rules of Go about which server needs no proxy (NO_PROXY, loopback)"],
    [!/^(Bearer |$)/.test(`${authorization}`), "a username and password"],
    [Object.keys(others).length > 0, "impersonation (as)"],
  ];
  const want = wants.find(([wanted]) => wanted)?.[1];
  return want && `${library} does not support ${want}, which ${source} asks for`;
}

/** Loads the client. @returns Why not, where it could not be loaded. */
async function load(clock: Clock): Promise<Library | string> {
  let cancel = () => {};
  const late = new Promise<string>((resolve) => {
    cancel = clock.setTimer(patience, () => resolve(`JSR did not answer within ${patience / 1000} s`));
  });
  try {
    return await Promise.race([import(`jsr:@cloudydeno/${client}`) as Promise<Library>, late]);
  } catch (error) {
    const why = causeText(error).split("\n")[0];
    // Deno says so of a package in node_modules, in the words of Node.
    return why?.includes("ERR_UNSUPPORTED_ESM_URL_SCHEME")
      ? `a package of npm cannot load ${library}, which is on JSR`
      : `${library} could not be loaded: ${why}`;
  } finally {
    cancel();
  }
}

/**
 * Sends through the client as raw bytes: it takes some error bodies for success, and would lose what a text says when
 * told to expect JSON. http.ts looks at every answer.
 *
 * **Assumptions**: a watch goes on from a version. From 1.37 on the API server compresses one that begins with all objects
 * (version 0 or none), and Deno ends such a stream after its first part.
 */
async function createDenoTransport(library: Library, identity: Identity): Promise<Transport> {
  interface Held {
    readonly authorization: Authorization;
    readonly client: Client;
    calls: number;
  }
  let current: Held | undefined;
  let making: Promise<Held> | undefined;
  const make = async (): Promise<Held> => {
    const authorization = await identity.authorize();
    const config = library.KubeConfig.fromPieces(piecesOf(authorization));
    return { authorization, client: await library.KubeConfigRestClient.forKubeConfig(config), calls: 0 };
  };
  const watches = createSpread(async () => (await make()).client, 50);
  const closeIdle = (held: Held) => {
    if (held !== current && held.calls === 0) held.client.close?.();
  };

  /** The client goes with what it was made of: another token or certificate is another client. */
  const replace = async (): Promise<Held> => {
    const old = current;
    current = await make();
    if (old) {
      watches.renew();
      closeIdle(old);
    }
    return current;
  };
  const held = async (): Promise<Held> => {
    const authorization = await identity.authorize();
    if (current?.authorization === authorization) return current;
    return await (making ??= replace().finally(() => making = undefined));
  };

  async function send<T>(perform: (client: Client) => Promise<T>): Promise<T> {
    const by = await held();
    by.calls++;
    try {
      return await perform(by.client);
    } catch (error) {
      throw httpFailure(error, () => identity.refused(by.authorization)) ?? error;
    } finally {
      by.calls--;
      closeIdle(by);
    }
  }

  await held();
  const parts = ({ method, path, body, contentType, accept = "application/json" }: TransportRequest, life: Lifetime) => ({
    method,
    // The client does not let its name be set, and the server would take Deno's for that of the field manager.
    path: body === undefined || method === "DELETE"
      ? path
      : `${path}${path.includes("?") ? "&" : "?"}fieldManager=${FIELD_MANAGER}`,
    contentType,
    accept,
    abortSignal: signalOf(life),
    ...(body !== undefined && { bodyRaw: new TextEncoder().encode(body) }),
  });
  return {
    server: identity.server,
    source: identity.source,
    async text(request, life) {
      const bytes = await send((client) => client.performRequest(parts(request, life)));
      // The client does not say which success it was.
      return { code: request.method === "POST" ? 201 : 200, text: new TextDecoder().decode(bytes) };
    },
    stream: async (request, life) =>
      byteStreamOf(
        await send(() => watches.open((client) => client.performRequest({ ...parts(request, life), expectStream: true }))),
      ),
    close() {
      current?.client.close?.();
      watches.close();
      return Promise.resolve();
    },
  };
}

/** Server and user as the client takes them. Nothing in them is a file: those are ours to read, and to read again. */
function piecesOf({ headers, connection: { server, ca, cert, key } }: Authorization): { cluster: unknown; user: unknown } {
  const base64 = (text: string | undefined) => text && Buffer.from(text).toString("base64");
  const token = /^Bearer (.*)$/.exec(`${headers["authorization"] ?? ""}`)?.[1];
  return {
    cluster: { server, "certificate-authority-data": base64(ca) },
    user: { token, "client-certificate-data": base64(cert), "client-key-data": base64(key) },
  };
}

/** The client's errors are plain ones with two more members. */
function httpFailure(error: unknown, renew: () => boolean): HttpFailure | undefined {
  const { httpCode, status } = error as { httpCode?: unknown; status?: unknown };
  if (typeof httpCode !== "number") return undefined;
  return new HttpFailure(httpCode, JSON.stringify(status ?? ""), httpCode === 401 ? { renew } : {});
}
