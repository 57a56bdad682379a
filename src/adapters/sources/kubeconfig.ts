/**
 * Where the credentials come from. Both adapters read the same sources by the same rules, and say the same about them.
 *
 * The format: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 *
 * @module
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { SetupError } from "../../errors.ts";
import { ANY_TEXT, checkOptions, type Members, OBJECT } from "../../options.ts";
import type { Clock, Log, Metrics } from "../../ports.ts";
import { checkCredentials, type Credentials } from "../credentials/credentials.ts";
import { permissionError } from "../transport/failures.ts";
import type { KubeConfigLike } from "./given-kubeconfig.ts";
import { chooseContext } from "../config/kubeconfig-context.ts";
import { type FoundKubeconfig, readKubeconfig } from "../config/kubeconfig-file.ts";
import type { ClusterEntry, UserEntry } from "../config/kubeconfig-format.ts";
import { LIMITS } from "../api/http.ts";
import { proxyFromEnvironment, proxyUrl } from "../config/proxy-environment.ts";
import type { RateLimit } from "../api/rate-limit.ts";
import { serverUrl } from "../config/server-url.ts";
import { findServiceAccount } from "./service-account.ts";

/** How to reach a cluster. The namespace is not part of it: each call names its own. */
export interface ConnectOptions {
  /** Path of a kubeconfig. @default {$KUBECONFIG, then ~/.kube/config, then the service account of the pod} */
  readonly kubeconfig?: string;
  /** URL of the API server. Overrides that of `kubeconfig`; without one, the server is spoken to without credentials. */
  readonly master?: string;
  /** Which context of the kubeconfig. @default {its current-context} */
  readonly context?: string;
  /** A `KubeConfig` of `@kubernetes/client-node`, set up by the caller: the only source then. @default {None} */
  readonly kubeConfig?: KubeConfigLike;
  /** Time. @default {the machine's clock} */
  readonly clock?: Clock;
  /** How long a request may take, in milliseconds. @default {30_000} */
  readonly requestTimeout?: number;
  /** Told which client is used, and why. */
  readonly log?: Log;
  /** Where requests are counted, under client-go's names. @default {nowhere} */
  readonly metrics?: Metrics;
  /** How many requests are sent at the most, watches excepted. @default {no limit} */
  readonly rateLimit?: RateLimit;
}

const OPTIONS: Members<ConnectOptions> = {
  ...LIMITS,
  kubeconfig: ANY_TEXT,
  master: ANY_TEXT,
  context: ANY_TEXT,
  kubeConfig: OBJECT,
};

/** @throws {TypeError | RangeError} When an option is unknown, or is not what it has to be. */
export const checkConnectOptions = (options: ConnectOptions): void => checkOptions("Cannot connect", options, OPTIONS);

/** What of the machine decides; a test brings its own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: () => string;
  /** The folder that the kubelet mounts into each pod. */
  readonly serviceAccount: string;
}

const machine: Surroundings = {
  env: process.env,
  // Asking the system takes one permission more in Deno.
  home: () => process.env["HOME"] || homedir(),
  serviceAccount: "/var/run/secrets/kubernetes.io/serviceaccount",
};

/**
 * Finds the server and the identity to use, reading files as they stand now.
 *
 * @throws {SetupError} when nothing is found, or what is found cannot be used; the message names the remedy.
 * @throws {TypeError} when `kubeConfig` is given with something that it excludes.
 */
export async function findCredentials(options: ConnectOptions, surroundings: Surroundings = machine): Promise<Credentials> {
  try {
    const given = await find(options, surroundings);
    checkCredentials(given);
    const found = withoutSecrets(given, options.log);
    const { "proxy-url": named } = found.cluster;
    const proxy = named === undefined ? proxyFromEnvironment(found.server, surroundings.env) : proxyUrl(named);
    return { ...found, ...proxy !== undefined && { proxy } };
  } catch (error) {
    throw permissionError("Cannot read the kubeconfig", error) ?? error;
  }
}

type Found = Omit<Credentials, "proxy">;

async function find({ kubeconfig, master, context, log }: ConnectOptions, surroundings: Surroundings): Promise<Found> {
  const { env, home, serviceAccount } = surroundings;
  if (kubeconfig !== undefined) return await fromFiles([kubeconfig], { context, master, log });
  if (master !== undefined) {
    const server = serverUrl(master, "master");
    return { clusterText: "master", userText: "anonymous user", server, cluster: { server: master }, user: {}, files: [] };
  }
  // A file that is named twice counts once, and a name that is empty is none.
  const named = new Set((env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== ""));
  if (named.size > 0) {
    const there = [...named].filter((path) => existsSync(path));
    // As kubectl: of a list, files that are missing are passed over.
    return await fromFiles(there.length > 0 ? there : [...named].slice(0, 1), { context, log });
  }
  const usual = join(home(), ".kube", "config");
  if (existsSync(usual)) return await fromFiles([usual], { context, log });
  const pod = findServiceAccount(env, serviceAccount, log);
  if (pod) return pod;
  throw new SetupError(
    `No kubeconfig: $KUBECONFIG is not set, ${usual} does not exist, and this is no pod; name one with --kubeconfig, or a server with --master`,
  );
}

async function fromFiles(paths: readonly string[], { context, master, log }: ConnectOptions): Promise<Found> {
  const files: FoundKubeconfig[] = [];
  for (const path of paths) files.push(await readKubeconfig(path));
  const { clusterText, cluster, userText, user } = chooseContext(files, paths.join(delimiter), context);
  if (master === undefined && cluster.server === undefined) {
    throw new SetupError(`The ${clusterText} has no server: name it`);
  }
  const server = master === undefined
    ? serverUrl(cluster.server!, `server of the ${clusterText}`, { bare: true })
    : serverUrl(master, "master");
  if (server.startsWith("https:") && isEmpty(user)) {
    log?.warn(`The ${userText} has no credentials, ${server} is asked as anonymous`);
  }
  const reached = master === undefined ? cluster : withServer(cluster, master);
  return { clusterText, userText, server, cluster: reached, user, files: paths };
}

/** Another server has another name, as with kubectl. */
const withServer = ({ "tls-server-name": _, ...cluster }: ClusterEntry, server: string): ClusterEntry => ({ ...cluster, server });

/** As kubectl: what proves who somebody is goes over encrypted connections only (client-go, `IsConfigTransportTLS`). */
function withoutSecrets(found: Found, log: Log | undefined): Found {
  const { server, userText, user } = found;
  if (server.startsWith("https:") || isEmpty(user)) return found;
  log?.warn(
    `The credentials of the ${userText} are kept back, ${server} is asked as anonymous: its connections are not encrypted`,
  );
  return { ...found, user: impersonationOf(user) };
}

/** Whom to act as is no secret. */
function impersonationOf(user: UserEntry): UserEntry {
  const names = ["as", "as-uid", "as-groups", "as-user-extra"] as const;
  return Object.fromEntries(names.flatMap((name) => user[name] === undefined ? [] : [[name, user[name]]]));
}

const isEmpty = (user: UserEntry): boolean => Object.keys(user).length === Object.keys(impersonationOf(user)).length;
