import { execFile } from "node:child_process";
import { fstatSync, readFileSync, readSync, statSync } from "node:fs";
import process from "node:process";
import { promisify } from "node:util";

/** A process, as the system lists it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** The words of its command line. */
  readonly words: readonly string[];
}

/** Programs that start another one and wait for it, and pass on only some of the signals that they get. */
const LAUNCHER = /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|bunx|tsx|npm-cli\.js|npx-cli\.js|pnpm\.c?js|yarn\.js)$/;
/** The same by their files: a launcher of another name, run by node. */
const LAUNCHER_FILE = /\/(tsx\/dist\/cli\.mjs|deno\/bin\.cjs)$/;
const SHELL = /^(sh|ash|dash|bash|zsh|ksh|busybox)$/;

const base = (word = ""): string => word.replace(/^-/, "").split("/").at(-1)!;

/** npm calls itself `npm exec tsx`, in one word. */
const isLauncher = ({ words: [program = "", script = ""] }: ProcessEntry): boolean =>
  LAUNCHER.test(base(program.split(" ")[0])) || LAUNCHER.test(base(script)) || LAUNCHER_FILE.test(script);

const isShellBetween = ({ words: [program, flag] }: ProcessEntry): boolean => SHELL.test(base(program)) && flag === "-c";

/**
 * The processes that a launcher (npx, npm, tsx, ...) has put between a person and this program, the nearest first. Empty
 * where it was started by a shell, a supervisor, or by a launcher that has let go of it: one that is in another session
 * (`setsid`), or has ended before. Pure.
 */
export function launchersAmong(processes: ReadonlyMap<number, ProcessEntry>, self: number): number[] {
  const own = processes.get(self);
  const chain: number[] = [];
  let launchers = 0; // how much of the chain is launchers, and shells between them
  for (let at = processes.get(own?.parent ?? 0); at && at.session === own!.session; at = processes.get(at.parent)) {
    if (!isLauncher(at) && !isShellBetween(at) || chain.includes(at.pid)) break;
    chain.push(at.pid);
    if (isLauncher(at)) launchers = chain.length;
  }
  return chain.slice(0, launchers);
}

/** The ancestors of a process, itself included, from /proc. @throws where there is none, or it may not be read. */
function ancestorsInProc(self: number): Map<number, ProcessEntry> {
  const found = new Map<number, ProcessEntry>();
  for (let pid = self; pid > 1 && !found.has(pid);) {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program stands in parentheses, and may hold some.
    const [, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    found.set(pid, { pid, parent: parent!, session: session!, words });
    pid = parent!;
  }
  return found;
}

/** All processes, as `ps` of any system lists them. */
async function processesByPs(): Promise<Map<number, ProcessEntry>> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,sess=,args="]);
  const entries = stdout.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (!match) return [];
    // macOS has pointers for sessions, or 0 for all.
    return [{ pid: Number(match[1]), parent: Number(match[2]), session: parseInt(match[3]!, 16), words: match[4]!.split(" ") }];
  });
  return new Map(entries.map((entry) => [entry.pid, entry]));
}

/** Whether a process is there and has not ended. */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    // No such process, or no /proc that may be read.
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

/**
 * Whether this program was started to outlive its terminal (`nohup`). Node and Deno do away with the ignored SIGHUP, which
 * would say so; what is left is the shell's note of the command, and a standard input that GNU nohup has made unreadable.
 */
export function isDetached(): boolean {
  if (base(process.env["_"]) === "nohup") return true;
  try {
    if (fstatSync(0).rdev !== statSync("/dev/null").rdev) return false;
  } catch {
    return false;
  }
  try {
    readSync(0, new Uint8Array(1));
    return false;
  } catch {
    return true;
  }
}

/** The launchers above this process; undefined where the system does not tell. */
async function findLaunchers(): Promise<readonly ProcessEntry[] | undefined> {
  let processes: ReadonlyMap<number, ProcessEntry>;
  try {
    processes = ancestorsInProc(process.pid);
  } catch {
    // Not Linux, or a Deno that may not read there: it wants all permissions for that.
    if (!isOfNpm() || !mayRun()) return undefined;
    try {
      processes = await processesByPs();
    } catch {
      return undefined;
    }
  }
  return launchersAmong(processes, process.pid).map((pid) => processes.get(pid)!);
}

/** Whether npm, or what goes by its rules, has started this program or one above it. */
const isOfNpm = (): boolean => process.env["npm_execpath"] !== undefined;

/** Whether other programs may be run without a question to the user. */
function mayRun(): boolean {
  const { Deno } = globalThis as { Deno?: { permissions: { querySync(of: { name: string }): { state: string } } } };
  return Deno?.permissions.querySync({ name: "run" }).state !== "prompt";
}

/** What a person would call it. */
function nameOf(launcher: ProcessEntry | undefined): string {
  if (!launcher) return "npm";
  const { words: [program = "", script = ""] } = launcher;
  return LAUNCHER.test(base(program.split(" ")[0])) ? program.trim() : base(LAUNCHER.test(base(script)) ? script : program);
}

/** How often it is looked whether the launchers are there, in milliseconds. */
const INTERVAL = 1_000;

/**
 * Watches over the programs that have started this one and wait for it: when `npx` is killed, or told to end, it takes only
 * its own child along, and the worker below would go on claiming jobs with nobody there to end it.
 *
 * Whoever means a program to live on (`&` and `disown`, `setsid`, `nohup`, a supervisor) has no launcher above it, or is
 * `isDetached`.
 *
 * @param gone Called once, with the name of the one that has ended.
 * @returns Ends watching.
 */
export async function watchLaunchers(gone: (name: string) => void): Promise<() => void> {
  if (isDetached()) return () => {};
  const parent = process.ppid;
  const found = await findLaunchers();
  const chain = found ?? [];
  if (found ? found.length === 0 : !isOfNpm()) return () => {};
  const timer = setInterval(() => {
    if (process.ppid === parent && chain.every(({ pid }) => isRunning(pid))) return;
    clearInterval(timer);
    gone(nameOf(chain.at(-1)));
  }, INTERVAL);
  return () => clearInterval(timer);
}
