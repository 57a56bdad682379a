/**
 * Values that may be absent.
 *
 * @module
 */
import type { Declaration } from "../language/declaration.ts";
import { Duration, EvaluationError, Mapping, Maybe, Timestamp, Uint } from "../language/value.ts";

function isZero(value: unknown): boolean {
  if (value === null || value === "" || value === 0n || value === 0 || value === false) return true;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Mapping) return value.size === 0;
  if (value instanceof Uint) return value.value === 0n;
  return value instanceof Duration && value.nanos === 0n ||
    value instanceof Timestamp && value.nanos === -62_135_596_800_000_000_000n;
}

function present(list: readonly unknown[]): unknown[] {
  return list.flatMap((item) => {
    if (!(item instanceof Maybe)) throw new EvaluationError(`value ${String(item)} is not optional`);
    return item.hasValue ? [item.value] : [];
  });
}

/** Functions of optional values. */
export const optional: readonly Declaration[] = [
  ["optional_of", "optional::of(V): optional<V>", (value: unknown) => Maybe.of(value)],
  [
    "optional_ofNonZeroValue",
    "optional::ofNonZeroValue(V): optional<V>",
    (value: unknown) => isZero(value) ? Maybe.none : Maybe.of(value),
  ],
  ["optional_none", "optional::none(): optional<V>", () => Maybe.none],
  ["optional_value", "optional<V>.value(): V", (maybe: Maybe) => maybe.value],
  ["optional_hasValue", "optional<V>.hasValue(): bool", (maybe: Maybe) => maybe.hasValue],
  [
    "optional_or_optional",
    "optional<V>.or(optional<V>): optional<V>",
    (maybe: Maybe, other: Maybe) => maybe.hasValue ? maybe : other,
  ],
  ["optional_orValue_value", "optional<V>.orValue(V): V", (maybe: Maybe, other: unknown) => maybe.hasValue ? maybe.value : other],
  ["optional_unwrap", "optional::unwrap(list<optional<V>>): list<V>", present],
  ["optional_unwrapOpt", "list<optional<V>>.unwrapOpt(): list<V>", present],
];
