/**
 * Where the credentials come from. Both adapters read the same sources by the same rules, and say the same about them.
 *
 * The format: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { parse } from "yaml";
import { causeText, SetupError } from "../errors.ts";
import type { Clock, Log, Metrics } from "../ports.ts";
import { permissionError } from "./failures.ts";

/** How to reach a cluster. The namespace is not part of it: each call names its own. */
export interface ConnectOptions {
  /** Path of a kubeconfig. @default {$KUBECONFIG, then ~/.kube/config, then the service account of the pod} */
  readonly kubeconfig?: string;
  /** URL of the API server. Overrides that of `kubeconfig`; without one, the server is spoken to without credentials. */
  readonly master?: string;
  /** Which context of the kubeconfig. @default {its current-context} */
  readonly context?: string;
  /** Time. @default {the machine's clock} */
  readonly clock?: Clock;
  /** How long a request may take, in milliseconds. @default {30_000} */
  readonly requestTimeout?: number;
  /** Told which client is used, and why. */
  readonly log?: Log;
  /** Where requests are counted, under client-go's names. @default {nowhere} */
  readonly metrics?: Metrics;
}

/** The cluster of a kubeconfig, in the spelling of the file; paths are absolute. */
export interface ClusterEntry {
  readonly server: string;
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
  readonly "proxy-url"?: string;
}

/** A program that hands out credentials. */
export interface ExecEntry {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
}

