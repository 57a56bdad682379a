import type { LogFields } from "../mod.ts";
import { causeText, wholeText } from "../src/errors.ts";
import { fitted } from "./render/width.ts";
import { isPrintable, printable, shortened } from "../src/printable.ts";

/** What is logged: this level and those after it. */
export const LEVELS = ["debug", "info", "warn", "error"] as const;
/** How much of a log is wanted. */
export type Level = typeof LEVELS[number];

/** `text` is for people, `json` for machines: an object a line. */
export const FORMATS = ["text", "json"] as const;
/** What a line of the log looks like. */
export type Format = typeof FORMATS[number];

/** What every line has. */
export interface LineHead {
  readonly ts: string;
  readonly level: Level;
  readonly msg: string;
  readonly logger: string;
}

/**
 * A line for machines: an object whose keys are those of controller-runtime, in this order: `ts` (RFC 3339, milliseconds,
 * UTC), `level`, `msg`, `logger`, then what came with it: `controller`, `object` (name and namespace), `reconcileID`,
 * `error`, ... Pure, and never throws.
 */
export function jsonLine(head: LineHead, fields: LogFields): string {
  const own = Object.entries(fields).filter(([key]) => !Object.hasOwn(head, key));
  const line = {
    ...head,
    msg: shortened(head.msg),
    ...Object.fromEntries(own.map(([key, value]) => [nameOf(key), plain(key === "object" ? named(value) : value)])),
  };
  // What is left of the unprintable stands in a string, where JSON takes the same escapes.
  return printable(JSON.stringify(line));
}

/** A line for people: when, how bad, a sentence, then what came with it. Pure, and never throws. */
export function textLine({ ts, level, msg }: LineHead, fields: LogFields): string {
  const more = Object.entries(fields).map(([key, value]) => ` ${nameOf(key)}=${word(plain(value))}`).join("");
  return printable(`${ts} ${level.padEnd(5)} ${shortened(msg)}${more}`);
}

/**
 * A line for a person who looks on at a terminal, so that it fits: the time of day, how bad, which flow, as a person calls it, a sentence,
 * then what came with it and is not in the sentence. By what machines find what belongs together is in the other formats. Pure, and never
 * throws.
 */
export function terminalLine({ ts, level, msg }: LineHead, fields: LogFields): string {
  const { key, object, job, ...others } = fields;
  const called = key ?? object;
  const whose = called === undefined ? "" : `${typeof called === "string" ? shortName(called) : word(plain(called))}: `;
  const isSaid = job === undefined || msg.includes(String(job));
  const rest = Object.entries({ ...!isSaid && { job }, ...others }).filter(([name]) => !FOR_MACHINES.has(name));
  const more = rest.map(([name, value]) => ` ${nameOf(name)}=${word(plain(value))}`).join("");
  return printable(`${ts.slice(11, 19)} ${level.padEnd(5)} ${whose}${shortened(msg)}${more}`);
}

const FOR_MACHINES: ReadonlySet<string> = new Set(["claim", "controller", "reconcileID"]);

/** A key, or an object by its name: one that is an id by both ends, which every verb takes. The namespace is the program's. */
export const shortName = (called: string): string =>
  fitted(called.slice(called.indexOf("/") + 1).replace(UUID, "$1...$2"), LONGEST_CALLED);

const UUID = /^([\da-f]{4})[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{8}([\da-f]{4})$/;
/** In cells. */
const LONGEST_CALLED = 24;

/** What a handler has chosen may be long. */
const nameOf = (key: string): string => shortened(key, LONGEST_NAME);
const LONGEST_NAME = 253;

/** `namespace/name`, as the library calls an object, in parts. */
function named(object: unknown): unknown {
  if (typeof object !== "string") return object;
  const slash = object.indexOf("/");
  return slash < 0 ? { name: object } : { name: object.slice(slash + 1), namespace: object.slice(0, slash) };
}

/** A value as JSON can say it, whatever it is; of long text the beginning. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return shortened(wholeText(value));
  if (typeof value === "string") return shortened(value);
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : value;
  try {
    const text = JSON.stringify(value, (_, member) => typeof member === "bigint" ? String(member) : member);
    const short = shortened(text);
    return short === text ? JSON.parse(text) : short;
  } catch (error) {
    return `cannot be shown: ${causeText(error)}`;
  }
}

/** A value as one word; quotes where it has several. */
function word(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
  return typeof value !== "string" || isPrintable(text) && /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
