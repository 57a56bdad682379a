/**
 * The operators of the language.
 *
 * @module
 */
import type { Declaration } from "../language/declaration.ts";
import {
  compare,
  Duration,
  equals,
  EvaluationError,
  isEqual,
  type Mapping,
  Maybe,
  natureOf,
  noOverload,
  Timestamp,
  Uint,
} from "../language/value.ts";

const low = -(2n ** 63n);
const high = 2n ** 63n - 1n;

function int(value: bigint): bigint {
  if (value < low || value > high) throw new EvaluationError("integer overflow");
  return value;
}
function uint(value: bigint): Uint {
  if (value < 0n || value > 2n ** 64n - 1n) throw new EvaluationError("unsigned integer overflow");
  return new Uint(value);
}

/** Whether a value is in a list. What cannot be read of it matters where nothing else decides. */
function isIn(value: unknown, list: readonly unknown[]): boolean {
  let failure: unknown;
  for (let at = 0; at < list.length; at++) {
    try {
      if (isEqual(list[at], value)) return true;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return false;
}

function divided(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new EvaluationError("division by zero");
  return a / b;
}
function remainder(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new EvaluationError("modulus by zero");
  int(a / b);
  return a % b;
}

function joined(a: readonly unknown[], b: readonly unknown[]): readonly unknown[] {
  return natureOf(a)?.join(a, b) ?? [...a, ...b];
}
function bytesJoined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
const later = (moment: Timestamp, span: Duration) => new Timestamp(moment.nanos + span.nanos, moment.ahead);

const ordered = ["bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration"];
const mixed = [["int", "double"], ["int", "uint"], ["uint", "double"], ["uint", "int"], ["double", "int"], ["double", "uint"]];

const relation = (sign: string, word: string, holds: (order: number) => boolean): readonly Declaration[] => {
  const run = (a: unknown, b: unknown) => holds(compare(a, b));
  return [
    ...ordered.map((type): Declaration => [`${word}_${type}`, `_${sign}_(${type}, ${type}): bool`, run]),
    ...mixed.map(([a, b]): Declaration => [`${word}_${a}_${b}`, `_${sign}_(${a}, ${b}): bool`, run]),
  ];
};

/** The item at an index; a whole double is an index too. */
function item(list: readonly unknown[], index: unknown): unknown {
  const at = index instanceof Uint ? index.value : index;
  if (typeof at !== "bigint" && !(typeof at === "number" && Number.isInteger(at))) {
    throw new EvaluationError(`unsupported index type '${typeof index}' in list`);
  }
  const found = list[Number(at)];
  if (at < 0 || Number(at) >= list.length) throw new EvaluationError(`index out of bounds: ${at}`);
  return found;
}
function member(map: Mapping, key: unknown): unknown {
  const found = map.find(key);
  if (found === undefined) throw new EvaluationError(`no such key: ${key instanceof Uint ? key.value : String(key)}`);
  return found;
}
const itemMaybe = (list: readonly unknown[], index: bigint) =>
  index < 0n || index >= BigInt(list.length) ? Maybe.none : Maybe.of(list[Number(index)]);
const memberMaybe = (map: Mapping, key: unknown) => {
  const found = map.find(key);
  return found === undefined ? Maybe.none : Maybe.of(found);
};
const within = <T>(maybe: Maybe, of: (target: T) => Maybe) => maybe.hasValue ? of(maybe.value as T) : Maybe.none;

const unreached = () => {
  throw noOverload();
};

/** Operators. Those that do not evaluate all operands are run by the evaluator itself. */
export const operators: readonly Declaration[] = [
  ["conditional", "_?_:_(bool, A, A): A", unreached],
  ["logical_and", "_&&_(bool, bool): bool", unreached],
  ["logical_or", "_||_(bool, bool): bool", unreached],
  ["logical_not", "!_(bool): bool", (value: boolean) => !value],
  ["not_strictly_false", "@not_strictly_false(bool): bool", unreached],
  ["equals", "_==_(A, A): bool", equals],
  ["not_equals", "_!=_(A, A): bool", (a: unknown, b: unknown) => !isEqual(a, b)],
  ["add_bytes", "_+_(bytes, bytes): bytes", bytesJoined],
  ["add_double", "_+_(double, double): double", (a: number, b: number) => a + b],
  ["add_duration_duration", "_+_(duration, duration): duration", (a: Duration, b: Duration) => new Duration(a.nanos + b.nanos)],
  ["add_duration_timestamp", "_+_(duration, timestamp): timestamp", (a: Duration, b: Timestamp) => later(b, a)],
  ["add_timestamp_duration", "_+_(timestamp, duration): timestamp", later],
  ["add_int64", "_+_(int, int): int", (a: bigint, b: bigint) => int(a + b)],
  ["add_list", "_+_(list<A>, list<A>): list<A>", joined],
  ["add_string", "_+_(string, string): string", (a: string, b: string) => a + b],
  ["add_uint64", "_+_(uint, uint): uint", (a: Uint, b: Uint) => uint(a.value + b.value)],
  ["divide_double", "_/_(double, double): double", (a: number, b: number) => a / b],
  ["divide_int64", "_/_(int, int): int", (a: bigint, b: bigint) => int(divided(a, b))],
  ["divide_uint64", "_/_(uint, uint): uint", (a: Uint, b: Uint) => uint(divided(a.value, b.value))],
  ["modulo_int64", "_%_(int, int): int", remainder],
  ["modulo_uint64", "_%_(uint, uint): uint", (a: Uint, b: Uint) => uint(remainder(a.value, b.value))],
  ["multiply_double", "_*_(double, double): double", (a: number, b: number) => a * b],
  ["multiply_int64", "_*_(int, int): int", (a: bigint, b: bigint) => int(a * b)],
  ["multiply_uint64", "_*_(uint, uint): uint", (a: Uint, b: Uint) => uint(a.value * b.value)],
  ["negate_double", "-_(double): double", (a: number) => -a],
  ["negate_int64", "-_(int): int", (a: bigint) => int(-a)],
  ["subtract_double", "_-_(double, double): double", (a: number, b: number) => a - b],
  [
    "subtract_duration_duration",
    "_-_(duration, duration): duration",
    (a: Duration, b: Duration) => new Duration(a.nanos - b.nanos),
  ],
  ["subtract_int64", "_-_(int, int): int", (a: bigint, b: bigint) => int(a - b)],
  [
    "subtract_timestamp_duration",
    "_-_(timestamp, duration): timestamp",
    (a: Timestamp, b: Duration) => new Timestamp(a.nanos - b.nanos, a.ahead),
  ],
  [
    "subtract_timestamp_timestamp",
    "_-_(timestamp, timestamp): duration",
    (a: Timestamp, b: Timestamp) => new Duration(a.nanos - b.nanos),
  ],
  ["subtract_uint64", "_-_(uint, uint): uint", (a: Uint, b: Uint) => uint(a.value - b.value)],
  ...relation("<", "less", (order) => order < 0),
  ...relation("<=", "less_equals", (order) => order <= 0),
  ...relation(">", "greater", (order) => order > 0),
  ...relation(">=", "greater_equals", (order) => order >= 0),
  ["index_list", "_[_](list<A>, int): A", item],
  ["index_map", "_[_](map<A, B>, A): B", member],
  [
    "optional_list_index_int",
    "_[_](optional<list<A>>, int): optional<A>",
    (maybe: Maybe, index: bigint) => within<unknown[]>(maybe, (list) => itemMaybe(list, index)),
  ],
  [
    "optional_map_index_value",
    "_[_](optional<map<A, B>>, A): optional<B>",
    (maybe: Maybe, key: unknown) => within<Mapping>(maybe, (map) => memberMaybe(map, key)),
  ],
  ["list_optindex_optional_int", "_[?_](list<A>, int): optional<A>", itemMaybe],
  [
    "optional_list_optindex_optional_int",
    "_[?_](optional<list<A>>, int): optional<A>",
    (maybe: Maybe, index: bigint) => within<unknown[]>(maybe, (list) => itemMaybe(list, index)),
  ],
  ["map_optindex_optional_value", "_[?_](map<A, B>, A): optional<B>", memberMaybe],
  [
    "optional_map_optindex_optional_value",
    "_[?_](optional<map<A, B>>, A): optional<B>",
    (maybe: Maybe, key: unknown) => within<Mapping>(maybe, (map) => memberMaybe(map, key)),
  ],
  ["in_list", "@in(A, list<A>): bool", isIn],
  ["in_map", "@in(A, map<A, B>): bool", (key: unknown, map: Mapping) => map.find(key) !== undefined],
];
