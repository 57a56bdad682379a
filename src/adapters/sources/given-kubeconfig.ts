/**
 * Credentials of a `KubeConfig` object of `@kubernetes/client-node`, which knows ways to obtain them that are not ours: OIDC,
 * and whatever its owner has added. The library is not loaded here: who has such an object has loaded it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import process from "node:process";
import { causeText, SetupError } from "../../errors.ts";
import type { Clock } from "../../ports.ts";
import type { Authorization, Connection, Identity } from "../credentials/identity.ts";
import { proxyFromEnvironment } from "../config/proxy-environment.ts";
import { serverUrl } from "../config/server-url.ts";

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

/** The part of client-node's `KubeConfig` that is used, so that one of another version of it is as good. */
export interface KubeConfigLike {
  /** The cluster of the current context. */
  getCurrentCluster(): { readonly server: string; readonly proxyUrl?: string } | null;
  /** The user of the current context. */
  getCurrentUser(): { readonly authProvider?: unknown } | null;
  /** Fills in what a request needs so that the server knows who asks. */
  applyToHTTPSOptions(options: HttpsOptions): Promise<void>;
}

/** How it is asked. */
export interface KubeConfigOptions {
  readonly clock: Clock;
  /** How long it may take, in milliseconds. */
  readonly limit: number;
  /** What it is called in messages. @default {"the given KubeConfig"} */
  readonly source?: string;
  /** @default {those of the process} */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** So long its answer is not asked for again, in milliseconds. */
const FRESH = 1_000;

/** Makes an identity of it. Does no IO. @throws {SetupError} where it names no server. */
export function kubeConfigIdentity(config: KubeConfigLike, options: KubeConfigOptions): Identity {
  const { clock, limit, source = "the given KubeConfig", env = process.env } = options;
  const cluster = config.getCurrentCluster();
  if (!cluster?.server) throw new SetupError(`${source} has no current cluster with a server: call setCurrentContext`);
  const server = serverUrl(cluster.server, `server of ${source}`);
  const proxy = cluster.proxyUrl || proxyFromEnvironment(server, env);
  let last: Authorization | undefined;
  let askedAt = -Infinity;
  let pending: Promise<Authorization> | undefined;

  const ask = async (): Promise<Authorization> => {
    const filled: HttpsOptions = { headers: {} };
    try {
      await within(config.applyToHTTPSOptions(filled), limit, clock);
    } catch (error) {
      // Where it has come to that, it has filled in all that plain HTTP takes.
      if (!server.startsWith("http:") || !/skipTLSVerify/.test(causeText(error))) {
        throw unusable(source, error, last !== undefined);
      }
    }
    const headers = headersOf(filled);
    if (config.getCurrentUser()?.authProvider && !headers["authorization"] && !filled.cert) {
      throw unusable(source, new Error("its auth-provider gave no token: log in again"), last !== undefined);
    }
    const made: Connection = { server, ...tlsOf(filled), ...proxy && { proxy } };
    const before = last?.connection;
    const connection = before && equal(made, before) ? before : made;
    askedAt = clock.monotonic();
    return last = last && connection === before && equal(headers, last.headers) ? last : { headers, connection };
  };
  return {
    source,
    server,
    authorize() {
      if (last && clock.monotonic() - askedAt < FRESH) return last;
      return pending ??= ask().finally(() => pending = undefined);
    },
    // It renews by the expiry that it knows: a token that was refused before that it would give out again.
    refused(authorization) {
      askedAt = -Infinity;
      return authorization !== last;
    },
  };
}

/** What worked once is worth another try; what never did has to be put right first. */
function unusable(source: string, error: unknown, worked: boolean): Error {
  const text = `The credentials of ${source} cannot be used: ${causeText(error)}`;
  return worked ? new Error(text, { cause: error }) : new SetupError(text, { cause: error });
}

function headersOf({ headers = {}, auth }: HttpsOptions): Record<string, string> {
  const given = Object.entries(headers);
  const named = Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)]));
  return auth ? { authorization: `Basic ${Buffer.from(auth).toString("base64")}`, ...named } : named;
}

function tlsOf({ ca, cert, key, servername, rejectUnauthorized }: HttpsOptions): Omit<Connection, "server"> {
  const texts = Object.entries({ ca, cert, key, serverName: servername }).filter(([, value]) => value);
  return {
    ...Object.fromEntries(texts.map(([name, value]) => [name, String(value)])),
    ...rejectUnauthorized === false && { insecure: true },
  };
}

const equal = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other);

async function within<T>(work: Promise<T>, limit: number, clock: Clock): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.setTimer(limit, () => reject(new Error(`they did not come within ${limit / 1000} s`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
