/**
 * `resource.Quantity`, as rules see it: `1.5Gi`, `250m`.
 *
 * @module
 */
import type { FunctionEntry } from "./library.ts";

const nano = 1_000_000_000n;
const factors: Readonly<Record<string, [numerator: bigint, denominator: bigint]>> = {
  n: [1n, 1_000_000_000n],
  u: [1n, 1_000_000n],
  m: [1n, 1_000n],
  "": [1n, 1n],
  k: [10n ** 3n, 1n],
  M: [10n ** 6n, 1n],
  G: [10n ** 9n, 1n],
  T: [10n ** 12n, 1n],
  P: [10n ** 15n, 1n],
  E: [10n ** 18n, 1n],
  Ki: [1n << 10n, 1n],
  Mi: [1n << 20n, 1n],
  Gi: [1n << 30n, 1n],
  Ti: [1n << 40n, 1n],
  Pi: [1n << 50n, 1n],
  Ei: [1n << 60n, 1n],
};

/** An amount. */
export class Quantity {
  /** The amount in billionths, rounded away from zero. */
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }

  /** Reads a text, or returns undefined. */
  static parse(text: string): Quantity | undefined {
    const match = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,4}))?$/.exec(text);
    if (!match) return undefined;
    const [, sign, whole = "", fraction = match[4] ?? "", , suffix = "", exponent] = match;
    const power = BigInt(exponent ?? 0);
    const [up, down] = exponent === undefined ? factors[suffix]! : power >= 0n ? [10n ** power, 1n] : [1n, 10n ** -power];
    const numerator = BigInt(`${whole}${fraction}`) * up * nano;
    const denominator = down * 10n ** BigInt(fraction.length);
    const amount = numerator / denominator + (numerator % denominator === 0n ? 0n : 1n);
    return new Quantity(sign === "-" ? -amount : amount);
  }
}

function quantity(text: string): Quantity {
  const found = Quantity.parse(text);
  if (!found) {
    throw new RangeError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  return found;
}

const of = (value: Quantity | bigint) => typeof value === "bigint" ? value * nano : value.nanos;
const plus = (a: Quantity, b: Quantity | bigint) => new Quantity(a.nanos + of(b));
const minus = (a: Quantity, b: Quantity | bigint) => new Quantity(a.nanos - of(b));

/** Functions of quantities. */
export const quantities: readonly FunctionEntry[] = [
  ["quantity(string): Quantity", quantity],
  ["isQuantity(string): bool", (text: string) => Quantity.parse(text) !== undefined],
  ["Quantity.compareTo(Quantity): int", (a: Quantity, b: Quantity) => a.nanos < b.nanos ? -1n : a.nanos > b.nanos ? 1n : 0n],
  ["Quantity.isGreaterThan(Quantity): bool", (a: Quantity, b: Quantity) => a.nanos > b.nanos],
  ["Quantity.isLessThan(Quantity): bool", (a: Quantity, b: Quantity) => a.nanos < b.nanos],
  ["Quantity.add(Quantity): Quantity", plus],
  ["Quantity.add(int): Quantity", plus],
  ["Quantity.sub(Quantity): Quantity", minus],
  ["Quantity.sub(int): Quantity", minus],
  ["Quantity.isInteger(): bool", (a: Quantity) => a.nanos % nano === 0n],
  ["Quantity.asApproximateFloat(): double", (a: Quantity) => Number(a.nanos) / Number(nano)],
  ["Quantity.asInteger(): int", (a: Quantity) => {
    if (a.nanos % nano !== 0n) throw new RangeError("cannot convert value to integer");
    return a.nanos / nano;
  }],
];
