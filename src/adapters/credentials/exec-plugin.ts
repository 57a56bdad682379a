/**
 * Credential plugins: programs that hand out tokens and certificates. The rules are client-go's
 * (`plugin/pkg/client/auth/exec`): https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 *
 * @module
 */
import process from "node:process";
import { causeText, SetupError } from "../../errors.ts";
import type { Clock } from "../../ports.ts";
import type { Credentials } from "./credentials.ts";
import { type ExecCredential, readExecCredential } from "./exec-credential.ts";
import { type ExecEnd, runCommand } from "./exec-process.ts";
import { permissionError, readFile } from "../transport/failures.ts";
import type { ExecEntry } from "../config/kubeconfig-format.ts";

/** A plugin with what it gave out last. */
export interface ExecPlugin {
  /** What is in force, with how long it still serves; undefined where the plugin has to run first. */
  current(): { readonly credential: ExecCredential; readonly ending: boolean } | undefined;
  /**
   * Runs the plugin; calls that come while it runs share that run.
   *
   * @param limit Milliseconds; a plugin that asks nobody at a terminal and still has not ended is ended then.
   * @throws {SetupError} with one sentence. The next call runs it again.
   */
  run(limit: number): Promise<ExecCredential>;
  /** The server has refused this credential: it is not given out again. */
  forget(refused: ExecCredential): void;
  /** Whether somebody may be asked at a terminal, who wants to know why. */
  readonly interactive: boolean;
}

/** Versions of the API that are spoken. */
const VERSIONS: readonly string[] = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
const MODES: readonly string[] = ["Never", "IfAvailable", "Always"];

/** A credential is renewed before its end by this part of its life, but no more than a minute. */
const MARGIN = 0.1;
const WIDEST_MARGIN = 60_000;

/** One for each plugin, cluster and clock: what it gave out serves every connection of the process. */
const plugins = new WeakMap<Clock, Map<string, ExecPlugin>>();

/** The plugin of a user. Does no IO. */
export function execPlugin(exec: ExecEntry, { clusterText, userText, server, cluster }: Credentials, clock: Clock): ExecPlugin {
  const known = plugins.get(clock) ?? new Map<string, ExecPlugin>();
  plugins.set(clock, known);
  const key = JSON.stringify([exec, server, cluster]);
  const plugin = known.get(key) ?? createExecPlugin(exec, { clusterText, userText, cluster }, clock);
  known.set(key, plugin);
  return plugin;
}

/** What a user has whose plugin cannot be run, or undefined. Pure. */
export function execFault({ command, apiVersion, env = [], interactiveMode }: ExecEntry): string | undefined {
  if (!command) return "an exec without a command: name the program";
  if (!apiVersion) return `an exec without an apiVersion: use ${VERSIONS[0]}`;
  if (!VERSIONS.includes(apiVersion)) return `an exec of the apiVersion "${apiVersion}": use ${VERSIONS.join(" or ")}`;
  if (env.some(({ name }) => !name)) return "an exec with a variable that has no name: name it, or remove it from env";
  if (interactiveMode ? MODES.includes(interactiveMode) : apiVersion !== VERSIONS[0]) return undefined;
  const what = interactiveMode ? `of the interactiveMode "${interactiveMode}"` : "without an interactiveMode";
  return `an exec ${what}: use ${MODES.join(" or ")}`;
}

type Found = Pick<Credentials, "clusterText" | "userText" | "cluster">;

function createExecPlugin(exec: ExecEntry, found: Found, clock: Clock): ExecPlugin {
  const interactive = exec.interactiveMode !== "Never" && process.stdin.isTTY === true;
  let held: { readonly credential: ExecCredential; readonly since: number } | undefined;
  let running: Promise<ExecCredential> | undefined;

  const renew = async (limit: number) => {
    const credential = await ask(exec, found, { interactive, limit, clock });
    held = { credential, since: clock.now() };
    return credential;
  };
  return {
    interactive,
    current() {
      if (!held) return undefined;
      const { credential, since } = held;
      const { expires = Infinity } = credential;
      const left = expires - clock.now();
      if (left < 0) return undefined;
      return { credential, ending: left < Math.min(WIDEST_MARGIN, (expires - since) * MARGIN) };
    },
    run: (limit) => running ??= renew(limit).finally(() => running = undefined),
    forget(refused) {
      if (held?.credential === refused) held = undefined;
    },
  };
}

