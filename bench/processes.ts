/**
 * Processes that are measured, with all that they start: CPU, memory and bytes as Linux counts them.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { delimiter } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const bin = fileURLToPath(new URL("../node_modules/.bin/", import.meta.url));

/** Linux counts CPU time in ticks of 10 ms, on every architecture that Node runs on. */
const TICK = 10;

/** A process under measurement. */
export interface Measured {
  /** What it is, for the table. */
  readonly label: string;
  readonly pid: number;
  /** The moment it was started, as `performance.now()` tells it. */
  readonly started: number;
  /** Rejects, saying why, when it ends before it was told to. */
  readonly failed: Promise<never>;
  /** Sees each line that it prints to stdout. */
  onLine: ((line: string) => void) | undefined;
  write(line: string): void;
  /** SIGTERM to it and all that it has started, SIGKILL to what is left after ten seconds. */
  end(): Promise<void>;
}

/** What a process, or a sum of them, has used. */
export interface Usage {
  /** Milliseconds of CPU, user and system, since its start. */
  readonly cpu: number;
  /** Resident memory, MB. */
  readonly rss: number;
  /** Its highest value. */
  readonly peak: number;
  /** Bytes that it has read and written, sockets and files. */
  readonly read: number;
  readonly written: number;
}

const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => signal(child, "SIGKILL")));

/** Each has a process group of its own, which a shell and what it starts share. */
function signal(child: ChildProcess, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-child.pid!, name);
  } catch {
    // All of them have ended.
  }
}

/** Starts a process. Its stderr is kept for the error that says why it ended. */
export function startMeasured(label: string, command: readonly string[], env: Readonly<Record<string, string>> = {}): Measured {
  const { KUBECONFIG: _, ...outer } = process.env;
  const started = performance.now();
  const child = spawn(command[0]!, command.slice(1), {
    cwd: root,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...outer, PATH: `${bin}${delimiter}${outer.PATH}`, NO_COLOR: "1", ...env },
  });
  running.add(child);
  let errors = "";
  let rest = "";
  let told = false;
  let fail = (_error: Error) => {};
  const failed = new Promise<never>((_, reject) => fail = reject);
  failed.catch(() => {}); // not everybody waits for it
  const gone = new Promise<void>((resolve) => {
    const leave = (why: string) => {
      running.delete(child);
      if (!told) fail(new Error(`${command.join(" ")} ${why}: ${errors.trim().slice(-2_000)}`));
      resolve();
    };
    child.on("error", (error) => leave(error.message));
    child.on("close", (code, name) => leave(`ended with ${code ?? name}`));
  });
  child.stdin!.on("error", () => {}); // it has ended, which is told elsewhere
  child.stderr!.setEncoding("utf8").on("data", (text: string) => errors = (errors + text).slice(-10_000));
  const measured: Measured = {
    label,
    pid: child.pid ?? 0,
    started,
    failed,
    onLine: undefined,
    write: (line) => void child.stdin!.write(`${line}\n`),
    async end() {
      told = true;
      signal(child, "SIGTERM");
      const late = setTimeout(() => signal(child, "SIGKILL"), 10_000);
      await gone;
      clearTimeout(late);
    },
  };
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    if (!measured.onLine) return;
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) measured.onLine(line);
  });
  return measured;
}

/** A process and all that descend from it. */
export function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const child = Number(name);
    const parent = child > 0 ? fieldsOf(child)?.parent : undefined;
    if (parent !== undefined) children.set(parent, [...children.get(parent) ?? [], child]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...children.get(member) ?? []);
  return tree;
}

/** What these processes have used; those that have ended count with their parent's ended children. */
export function usageOf(pids: readonly number[]): Usage {
  const sum = { cpu: 0, rss: 0, peak: 0, read: 0, written: 0 };
  for (const pid of pids) {
    const fields = fieldsOf(pid);
    if (!fields) continue;
    sum.cpu += fields.ticks * TICK;
    const status = readProc(pid, "status");
    sum.rss += numberIn(status, /^VmRSS:\s+(\d+)/m) / 1_024;
    sum.peak += numberIn(status, /^VmHWM:\s+(\d+)/m) / 1_024;
    const io = readProc(pid, "io");
    sum.read += numberIn(io, /^rchar: (\d+)/m);
    sum.written += numberIn(io, /^wchar: (\d+)/m);
  }
  return sum;
}

const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return ""; // it has just ended
  }
}

/** proc_pid_stat(5). The name in parentheses may hold anything, so what follows the last one is read. */
function fieldsOf(pid: number): { parent: number; ticks: number } | undefined {
  const text = readProc(pid, "stat");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  const [, parent] = fields;
  if (parent === undefined) return undefined;
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return { parent, ticks: user + system + endedUser + endedSystem };
}
