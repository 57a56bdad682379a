import type { Log, LogFields } from "../ports.ts";
import { saidText } from "../printable.ts";

/** Says nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

const LEVELS = ["debug", "info", "warn", "error"] as const;

/**
 * A log on the console: a line each, with its fields as `name=value`.
 *
 * @param least What is less is left out. @default {"info"}
 */
export function createConsoleLog(least: keyof Log = "info"): Log {
  const say = (level: keyof Log) => (message: string, fields: LogFields = {}) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    const values = Object.entries(fields).map(([name, value]) => ` ${name}=${value}`).join("");
    // Somebody looks at it in a terminal, and much of it is text of others.
    console[level](saidText(`${level.padEnd(5)} ${message}${values}`));
  };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}

/** What directors and workers use unless told otherwise: what goes wrong must not go unheard. */
export const warningLog: Log = createConsoleLog("warn");

/** A log that may be called anywhere: what the given one throws there is nobody left to tell, and it must not stop anything. */
export function tolerantLog(log: Log): Log {
  const say = (level: keyof Log) => (message: string, fields?: LogFields) => {
    try {
      if (fields) log[level](message, fields);
      else log[level](message); // a console would show the undefined
    } catch {
      // as above
    }
  };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}

/** Where something was thrown, for developers. Never throws. */
export function stackText(thrown: unknown): string {
  try {
    return String((thrown as Error).stack);
  } catch {
    return "it does not say";
  }
}