interface Asking {
  readonly interactive: boolean;
  readonly limit: number;
  readonly clock: Clock;
}

async function ask(exec: ExecEntry, found: Found, { interactive, limit, clock }: Asking): Promise<ExecCredential> {
  const { command = "", args = [], apiVersion = "", interactiveMode } = exec;
  const name = `The credential plugin "${command}" of the ${found.userText}`;
  if (interactiveMode === "Always" && !interactive) {
    throw new SetupError(`${name} asks at a terminal (interactiveMode: Always), and there is none: run it at one`);
  }
  const spec = { ...exec.provideClusterInfo && { cluster: clusterInfo(found) }, interactive };
  const info = JSON.stringify({ kind: "ExecCredential", apiVersion, spec });
  const given = Object.fromEntries((exec.env ?? []).map(({ name = "", value = "" }) => [name, value]));
  let end: ExecEnd;
  try {
    const env = { ...process.env, ...given, KUBERNETES_EXEC_INFO: info };
    end = await runCommand({ command, args, env, interactive, limit, clock });
  } catch (error) {
    throw startError(name, exec, error);
  }
  const remedy = "run it by hand to see why";
  if (end.ended === "late") throw new SetupError(`${name} did not end within ${limit / 1000} s: ${remedy}`);
  if (end.ended === "wordy") throw new SetupError(`${name} printed more than any credential holds: ${remedy}`);
  if (end.code !== 0) {
    const how = end.code === null ? `was ended by ${end.signal}` : `failed with exit code ${end.code}`;
    throw new SetupError(`${name} ${how}: ${lastLine(end.complaint) || "it said nothing"}`);
  }
  const credential = await readExecCredential(end.output, apiVersion);
  if (typeof credential !== "string") return credential;
  throw new SetupError(`${name} ${credential}, expected an ExecCredential of ${apiVersion} as JSON: ${remedy}`);
}

/** What a plugin is told that asks for which cluster it runs. */
function clusterInfo({ clusterText, cluster }: Found): unknown {
  const authority = cluster["certificate-authority"];
  const data = authority && readFile(authority, `certificate authority of the ${clusterText}`).toString("base64");
  return {
    server: cluster.server,
    "tls-server-name": cluster["tls-server-name"],
    "insecure-skip-tls-verify": cluster["insecure-skip-tls-verify"] || undefined,
    "certificate-authority-data": data ?? cluster["certificate-authority-data"],
    "proxy-url": cluster["proxy-url"],
    "disable-compression": cluster["disable-compression"] || undefined,
    config: cluster.extensions?.find(({ name }) => name === "client.authentication.k8s.io/exec")?.extension ?? null,
  };
}

function startError(name: string, { command, installHint }: ExecEntry, error: unknown): SetupError {
  const permission = permissionError(`Cannot run the credential plugin "${command}"`, error);
  if (permission) return permission;
  if ((error as { code?: string }).code !== "ENOENT") {
    return new SetupError(`${name} cannot be run: ${causeText(error)}`, { cause: error });
  }
  const hint = firstLine(installHint ?? "") || "install it, or name its whole path";
  return new SetupError(`${name} was not found: ${hint}`, { cause: error });
}

/** Text of others goes to a terminal: without its colours and other control characters, and not all of it. */
const clean = (text: string): string => text.replace(/\p{Cc}(?:\[[\d;?]*[a-z])?/giu, "").trim().slice(0, 300);
const linesOf = (text: string): string[] => text.split(/[\r\n]+/).map(clean).filter((line) => line !== "");
const firstLine = (text: string): string => linesOf(text)[0] ?? "";
const lastLine = (text: string): string => linesOf(text).at(-1) ?? "";
