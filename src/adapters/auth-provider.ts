/**
 * Credentials that `@kubernetes/client-node` obtains: `auth-provider` (OIDC and the old ones of clouds), and those of a
 * `KubeConfig` object that a user brings. Loads that library only for the former, since a user has loaded it for the latter.
 *
 * @module
 */
import { causeText, SetupError } from "../errors.ts";
import { type Connection, type Identity, serverOf } from "./identity.ts";
import type { Credentials } from "./kubeconfig.ts";

/** The part of client-node's `KubeConfig` that is used, so that one of another version of it is as good. */
export interface KubeConfigLike {
  /** The cluster of the current context. */
  getCurrentCluster(): { readonly server: string; readonly proxyUrl?: string } | null;
  /** Fills in what a request needs so that the server knows who asks. */
  applyToHTTPSOptions(options: HttpsOptions): Promise<void>;
}

/** What is filled in, as Node's `https.request` takes it. */
export interface HttpsOptions {
  /** By name. */
  headers?: Record<string, unknown>;
  /** As in `user:password`. */
  auth?: string | null;
  /** PEM. */
  ca?: unknown;
  /** PEM. */
  cert?: unknown;
  /** PEM. */
  key?: unknown;
  /** The name that the server's certificate must hold. */
  servername?: string;
  /** Whether the server's certificate is looked at. */
  rejectUnauthorized?: boolean;
}

/** Identity of a kubeconfig with an `auth-provider`. */
export async function authProviderIdentity(credentials: Credentials): Promise<Identity> {
  const { cluster, user, source } = credentials;
  let library: typeof import("@kubernetes/client-node");
  try {
    library = await import("@kubernetes/client-node");
  } catch (error) {
    const name = user["auth-provider"]?.name;
    throw new SetupError(
      `The auth-provider "${name}" of ${source} needs @kubernetes/client-node: npm install @kubernetes/client-node`,
      {
        cause: error,
      },
    );
  }
  const config = new library.KubeConfig();
  config.loadFromOptions({
    currentContext: "current",
    contexts: [{ name: "current", cluster: "current", user: "current" }],
    clusters: [{
      name: "current",
      server: cluster.server,
      skipTLSVerify: cluster["insecure-skip-tls-verify"] === true,
      ...onlyOne("ca", cluster["certificate-authority"], cluster["certificate-authority-data"]),
      tlsServerName: cluster["tls-server-name"],
      proxyUrl: cluster["proxy-url"],
    }],
    users: [{ name: "current", authProvider: user["auth-provider"] }],
  });
  return kubeConfigIdentity(config, source);
}

/** Data goes before a file, as with kubectl; client-node has it the other way round. */
const onlyOne = (name: string, file?: string, data?: string) => data ? { [`${name}Data`]: data } : { [`${name}File`]: file };

/** Identity of a `KubeConfig` object. @throws {SetupError} where it names no cluster. */
export function kubeConfigIdentity(config: KubeConfigLike, source = "the given KubeConfig"): Identity {
  const cluster = config.getCurrentCluster();
  if (!cluster?.server) throw new SetupError(`${source} has no current cluster with a server: call setCurrentContext`);
  const server = serverOf(cluster.server);
  let connection: Connection | undefined;
  let last:
    | { readonly at: number; readonly authorization: { headers: Record<string, string>; connection: Connection } }
    | undefined;
  let pending: Promise<NonNullable<typeof last>["authorization"]> | undefined;

  const authorize = async () => {
    const options: HttpsOptions = { headers: {} };
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new SetupError(`The credentials of ${source} cannot be used: ${causeText(error)}`, { cause: error });
    }
    const text = (value: unknown) => value === undefined || value === null ? undefined : String(value);
    const made: Connection = {
      server,
      ca: text(options.ca),
      cert: text(options.cert),
      key: text(options.key),
      serverName: options.servername || undefined,
      insecure: options.rejectUnauthorized === false || undefined,
      proxy: cluster.proxyUrl || undefined,
    };
    const before = connection;
    if (!before || (Object.keys(made) as (keyof Connection)[]).some((name) => made[name] !== before[name])) connection = made;
    const headers = Object.fromEntries(
      Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
    );
    if (options.auth) headers["authorization"] ??= `Basic ${btoa(options.auth)}`;
    const authorization = { headers, connection: connection! };
    last = { at: performance.now(), authorization };
    return authorization;
  };
  return {
    source,
    server,
    authorize() {
      if (last && performance.now() - last.at < 1_000) return last.authorization;
      return pending ??= authorize().finally(() => pending = undefined);
    },
    // It renews by the expiry that it knows; a refused token it would give out again.
    refused(authorization) {
      const other = last?.authorization !== authorization;
      last = undefined;
      return other;
    },
  };
}
