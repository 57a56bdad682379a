/**
 * `resource.Quantity` as the server prints it: `1024Mi` is `1Gi`, `0.1` is `100m`, `1000m` is `1`.
 *
 * @module
 */

import type { Json } from "./json.ts";

const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const decimalSuffixes = Object.fromEntries(Object.entries(decimal).map(([suffix, power]) => [power, suffix]));
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** A quantity as it is read: one without digits is nothing, so that `Gi` is 0. */
const form = /^([+-]?)0*(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[+-]?\d*)$/;

/** A quantity that was read. */
interface Parsed {
  readonly minus: boolean;
  /** Without leading zeros. */
  readonly whole: string;
  readonly fraction: string;
  /** How many powers of ten, or of two where it is `binary`. */
  readonly power: number;
  readonly binary: boolean;
  /** Whether it has an exponent instead of a suffix. */
  readonly exponential: boolean;
}

const suffixFault = "unable to parse quantity's suffix";
const formFault = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Reads a quantity. Pure. @returns Why it is none, where it is none. */
function parse(text: string): Parsed | string {
  const match = text === "" ? null : form.exec(text);
  if (!match) return formFault;
  const [, sign, whole, fraction = "", suffix = ""] = match;
  const parsed = { minus: sign === "-", whole: whole === "" ? "0" : whole!, fraction };
  const binary = suffix === "" ? -1 : binarySuffixes.indexOf(suffix);
  if (binary >= 0) return { ...parsed, power: 10 * binary, binary: true, exponential: false };
  if (Object.hasOwn(decimal, suffix)) return { ...parsed, power: decimal[suffix]!, binary: false, exponential: false };
  const [, exponent] = /^[eE]([+-]?\d+)$/.exec(suffix) ?? [];
  // LIMIT: a genuine server reads longer exponents, too, and takes its time.
  if (exponent === undefined || exponent.length > 5) return suffixFault;
  return { ...parsed, power: Number(exponent), binary: false, exponential: true };
}

/** Why a text is no quantity; nothing where it is one. Pure. */
export function quantityFault(text: string): string | undefined {
  const parsed = parse(text);
  return typeof parsed === "string" ? parsed : undefined;
}

const mostInt64 = 2n ** 63n - 1n;

/** Whether the server counts it in 64 bits: what has fewer digits. */
function isShort({ whole, fraction, power, binary }: Parsed): boolean {
  if (!binary) return whole.length + fraction.length <= 18 && power - fraction.length >= -9;
  return fraction === "" && 14 - whole.length - Math.trunc(power * 3 / 10) >= 0 && BigInt(whole) << BigInt(power) <= mostInt64;
}

/** Whether the server takes a text for the canonical one, and prints it as it came. */
function isKept(parsed: Parsed): boolean {
  const { whole, fraction, power, binary } = parsed;
  if (!isShort(parsed)) return false;
  const digits = whole + fraction;
  if (binary) return BigInt(digits) % 8n !== 0n;
  return (power - fraction.length) % 3 === 0 && !digits.endsWith("000") && !digits.startsWith("0");
}

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

function decimalText(amount: Amount, exponential: boolean): string {
  const { digits, power } = stripped(amount);
  const step = Math.floor(power / 3) * 3;
  const least = step;
  const mantissa = digits * 10n ** BigInt(power - least);
  if (exponential) return least === 0 ? `${mantissa}` : `${mantissa}e${least}`;
  // Beyond the last suffix the server prints none.
  return `${mantissa}${decimalSuffixes[least] ?? ""}`;
}

function binaryText(whole: bigint): string {
  let [left, step] = [whole, 0];
  while (left % 1024n === 0n && step < binarySuffixes.length - 1) [left, step] = [left / 1024n, step + 1];
  return `${left}${binarySuffixes[step]}`;
}

/** A quantity in its canonical form. Pure. @returns Nothing where it is none. */
export function canonicalQuantity(text: string): string | undefined {
  const parsed = parse(text);
  if (typeof parsed === "string") return undefined;
  if (isKept(parsed)) return text;
  const { whole, fraction, power, binary, exponential } = parsed;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return "0";
  const minus = parsed.minus ? "-" : "";
  if (!binary) return minus + decimalText(rounded({ digits, power: power - fraction.length }), exponential);
  const bytes = digits << BigInt(power);
  const unit = 10n ** BigInt(fraction.length);
  if (bytes > mostInt64 * unit) return minus + binaryText(mostInt64);
  // Below 1024, and what is no whole number, is printed as a decimal one.
  if (bytes % unit !== 0n || bytes / unit < 1024n) {
    return minus + decimalText(rounded({ digits: bytes, power: -fraction.length }), false);
  }
  return minus + binaryText(bytes / unit);
}

/** A quantity in billionths. Pure. @returns Nothing where it is none. */
export function nanosOf(text: string): bigint | undefined {
  const parsed = parse(text);
  if (typeof parsed === "string") return undefined;
  const { minus, whole, fraction, power, binary } = parsed;
  const digits = BigInt(whole + fraction) * 10n ** 9n;
  const unit = 10n ** BigInt(fraction.length);
  const scaled = binary ? digits << BigInt(power) : power < 0 ? digits / 10n ** BigInt(-power) : digits * 10n ** BigInt(power);
  return minus ? -scaled / unit : scaled / unit;
}

/** Whether the server sees a fraction: it counts thousandths in 64 bits, whose overflow it takes for one. Pure. */
export function seemsFractional(text: string): boolean {
  const parsed = parse(text);
  if (typeof parsed === "string") return false;
  const thousandths = (nanosOf(text)! + 999_999n) / 1_000_000n;
  const counted = BigInt.asIntN(64, thousandths);
  if (counted !== thousandths && isShort(parsed)) return false;
  return counted % 1000n !== 0n;
}

/** A quantity that is no less than a thousandth, nor between two. Pure. */
export function roundedToMilli(text: string): string {
  const [nanos, unit] = [nanosOf(text) ?? 0n, 1_000_000n];
  if (nanos % unit === 0n) return text;
  const parsed = parse(text) as Parsed;
  const thousandths = nanos / unit + (nanos < 0n ? -1n : 1n);
  return canonicalQuantity(`${thousandths}${parsed.exponential ? "e-3" : "m"}`)!;
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
