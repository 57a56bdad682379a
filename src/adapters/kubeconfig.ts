/**
 * Where the credentials come from. Both adapters read the same sources by the same rules, and say the same about them.
 *
 * The format: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { SetupError } from "../errors.ts";
import type { Clock, Log, Metrics } from "../ports.ts";
import type { KubeConfigLike } from "./auth-provider.ts";
import { execFault } from "./exec-plugin.ts";
import { fileError, permissionError } from "./failures.ts";
import type { RateLimit } from "./rate-limit.ts";
import { masked, parseProxy, proxyFromEnvironment } from "./proxy-environment.ts";
import { type KubeconfigFile, readKubeconfig } from "./kubeconfig-file.ts";

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

/** The cluster of a kubeconfig, in the spelling of the file; paths are absolute. */
export interface ClusterEntry {
  readonly server: string;
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
  readonly "proxy-url"?: string;
  readonly extensions?: readonly { readonly name?: string; readonly extension?: unknown }[];
}

/** A program that hands out credentials. */
export interface ExecEntry {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  /** `Never`, `IfAvailable` or `Always`. */
  readonly interactiveMode?: string;
}

/** The user of a kubeconfig, in the spelling of the file; paths are absolute. */
export interface UserEntry {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly "as-uid"?: string;
  readonly "as-groups"?: readonly string[];
  readonly "as-user-extra"?: Readonly<Record<string, readonly string[]>>;
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
  readonly exec?: ExecEntry;
  readonly "auth-provider"?: { readonly name: string; readonly config?: Readonly<Record<string, string>> };
}

/** One server and one identity, checked. */
export interface Credentials {
  /** Where they were found, for messages. */
  readonly source: string;
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
}

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
 */
export async function findCredentials(options: ConnectOptions, surroundings: Surroundings = machine): Promise<Credentials> {
  try {
    return await find(options, surroundings);
  } catch (error) {
    throw permissionError("Cannot read the kubeconfig", error) ?? error;
  }
}

