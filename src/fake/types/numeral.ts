/**
 * Numbers as Go has them: what JSON writes as a number is an int64 there, or a float64, and which of the two decides what is
 * refused, in which words, and whether a write changes anything.
 *
 * | in Go | here |
 * | --- | --- |
 * | int64, up to 2^53 in size | a number |
 * | int64 beyond | a bigint |
 * | float64 that is not whole, or beyond 2^53 | a number |
 * | float64 that is whole, such as `1.0` | a bigint; a negative zero is the number `-0` |
 * | what was not yet read, and is written otherwise than it would be printed | a {@linkcode Numeral} |
 *
 * Stored are only the first three: Go prints `1.0` as `1`, and reads that as an int64.
 *
 * @module
 */

/** A number of either type. */
export type GoNumber = number | bigint;

// `JSON.rawJSON` is in all runtimes that are supported, and not yet in TypeScript's library.
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

/** Digits that JSON.stringify prints as they are. */
export const digitsOf = (digits: string): unknown => rawJSON(digits);

const isInt64 = (value: bigint) => BigInt.asIntN(64, value) === value;

/** A number with the digits that it was written with: Go's words name them, and a patch hands them on. */
export class Numeral {
  readonly literal: string;

  constructor(literal: string) {
    this.literal = literal;
  }

  /** The number; infinite where no float64 holds it. */
  get value(): GoNumber {
    const value = Number(this.literal);
    if (/^-?\d+$/.test(this.literal)) return value === 0 ? 0 : value;
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value;
  }

  toJSON(): unknown {
    return digitsOf(this.literal);
  }
}

/** Reads a number. Pure. @param literal As JSON writes it. */
export function readNumber(literal: string): GoNumber | Numeral {
  const value = Number(literal);
  if (literal.length < 16) return String(value) === literal ? value : new Numeral(literal);
  if (!Number.isSafeInteger(value) && /^-?\d+$/.test(literal)) {
    const whole = BigInt(literal);
    if (isInt64(whole)) return whole;
  }
  return String(value) === literal ? value : new Numeral(literal);
}

/** Whether a value is a number. Pure. */
export const isNumber = (value: unknown): value is GoNumber => typeof value === "number" || typeof value === "bigint";

/** Whether a number is an int64 in Go. Pure. */
export const isInteger = (value: GoNumber): boolean =>
  typeof value === "number"
    ? Number.isSafeInteger(value) && !Object.is(value, -0)
    : value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER;

/** Whether a number is whole, and exact as such: an int64, or a float64 up to 2^53. Pure. */
export const isWhole = (value: GoNumber): boolean => typeof value === "bigint" || Number.isSafeInteger(value);

/** Whether two numbers are the same, whichever types they have: one that is a float64 makes the other one, too. Pure. */
export const sameNumber = (a: GoNumber, b: GoNumber): boolean => isInteger(a) && isInteger(b) ? a === b : Number(a) === Number(b);

/** The next int64: that after the largest is the least. Pure. */
export const following = (value: GoNumber): GoNumber => settledNumber(BigInt.asIntN(64, BigInt(value) + 1n));

/** A number as it is stored: printed by Go, and read again. Pure. */
export function settledNumber(value: GoNumber): GoNumber {
  if (typeof value === "bigint") return isInteger(value) ? value : Number(value);
  if (value === 0 || !Number.isInteger(value) || Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  const printed = String(value);
  if (printed.includes("e")) return value;
  const whole = BigInt(printed);
  return isInt64(whole) ? whole : value;
}
