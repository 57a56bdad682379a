/**
 * Spans of time as the format `duration` of a schema allows them.
 *
 * @module
 */
import { readDuration } from "./go-duration.ts";

const maxInt = 2n ** 63n;
const billion = 1_000_000_000n;

/** Names of units, the longest form last: of that a beginning is enough. In billionths of a second. */
const longUnits: readonly (readonly [names: readonly string[], size: bigint])[] = [
  [["ns", "nano"], 1n],
  [["us", "µs", "micro"], 1_000n],
  [["ms", "milli"], 1_000_000n],
  [["s", "sec"], billion],
  [["m", "min"], 60n * billion],
  [["h", "hr", "hour"], 3600n * billion],
  [["d", "day"], 24n * 3600n * billion],
  [["w", "wk", "week"], 7n * 24n * 3600n * billion],
];

/** Reads a span as the format `duration` allows it: `1h`, `2 days`, with anything else around. Pure. @returns Undefined for what is none. */
export function readLongDuration(text: string): bigint | undefined {
  const read = readDuration(text);
  if ("nanos" in read) return read.nanos;
  let sum: bigint | undefined;
  for (const [, count = "", name = ""] of text.matchAll(/(\d+)[\t\n\f\r ]*([A-Za-zµ]+)/g)) {
    const factor = BigInt(count);
    if (factor >= maxInt) return undefined;
    const unit = name.toLowerCase();
    for (const [names, size] of longUnits) {
      if (names.includes(unit) || unit.startsWith(names.at(-1)!)) sum = BigInt.asIntN(64, (sum ?? 0n) + factor * size);
    }
  }
  return sum;
}
