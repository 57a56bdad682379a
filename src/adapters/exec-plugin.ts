/**
 * Programs that hand out credentials. The rules are client-go's (`plugin/pkg/client/auth/exec`):
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { SetupError } from "../errors.ts";
import type { ClusterEntry, ExecEntry } from "./kubeconfig.ts";

/** What a plugin gave out. */
export interface ExecCredential {
  readonly token?: string;
  /** PEM. */
  readonly cert?: string;
  /** PEM. */
  readonly key?: string;
  /** Milliseconds since the Unix epoch; absent: until the server refuses it. */
  readonly expires?: number;
}

/** A plugin with what it last gave out. */
export interface ExecPlugin {
  /** What is in force at `now` (milliseconds since the Unix epoch); undefined where the plugin has to run first. */
  current(now: number): ExecCredential | undefined;
  /** Runs the plugin, unless it is running. @throws {SetupError} with one sentence; the next call runs it again. */
  run(): Promise<ExecCredential>;
  /** The server has refused this one. */
  forget(refused: ExecCredential): void;
}

/** Versions of `client.authentication.k8s.io` that are spoken. */
const VERSIONS: readonly (string | undefined)[] = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/** A plugin that asks nobody and still does not end is ended then, in milliseconds. */
const PATIENCE = 60_000;

/** So long before its end a credential is renewed, in milliseconds: the request has to arrive, too. */
const EARLY = 1_000;

/** One for each plugin and cluster: what it gave out serves every connection of the process. */
const plugins = new Map<string, ExecPlugin>();

/** The plugin of a user. Does no IO. @param source Where it was found, for messages. */
export function execPlugin(exec: ExecEntry, cluster: ClusterEntry, source: string): ExecPlugin {
  const key = JSON.stringify([exec, cluster]);
  const known = plugins.get(key) ?? createExecPlugin(exec, cluster, source);
  plugins.set(key, known);
  return known;
}

function createExecPlugin(exec: ExecEntry, cluster: ClusterEntry, source: string): ExecPlugin {
  let credential: ExecCredential | undefined;
  let running: Promise<ExecCredential> | undefined;
  const renew = async () => credential = readCredential(exec, source, await runPlugin(exec, cluster, source));
  return {
    current: (now) => credential && now < (credential.expires ?? Infinity) - EARLY ? credential : undefined,
    run: () => running ??= renew().finally(() => running = undefined),
    forget(refused) {
      if (credential === refused) credential = undefined;
    },
  };
}

/** Whether the plugin may ask somebody at the terminal. @throws {SetupError} where it must and there is none. */
function isInteractive({ command, interactiveMode }: ExecEntry, source: string): boolean {
  const terminal = process.stdin.isTTY === true;
  if (interactiveMode === "Always" && !terminal) {
    throw new SetupError(
      `The credential plugin "${command}" of ${source} wants to ask at a terminal (interactiveMode: Always), and there is none`,
    );
  }
  return terminal && interactiveMode !== "Never";
}

function execInfo({ apiVersion, provideClusterInfo }: ExecEntry, cluster: ClusterEntry, interactive: boolean): string {
  const config = cluster.extensions?.find(({ name }) => name === "client.authentication.k8s.io/exec")?.extension;
  const told = {
    server: cluster.server,
    "tls-server-name": cluster["tls-server-name"],
    "insecure-skip-tls-verify": cluster["insecure-skip-tls-verify"],
    "certificate-authority-data": cluster["certificate-authority-data"],
    "proxy-url": cluster["proxy-url"],
    config,
  };
  return JSON.stringify({
    kind: "ExecCredential",
    apiVersion,
    spec: { ...provideClusterInfo && { cluster: told }, interactive },
  });
}

