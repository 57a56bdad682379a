/**
 * `'%s is %d'.format([...])`.
 *
 * @module
 */
import { quote } from "../../types/quote.ts";
import {
  Duration,
  EvaluationError,
  Mapping,
  printDouble,
  printDuration,
  printTimestamp,
  Timestamp,
  typeNameOf,
  TypeValue,
  Uint,
} from "../language/value.ts";

/** Words for what a clause takes. */
const takes: Readonly<Record<string, string>> = {
  s: "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
  d: "decimal clause can only be used on integers",
  f: "fixed-point clause can only be used on doubles",
  e: "scientific clause can only be used on doubles",
  b: "only integers and bools can be formatted as binary",
  x: "only integers, byte buffers, and strings can be formatted as hex",
  o: "octal clause can only be used on integers",
};
/** What a clause does not take, in words. Pure. @param typeName Of what was given. */
export const refusal = (verb: string, typeName: string): string => `${takes[verb.toLowerCase()]}, was given ${typeName}`;

const wholeOf = (value: unknown): bigint | undefined =>
  typeof value === "bigint" ? value : value instanceof Uint ? value.value : undefined;

function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return printDouble(value);
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map(inner).join(", ")}]`;
  if (value instanceof Mapping) {
    const members = [...value.keys()].map((key) => [inner(key), inner(value.find(key))] as const);
    return `{${members.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).map(([key, member]) => `${key}:${member}`).join(", ")}}`;
  }
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp) return printTimestamp(value);
  if (value instanceof Duration) return printDuration(value);
  if (value instanceof TypeValue) return value.name;
  if (typeof value === "boolean" || wholeOf(value) !== undefined) return String(wholeOf(value) ?? value);
  throw new EvaluationError(refusal("s", typeNameOf(value)));
}

/** A value inside of a list or a map: as the language would write it. */
function inner(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (value instanceof Uint8Array) return `b${quote(text(value))}`;
  if (typeof value === "number") return Number.isFinite(value) ? value.toFixed(6) : `"${printDouble(value)}"`;
  if (value instanceof Timestamp) return `timestamp("${printTimestamp(value)}")`;
  if (value instanceof Duration) return `duration("${printDuration(value)}")`;
  return text(value);
}

const grouped = (digits: string) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

function fraction(verb: string, precision: number, value: unknown): string {
  const number = typeof value === "number"
    ? value
    : value === "NaN"
    ? NaN
    : value === "Infinity"
    ? Infinity
    : value === "-Infinity"
    ? -Infinity
    : undefined;
  if (number === undefined) throw new EvaluationError(refusal(verb, typeNameOf(value)));
  // Printed as in American English.
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "-∞";
  if (verb === "f") {
    const [whole = "", rest] = number.toFixed(precision).split(".");
    return rest === undefined ? grouped(whole) : `${grouped(whole)}.${rest}`;
  }
  const [digits, exponent] = number.toExponential(precision).split("e") as [string, string];
  const power = exponent.replace(/^([+-])(\d)$/, "$10$2").replace("+", "").replace("-", "⁻").replace(
    /\d/g,
    (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]!,
  );
  return `${digits} × 10${power}`;
}

function whole(verb: string, value: unknown): string {
  const number = wholeOf(value);
  switch (verb) {
    case "d":
      if (number !== undefined) return String(number);
      break;
    case "b":
      if (typeof value === "boolean") return value ? "1" : "0";
      if (number !== undefined) return number.toString(2);
      break;
    case "o":
      if (number !== undefined) return number.toString(8);
      break;
    default: {
      const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
      const hex = bytes instanceof Uint8Array
        ? [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
        : number?.toString(16);
      if (hex !== undefined) return verb === "X" ? hex.toUpperCase() : hex;
    }
  }
  throw new EvaluationError(refusal(verb, typeNameOf(value)));
}

const during = <T>(what: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (error instanceof EvaluationError) throw new EvaluationError(`${what}: ${error.message}`);
    throw error;
  }
};

/** What one place in a text asks for. */
interface Clause {
  readonly verb: string;
  readonly precision: number;
  readonly length: number;
}

function readClause(rest: string): Clause {
  let length = 1;
  let precision = 6;
  if (rest[1] === ".") {
    const digits = /^\d*/.exec(rest.slice(2))![0];
    length = 2 + digits.length;
    if (length >= rest.length) {
      throw new EvaluationError("error while parsing precision: could not find end of precision specifier");
    }
    if (digits === "") {
      throw new EvaluationError(
        'error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax',
      );
    }
    precision = Number(digits);
  }
  const verb = rest[length]!;
  if (!"sdfebxXo".includes(verb)) throw new EvaluationError(`unrecognized formatting clause "${verb}"`);
  return { verb, precision, length: length + 1 };
}

/** Goes through a text and its places. Pure. @param fill Gives what stands at each place. @throws {EvaluationError} */
export function eachClause(pattern: string, count: number, fill: (clause: Clause, index: number) => string): string {
  let filled = "";
  let index = 0;
  for (let at = 0; at < pattern.length;) {
    if (pattern[at] !== "%") {
      filled += pattern[at++];
      continue;
    }
    if (pattern[at + 1] === "%") {
      filled += "%";
      at += 2;
      continue;
    }
    if (index >= count) throw new EvaluationError(`index ${index} out of range`);
    if (at + 1 >= pattern.length) throw new EvaluationError("unexpected end of string");
    const clause = during("could not parse formatting clause", () => readClause(pattern.slice(at)));
    const here = index++;
    filled += during("error during formatting", () => fill(clause, here));
    at += clause.length;
  }
  return filled;
}

/** Fills the places of a text. Pure. @throws {EvaluationError} Where places and values do not fit. */
export const format = (pattern: string, values: readonly unknown[]): string =>
  eachClause(pattern, values.length, ({ verb, precision }, index) => {
    const value = values[index];
    if (verb === "s") return text(value);
    return verb === "f" || verb === "e" ? fraction(verb, precision, value) : whole(verb, value);
  });
