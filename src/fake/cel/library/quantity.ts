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

/** An amount. */
export class Quantity extends LibraryValue {
  readonly typeName = "kubernetes.Quantity";
  /** The amount in billionths, rounded away from zero. */
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
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
    return new Quantity(sign === "-" ? -amount : amount);
  }
}

function quantity(text: string): Quantity {
  const found = Quantity.parse(text);
  if (!found) {
    throw new EvaluationError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  return found;
}

const of = (value: Quantity | bigint) => typeof value === "bigint" ? value * nano : value.nanos;
const plus = (a: Quantity, b: Quantity | bigint) => new Quantity(a.nanos + of(b));
const minus = (a: Quantity, b: Quantity | bigint) => new Quantity(a.nanos - of(b));

const maxInt = 2n ** 63n;
const isWhole = ({ nanos }: Quantity) => nanos % nano === 0n && nanos / nano < maxInt && nanos / nano >= -maxInt;
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
