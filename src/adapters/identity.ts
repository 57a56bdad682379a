/**
 * Who asks: headers and connection of the next request, renewed when they have to be.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { causeText, SetupError } from "../errors.ts";
import type { Log } from "../ports.ts";
import { type ExecCredential, execPlugin } from "./exec-plugin.ts";
import { fileError } from "./failures.ts";
import type { ClusterEntry, Credentials, UserEntry } from "./kubeconfig.ts";
import { createTokenFile } from "./token-file.ts";

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
  /** Where the credentials were found, for messages. */
  readonly source: string;
  /** The server's URL, for messages. */
  readonly server: string;
  /** For the next request; synchronous while nothing has to be looked at again. */
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
  /** Told once of what could not be renewed. @default {Nothing is logged} */
  readonly log?: Log;
  /** Finds the credentials again, after the server has refused them. @default {They stay as they are} */
  readonly reread?: () => Promise<Credentials>;
}

/** So long what was looked at is not looked at again, in milliseconds. */
const FRESH = 1_000;

/** What a user's credentials come to now. */
interface Source {
  /** Undefined: `renew` must be called first. */
  current(): Partial<Connection> & { readonly headers?: Headers } | undefined;
  renew(): Promise<unknown>;
  /** The server has refused what `current` gave last. @returns Whether there may be something else. */
  refused(): boolean;
}

/**
 * Makes an identity. Does no IO; credentials that need more than files (`auth-provider`) are client-node's business, which
 * is loaded for them only.
 */
export async function createIdentity(credentials: Credentials, options: IdentityOptions = {}): Promise<Identity> {
  if (credentials.user["auth-provider"]) {
    const { authProviderIdentity } = await import("./auth-provider.ts");
    return await authProviderIdentity(credentials);
  }
  const { log, reread } = options;
  let now = credentials;
  let source = sourceOf(now, log);
  let files = createTlsFiles(now, log);
  let last: Authorization | undefined;
  let lookedAt = -Infinity;
  let stale: Credentials | undefined; // refused: they are to be found again
  let pending: Promise<Authorization> | undefined;

  const look = (): Authorization | undefined => {
    const current = source.current();
    if (!current) return undefined;
    const { headers: own = {}, ...parts } = current;
    const connection = files.connection(parts);
    const headers = { ...own, ...impersonation(now.user) };
    if (last?.connection !== connection || JSON.stringify(last.headers) !== JSON.stringify(headers)) {
      last = { headers, connection };
    }
    lookedAt = performance.now();
    return last;
  };
  const find = async (): Promise<Authorization> => {
    if (stale && reread) {
      try {
        const found = await reread();
        if (JSON.stringify(found) !== JSON.stringify(stale)) {
          [now, source, files] = [found, sourceOf(found, log), createTlsFiles(found, log)];
        }
      } catch (error) {
        log?.warn(`The credentials of ${now.source} were refused, and cannot be read again: ${causeText(error)}`);
      }
      stale = undefined;
    }
    return look() ?? (await source.renew(), look()!);
  };
  return {
    source: credentials.source,
    server: serverOf(credentials.cluster.server),
    authorize() {
      if (last && performance.now() - lookedAt < FRESH) return last;
      if (pending) return pending;
      if (!stale) {
        const found = look();
        if (found) return found;
      }
      // Calls that come at once share one run, so that a plugin is started once.
      return pending = find().finally(() => pending = undefined);
    },
    refused(authorization) {
      if (authorization !== last) return true;
      lookedAt = -Infinity;
      const other = source.refused();
      if (!other && reread) stale = now;
      return other || reread !== undefined;
    },
  };
}

/** A server's URL as requests are made of it. */
export const serverOf = (url: string): string => url.replace(/\/+$/, "");

