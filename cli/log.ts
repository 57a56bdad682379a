import type { Log, LogFields } from "../mod.ts";
import { type Format, jsonLine, type Level, LEVELS, terminalLine, textLine } from "./log-line.ts";
import { write } from "./output.ts";

/** What is logged, and how. */
export interface LogOptions {
  /** @default {"info"} */
  readonly level?: Level;
  /** @default {"text"} */
  readonly format?: Format;
  /** Whether a person looks on: stderr is a terminal. Text is shorter then. @default {false} */
  readonly isWatched?: boolean;
  /** Who speaks: `director`, `worker`. */
  readonly logger: string;
}

/** Makes a log to stderr, a line each. */
export function createLog({ level = "info", format = "text", isWatched = false, logger }: LogOptions): Log {
  const least = LEVELS.indexOf(level);
  const line = format === "json" ? jsonLine : isWatched ? terminalLine : textLine;
  const say = (level: Level) => {
    if (LEVELS.indexOf(level) < least) return () => {};
    return (message: string, fields: LogFields = {}) =>
      write("stderr", `${line({ ts: new Date().toISOString(), level, msg: message, logger }, fields)}\n`);
  };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}
