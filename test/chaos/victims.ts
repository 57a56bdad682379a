import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import process from "node:process";
import type { Guard } from "../support/guard.ts";

/** A program that is started again whenever it was killed. */
export interface Victim {
  readonly kind: "director" | "worker";
  /** Where it says what it says. */
  readonly logPath: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** Ends it as a crash does, and starts another one in its place. */
  kill(): void;
  /** Stops it for so many milliseconds. @returns Whether it was not standing already. */
  freeze(ms: number): boolean;
  /** Lets it go on, if it stands. */
  thaw(): void;
  /** Ends it in good order. */
  end(): Promise<void>;
}

/** How one is kept running. */
export interface VictimOptions {
  readonly kind: Victim["kind"];
  readonly command: readonly string[];
  readonly logPath: string;
  /** What is added to its environment. @default {Nothing} */
  readonly env?: Readonly<Record<string, string>>;
  readonly guard: Guard;
  /** It has ended, and nobody has killed it: as a sentence. */
  readonly onDeath: (sentence: string) => void;
}

/** What runs ends with this process. */
const children = new Set<ChildProcess>();
process.on("exit", () => children.forEach((child) => void child.kill("SIGKILL")));

/** How much longer than it should a program that was told to end may take, in milliseconds. */
const PATIENCE = 30_000;

/** Keeps a program running. */
export function keep({ kind, command, logPath, env, guard, onDeath }: VictimOptions): Victim {
  const log: WriteStream = createWriteStream(logPath, { flags: "a" });
  let child: ChildProcess;
  let killed: ChildProcess | undefined; // the last one whose end was meant
  let ending = false;
  let thawing: ReturnType<typeof setTimeout> | undefined;
  let last = "";

  function start(): void {
    const own = spawn(command[0]!, command.slice(1), {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", ...env },
    });
    child = own;
    children.add(own);
    guard.watch(own.pid!);
    log.write(`${new Date().toISOString()} --- process ${own.pid} is started\n`);
    for (const stream of [own.stdout!, own.stderr!]) {
      stream.on("data", (bytes: Buffer) => {
        log.write(bytes);
        last = bytes.toString().trim().split("\n").at(-1) || last;
      });
    }
    own.once("exit", (code, signal) => {
      children.delete(own);
      guard.forget(own.pid!);
      const how = signal ?? `code ${code}`;
      log.write(`${new Date().toISOString()} --- process ${own.pid} has ended with ${how}\n`);
      if (killed !== own && !(ending && code === 0)) {
        onDeath(`a ${kind} has ended with ${how}, its last words: ${last} (${logPath})`);
      }
      if (!ending) start();
    });
  }
  const thaw = () => {
    clearTimeout(thawing);
    if (thawing !== undefined) child.kill("SIGCONT");
    thawing = undefined;
  };
  start();
  return {
    kind,
    logPath,
    get pid() {
      return child.pid!;
    },
    kill() {
      clearTimeout(thawing);
      thawing = undefined;
      killed = child;
      child.kill("SIGKILL");
    },
    freeze(ms) {
      if (thawing !== undefined) return false;
      child.kill("SIGSTOP");
      thawing = setTimeout(thaw, ms);
      return true;
    },
    thaw,
    async end() {
      ending = true;
      thaw();
      const gone = child.exitCode === null && child.signalCode === null
        ? new Promise((resolve) => child.once("exit", resolve))
        : undefined;
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), PATIENCE); // which is told of
      await gone;
      clearTimeout(force);
      log.end();
    },
  };
}
