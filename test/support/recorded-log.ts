import type { Log, LogFields } from "../../mod.ts";

/** A log that keeps what was said. */
export interface RecordedLog extends Log {
  /** As `level message`. */
  readonly lines: readonly string[];
  /** The fields of the only line that matches. @throws {Error} When there is none, or more than one. */
  only(pattern: RegExp): LogFields;
}

/** Makes a log in which nothing was said. Debug lines are left out. */
export function createRecordedLog(): RecordedLog {
  const said: { readonly line: string; readonly fields: LogFields }[] = [];
  const say = (level: string) => (message: string, fields: LogFields = {}) =>
    void said.push({ line: `${level} ${message}`, fields });
  return {
    debug: () => {},
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    get lines() {
      return said.map(({ line }) => line);
    },
    only(pattern) {
      const found = said.filter(({ line }) => pattern.test(line));
      if (found.length !== 1) {
        throw new Error(`${found.length} lines match ${pattern}:\n${said.map(({ line }) => line).join("\n")}`);
      }
      return found[0]!.fields;
    },
  };
}
