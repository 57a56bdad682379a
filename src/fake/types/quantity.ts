/**
 * `resource.Quantity` as the server prints it: `1024Mi` is `1Gi`, `0.1` is `100m`, `1000m` is `1`.
 *
 * @module
 */

import type { Json } from "./json.ts";

const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const decimalSuffixes = Object.fromEntries(Object.entries(decimal).map(([suffix, power]) => [power, suffix]));
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

const form = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,4}))?$/;

/** An amount: `digits` times ten to the `power`. */
interface Amount {
  readonly digits: bigint;
  readonly power: number;
}

/** Amounts are kept in billionths: what is smaller is rounded away from zero. */
function rounded({ digits, power }: Amount): Amount {
  if (power >= -9) return { digits, power };
  const divisor = 10n ** BigInt(-9 - power);
  const rest = digits % divisor;
  return { digits: digits / divisor + (rest > 0n ? 1n : 0n), power: -9 };
}

function stripped({ digits, power }: Amount): Amount {
  let [left, exponent] = [digits, power];
  while (left !== 0n && left % 10n === 0n) [left, exponent] = [left / 10n, exponent + 1];
  return { digits: left, power: exponent };
}

/** @param exponential The letter before the exponent; none: with a suffix. */
function decimalText(amount: Amount, exponential: string | undefined): string {
  const { digits, power } = stripped(amount);
  const step = Math.floor(power / 3) * 3;
  const least = exponential === undefined ? Math.min(step, 18) : step;
  const mantissa = digits * 10n ** BigInt(power - least);
  if (exponential !== undefined) return least === 0 ? `${mantissa}` : `${mantissa}${exponential}${least}`;
  return `${mantissa}${decimalSuffixes[least]}`;
}

function binaryText(whole: bigint): string {
  let [left, step] = [whole, 0];
  while (left % 1024n === 0n && step < binarySuffixes.length - 1) [left, step] = [left / 1024n, step + 1];
  return `${left}${binarySuffixes[step]}`;
}

/** A quantity in its canonical form. Pure. @returns Nothing where it is none. */
export function canonicalQuantity(text: string): string | undefined {
  const match = form.exec(text);
  if (!match) return undefined;
  const [, sign, whole = "", fraction = match[4] ?? "", , suffix = "", exponent] = match;
  const digits = BigInt(`${whole}${fraction}` || "0");
  if (digits === 0n) return "0";
  const minus = sign === "-" ? "-" : "";
  if (!suffix.endsWith("i")) {
    const amount = rounded({ digits, power: (exponent === undefined ? decimal[suffix]! : Number(exponent)) - fraction.length });
    return minus + decimalText(amount, exponent === undefined ? undefined : /E/.test(text) ? "E" : "e");
  }
  const bytes = digits * 1024n ** BigInt(binarySuffixes.indexOf(suffix));
  const unit = 10n ** BigInt(fraction.length);
  // Below 1024, and what is no whole number, is printed as a decimal one.
  if (bytes % unit !== 0n || bytes / unit < 1024n) {
    return minus + decimalText(rounded({ digits: bytes, power: -fraction.length }), undefined);
  }
  return minus + binaryText(bytes / unit);
}

/** A quantity in billionths. Pure. @returns Nothing where it is none. */
export function nanosOf(text: string): bigint | undefined {
  const match = form.exec(text);
  if (!match) return undefined;
  const [, sign, whole = "", fraction = match[4] ?? "", , suffix = "", exponent] = match;
  const digits = BigInt(`${whole}${fraction}` || "0") * 10n ** 9n;
  const unit = 10n ** BigInt(fraction.length);
  const power = exponent === undefined ? decimal[suffix] ?? 0 : Number(exponent);
  const scaled = suffix.endsWith("i")
    ? digits * 1024n ** BigInt(binarySuffixes.indexOf(suffix))
    : power < 0
    ? digits / 10n ** BigInt(-power)
    : digits * 10n ** BigInt(power);
  return sign === "-" ? -scaled / unit : scaled / unit;
}

/** How much a member of a resource list is, in billionths. Pure. */
export const amountOf = (value: Json | undefined): bigint => nanosOf(String(value)) ?? 0n;
/** A member of a resource list as Go prints it. Pure. */
export const amountText = (value: Json | undefined): string => canonicalQuantity(String(value)) ?? String(value);
/** Two members of resource lists together, in the form of the first that is not nothing. Pure. */
export function sumText(one: Json | undefined, other: Json | undefined): string {
  const [first, second] = [amountText(one ?? "0"), amountText(other ?? "0")];
  const nanos = amountOf(first) + amountOf(second);
  const unit = 10n ** 9n;
  const isBinary = (first === "0" ? second : first).endsWith("i") && nanos % unit === 0n && nanos >= 1024n * unit;
  return isBinary ? binaryText(nanos / unit) : canonicalQuantity(`${nanos}n`)!;
}
