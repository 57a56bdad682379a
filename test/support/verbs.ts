import { until } from "../../src/fake/mod.ts";
import { silentLog } from "../../src/runtime/log/log.ts";
import { readCommandLine } from "../../cli/arguments.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { runVerb } from "../../cli/verbs/run.ts";
import type { Clock, Cluster } from "../../mod.ts";
import type { Orders } from "./orders.ts";

/** What a command line has shown. */
export interface Shown {
  /** The exit code. */
  readonly code: number;
  /** stdout. */
  readonly out: string;
  /** stderr. */
  readonly notes: string;
}

/** Where a command line is given. */
export interface SceneOptions {
  /** The width of the screen. @default {A pipe} */
  readonly columns?: number;
  /** Its height. @default {24} */
  readonly rows?: number;
  /** With colours. @default {false} */
  readonly colors?: boolean;
  /** What a person answers. @default {There is none} */
  readonly answer?: string;
  /** stdin. @default {""} */
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** How the program was called. @default {As people call it} */
  readonly program?: string;
  /** Nobody reads stdout after so many writes. @default {Infinity} */
  readonly closesAfter?: number;
}

/** The cluster that a command line is about; its own connection to it, and the time. */
export interface Place {
  readonly clock: Clock;
  readonly connect: () => Cluster | Promise<Cluster>;
}

/** Something that was begun. */
export interface Scene {
  /** As far as it has come. */
  readonly out: string;
  readonly notes: string;
  /** Rejects as the command would, with what it complains of. */
  readonly finished: Promise<Shown>;
}

/** Runs a command line as the program would. */
export function beginVerb(place: Place, words: readonly string[] | string, options: SceneOptions = {}): Scene {
  const line = readCommandLine(typeof words === "string" ? words.split(" ") : words);
  if (line.kind !== "verb") throw new Error(`no verb: ${words}`);
  let [out, notes, writes] = ["", "", 0];
  const closed: (() => void)[] = [];
  const { columns, rows = 24, answer, closesAfter = Infinity } = options;
  const terminal: Terminal = {
    out(text) {
      if (writes++ < closesAfter) out += text;
      if (writes === closesAfter) closed.forEach((tell) => tell());
    },
    note: (text) => notes += text,
    screen: columns === undefined ? undefined : { columns, rows },
    isWatched: columns !== undefined,
    colors: options.colors ?? false,
    ...answer !== undefined && {
      ask: async (question: string) => {
        notes += `${question}${answer}\n`;
        return answer;
      },
    },
    readInput: async () => options.input ?? "",
    onClosed: (callback) => void closed.push(callback),
  };
  const running = runVerb(line.given, {
    terminal,
    ...options.program !== undefined && { program: () => options.program! },
    clock: place.clock,
    connect: async () => await place.connect(),
    signal: options.signal ?? new AbortController().signal,
    log: silentLog,
    ready: async () => {},
  });
  return {
    get out() {
      return out;
    },
    get notes() {
      return notes;
    },
    finished: running.then((code) => ({ code, out, notes })),
  };
}

/** Waits, while the time of a story stands still, until something is shown: what a verb loads takes real time. */
export const shownBy = (scene: Scene): Promise<unknown> => until(() => scene.out, { what: "something is shown", limit: 15_000 });

/** The same to its end, while time stands still. */
export const runWords = (place: Place, words: readonly string[] | string, options?: SceneOptions): Promise<Shown> =>
  beginVerb(place, words, options).finished;

/** The same to its end; time passes once it has shown something. */
export async function passWords(story: Orders, words: readonly string[] | string, options?: SceneOptions): Promise<Shown> {
  const scene = beginVerb(story, words, options);
  await shownBy(scene);
  return await story.pass(scene.finished);
}

/** The text that was left on a screen, in lines: what was drawn over, or cleared, is gone. */
export function screenOf(output: string): string[] {
  const lines: string[] = [""];
  let [row, column] = [0, 0];
  // deno-lint-ignore no-control-regex
  const parts = /\x1b\[(\d+)A|\x1b\[(\d*)G|\x1b\[0?J|\x1b\[0?K|\x1b\[[\d;]*m|\n|\r|[^\x1b\n\r]+/g;
  for (const [part, up, to] of output.matchAll(parts)) {
    const line = lines[row] ?? "";
    if (up !== undefined) row = Math.max(0, row - Number(up));
    else if (to !== undefined) column = Math.max(1, Number(to)) - 1;
    else if (part === "\r") column = 0;
    else if (part === "\n") [row, column] = [row + 1, 0];
    else if (part.endsWith("K") && part.startsWith("\x1b")) lines[row] = line.slice(0, column);
    else if (part.endsWith("J") && part.startsWith("\x1b")) lines.splice(row, Infinity, line.slice(0, column));
    else if (!part.startsWith("\x1b")) {
      lines[row] = line.slice(0, column).padEnd(column) + part + line.slice(column + part.length);
      column += part.length;
    }
  }
  const shown = Array.from(lines, (line = "") => line);
  while (shown.at(-1) === "") shown.pop();
  return shown;
}