/** Runs the command to its end. @returns What it printed to stdout. */
function runPlugin(exec: ExecEntry, cluster: ClusterEntry, source: string): Promise<string> {
  const { command, args, installHint } = exec;
  const name = `The credential plugin "${command}" of ${source}`;
  const interactive = isInteractive(exec, source);
  const given = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value ?? ""]));
  const env = { ...process.env, ...given, KUBERNETES_EXEC_INFO: execInfo(exec, cluster, interactive) };
  return new Promise((resolve, reject) => {
    // What it asks at a terminal is seen there; else its complaint goes into the message.
    const child = spawn(command, [...args ?? []], {
      env,
      stdio: [interactive ? "inherit" : "ignore", "pipe", interactive ? "inherit" : "pipe"],
    });
    const output: Uint8Array[] = [];
    let complaint = "";
    child.stdout!.on("data", (chunk: Uint8Array) => output.push(chunk));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => complaint = (complaint + text).slice(-4_096));
    const limit = interactive ? undefined : setTimeout(() => {
      reject(
        new SetupError(`${name} did not end within ${PATIENCE / 1_000} s: see why with "${[command, ...args ?? []].join(" ")}"`),
      );
      child.kill("SIGKILL");
    }, PATIENCE);
    child.on("error", (error: Error & { code?: string }) => {
      clearTimeout(limit);
      const hint = installHint ? `: ${installHint.trim().split("\n")[0]}` : "";
      const problem = error.code === "ENOENT" ? `was not found${hint}` : `cannot be run: ${error.message}`;
      reject(new SetupError(`${name} ${problem}`, { cause: error }));
    });
    child.on("close", (code: number | null, signal: string | null) => {
      clearTimeout(limit);
      if (code === 0) return resolve(new TextDecoder().decode(concatenated(output)));
      const said = complaint.trim().split("\n").at(-1) || "it said nothing";
      reject(new SetupError(`${name} failed with ${code === null ? signal : `exit code ${code}`}: ${said}`));
    });
  });
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

/** Reads what a plugin has printed. The message never shows it: it holds the token. */
function readCredential({ command, apiVersion }: ExecEntry, source: string, output: string): ExecCredential {
  const wrong = (what: string) =>
    new SetupError(
      `The credential plugin "${command}" of ${source} ${what}: it must print an ExecCredential of ${apiVersion} as JSON`,
    );
  if (output.trim() === "") throw wrong("printed nothing");
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    throw wrong("printed something that is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong(`printed ${value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`}`);
  }
  const { kind, apiVersion: printed, status } = value as { kind?: unknown; apiVersion?: unknown; status?: unknown };
  if (kind !== "ExecCredential") throw wrong(`printed ${kind === undefined ? "an object without a kind" : `a ${kind}`}`);
  if (printed !== apiVersion) throw wrong(`answered in version ${printed ?? "none"}`);
  if (typeof status !== "object" || status === null) throw wrong("printed no status");
  const members = status as Readonly<Record<string, unknown>>;
  const text = (name: string): string | undefined => {
    const member = members[name] ?? "";
    if (typeof member !== "string") throw wrong(`printed a status.${name} that is no text`);
    return member === "" ? undefined : member;
  };
  const [token, cert, key, expiry] = ["token", "clientCertificateData", "clientKeyData", "expirationTimestamp"].map(text);
  if ((cert === undefined) !== (key === undefined)) {
    throw wrong(`printed a ${cert ? "certificate without its key" : "key without its certificate"}`);
  }
  if (token === undefined && cert === undefined) throw wrong("printed neither a token nor a certificate");
  const expires = expiry === undefined ? undefined : Date.parse(expiry);
  if (Number.isNaN(expires)) throw wrong(`printed a status.expirationTimestamp that is no time ("${expiry}")`);
  return { token, cert, key, expires };
}

/** What is wrong with a plugin's entry before it is run, as client-go's validation says it, or undefined. */
export function execFault({ command, apiVersion, env, interactiveMode }: ExecEntry): string | undefined {
  if (!command) return "exec has no command";
  if (!apiVersion) return `exec has no apiVersion: use ${VERSIONS[0]}`;
  if (!VERSIONS.includes(apiVersion)) return `exec has apiVersion "${apiVersion}", known are ${VERSIONS.join(" and ")}`;
  if (env?.some(({ name }) => !name)) return "exec has a variable in env that has no name";
  if (!interactiveMode) {
    return apiVersion === VERSIONS[0] ? "exec has no interactiveMode: use Never, IfAvailable or Always" : undefined;
  }
  if (!["Never", "IfAvailable", "Always"].includes(interactiveMode)) {
    return `exec has interactiveMode "${interactiveMode}": use Never, IfAvailable or Always`;
  }
  return undefined;
}
