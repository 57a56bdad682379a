/**
 * What the functions of Kubernetes cost: estimated before, and counted when an expression runs.
 *
 * @module
 */
import { type CallEstimate, type CostNode, perCharacter, perPatternCharacter } from "../language/cost.ts";
import type { Overload } from "../language/declaration.ts";
import { exactly, plus, scaled, type Span, times, unbounded } from "../language/span.ts";
import { Mapping, Maybe, sizeOf, Uint } from "../language/value.ts";
import { byteLength } from "../../types/bytes.ts";
import { NamedFormat } from "./named-formats.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Functions that ask or name something small. */
const trivial = words(
  `serviceAccount path group resource subresource namespace name allowed reason error errored masked prefixLength family
  isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast format.named sign asInteger isInteger
  asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch getScheme getHostname getHost getPort
  getEscapedPath getQuery`,
);
/** Functions that go through a list, or a text, once. */
const through = words("isSorted sum max min indexOf lastIndexOf");
/** Functions that read a text. */
const reading = words("cidr isIP isCIDR quantity isQuantity semver isSemver");
const listSets: Readonly<Record<string, number>> = {
  list_sets_contains_list: 1,
  list_sets_intersects_list: 1,
  list_sets_equivalent_list: 2,
};
/** One question to whoever decides about rights. */
const askingCost = 350_000;
/** As long as the pattern of the longest name may be. */
const namePattern = 128;
const one = exactly(1);
const addressBytes: Span = { min: 4, max: 16 };
const newList = 10;

function literalInt(node: CostNode, otherwise: number): number {
  const value = node.part?.kind === "literal" ? node.part.value : undefined;
  return typeof value === "bigint" ? Math.max(0, Number(value)) : otherwise;
}

/** Says what calls cost. */
export class CallCosts {
  readonly #sizeAt: (path: readonly string[]) => Span | undefined;

  /** @param sizeAt The size of what is at a path. */
  constructor(sizeAt: (path: readonly string[]) => Span | undefined) {
    this.#sizeAt = sizeAt;
  }

  #size(node: CostNode): Span {
    return node.size ?? (node.path.length > 0 ? this.#sizeAt(node.path) : undefined) ?? { min: 0, max: unbounded };
  }

