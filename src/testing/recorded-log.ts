import { checkValue, type Expectation, LOG } from "../options.ts";
import type { Log, LogFields } from "../ports.ts";

const PATTERN: Expectation = { expected: "a regular expression", fits: (value) => value instanceof RegExp };

/** What was said once. */
export interface LogLine {
  /** How much it matters. */
  readonly level: keyof Log;
  /** A whole sentence. */
  readonly message: string;
  /** What goes with it. */
  readonly fields: LogFields;
  /** Which program has said it, as in `director-1`; `""`: the log itself was called. */
  readonly by: string;
}

/** A log that keeps what was said. */
export interface RecordedLog extends Log {
  /** As `level message`, without those for developers (`debug`). */
  readonly lines: readonly string[];
  /** All that was said, `debug` included. */
  readonly entries: readonly LogLine[];
  /** The fields of the only line that matches. @throws {Error} When there is none, or more than one. */
  only(pattern: RegExp): LogFields;
  /** The log of one program: what it says is kept here, under its name. */
  of(by: string): Log;
}

/** Makes a log in which nothing was said. @param also Hears all of it, too. */
export function createRecordedLog(also?: Log): RecordedLog {
  if (also !== undefined) checkValue("Cannot make a log", "also", also, LOG);
  const said: LogLine[] = [];
  const of = (by: string): Log => {
    const say = (level: keyof Log) => (message: string, fields: LogFields = {}) => {
      said.push({ level, message, fields, by });
      also?.[level](message, by === "" ? fields : { ...fields, by });
    };
    return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
  };
  const told = () =>
    said.filter(({ level }) => level !== "debug").map((line) => ({ ...line, text: `${line.level} ${line.message}` }));
  return {
    ...of(""),
    of,
    entries: said,
    get lines() {
      return told().map(({ text }) => text);
    },
    only(pattern) {
      checkValue("Cannot look into the log", "pattern", pattern, PATTERN);
      const found = told().filter(({ text }) => pattern.test(text));
      if (found.length !== 1) {
        throw new Error(`${found.length} lines match ${pattern}:\n${told().map(({ text }) => text).join("\n")}`);
      }
      return found[0]!.fields;
    },
  };
}
