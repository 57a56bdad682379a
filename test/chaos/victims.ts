import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import process from "node:process";

/** A program that is started again whenever it was killed. */
export interface Victim {
  readonly kind: "director" | "worker";
  /** Ends it as a crash does, and starts another one in its place. */
  kill(): void;
  /** Stops it for so many milliseconds. */
  freeze(ms: number): void;
  readonly isFrozen: boolean;
  /** Lets it go on, if it stands. */
  thaw(): void;
  /** Ends it in good order. */
  end(): Promise<void>;
}

/** What runs ends with this process. */
const children = new Set<ChildProcess>();
process.on("exit", () => children.forEach((child) => void child.kill("SIGKILL")));

/** Keeps a program running. @param logPath Where it says what it says. */
export function keep(kind: Victim["kind"], command: readonly string[], logPath: string): Victim {
  const log: WriteStream = createWriteStream(logPath, { flags: "a" });
  let child: ChildProcess;
  let ending = false;
  let thawing: ReturnType<typeof setTimeout> | undefined;

  function start(): void {
    child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
    children.add(child);
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (bytes) => log.write(bytes));
    // Whatever ended it: what runs programs starts them again.
    const own = child;
    child.once("exit", () => {
      children.delete(own);
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
    get isFrozen() {
      return thawing !== undefined;
    },
    kill() {
      clearTimeout(thawing);
      thawing = undefined;
      child.kill("SIGKILL");
    },
    freeze(ms) {
      if (thawing !== undefined) return;
      child.kill("SIGSTOP");
      thawing = setTimeout(thaw, ms);
    },
    thaw,
    async end() {
      ending = true;
      thaw();
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await gone;
      clearTimeout(force);
      log.end();
    },
  };
}