  /** The items of a list, as a part of their own. */
  #items({ type, path }: CostNode): CostNode | undefined {
    const [items] = type.params;
    if (!items) return undefined;
    return { type: items, part: undefined, path: path.length > 0 ? [...path, "@items"] : [], size: undefined };
  }

  /** What a call costs, beside its arguments; undefined: as the language says. */
  estimate({ id, name }: Overload, target: CostNode | undefined, args: readonly CostNode[]): CallEstimate | undefined {
    const ofList = this.#listEstimate(id, target, args);
    if (ofList) return ofList;
    if (name === "ip") return { cost: id === "cidr_ip" ? one : scaled(this.#size(args[0]!), perCharacter) };
    if (name === "check") return { cost: exactly(askingCost) };
    if (trivial.has(name)) return { cost: one };
    if (reading.has(name)) return { cost: scaled(this.#size(args[0]!), perCharacter) };
    if (through.has(name)) return target && this.#through(target);
    switch (name) {
      case "fieldSelector":
      case "labelSelector": {
        const size = this.#size(args[0]!);
        const requirements = scaled(scaled(size, 0.5), 50);
        return { cost: plus(exactly(newList), plus(scaled(size, perCharacter), requirements)) };
      }
      case "url": {
        const size = this.#size(args[0]!);
        return { cost: scaled(size, perCharacter), size };
      }
      case "lowerAscii":
      case "upperAscii":
      case "substring":
      case "trim": {
        const size = this.#size(target!);
        return { cost: scaled(size, perCharacter), size };
      }
      case "replace":
        return this.#replace(target!, args);
      case "split": {
        const size = this.#size(target!);
        const value = args[1]?.part?.kind === "literal" ? args[1].part.value : undefined;
        return {
          cost: scaled(size, 2 * perCharacter),
          size: { min: 0, max: typeof value === "bigint" ? (value < 0n ? unbounded : Number(value)) : size.max },
        };
      }
      case "join":
        return this.#join(target!, args);
      case "find":
      case "findAll": {
        const size = this.#size(target!);
        const pattern = scaled(this.#size(args[0]!), perPatternCharacter);
        return { cost: times(scaled(plus(size, one), perCharacter), pattern), size: { min: 0, max: size.max } };
      }
      case "ip.isCanonical":
        return { cost: scaled(this.#size(args[0]!), 2 * perCharacter) };
      case "containsIP":
      case "containsCIDR": {
        let cost = scaled(plus(addressBytes, addressBytes), perCharacter);
        if (name === "containsCIDR") cost = plus(plus(cost, scaled(addressBytes, perCharacter)), one);
        if (id.endsWith("_string")) cost = plus(cost, scaled(this.#size(args[0]!), perCharacter));
        return { cost };
      }
      case "validate":
        return { cost: scaled(scaled(this.#size(args[0]!), perCharacter), namePattern * perPatternCharacter) };
      case "_==_":
        return this.#equality(args);
    }
    return undefined;
  }

  #through(target: CostNode): CallEstimate {
    const size = this.#size(target);
    const items = this.#items(target);
    if (!items) return { cost: scaled(size, perCharacter) };
    const isText = items.type.kind === "string" || items.type.kind === "bytes";
    return { cost: times(size, isText ? plus(one, scaled(this.#size(items), perCharacter)) : one) };
  }

  #replace(target: CostNode, args: readonly CostNode[]): CallEstimate {
    const size = this.#size(target);
    const [old, by] = [this.#size(args[0]!), this.#size(args[1]!)];
    const most = old.min === 0
      ? { count: size.max < unbounded ? size.max + 1 : size.max, kept: size.max }
      : by.max <= old.min
      ? { count: 0, kept: size.max }
      : { count: Math.ceil(size.max / old.min), kept: 0 };
    const least = old.max === 0
      ? { count: size.min < unbounded ? size.min + 1 : size.min, kept: size.min }
      : old.max <= by.min
      ? { count: 0, kept: size.min }
      : { count: Math.ceil(size.min / old.max), kept: 0 };
    const replaced = times({ min: least.count, max: most.count }, by);
    return { cost: scaled(size, 2 * perCharacter), size: plus(replaced, { min: least.kept, max: most.kept }) };
  }

  #join(target: CostNode, args: readonly CostNode[]): CallEstimate {
    const count = this.#size(target);
    const items = this.#items(target);
    let size = items ? times(count, this.#size(items)) : exactly(0);
    if (args[0]) {
      const between = { min: Math.max(0, count.min - 1), max: Math.max(0, count.max - 1) };
      size = plus(size, times(this.#size(args[0]), between));
    }
    return { cost: scaled(size, perCharacter), size };
  }

  #equality([a, b]: readonly CostNode[]): CallEstimate | undefined {
    if (!a || !b || a.type.kind !== "opaque" || a.type.name !== b.type.name) return undefined;
    switch (a.type.name) {
      case "optional_type":
        return undefined;
      case "kubernetes.NamedFormat":
        return { cost: scaled({ min: 1, max: 64 }, perCharacter) };
      case "kubernetes.URL":
        return { cost: scaled({ min: 1, max: b.size?.max ?? 1 }, perCharacter) };
      default:
        return { cost: one };
    }
  }

  #listEstimate(id: string, target: CostNode | undefined, args: readonly CostNode[]): CallEstimate | undefined {
    const made = (factor: number, size: Span): CallEstimate => ({
      cost: plus(plus(scaled(size, factor), one), exactly(newList)),
      size,
    });
    const factor = listSets[id];
    if (factor !== undefined) {
      return { cost: plus(scaled(times(this.#size(args[0]!), this.#size(args[1]!)), factor), one) };
    }
    switch (id) {
      case "list_slice": {
        const end = literalInt(args[1]!, this.#size(target!).max) - literalInt(args[0]!, 0);
        return made(1, exactly(end < 0 ? unbounded : end));
      }
      case "lists_range":
        return made(1, exactly(literalInt(args[0]!, unbounded)));
      case "list_reverse":
        return made(1, this.#size(target!));
      case "list_flatten":
        return made(1, this.#size(target!));
      case "list_flatten_int":
        return made(literalInt(args[0]!, unbounded), this.#size(target!));
      case "list_distinct": {
        const size = this.#size(target!);
        return made(2, times(size, size));
      }
    }
    const sorting = /^list_(.+)_(sort|sortByAssociatedKeys)$/.exec(id);
    if (!sorting) return undefined;
    const size = this.#size(sorting[2] === "sort" ? target! : args[0]!);
    return made(sorting[1] === "string" || sorting[1] === "bytes" ? 2 + perCharacter : 2, times(size, size));
  }
}

const actual = (value: unknown): number => sizeOf(value) ?? (value instanceof Maybe && value.hasValue ? actual(value.value) : 1);
const read = (value: unknown, factor = perCharacter) => Math.ceil(actual(value) * factor);

/** A value and all inside of it. */
function traversal(value: unknown): number {
  if (typeof value === "string") return Math.floor(byteLength(value) * perCharacter);
  if (value instanceof Uint8Array) return Math.floor(value.length * perCharacter);
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + traversal(item), 0);
  if (!(value instanceof Mapping)) return 1;
  let sum = 0;
  for (const key of value.keys()) sum += traversal(key) + traversal(value.find(key));
  return sum;
}

const patternCost = (text: unknown, pattern: number) =>
  Math.ceil((1 + actual(text)) * perCharacter) * Math.ceil(pattern * perPatternCharacter);
const listMade = (factor: number, size: number) => Math.floor(size * factor) + 1 + newList;

function listCost(id: string, args: readonly unknown[], result: unknown): number | undefined {
  if (!id.startsWith("list")) return undefined;
  const factor = listSets[id];
  if (factor !== undefined) return Math.floor(actual(args[0]) * actual(args[1]) * factor) + 1;
  switch (id) {
    case "list_slice":
    case "lists_range":
    case "list_reverse":
      return listMade(1, actual(result));
    case "list_flatten":
    case "list_flatten_int":
      return listMade(args.length === 2 ? Number(args[1]) : 1, actual(args[0]));
  }
  const compared = /^list_.+_sortByAssociatedKeys$/.test(id)
    ? args[1]
    : /^list_(.+_sort|distinct)$/.test(id)
    ? args[0]
    : undefined;
  if (!Array.isArray(compared)) return undefined;
  const isText = typeof compared[0] === "string" || compared[0] instanceof Uint8Array;
  return listMade(isText ? 2 + perCharacter : 2, compared.length ** 2);
}

/** What a call cost, of its arguments and its result. */
type Cost = (args: readonly unknown[], result: unknown) => number;

const single: Cost = () => 1;
const readFirst: Cost = ([first]) => read(first);
const readTwice: Cost = ([first]) => read(first, 2 * perCharacter);
const readSmaller: Cost = ([a, b]) => a instanceof Uint ? 1 : Math.ceil(Math.min(actual(a), actual(b)) * perCharacter);

/** What calls of an overload cost. Pure. */
export function callCost({ id, name }: Overload): Cost {
  const other = costByName(id, name);
  return id.startsWith("list") ? (args, result) => listCost(id, args, result) ?? other(args, result) : other;
}

function costByName(id: string, name: string): Cost {
  if (name === "ip") return id === "cidr_ip" ? single : readFirst;
  if (name === "check") return () => askingCost;
  if (trivial.has(name)) return single;
  if (reading.has(name)) return readFirst;
  if (through.has(name)) return ([first]) => traversal(first);
  const isText = id.endsWith("_string");
  switch (name) {
    case "fieldSelector":
    case "labelSelector":
      return (args) => {
        const size = actual(args[1]);
        return newList + Math.ceil(size * perCharacter) + Math.ceil(size * 0.5) * 50;
      };
    case "url":
    case "lowerAscii":
    case "upperAscii":
    case "substring":
    case "trim":
      return readFirst;
    case "replace":
    case "split":
    case "ip.isCanonical":
      return readTwice;
    case "join":
      return (_args, result) => read(result, 2 * perCharacter);
    case "find":
    case "findAll":
    case "matches":
      return (args) => patternCost(args[0], actual(args[1]));
    case "validate":
      return ([format, text]) => format instanceof NamedFormat ? patternCost(text, format.patternSize) : 1;
    case "containsIP":
      return (args) => read(args[0], 2 * perCharacter) + (isText ? read(args[1]) : 0);
    case "containsCIDR":
      return (args) => read(args[0], 2 * perCharacter) + read(args[0]) + 1 + (isText ? read(args[1]) : 0);
    case "contains":
      return (args) => read(args[0]) * read(args[1]);
    case "startsWith":
    case "endsWith":
    case "format":
    case "strings.quote":
      return readFirst;
    case "@in":
      return id === "in_list" ? (args) => actual(args[1]) : single;
    case "_+_":
      return id === "add_string" || id === "add_bytes"
        ? (args) => Math.ceil((actual(args[0]) + actual(args[1])) * perCharacter)
        : single;
    case "_==_":
    case "_!=_":
    case "_<_":
    case "_<=_":
    case "_>_":
    case "_>=_":
      return readSmaller;
  }
  return id === "string_to_bytes" || id === "bytes_to_string" ? readFirst : single;
}
