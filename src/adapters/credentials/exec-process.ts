import { spawn } from "node:child_process";
import type { Clock } from "../../ports.ts";

/** A program and how it is run. */
export interface ExecCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether it may ask at the terminal: it has our stdin and stderr then, and no time limit. */
  readonly interactive: boolean;
  /** Milliseconds; then it is ended. */
  readonly limit: number;
  readonly clock: Clock;
}

/** How a program ended. */
export interface ExecEnd {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  /** The end of what it complained about. */
  readonly complaint: string;
  /** Why it was ended by us. */
  readonly ended?: "late" | "wordy";
}

/** More than this is no credential, in bytes. */
const MOST = 1_048_576;

/**
 * Runs a program to its end.
 *
 * @throws {Error} when it cannot be started.
 */
export function runCommand({ command, args, env, interactive, limit, clock }: ExecCommand): Promise<ExecEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      env,
      stdio: [interactive ? "inherit" : "ignore", "pipe", interactive ? "inherit" : "pipe"],
    });
    const parts: Uint8Array[] = [];
    let size = 0;
    let complaint = "";
    let ended: ExecEnd["ended"];

    const end = (why: "late" | "wordy") => {
      ended = why;
      child.kill("SIGKILL");
      // What it has started itself may hold the pipes for longer.
      child.stdout?.destroy();
      child.stderr?.destroy();
      finish(null, "SIGKILL");
    };
    const cancel = interactive ? () => {} : clock.setTimer(limit, () => end("late"));
    const finish = (code: number | null, signal: string | null) => {
      cancel();
      const bytes = new Uint8Array(size);
      parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
      resolve({ code, signal, output: new TextDecoder().decode(bytes), complaint, ...ended && { ended } });
    };
    child.stdout?.on("data", (part: Uint8Array) => {
      parts.push(part);
      size += part.length;
      if (size > MOST && !ended) end("wordy");
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => complaint = (complaint + text).slice(-4_096));
    child.on("error", (error) => {
      cancel();
      reject(error);
    });
    child.on("close", finish);
  });
}
