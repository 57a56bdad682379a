/**
 * What expressions can do with lists, beyond the language itself.
 *
 * @module
 */
import type { Declaration } from "../language/declaration.ts";
import {
  compare,
  Duration,
  EvaluationError,
  isEqual,
  type Mapping,
  Maybe,
  PlainMap,
  typeNameOf,
  Uint,
} from "../language/value.ts";

type List = readonly unknown[];

const comparable = ["int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"];
const runtimeName: Readonly<Record<string, string>> = {
  duration: "google.protobuf.Duration",
  timestamp: "google.protobuf.Timestamp",
};

function extreme(name: string, better: (order: number) => boolean): (list: List) => unknown {
  return (list) => {
    if (list.length === 0) throw new EvaluationError(`${name} called on empty list`);
    return list.reduce((best, item) => better(compare(best, item)) ? item : best);
  };
}

function slice(list: List, start: bigint, end: bigint): List {
  const what = `cannot slice(${start}, ${end})`;
  if (start < 0n || end < 0n) throw new EvaluationError(`${what}, negative indexes not supported`);
  if (start > end) throw new EvaluationError(`${what}, start index must be less than or equal to end index`);
  if (end > BigInt(list.length)) throw new EvaluationError(`${what}, list is length ${list.length}`);
  return list.slice(Number(start), Number(end));
}

function flatten(list: List, depth: bigint): List {
  if (depth < 0n) throw new EvaluationError("level must be non-negative");
  return list.flatMap((item) => Array.isArray(item) && depth > 0n ? flatten(item, depth - 1n) : [item]);
}

/** The items in the order of their keys. */
function sortBy(list: List, keys: List): List {
  if (list.length !== keys.length) {
    throw new EvaluationError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.length} and ${keys.length} elements respectively`,
    );
  }
  const [first] = keys;
  if (keys.some((key) => typeNameOf(key) !== typeNameOf(first))) {
    throw new EvaluationError("list elements must have the same type");
  }
  const order = keys.map((_, at) => at).sort((a, b) => compare(keys[a], keys[b]));
  return order.map((at) => list[at]);
}

const holds = (list: List, item: unknown) => list.some((other) => isEqual(other, item));
const distinct = (list: List) => list.filter((item, at) => !holds(list.slice(0, at), item));

const whole = (list: readonly bigint[]) => {
  const sum = list.reduce((sum, item) => sum + item, 0n);
  if (BigInt.asIntN(64, sum) !== sum) throw new EvaluationError("integer overflow");
  return sum;
};
const unsigned = (list: readonly Uint[]) => {
  const sum = list.reduce((sum, { value }) => sum + value, 0n);
  if (BigInt.asUintN(64, sum) !== sum) throw new EvaluationError("unsigned integer overflow");
  return new Uint(sum);
};

/** How much is asked of `lists.range`: more than any limit of cost would let pass. */
const most = 10_000_000n;
function range(count: bigint): List {
  if (count > most) throw new EvaluationError("operation cancelled: actual cost limit exceeded");
  return Array.from({ length: Math.max(0, Number(count)) }, (_, at) => BigInt(at));
}

function inserted(map: Mapping, key: unknown, value: unknown): PlainMap {
  if (map.find(key) !== undefined) throw new EvaluationError(`insert failed: key ${String(key)} already exists`);
  return PlainMap.of([...[...map.keys()].map((known) => [known, map.find(known)] as const), [key, value]]);
}
function insertedAll(map: Mapping, more: Mapping): PlainMap {
  let all = map;
  for (const key of more.keys()) all = inserted(all, key, more.find(key));
  return all as PlainMap;
}

/** Functions of lists. */
export const lists: readonly Declaration[] = [
  ...comparable.flatMap((type): Declaration[] => {
    const name = runtimeName[type] ?? type;
    return [
      [
        `list_${type}_is_sorted_bool`,
        `list<${type}>.isSorted(): bool`,
        (list: List) => list.every((item, at) => at === 0 || compare(list[at - 1], item) <= 0),
      ],
      [`list_${type}_max_${type}`, `list<${type}>.max(): ${type}`, extreme("max", (order) => order < 0)],
      [`list_${type}_min_${type}`, `list<${type}>.min(): ${type}`, extreme("min", (order) => order > 0)],
      [`list_${name}_sort`, `list<${type}>.sort(): list<${type}>`, (list: List) => sortBy(list, list)],
      [
        `list_${name}_sortByAssociatedKeys`,
        `list<T>.@sortByAssociatedKeys(list<${type}>): list<T>`,
        sortBy,
      ],
    ];
  }),
  ["list_int_sum_int", "list<int>.sum(): int", whole],
  ["list_uint_sum_uint", "list<uint>.sum(): uint", unsigned],
  [
    "list_double_sum_double",
    "list<double>.sum(): double",
    (list: readonly number[]) => list.reduce((sum, item) => sum + item, 0),
  ],
  [
    "list_duration_sum_duration",
    "list<duration>.sum(): duration",
    (list: readonly Duration[]) => new Duration(list.reduce((sum, { nanos }) => sum + nanos, 0n)),
  ],
  [
    "list_a_index_of_int",
    "list<A>.indexOf(A): int",
    (list: List, item: unknown) => BigInt(list.findIndex((other) => isEqual(other, item))),
  ],
  [
    "list_a_last_index_of_int",
    "list<A>.lastIndexOf(A): int",
    (list: List, item: unknown) => BigInt(list.findLastIndex((other) => isEqual(other, item))),
  ],
  ["list_slice", "list<T>.slice(int, int): list<T>", slice],
  ["list_flatten", "list<list<T>>.flatten(): list<T>", (list: List) => flatten(list, 1n)],
  ["list_flatten_int", "list<dyn>.flatten(int): list<dyn>", flatten],
  ["lists_range", "lists::range(int): list<int>", range],
  ["list_reverse", "list<T>.reverse(): list<T>", (list: List) => [...list].reverse()],
  ["list_distinct", "list<T>.distinct(): list<T>", distinct],
  ["list_first", "list<T>.first(): optional<T>", (list: List) => list.length > 0 ? Maybe.of(list[0]) : Maybe.none],
  ["list_last", "list<T>.last(): optional<T>", (list: List) => list.length > 0 ? Maybe.of(list.at(-1)) : Maybe.none],
  [
    "list_sets_contains_list",
    "sets::contains(list<T>, list<T>): bool",
    (all: List, some: List) => some.every((item) => holds(all, item)),
  ],
  [
    "list_sets_equivalent_list",
    "sets::equivalent(list<T>, list<T>): bool",
    (a: List, b: List) => a.every((item) => holds(b, item)) && b.every((item) => holds(a, item)),
  ],
  [
    "list_sets_intersects_list",
    "sets::intersects(list<T>, list<T>): bool",
    (a: List, b: List) => a.some((item) => holds(b, item)),
  ],
  ["map_insert_key_value", "cel::@mapInsert(map<A, B>, A, B): map<A, B>", inserted],
  ["map_insert_map", "cel::@mapInsert(map<A, B>, map<A, B>): map<A, B>", insertedAll],
];
