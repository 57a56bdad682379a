/**
 * One type made of another.
 *
 * @module
 */
import { readDuration } from "../../types/go-duration.ts";
import { type GoTime, GoTimeError, parseGoTime, rfc3339 } from "../../types/go-time.ts";
import type { Declaration } from "../language/declaration.ts";
import {
  Duration,
  EvaluationError,
  lengthOf,
  Mapping,
  printDouble,
  printDuration,
  printTimestamp,
  Timestamp,
  typeNameOf,
  TypeValue,
  Uint,
} from "../language/value.ts";

const maxInt = 2n ** 63n;
const billion = 1_000_000_000n;

const failed = (from: string, to: string) => new EvaluationError(`type conversion error from '${from}' to '${to}'`);

/** Reads a span as Go does: `1h30m`. Pure. @returns Undefined for what is none. */
function spanOf(text: string): bigint | undefined {
  const read = readDuration(text);
  return "fault" in read ? undefined : read.nanos;
}

/** A moment that was read from a text, with the zone that this names. Pure. */
export function timestampOf({ seconds, fraction }: GoTime, text: string): Timestamp {
  const zone = /T.*([+-])(\d\d):(\d\d)$/.exec(text);
  const ahead = zone ? (zone[1] === "-" ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) : 0;
  return new Timestamp(BigInt(seconds) * billion + BigInt(fraction.padEnd(9, "0")), ahead);
}

/** Reads a moment with its zone. Pure. @returns Undefined for what is none. */
function readTimestamp(text: string): Timestamp | undefined {
  try {
    return timestampOf(parseGoTime(text, rfc3339), text);
  } catch (error) {
    if (error instanceof GoTimeError) return undefined;
    throw error;
  }
}

function duration(text: string): Duration {
  const nanos = spanOf(text);
  if (nanos === undefined) throw failed("string", "google.protobuf.Duration");
  return new Duration(nanos);
}
function timestamp(text: string): Timestamp {
  const moment = readTimestamp(text);
  if (!moment) throw failed("string", "google.protobuf.Timestamp");
  return moment;
}

function wholeOf(text: string, to: "int" | "uint"): bigint {
  if (!(to === "int" ? /^[+-]?\d+$/ : /^\d+$/).test(text)) throw failed("string", to);
  const value = BigInt(text.replace(/^\+/, ""));
  const [low, high] = to === "int" ? [-maxInt, maxInt] : [0n, 2n * maxInt];
  if (value < low || value >= high) throw failed("string", to);
  return value;
}
function truncated(value: number, to: "int" | "uint"): bigint {
  const [low, high] = to === "int" ? [-(2 ** 63), 2 ** 63] : [0, 2 ** 64];
  if (!(value > (to === "int" ? low : -1)) || !(value < high) || value < low) {
    throw new EvaluationError(to === "int" ? "integer overflow" : "unsigned integer overflow");
  }
  return BigInt(Math.trunc(value));
}
const bools: Readonly<Record<string, boolean>> = {
  "1": true,
  t: true,
  T: true,
  TRUE: true,
  true: true,
  True: true,
  "0": false,
  f: false,
  F: false,
  FALSE: false,
  false: false,
  False: false,
};
function bool(text: string): boolean {
  if (!Object.hasOwn(bools, text)) throw failed("string", "bool");
  return bools[text]!;
}
function double(text: string): number {
  if (/^[+-]?(inf|infinity)$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(text)) return NaN;
  const bare = text.replace(/(?<=[\da-fA-FxX])_(?=[\da-fA-F])/g, "");
  const hex = /^([+-]?)0[xX]([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)$/.exec(bare);
  const value = hex ? hexDouble(hex) : /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(bare) ? Number(bare) : NaN;
  if (!Number.isFinite(value)) throw failed("string", "double");
  return value;
}

/** A number as `0x1.8p3`. @returns NaN for one without digits. */
function hexDouble([, sign, whole = "", fraction = "", exponent]: readonly (string | undefined)[]): number {
  if (whole + fraction === "") return NaN;
  const value = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === "-" ? -value : value;
}
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EvaluationError("invalid UTF-8 in bytes, cannot convert to string");
  }
}

const same = (value: unknown) => value;
const size = (value: string | unknown[] | Uint8Array | Mapping) =>
  BigInt(typeof value === "string" ? lengthOf(value) : value instanceof Mapping ? value.size : value.length);
const seconds = ({ nanos }: Timestamp) => nanos / billion - (nanos < 0n && nanos % billion !== 0n ? 1n : 0n);

/** Conversions, and sizes. */
export const conversions: readonly Declaration[] = [
  ...["bytes", "list<A>", "map<A, B>", "string"].flatMap((type): Declaration[] => [
    [`size_${type.replace(/<.*/, "")}`, `size(${type}): int`, size],
    [`${type.replace(/<.*/, "")}_size`, `${type}.size(): int`, size],
  ]),
  ["type", "type(A): type<A>", (value: unknown) => new TypeValue(typeNameOf(value))],
  ["bool_to_bool", "bool(bool): bool", same],
  ["string_to_bool", "bool(string): bool", bool],
  ["bytes_to_bytes", "bytes(bytes): bytes", same],
  ["string_to_bytes", "bytes(string): bytes", (text: string) => new TextEncoder().encode(text)],
  ["double_to_double", "double(double): double", same],
  ["int64_to_double", "double(int): double", Number],
  ["string_to_double", "double(string): double", double],
  ["uint64_to_double", "double(uint): double", ({ value }: Uint) => Number(value)],
  ["duration_to_duration", "duration(duration): duration", same],
  [
    "int64_to_duration",
    "duration(int): duration",
    (): Duration => {
      throw failed("int", "google.protobuf.Duration");
    },
  ],
  ["string_to_duration", "duration(string): duration", duration],
  ["to_dyn", "dyn(A): dyn", same],
  ["int64_to_int64", "int(int): int", same],
  ["double_to_int64", "int(double): int", (value: number) => truncated(value, "int")],
  ["duration_to_int64", "int(duration): int", ({ nanos }: Duration) => nanos],
  ["string_to_int64", "int(string): int", (text: string) => wholeOf(text, "int")],
  ["timestamp_to_int64", "int(timestamp): int", seconds],
  ["uint64_to_int64", "int(uint): int", ({ value }: Uint) => {
    if (value >= maxInt) throw new EvaluationError("integer overflow");
    return value;
  }],
  ["string_to_string", "string(string): string", same],
  ["bool_to_string", "string(bool): string", String],
  ["bytes_to_string", "string(bytes): string", textOf],
  ["double_to_string", "string(double): string", printDouble],
  ["duration_to_string", "string(duration): string", printDuration],
  ["int64_to_string", "string(int): string", String],
  ["timestamp_to_string", "string(timestamp): string", printTimestamp],
  ["uint64_to_string", "string(uint): string", ({ value }: Uint) => String(value)],
  ["timestamp_to_timestamp", "timestamp(timestamp): timestamp", same],
  ["int64_to_timestamp", "timestamp(int): timestamp", (value: bigint) => new Timestamp(value * billion)],
  ["string_to_timestamp", "timestamp(string): timestamp", timestamp],
  ["uint64_to_uint64", "uint(uint): uint", same],
  ["double_to_uint64", "uint(double): uint", (value: number) => new Uint(truncated(value, "uint"))],
  ["int64_to_uint64", "uint(int): uint", (value: bigint) => {
    if (value < 0n) throw new EvaluationError("unsigned integer overflow");
    return new Uint(value);
  }],
  ["string_to_uint64", "uint(string): uint", (text: string) => new Uint(wholeOf(text, "uint"))],
];
