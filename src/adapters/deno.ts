/**
 * The adapter over `@cloudydeno/kubernetes-client`, for Deno.
 *
 * @module
 */
import { causeText, SetupError } from "../errors.ts";
import type { Clock, Cluster } from "../ports.ts";
import { systemClock } from "../runtime/clock.ts";
import { byteStreamOf } from "./byte-stream.ts";
import { permissionError } from "./failures.ts";
import { createCluster } from "./http.ts";
import { type ConnectOptions, type Credentials, findCredentials } from "./kubeconfig.ts";
import { createSpread } from "./spread.ts";
import { HttpFailure, type Lifetime, signalOf, type Transport, type TransportRequest } from "./transport.ts";
import { FIELD_MANAGER } from "./user-agent.ts";

export type { HttpsOptions, KubeConfigLike } from "./auth-provider.ts";
export type { ConnectOptions } from "./kubeconfig.ts";
export type { RateLimit } from "./rate-limit.ts";

/** The client's package. Computed where it is imported, so that nothing asks JSR before it is wanted. */
const library = "@cloudydeno/kubernetes-client@0.8.1";
/** How long JSR may take, in milliseconds. */
const patience = 5_000;

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
  const { clock = systemClock, requestTimeout, log, metrics, rateLimit } = options;
  if (options.kubeConfig) return await viaNode(options);
  const credentials = await findCredentials(options);
  const missing = whatItLacks(credentials);
  const loaded = missing ?? await load(clock);
  if (typeof loaded === "string") {
    log?.info(`Using the client of crd-watcher itself, because ${loaded}`);
    return await viaNode(options);
  }
  try {
    const cluster = createCluster(await createDenoTransport(loaded, credentials), {
      clock,
      requestTimeout,
      metrics,
      rateLimit,
      log,
    });
    log?.info(`Using ${library}, with the credentials of ${credentials.source}`);
    return cluster;
  } catch (error) {
    throw setupError(credentials, error);
  }
}

async function viaNode(options: ConnectOptions): Promise<Cluster> {
  try {
    const { connect } = await import("./node.ts");
    return await connect(options);
  } catch (error) {
    throw permissionError("Cannot connect", error) ?? error;
  }
}

/** What a kubeconfig asks for that the client passes over in silence, or fails on. */
function whatItLacks({ cluster, user, source }: Credentials): string | undefined {
  const wants: [boolean, string][] = [
    [new URL(cluster.server).pathname.replaceAll("/", "") !== "", `a path in the server's URL (${cluster.server})`],
    [cluster["insecure-skip-tls-verify"] === true && cluster.server.startsWith("https:"), "insecure-skip-tls-verify"],
    [cluster["tls-server-name"] !== undefined, "tls-server-name"],
    [cluster["proxy-url"] !== undefined, "proxy-url"],
    [user.as !== undefined, "impersonation (as)"],
    [user["auth-provider"] !== undefined, `the auth-provider "${user["auth-provider"]?.name}"`],
    // It would read a token once, and go on without credentials where a plugin answers oddly.
    [user.tokenFile !== undefined, "a token file that is renewed"],
    [user.exec !== undefined, "a credential plugin that is run again"],
  ];
  const want = wants.find(([wanted]) => wanted)?.[1];
  return want && `${library} does not support ${want}, which ${source} asks for`;
}

/** Loads the client. @returns Why not, where it could not be loaded. */
async function load(clock: Clock): Promise<Library | string> {
  const specifier = `jsr:${library}`;
  let cancel = () => {};
  const late = new Promise<string>((resolve) => {
    cancel = clock.setTimer(patience, () => resolve(`JSR did not answer within ${patience / 1000} s`));
  });
  try {
    return await Promise.race([import(specifier) as Promise<Library>, late]);
  } catch (error) {
    return `${library} could not be loaded: ${causeText(error).split("\n")[0]}`;
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
async function createDenoTransport(library: Library, credentials: Credentials): Promise<Transport> {
  const { cluster, user } = credentials;
  const make = () => library.KubeConfigRestClient.forKubeConfig(library.KubeConfig.fromPieces({ cluster, user }));
  let client = await make();
  const watches = createSpread(make, 50);
  let renewing: Promise<boolean> | undefined;

  /** A new client reads certificates again. */
  const renew = (refused: Client): Promise<boolean> =>
    renewing ??= (async () => {
      if (client === refused) {
        client = await make();
        watches.renew();
      }
      return true;
    })().finally(() => renewing = undefined);

  async function send<T>(perform: () => Promise<T>): Promise<T> {
    const used = client;
    try {
      return await perform();
    } catch (error) {
      throw httpFailure(error, () => renew(used)) ?? error;
    }
  }

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
    server: cluster.server.replace(/\/+$/, ""),
    async text(request, life) {
      const bytes = await send(() => client.performRequest(parts(request, life)));
      // The client does not say which success it was.
      return { code: request.method === "POST" ? 201 : 200, text: new TextDecoder().decode(bytes) };
    },
    stream: async (request, life) =>
      byteStreamOf(
        await send(() => watches.open((client) => client.performRequest({ ...parts(request, life), expectStream: true }))),
      ),
    close() {
      client.close?.();
      watches.close();
      return Promise.resolve();
    },
  };
}

/** The client's errors are plain ones with two more members. */
function httpFailure(error: unknown, renew: () => Promise<boolean>): HttpFailure | undefined {
  const { httpCode, status } = error as { httpCode?: unknown; status?: unknown };
  if (typeof httpCode !== "number") return undefined;
  return new HttpFailure(httpCode, JSON.stringify(status ?? ""), httpCode === 401 ? { renew } : {});
}

function setupError({ source }: Credentials, error: unknown): SetupError {
  return permissionError("Cannot connect", error) ??
    new SetupError(`The credentials of ${source} cannot be used: ${causeText(error)}`, { cause: error });
}
