/**
 * Who asks: headers and connection of the next request, renewed when they have to be.
 *
 * @module
 */
import { statSync } from "node:fs";
import { SetupError, thrownText } from "../../errors.ts";
import type { Clock, Log } from "../../ports.ts";
import { type Certificates, createCertificateSource } from "./certificates.ts";
import type { Credentials } from "./credentials.ts";
import { permissionError } from "../transport/failures.ts";
import { impersonation } from "./impersonation.ts";
import { createProofSource, type Proof } from "./proof.ts";

/** What a connection to the server is made of. The same object as long as nothing of it has changed. */
export interface Connection {
  /** Base URL without a slash at its end, its path kept. */
  readonly server: string;
  /** PEM. */
  readonly ca?: string;
  /** PEM. */
  readonly cert?: string;
  /** PEM. */
  readonly key?: string;
  /** The name that the server's certificate must hold, where it is not that of the URL. */
  readonly serverName?: string;
  /** Whether any certificate will do. */
  readonly insecure?: boolean;
  /** URL of the proxy that leads to this server: http, https or socks5. */
  readonly proxy?: string;
}

/** Headers by name, in lower case; a list stands for as many headers of that name. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** What a request needs so that the server knows who asks. */
export interface Authorization {
  readonly headers: Headers;
  readonly connection: Connection;
}

/** One server and one user. */
export interface Identity {
  /** Whose credentials they are, for messages, as in `the user "u" in /home/me/.kube/config`. */
  readonly source: string;
  /** The server's URL, for messages. */
  readonly server: string;
  /**
   * For the next request; synchronous while nothing has to be looked at again. The same object as long as nothing has changed.
   *
   * @throws {SetupError} when there never were any credentials that could be used.
   * @throws {Error} when there were, and now there are none: the next call tries again.
   */
  authorize(): Authorization | Promise<Authorization>;
  /**
   * The server has answered 401 to this authorization: the next one gets new credentials where there are any.
   *
   * @returns Whether a second try makes sense.
   */
  refused(authorization: Authorization): boolean;
}

/** How an identity is made. */
export interface IdentityOptions {
  readonly clock: Clock;
  /** Told once of what could not be renewed. @default {Nothing is logged} */
  readonly log?: Log;
  /** How long it may take to obtain credentials, in milliseconds. @default {30_000} */
  readonly limit?: number;
  /** Finds the credentials again, after the server has refused them and their files have changed. @default {Never} */
  readonly find?: () => Promise<Credentials>;
}

/** So long what was looked at is not looked at again, in milliseconds. */
const FRESH = 1_000;

/** Makes an identity. Does no IO. */
export function createIdentity(found: Credentials, options: IdentityOptions): Identity {
  const { clock, log, limit = 30_000, find } = options;
  let holder = createHolder(found, { clock, log, limit });
  let stamp = stampOf(found.files);
  let changed = false;
  let last: Authorization | undefined;
  let lookedAt = -Infinity;
  let pending: Promise<Authorization> | undefined;
  let told = "";

  const take = (authorization: Authorization): Authorization => {
    lookedAt = clock.monotonic();
    told = "";
    return last = authorization;
  };
  const failed = (error: unknown): unknown => {
    if (!last || permissionError("", error)) return error;
    // It worked once: a file that is away, a plugin that fails. That may pass.
    const text = thrownText(error);
    if (text !== told) log?.warn(`${text}; trying again with each call`);
    told = text;
    return error instanceof SetupError ? new Error(text) : error;
  };
  const findAgain = async () => {
    stamp = stampOf(found.files);
    changed = false;
    try {
      holder = createHolder(await find!(), { clock, log, limit });
    } catch (error) {
      log?.warn(`${thrownText(error)}; going on with the credentials that were found before`);
    }
  };
  const obtain = async (): Promise<Authorization> => {
    try {
      if (changed) await findAgain();
      return take(holder.now() ?? await holder.renew());
    } catch (error) {
      throw failed(error);
    }
  };
  return {
    source: `the ${found.userText}`,
    server: found.server,
    authorize() {
      if (last && clock.monotonic() - lookedAt < FRESH) return last;
      if (pending) return pending;
      if (!changed) {
        try {
          const authorization = holder.now();
          if (authorization) return take(authorization);
        } catch (error) {
          throw failed(error);
        }
      }
      // Calls that come at once share one run.
      return pending = obtain().finally(() => pending = undefined);
    },
    refused(authorization) {
      if (authorization !== last) return true;
      lookedAt = -Infinity;
      changed ||= find !== undefined && stampOf(found.files) !== stamp;
      const other = holder.refused();
      return other || changed;
    },
  };
}

/** Credentials with what they come to. */
interface Holder {
  /** Undefined: `renew` first. */
  now(): Authorization | undefined;
  renew(): Promise<Authorization>;
  refused(): boolean;
}

function createHolder(credentials: Credentials, options: Parameters<typeof createProofSource>[1]): Holder {
  const { server, proxy, cluster, user } = credentials;
  const certificates = createCertificateSource(credentials, options.log);
  const proofs = createProofSource(credentials, options);
  const asOther = impersonation(user);
  const rest = {
    server,
    ...cluster["tls-server-name"] && { serverName: cluster["tls-server-name"] },
    ...cluster["insecure-skip-tls-verify"] && { insecure: true },
    ...proxy !== undefined && { proxy },
  };
  let last: { readonly tls: Certificates; readonly proof: Proof; readonly authorization: Authorization } | undefined;

  const authorization = (proof: Proof): Authorization => {
    const tls = certificates.read();
    if (last?.tls === tls && last.proof === proof) return last.authorization;
    const { headers, cert, key } = proof;
    const connection: Connection = { ...rest, ...tls, ...cert && { cert, key } };
    const before = last?.authorization.connection;
    const same = before && ["ca", "cert", "key"].every((name) => before[name as "ca"] === connection[name as "ca"]);
    const made = { headers: { ...headers, ...asOther }, connection: same ? before : connection };
    last = { tls, proof, authorization: made };
    return made;
  };
  return {
    now() {
      const proof = proofs.current();
      return proof && authorization(proof);
    },
    renew: async () => authorization(await proofs.renew()),
    refused() {
      const other = proofs.refused();
      return certificates.read() !== last?.tls || other;
    },
  };
}

/** Changes when a file does. */
function stampOf(files: readonly string[]): string {
  return files.map((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : "";
  }).join();
}
