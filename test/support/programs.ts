/**
 * The command line as its users run it: a process of its own, in either runtime.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { delimiter } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Where the command runs. */
export type Runtime = "node" | "deno";

/** Both of them. */
export const RUNTIMES: readonly Runtime[] = ["node", "deno"];

const root = fileURLToPath(new URL("../../", import.meta.url));
const bin = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));
// Without the launchers of tsx and deno in between, which would take the signals.
const COMMANDS: Readonly<Record<Runtime, readonly string[]>> = {
  node: [`${bin}node`, "cli/main.ts"],
  deno: [`${bin}deno`, "run", "-q", "-P", "cli/main.ts"],
};

/** A process that was started. */
export interface Program {
  /** Its id; of a launcher also that of its group. */
  readonly pid: number;
  /** What it has printed to stdout so far. */
  readonly output: string;
  /** What it has printed to stderr so far. */
  readonly errors: string;
  /** Its exit code; 128 and the signal's number where a signal ended it. */
  readonly exited: Promise<number>;
  /** Resolves when its output matches, rejects when it ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves when what it prints to stderr matches, rejects when it ends before. */
  untilErrors(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal. */
  send(signal: NodeJS.Signals): void;
  /** Types this at its terminal. */
  type(text: string): void;
  /** Closes the reading end of its stdout. */
  closeOutput(): void;
  /** Sends a signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<number>;
}

const running = new Set<ChildProcess>();
/** Those that may leave something behind when they end: each with its group of processes. */
const launchers = new Set<ChildProcess>();
process.on("exit", () => running.forEach(kill));

function kill(child: ChildProcess): void {
  if (!launchers.has(child)) return void child.kill("SIGKILL");
  try {
    process.kill(-child.pid!, "SIGKILL");
  } catch {
    // The whole group has ended.
  }
}

/** Ends what a test has left running. */
export async function endPrograms(): Promise<void> {
  await Promise.all([...running].map((child) => {
    const gone = new Promise((resolve) => child.once("close", resolve));
    kill(child);
    return gone;
  }));
}

/** Starts any command in the project's folder. */
export const startCommand = (command: readonly string[], env?: Readonly<Record<string, string>>, input?: string): Program =>
  start(command, { env, input, group: false });

/**
 * Starts a command that starts others: a launcher, a shell. What they leave behind belongs to it: its end is when nobody
 * holds its stdout any more, and `endPrograms` ends them all.
 */
export const startLauncher = (command: readonly string[], env?: Readonly<Record<string, string>>): Program =>
  start(command, { env, group: true });

/** Whether this system has the `script` of util-linux, which gives a program a terminal. */
export const hasTerminals: boolean = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ??
  false;

/** Starts a command at a terminal of its own, where all that it prints is output. */
export const startAtTerminal = (command: readonly string[], env?: Readonly<Record<string, string>>): Program => {
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return start(["script", "-qec", quoted, "/dev/null"], { env, typed: true, group: true });
};

interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** All of its stdin. @default {None} */
  readonly input?: string;
  /** Whether its stdin stays open. @default {false} */
  readonly typed?: boolean;
  readonly group: boolean;
}

function start(command: readonly string[], { env, input, typed, group }: StartOptions): Program {
  const { KUBECONFIG: _, FORCE_COLOR: _color, ...outer } = process.env; // Deno takes FORCE_COLOR=0 for a yes
  const child = spawn(command[0]!, command.slice(1), {
    cwd: root,
    stdio: [input === undefined && !typed ? "ignore" : "pipe", "pipe", "pipe"],
    detached: group,
    env: { ...outer, PATH: `${bin}${delimiter}${outer.PATH}`, NO_COLOR: "1", HOME: "/nonexistent", ...env },
  });
  running.add(child);
  if (group) launchers.add(child);
  if (!typed) child.stdin?.end(input);
  let output = "";
  let errors = "";
  const waiting = new Set<() => void>();
  const changed = () => waiting.forEach((check) => check());
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (output += text, changed()));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (errors += text, changed()));
  let code: number | undefined;
  const exited = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      running.delete(child);
      launchers.delete(child);
      code = status ?? 128 + constants.signals[signal!];
      resolve(code);
      changed();
    });
  });
  const untilMatch = (read: () => string, pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(read());
        if (!match && code === undefined) return;
        waiting.delete(check);
        if (match) resolve(match);
        else reject(new Error(`${command.join(" ")} ended with ${code} before it printed ${pattern}:\n${output}${errors}`));
      };
      waiting.add(check);
      check();
    });
  return {
    pid: child.pid!,
    get output() {
      return output;
    },
    get errors() {
      return errors;
    },
    exited,
    until: (pattern) => untilMatch(() => output, pattern),
    untilErrors: (pattern) => untilMatch(() => errors, pattern),
    send: (signal) => void child.kill(signal),
    type: (text) => void child.stdin!.write(text),
    closeOutput: () => child.stdout!.destroy(),
    async end(signal = "SIGTERM") {
      child.kill(signal);
      return await exited;
    },
  };
}

/** Starts the command line. */
export const startProgram = (runtime: Runtime, args: readonly string[], env?: Readonly<Record<string, string>>): Program =>
  startCommand([...COMMANDS[runtime], ...args], env);

/** Runs a command to its end. @throws {Error} with what it printed, when it does not end with 0. */
export async function runCommand(
  command: readonly string[],
  env?: Readonly<Record<string, string>>,
  input?: string,
): Promise<string> {
  const program = startCommand(command, env, input);
  const code = await program.exited;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${program.output}${program.errors}`);
  return program.output;
}