/** The user of a kubeconfig, in the spelling of the file; paths are absolute. */
export interface UserEntry {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
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

interface Named {
  readonly name?: string;
}
interface File {
  readonly "current-context"?: string;
  readonly contexts?: readonly (Named & { readonly context?: { readonly cluster?: string; readonly user?: string } })[];
  readonly clusters?: readonly (Named & { readonly cluster?: ClusterEntry })[];
  readonly users?: readonly (Named & { readonly user?: UserEntry | null })[];
}

/**
 * Finds the server and the identity to use, reading files as they stand now.
 *
 * @throws {SetupError} when nothing is found, or what is found cannot be used; the message names the remedy.
 */
export function findCredentials(options: ConnectOptions, surroundings: Surroundings = machine): Credentials {
  try {
    return find(options, surroundings);
  } catch (error) {
    throw permissionError("Cannot read the kubeconfig", error) ?? error;
  }
}

function find({ kubeconfig, master, context }: ConnectOptions, { env, home, serviceAccount }: Surroundings): Credentials {
  if (master !== undefined) checkUrl(master, "master");
  if (kubeconfig !== undefined) return fromFiles([kubeconfig], context, master);
  if (master !== undefined) return { source: "master", cluster: { server: master }, user: {} };

  const named = (env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  if (named.length > 0) {
    const there = named.filter((path) => existsSync(path));
    // As kubectl: of a list, files that are missing are passed over.
    return fromFiles(there.length > 0 ? there : named.slice(0, 1), context);
  }
  const usual = join(home(), ".kube", "config");
  if (existsSync(usual)) return fromFiles([usual], context);

  const host = env["KUBERNETES_SERVICE_HOST"];
  const tokenFile = join(serviceAccount, "token");
  if (host && existsSync(tokenFile)) {
    const address = host.includes(":") ? `[${host}]` : host;
    const server = `https://${address}:${env["KUBERNETES_SERVICE_PORT"] || "443"}`;
    const cluster = { server, "certificate-authority": join(serviceAccount, "ca.crt") };
    return { source: "the pod's service account", cluster, user: { tokenFile } };
  }
  throw new SetupError(
    `No kubeconfig: $KUBECONFIG is not set, ${usual} does not exist, and this is no pod; name one with --kubeconfig, or a server with --master`,
  );
}

function fromFiles(paths: readonly string[], contextName?: string, master?: string): Credentials {
  const source = paths.join(delimiter);
  const files = paths.map(readKubeconfig);
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
  if (master === undefined) checkUrl(cluster.server, `${source}: server of cluster "${context.cluster}"`);
  const credentials = { source, cluster: { ...cluster, ...(master && { server: master }) }, user: user.user ?? {} };
  checkFiles(credentials);
  return credentials;
}

type Section = "contexts" | "clusters" | "users";
/** The first file that has an entry wins, as with kubectl. */
const entry = <S extends Section>(files: readonly File[], section: S, name?: string) =>
  files.flatMap((file) => file[section] ?? [])
    .find((item) => item.name === name) as NonNullable<File[S]>[number] | undefined;

function known(files: readonly File[], section: Section): string {
  const names = files.flatMap((file) => file[section] ?? []).map(({ name }) => `"${name}"`);
  return names.length === 0 ? "" : `, only ${names.join(", ")}`;
}

function readKubeconfig(path: string): File {
  let file: unknown;
  try {
    file = parse(readText(path, "kubeconfig"), { version: "1.1" });
  } catch (error) {
    if (error instanceof SetupError || permissionError("", error)) throw error;
    throw new SetupError(`The kubeconfig ${path} is not YAML: ${causeText(error).split("\n")[0]}`, { cause: error });
  }
  const object = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  const lists = object(file)
    ? ["contexts", "clusters", "users"].map((name) => (file as Record<string, unknown>)[name] ?? [])
    : [];
  if (!object(file) || !lists.every((list) => Array.isArray(list) && list.every(object))) {
    throw new SetupError(`${path} is not a kubeconfig: it has no lists of contexts, clusters and users`);
  }
  return withAbsolutePaths(file as File, dirname(path));
}

/** Paths in a kubeconfig are relative to the file that holds them. */
function withAbsolutePaths(file: File, folder: string): File {
  const absolute = <T extends object>(item: T | null | undefined, ...names: (keyof T)[]): T | undefined => {
    if (!item) return undefined;
    const changed = names.filter((name) => typeof item[name] === "string" && item[name] !== "" && !isAbsolute(item[name]));
    return { ...item, ...Object.fromEntries(changed.map((name) => [name, join(folder, item[name] as string)])) };
  };
  return {
    ...file,
    clusters: file.clusters?.map((item) => ({ ...item, cluster: absolute(item.cluster, "certificate-authority") })),
    users: file.users?.map((item) => {
      const user = absolute(item.user, "tokenFile", "client-certificate", "client-key");
      // A command without a slash is searched for on the PATH.
      const exec = user?.exec?.command?.includes("/") ? absolute(user.exec, "command") : user?.exec;
      return { ...item, user: user && { ...user, ...(exec && { exec }) } };
    }),
  };
}

function checkFiles({ source, cluster, user }: Credentials): void {
  const read = (path: string | undefined, data: string | undefined, what: string) => {
    if (path && !data) readText(path, `${what} named in ${source}`);
  };
  read(cluster["certificate-authority"], cluster["certificate-authority-data"], "certificate authority");
  read(user["client-certificate"], user["client-certificate-data"], "client certificate");
  read(user["client-key"], user["client-key-data"], "client key");
  if (!user.token) read(user.tokenFile, undefined, "token file");
  const unknown = ["as-groups", "as-uid", "as-user-extra"].find((name) => name in user);
  if (unknown) throw new SetupError(`${source}: ${unknown} is not supported, use a user of its own`);
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (permissionError("", error)) throw error;
    const code = (error as { code?: string }).code;
    const problem = code === "ENOENT" ? "does not exist" : code === "EISDIR" ? "is a folder" : `cannot be read (${code})`;
    throw new SetupError(`The ${what} ${problem}: ${path}`, { cause: error });
  }
}

function checkUrl(text: unknown, what: string): void {
  const url = URL.parse(String(text));
  if (url?.protocol === "http:" || url?.protocol === "https:") return;
  throw new SetupError(`The ${what} is not an http:// or https:// URL: ${text}`);
}
