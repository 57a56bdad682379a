import { checkValue, oneOf } from "../../options.ts";
import type { Log, LogFields } from "../../ports.ts";
import { thrownText, wholeText } from "../../errors.ts";
import { saidText } from "../../printable.ts";

/** Says nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

const LEVELS = ["debug", "info", "warn", "error"] as const;

/**
 * A log on the console: a line each, with its fields as `name=value`.
 *
 * @param least What is less is left out. @default {"info"}
 */
export function createConsoleLog(least: keyof Log = "info"): Log {
  checkValue("Cannot make a log", "least", least, oneOf(LEVELS));
  const say = (level: keyof Log) => (message: string, fields: LogFields = {}) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    const values = Object.entries(fields).map(([name, value]) => ` ${name}=${textOf(value)}`).join("");
    // Somebody looks at it in a terminal, and much of it is text of others.
    console[level](saidText(`${level.padEnd(5)} ${message}${values}`));
  };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}

/** What directors and workers use unless told otherwise: what goes wrong must not go unheard. */
export const warningLog: Log = createConsoleLog("warn");

/** What a handler logs may be anything: `catch((error) => log.warn(error))` compiles. */
const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value instanceof Error ? wholeText(value) : thrownText(value);

/** Fields as they were given; what is given in their place, an error say, is one of them. */
export function fieldsOf(given: unknown): LogFields | undefined {
  if (given === undefined || given === null) return undefined;
  return given instanceof Error || typeof given !== "object" ? { error: given } : given as LogFields;
}

/**
 * A log that may be called anywhere, with anything: what the given one throws there is nobody left to tell, and it must not stop anything.
 */
export function tolerantLog(log: Log): Log {
  const say = (level: keyof Log) => (message: unknown, given?: unknown) => {
    try {
      const [text, fields] = [textOf(message), fieldsOf(given)];
      if (fields) log[level](text, fields);
      else log[level](text); // a console would show the undefined
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
