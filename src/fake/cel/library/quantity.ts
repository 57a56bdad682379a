/**
 * `resource.Quantity`, as rules see it: `1.5Gi`, `250m`.
 *
 * @module
 */
import type { Declaration } from "../language/declaration.ts";
import { EvaluationError, LibraryValue } from "../language/value.ts";

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

/** How the server keeps small amounts: a value times ten to the scale. */
interface Scaled {
  readonly value: bigint;
  readonly scale: number;
}

const maxInt = 2n ** 63n;
const fits = (value: bigint) => value < maxInt && value >= -maxInt;

/** An amount. */
export class Quantity extends LibraryValue {
  readonly typeName = "kubernetes.Quantity";
  /** The amount in billionths, rounded away from zero. */
  readonly nanos: bigint;
  /** Undefined of an amount that is kept as a long number: it counts as no integer, whatever it is worth. */
  readonly scaled: Scaled | undefined;

  constructor(nanos: bigint, scaled?: Scaled) {
    super();
    this.nanos = nanos;
    this.scaled = scaled;
  }

  override equals(other: LibraryValue): boolean {
    return other instanceof Quantity && other.nanos === this.nanos;
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
    const value = (sign === "-" ? -1n : 1n) * BigInt(`${whole}${fraction}` || "0");
    const digits = whole.replace(/^0+/, "").length + fraction.length;
    if (suffix.endsWith("i")) {
      const shifted = value * up;
      const room = 15 - digits - Math.floor((up.toString(2).length - 1) * 3 / 10) - 1;
      const isSmall = fraction === "" && room >= 0 && fits(shifted);
      return new Quantity(sign === "-" ? -amount : amount, isSmall ? { value: shifted, scale: 0 } : undefined);
    }
    const places = exponent === undefined ? String(up).length - String(down).length : Number(exponent);
    const scale = places - fraction.length;
    return new Quantity(sign === "-" ? -amount : amount, digits <= 18 && scale >= -9 ? { value, scale } : undefined);
  }
}

function quantity(text: string): Quantity {
  const found = Quantity.parse(text);
  if (!found && /^[+-]?(?:\d+\.?\d*|\.\d+)(?=[^\d.])[eEinumkKMGTP]*[-+]?\d*$/.test(text)) {
    throw new EvaluationError("unable to parse quantity's suffix");
  }
  if (!found) {
    throw new EvaluationError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  return found;
}

const of = (value: Quantity | bigint) => typeof value === "bigint" ? new Quantity(value * nano, { value, scale: 0 }) : value;
const negative = ({ nanos, scaled }: Quantity) => new Quantity(-nanos, scaled && { value: -scaled.value, scale: scaled.scale });

/** A sum is kept at the smaller scale, even where it comes out whole. */
function sumOf(a: Scaled, b: Scaled): Scaled | undefined {
  if (b.value === 0n) return a;
  if (a.value === 0n) return b;
  const scale = Math.min(a.scale, b.scale);
  const value = a.value * 10n ** BigInt(a.scale - scale) + b.value * 10n ** BigInt(b.scale - scale);
  return fits(value) ? { value, scale } : undefined;
}
function plus(a: Quantity, other: Quantity | bigint): Quantity {
  const b = of(other);
  return new Quantity(a.nanos + b.nanos, a.scaled && b.scaled && sumOf(a.scaled, b.scaled));
}
const minus = (a: Quantity, b: Quantity | bigint) => plus(a, negative(of(b)));

const isWhole = ({ scaled }: Quantity) =>
  scaled !== undefined && scaled.scale >= 0 && fits(scaled.value * 10n ** BigInt(scaled.scale));
function wholeOf(amount: Quantity): bigint {
  if (!isWhole(amount)) throw new EvaluationError("cannot convert value to integer");
  return amount.nanos / nano;
}
const order = (a: Quantity, b: Quantity) => a.nanos < b.nanos ? -1n : a.nanos > b.nanos ? 1n : 0n;

/** Functions of quantities. */
export const quantities: readonly Declaration[] = [
  ["string_to_quantity", "quantity(string): Quantity", quantity],
  ["is_quantity_string", "isQuantity(string): bool", (text: string) => Quantity.parse(text) !== undefined],
  ["quantity_sign", "sign(Quantity): int", ({ nanos }: Quantity) => nanos < 0n ? -1n : nanos > 0n ? 1n : 0n],
  ["quantity_compare_to", "Quantity.compareTo(Quantity): int", order],
  ["quantity_is_greater_than", "Quantity.isGreaterThan(Quantity): bool", (a: Quantity, b: Quantity) => order(a, b) > 0n],
  ["quantity_is_less_than", "Quantity.isLessThan(Quantity): bool", (a: Quantity, b: Quantity) => order(a, b) < 0n],
  ["quantity_add", "Quantity.add(Quantity): Quantity", plus],
  ["quantity_add_int", "Quantity.add(int): Quantity", plus],
  ["quantity_sub", "Quantity.sub(Quantity): Quantity", minus],
  ["quantity_sub_int", "Quantity.sub(int): Quantity", minus],
  ["quantity_is_integer", "Quantity.isInteger(): bool", isWhole],
  ["quantity_get_float", "Quantity.asApproximateFloat(): double", ({ nanos }: Quantity) => Number(nanos) / Number(nano)],
  ["quantity_get_int", "Quantity.asInteger(): int", wholeOf],
];
