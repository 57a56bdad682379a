import type { Log, LogFields } from "../mod.ts";
import { type Format, jsonLine, type Level, LEVELS, textLine } from "./log-line.ts";
import { write } from "./output.ts";

/** What is logged, and how. */
export interface LogOptions {
  /** @default {"info"} */
  readonly level?: Level;
  /** @default {"text"} */
  readonly format?: Format;
  /** Who speaks: `director`, `worker`. */
  readonly logger: string;
}

/** Makes a log to stderr, a line each. */
export function createLog({ level = "info", format = "text", logger }: LogOptions): Log {
  const least = LEVELS.indexOf(level);
  const line = format === "json" ? jsonLine : textLine;
  const say = (level: Level) => {
    if (LEVELS.indexOf(level) < least) return () => {};
    return (message: string, fields: LogFields = {}) =>
      write("stderr", `${line({ ts: new Date().toISOString(), level, msg: message, logger }, fields)}\n`);
  };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}
