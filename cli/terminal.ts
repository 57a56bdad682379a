import process from "node:process";
import { onClosed, type Stream, write, written } from "./output.ts";

/** Where a verb shows what it has to say. What it is given is safe for a terminal already. */
export interface Terminal {
  /** What was asked for: stdout. */
  out(text: string): void;
  /** What is said about it: stderr. */
  note(text: string): void;
  /** Cells of a line and lines of the screen, where stdout is one; absent in a pipe. */
  readonly screen: { readonly columns: number; readonly rows: number } | undefined;
  /** Whether notes are seen at once, so that they may be written over. */
  readonly isWatched: boolean;
  /** Whether colours are wanted on the screen. */
  readonly colors: boolean;
  /** Asks a person; absent where there is none. */
  readonly ask?: (question: string, signal: AbortSignal) => Promise<string>;
  /** All of stdin. */
  readInput(): Promise<string>;
  /** Calls back when nobody reads stdout any more. */
  onClosed(callback: () => void): void;
}

/** The terminal, or the pipes, of this process. */
export function createTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  return {
    out: (text) => write("stdout", text),
    note: (text) => write("stderr", text),
    get screen() {
      // It may have been made larger since.
      return stdout.isTTY ? { columns: stdout.columns || 80, rows: stdout.rows || 24 } : undefined;
    },
    isWatched: Boolean(stderr.isTTY),
    // https://no-color.org
    colors: Boolean(stdout.isTTY) && !env["NO_COLOR"] && env["TERM"] !== "dumb",
    ...stdin.isTTY && stderr.isTTY && { ask: askPerson },
    async readInput() {
      let text = "";
      for await (const chunk of stdin.setEncoding("utf8")) text += chunk;
      return text;
    },
    onClosed: (callback) => onClosed((stream: Stream) => stream === "stdout" && callback()),
  };
}

/** An answer; none where Ctrl-C or the end of the input comes instead. */
async function askPerson(question: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import("node:readline/promises"); // seldom needed
  await written(); // what is asked about stands above the question
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ending = new AbortController();
  const end = () => ending.abort();
  signal.addEventListener("abort", end, { once: true });
  // In raw mode a terminal sends no signal; readline would only pause.
  lines.once("SIGINT", end).once("close", end);
  try {
    return await lines.question(question, { signal: ending.signal });
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    process.stderr.write("\n");
    return "";
  } finally {
    signal.removeEventListener("abort", end);
    lines.close();
  }
}