async function find({ kubeconfig, master, context }: ConnectOptions, surroundings: Surroundings): Promise<Credentials> {
  const { env, home, serviceAccount } = surroundings;
  if (master !== undefined) checkUrl(master, "master");
  if (kubeconfig !== undefined) return await fromFiles([kubeconfig], env, context, master);
  if (master !== undefined) return checked({ source: "master", cluster: { server: master }, user: {} }, env);

  const named = (env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  if (named.length > 0) {
    const there = named.filter((path) => existsSync(path));
    // As kubectl: of a list, files that are missing are passed over.
    return await fromFiles(there.length > 0 ? there : named.slice(0, 1), env, context);
  }
  const usual = join(home(), ".kube", "config");
  if (existsSync(usual)) return await fromFiles([usual], env, context);

  const host = env["KUBERNETES_SERVICE_HOST"];
  const tokenFile = join(serviceAccount, "token");
  if (host && existsSync(tokenFile)) {
    const address = host.includes(":") ? `[${host}]` : host;
    const server = `https://${address}:${env["KUBERNETES_SERVICE_PORT"] || "443"}`;
    const cluster = { server, "certificate-authority": join(serviceAccount, "ca.crt") };
    return checked({ source: "the pod's service account", cluster, user: { tokenFile } }, env);
  }
  throw new SetupError(
    `No kubeconfig: $KUBECONFIG is not set, ${usual} does not exist, and this is no pod; name one with --kubeconfig, or a server with --master`,
  );
}

async function fromFiles(
  paths: readonly string[],
  env: Surroundings["env"],
  contextName?: string,
  master?: string,
): Promise<Credentials> {
  const source = paths.join(delimiter);
  const files = await Promise.all(paths.map(readKubeconfig));
  const name = contextName ?? files.map((file) => file["current-context"]).find(Boolean);
  if (!name) throw new SetupError(`${source} has no current-context: set one with kubectl config use-context, or name one`);
  const context = entry(files, "contexts", name)?.context;
  if (!context) throw new SetupError(`${source} has no context "${name}"${known(files, "contexts")}`);
  const cluster = entry(files, "clusters", context.cluster)?.cluster;
  if (!cluster) {
    throw new SetupError(`${source}: context "${name}" names the cluster "${context.cluster ?? ""}", which is not there`);
  }
  const user = context.user ? entry(files, "users", context.user) : {};
  if (!user) throw new SetupError(`${source}: context "${name}" names the user "${context.user}", which is not there`);
  const server = master ?? serverUrl(cluster, user.user ?? {}, `${source}: server of cluster "${context.cluster}"`);
  return checked({ source, cluster: { ...cluster, server }, user: user.user ?? {} }, env);
}

type Section = "contexts" | "clusters" | "users";
/** The first file that has an entry wins, as with kubectl. */
const entry = <S extends Section>(files: readonly KubeconfigFile[], section: S, name?: string) =>
  files.flatMap((file) => file[section] ?? [])
    .find((item) => item.name === name) as NonNullable<KubeconfigFile[S]>[number] | undefined;

function known(files: readonly KubeconfigFile[], section: Section): string {
  const names = files.flatMap((file) => file[section] ?? []).map(({ name }) => `"${name}"`);
  return names.length === 0 ? "" : `, only ${names.join(", ")}`;
}

/** What kubectl refuses, too (client-go, `tools/clientcmd/validation.go`), and files that are not there. */
function checked(credentials: Credentials, env: Surroundings["env"]): Credentials {
  const { source, cluster, user } = credentials;
  const fault = faultOf(cluster, user);
  if (fault) throw new SetupError(`${source}: ${fault}`);
  const read = (path: string | undefined, data: string | undefined, what: string) => {
    if (path && !data) readFile(path, `${what} named in ${source}`);
  };
  read(cluster["certificate-authority"], cluster["certificate-authority-data"], "certificate authority");
  read(user["client-certificate"], user["client-certificate-data"], "client certificate");
  read(user["client-key"], user["client-key-data"], "client key");
  const proxy = cluster["proxy-url"] || proxyFromEnvironment(new URL(cluster.server), env);
  return proxy ? { ...credentials, cluster: { ...cluster, "proxy-url": proxy } } : credentials;
}

function faultOf(cluster: ClusterEntry, user: UserEntry): string | undefined {
  const certificate = user["client-certificate"] || user["client-certificate-data"];
  const key = user["client-key"] || user["client-key-data"];
  const authority = cluster["certificate-authority"] || cluster["certificate-authority-data"];
  const impersonates = user["as-uid"] || user["as-groups"]?.length || Object.keys(user["as-user-extra"] ?? {}).length > 0;
  if (cluster["proxy-url"] && !parseProxy(cluster["proxy-url"])) {
    return `proxy-url is not the URL of a proxy (http, https or socks5): ${masked(cluster["proxy-url"])}`;
  }
  if (cluster["insecure-skip-tls-verify"] && authority) {
    return "insecure-skip-tls-verify and a certificate-authority exclude each other: remove one";
  }
  if (user.token && (user.username || user.password)) return "a token and a username exclude each other: remove one";
  if (certificate && !key) return "the client-certificate has no client-key: name it, or give its data";
  if (key && !certificate) return "the client-key has no client-certificate: name it, or give its data";
  if (user.exec && user["auth-provider"]) return "exec and auth-provider exclude each other: remove one";
  if (impersonates && !user.as) return "as-uid, as-groups and as-user-extra need a user to act as: name it with as";
  return user.exec && execFault(user.exec);
}

function readFile(path: string, what: string): void {
  try {
    readFileSync(path);
  } catch (error) {
    throw fileError(path, what, error);
  }
}

/** The URL of a server, which may be written without its scheme, as kubectl takes it (client-go, `rest/url_utils.go`). */
function serverUrl(cluster: ClusterEntry, user: UserEntry, what: string): string {
  const { server } = cluster;
  const url = URL.parse(String(server));
  if (url && url.host !== "") return checkUrl(server, what);
  const secure = cluster["insecure-skip-tls-verify"] || cluster["certificate-authority"] ||
    cluster["certificate-authority-data"] ||
    user["client-certificate"] || user["client-certificate-data"];
  const whole = `${secure ? "https" : "http"}://${server}`;
  if (!server || URL.parse(whole)?.pathname !== "/") throw notUrl(server, what);
  return whole;
}

function checkUrl(text: string, what: string): string {
  const url = URL.parse(String(text));
  if (url?.protocol === "http:" || url?.protocol === "https:") return text;
  throw notUrl(text, what);
}

const notUrl = (text: unknown, what: string) => new SetupError(`The ${what} is not an http:// or https:// URL: ${text}`);
