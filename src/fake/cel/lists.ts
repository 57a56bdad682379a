/**
 * What rules can do with lists, beyond the language itself.
 *
 * @module
 */
import type { FunctionEntry, Sameness } from "./library.ts";

type Comparable = bigint | number | string | boolean | { valueOf(): bigint | number | string };

const less = (a: Comparable, b: Comparable) => a.valueOf() < b.valueOf();

function extreme(name: string, better: (a: Comparable, b: Comparable) => boolean): (list: Comparable[]) => Comparable {
  return (list) => {
    if (list.length === 0) throw new RangeError(`${name} called on empty list`);
    return list.reduce((best, item) => better(item, best) ? item : best);
  };
}

function slice(list: unknown[], start: bigint, end: bigint): unknown[] {
  if (start < 0n || end < 0n) throw new RangeError(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end) throw new RangeError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > BigInt(list.length)) throw new RangeError(`cannot slice(${start}, ${end}), list is length ${list.length}`);
  return list.slice(Number(start), Number(end));
}

const flatten = (list: unknown[], depth: bigint) => list.flat(Number(depth) as 1);
const sort = (list: Comparable[]) => [...list].sort((a, b) => less(a, b) ? -1 : less(b, a) ? 1 : 0);

/** The types whose values have an order. */
const ordered = ["int", "uint", "double", "bool", "string", "google.protobuf.Timestamp", "google.protobuf.Duration"];

/** Functions of lists. @param same Whether two values are equal to a rule. */
export const lists = (same: Sameness): readonly FunctionEntry[] => {
  const has = (list: unknown[], item: unknown) => list.some((other) => same(item, other));
  return [
    ...ordered.flatMap((type): FunctionEntry[] => [
      [
        `list<${type}>.isSorted(): bool`,
        (list: Comparable[]) => list.every((item, at) => at === 0 || !less(item, list[at - 1]!)),
      ],
      [`list<${type}>.min(): ${type}`, extreme("min", less)],
      [`list<${type}>.max(): ${type}`, extreme("max", (a, b) => less(b, a))],
      [`list<${type}>.sort(): list<${type}>`, sort],
    ]),
    ["list<int>.sum(): int", (list: bigint[]) => list.reduce((sum, item) => sum + item, 0n)],
    ["list<double>.sum(): double", (list: number[]) => list.reduce((sum, item) => sum + item, 0)],
    ["list<A>.indexOf_(A): int", (list: unknown[], item: unknown) => BigInt(list.findIndex((other) => same(item, other)))],
    [
      "list<A>.lastIndexOf_(A): int",
      (list: unknown[], item: unknown) => BigInt(list.findLastIndex((other) => same(item, other))),
    ],
    ["list<A>.slice(int, int): list<A>", slice],
    ["list<A>.distinct(): list<A>", (list: unknown[]) => list.filter((item, at) => !has(list.slice(0, at), item))],
    ["list<A>.reverse(): list<A>", (list: unknown[]) => [...list].reverse()],
    ["list<list<A>>.flatten(): list<A>", (list: unknown[]) => flatten(list, 1n)],
    ["list.flatten(int): list<dyn>", flatten],
    [
      "ListsNamespace.range(int): list<int>",
      (_: unknown, count: bigint) => Array.from({ length: Number(count) }, (_, at) => BigInt(at)),
    ],
    [
      "SetsNamespace.contains(list<A>, list<A>): bool",
      (_: unknown, all: unknown[], some: unknown[]) => some.every((item) => has(all, item)),
    ],
    [
      "SetsNamespace.equivalent(list<A>, list<A>): bool",
      (_: unknown, a: unknown[], b: unknown[]) => a.every((item) => has(b, item)) && b.every((item) => has(a, item)),
    ],
    [
      "SetsNamespace.intersects(list<A>, list<A>): bool",
      (_: unknown, a: unknown[], b: unknown[]) => a.some((item) => has(b, item)),
    ],
  ];
};
