/**
 * Spans of time as Go's `time.ParseDuration` reads them, with what it says of those that are none.
 *
 * @module
 */
import { named } from "./quote.ts";

/** Nanoseconds of each unit. */
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "µs": 1_000n,
  "μs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const most = 1n << 63n;
const encoder = new TextEncoder();

/** A text in quotes as that package has them: all but ASCII as bytes, and DEL as it is. */
const quoted = (text: string): string =>
  `"${
    [...text].map((char) => {
      if (char === '"' || char === "\\") return named[char];
      if (char >= " " && char <= "\x7f") return char;
      return [...encoder.encode(char)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
    }).join("")
  }"`;

/** What was read: a span, in nanoseconds, or why there is none. */
export type ReadDuration = { readonly nanos: bigint } | { readonly fault: string };

/** Reads a span of time such as `1m30s`. Pure. */
export function readDuration(text: string): ReadDuration {
  const invalid = { fault: `time: invalid duration ${quoted(text)}` };
  const negative = text.startsWith("-");
  let rest = text.replace(/^[-+]/, "");
  if (rest === "0") return { nanos: 0n };
  if (rest === "") return invalid;
  let total = 0n;
  while (rest !== "") {
    const [number = "", whole = "", fraction = ""] = /^(\d*)(?:\.(\d*))?/.exec(rest) ?? [];
    if (whole === "" && fraction === "") return invalid;
    if (BigInt(whole || "0") > most) return invalid;
    rest = rest.slice(number.length);
    const [unit] = /^[^.\d]*/.exec(rest)!;
    if (unit === "") return { fault: `time: missing unit in duration ${quoted(text)}` };
    if (!Object.hasOwn(units, unit)) return { fault: `time: unknown unit ${quoted(unit)} in duration ${quoted(text)}` };
    rest = rest.slice(unit.length);
    const nanos = units[unit]!;
    total += BigInt(whole || "0") * nanos + BigInt(fraction || "0") * nanos / 10n ** BigInt(fraction.length);
    if (total > most) return invalid;
  }
  if (negative) return { nanos: -total };
  return total === most ? invalid : { nanos: total };
}
