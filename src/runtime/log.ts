import type { Log, LogFields } from "../ports.ts";

/** Says nothing: what the library uses unless told otherwise. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A log that may be called anywhere: what the given one throws there is nobody left to tell, and it must not stop anything. */
export function tolerantLog(log: Log): Log {
  const say = (level: keyof Log) => (message: string, fields?: LogFields) => {
    try {
      log[level](message, fields);
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