function sourceOf({ source, cluster, user }: Credentials, log: Log | undefined): Source {
  // As client-go: who brings a token needs no plugin.
  if (user.exec && !user.token && !user.tokenFile) return pluginSource(user.exec, cluster, source);
  if (user.tokenFile) {
    const file = createTokenFile(user.tokenFile, { source, fallback: user.token, log, now: () => performance.now() });
    const current = () => ({ headers: bearer(file.token()) });
    return { current, renew: () => Promise.resolve(), refused: () => (file.expire(), true) };
  }
  const fixed = { headers: user.token ? bearer(user.token) : user.username ? basic(user) : {} };
  return { current: () => fixed, renew: () => Promise.resolve(), refused: () => false };
}

function pluginSource(exec: NonNullable<UserEntry["exec"]>, cluster: ClusterEntry, source: string): Source {
  const plugin = execPlugin(exec, cluster, source);
  let used: ExecCredential | undefined;
  return {
    current() {
      const credential = plugin.current(Date.now());
      if (!credential) return undefined;
      used = credential;
      const { token, cert, key } = credential;
      return { headers: token ? bearer(token) : {}, ...cert && { cert, key } };
    },
    async renew() {
      used = await plugin.run();
      if (!plugin.current(Date.now())) {
        throw new SetupError(
          `The credential plugin "${exec.command}" of ${source} gave out credentials that have expired already`,
        );
      }
    },
    refused() {
      if (used) plugin.forget(used);
      return true;
    },
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function basic({ username = "", password = "" }: UserEntry) {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function impersonation(user: UserEntry): Headers {
  if (!user.as) return {};
  const extra = Object.entries(user["as-user-extra"] ?? {}).map(([name, values]) =>
    [`impersonate-extra-${encodeURIComponent(name.toLowerCase())}`, values] as const
  );
  return {
    "impersonate-user": user.as,
    ...user["as-groups"]?.length && { "impersonate-group": user["as-groups"] },
    ...user["as-uid"] && { "impersonate-uid": user["as-uid"] },
    ...Object.fromEntries(extra),
  };
}

/** Certificates and keys, read again when their files have changed. */
interface TlsFiles {
  connection(parts: Partial<Connection>): Connection;
}

function createTlsFiles({ source, cluster, user }: Credentials, log: Log | undefined): TlsFiles {
  const pem = (path: string | undefined, data: string | undefined, what: string) =>
    data
      ? { read: () => decoded(data, what, source) }
      : path
      ? createWatchedFile(path, `${what} named in ${source}`, log)
      : undefined;
  const ca = pem(cluster["certificate-authority"], cluster["certificate-authority-data"], "certificate authority");
  const cert = pem(user["client-certificate"], user["client-certificate-data"], "client certificate");
  const key = pem(user["client-key"], user["client-key-data"], "client key");
  let last: Connection | undefined;
  return {
    connection(parts) {
      const made: Connection = {
        server: serverOf(cluster.server),
        ca: ca?.read(),
        cert: cert?.read(),
        key: key?.read(),
        serverName: cluster["tls-server-name"] || undefined,
        insecure: cluster["insecure-skip-tls-verify"] === true || undefined,
        proxy: cluster["proxy-url"] || undefined,
        ...parts,
      };
      const before = last;
      const same = before && (Object.keys(made) as (keyof Connection)[]).every((name) => made[name] === before[name]);
      return last = same ? before : made;
    },
  };
}

function decoded(data: string, what: string, source: string): string {
  try {
    const text = atob(data.replace(/\s/g, ""));
    if (text.includes("-----BEGIN ")) return text;
  } catch {
    // What it is instead may be a key: it is not shown.
  }
  throw new SetupError(`The ${what} in ${source} is not PEM in base64`);
}

function createWatchedFile(path: string, what: string, log: Log | undefined): { read(): string } {
  let text: string | undefined;
  let stamp = "";
  let told = false;
  return {
    read() {
      try {
        const { mtimeMs, size, ino } = statSync(path);
        const now = `${mtimeMs} ${size} ${ino}`;
        if (now !== stamp) {
          text = readFileSync(path, "utf8");
          stamp = now;
        }
        told = false;
      } catch (error) {
        if (text === undefined) throw fileError(path, what, error);
        if (!told) log?.warn(`The ${what} cannot be read any more, going on with the last one: ${path}`);
        told = true;
      }
      return text!;
    },
  };
}
