/**
 * Estimates what an expression costs at most, before it runs.
 *
 * The genuine server refuses a rule by this figure, so each step of it is the genuine one, where it is odd too.
 *
 * @module
 */
import type { Checked } from "./check.ts";
import type { Overload } from "./declaration.ts";
import type { Call, Comprehension, Expression, ListLiteral, MapLiteral } from "./expression.ts";
import { exactly, plus, scaled, type Span, times, unbounded, union, unknown } from "./span.ts";
import type { Type } from "./type.ts";
import { lengthOf } from "./value.ts";

/** A part of an expression, to whoever says what a function costs. */
export interface CostNode {
  readonly type: Type;
  /** Undefined for items of a list that no part stands for. */
  readonly part: Expression | undefined;
  /** From a variable on: names of members, `@items`, `@keys`, `@values`. */
  readonly path: readonly string[];
  readonly size: Span | undefined;
}

/** What a call costs beside its arguments, and how large its result is. */
export interface CallEstimate {
  readonly cost: Span;
  readonly size?: Span | undefined;
}

/** What is known from outside. */
export interface Estimator {
  /** The size of what is at a path. */
  sizeAt(path: readonly string[]): Span | undefined;
  /** What a call costs; undefined: as the language says. */
  call(overload: Overload, target: CostNode | undefined, args: readonly CostNode[]): CallEstimate | undefined;
}

interface EntrySize {
  readonly kind: "list" | "map";
  readonly key: Span;
  readonly value: Span;
}

interface Local {
  readonly path: readonly string[];
  readonly size: Span | undefined;
  readonly entry: EntrySize | undefined;
}

/** What reading a text costs for each character. */
export const perCharacter = 0.1;
/** What a pattern costs for each of its characters. */
export const perPatternCharacter = 0.25;
const listCost = exactly(10);
const mapCost = exactly(30);
const one = exactly(1);
const none = exactly(0);
const nothing: Span = { min: unbounded, max: 0 };

const scalars = ["bool", "double", "duration", "int", "timestamp", "uint"];
const isScalar = (type: Type): boolean =>
  scalars.includes(type.kind) || (type.kind === "opaque" && type.name === "optional_type" && isScalar(type.params[0]!));
const sum = (spans: readonly Span[]) => spans.reduce(plus, none);

function sizeOfWritten(part: Expression): Span | undefined {
  switch (part.kind) {
    case "literal":
      if (typeof part.value === "string") return exactly(lengthOf(part.value));
      return exactly(part.value instanceof Uint8Array ? part.value.length : 1);
    case "list":
      return exactly(part.items.length);
    case "map":
      return exactly(part.entries.length);
    default:
      return undefined;
  }
}

class Coster {
  readonly #checked: Checked;
  readonly #estimator: Estimator;
  readonly #paths = new Map<Expression, readonly string[]>();
  readonly #sizes = new Map<Expression, Span>();
  readonly #entries = new Map<Expression, EntrySize>();
  readonly #locals = new Map<string, Local[]>();

  constructor(checked: Checked, estimator: Estimator) {
    this.#checked = checked;
    this.#estimator = estimator;
  }

  cost(part: Expression): Span {
    switch (part.kind) {
      case "literal":
        return none;
      case "ident":
        this.#paths.set(part, this.#local(part.name)?.path ?? [part.name]);
        return one;
      case "select": {
        const operand = this.cost(part.operand);
        // has() costs nothing itself.
        if (part.isTest) return operand;
        this.#paths.set(part, [...this.#path(part.operand), part.field]);
        return ["map", "struct", "param"].includes(this.#type(part.operand).kind) ? plus(operand, one) : operand;
      }
      case "call":
        return this.#call(part);
      case "list":
        return this.#list(part);
      case "map":
        return this.#map(part);
      case "message":
        return plus(exactly(40), sum(part.entries.map(({ value }) => this.cost(value))));
      case "comprehension":
        return isBinding(part) ? this.#binding(part) : this.#loop(part);
    }
  }

  #type(part: Expression): Type {
    return this.#checked.types.get(part)!;
  }
  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }
  #push(name: string, local: Local): void {
    const stack = this.#locals.get(name);
    if (stack) stack.push(local);
    else this.#locals.set(name, [local]);
  }
  #pop(name: string): void {
    this.#locals.get(name)!.pop();
  }

  #path(part: Expression): readonly string[] {
    if (part.kind === "ident") {
      const local = this.#local(part.name);
      if (local) return local.path;
    }
    return this.#paths.get(part) ?? [];
  }

  #node(part: Expression): CostNode {
    const path = this.#path(part);
    // Only of what is given from outside is anything known by its path.
    const isResult = path[0] === "@result" || path[0] === "__result__";
    return { type: this.#type(part), part, path: isResult ? [] : path, size: this.#size(part) };
  }

  #size(part: Expression): Span | undefined {
    const known = this.#sizes.get(part) ?? sizeOfWritten(part);
    if (known) return known;
    const path = this.#path(part);
    const found = path.length > 0 ? this.#estimator.sizeAt(path) : undefined;
    if (found) {
      this.#sizes.set(part, found);
      return found;
    }
    if (isScalar(this.#type(part))) return one;
    return part.kind === "ident" ? this.#local(part.name)?.size : undefined;
  }
  #sizeOrUnknown(part: Expression): Span {
    return this.#size(part) ?? unknown;
  }
  #entry(part: Expression): EntrySize | undefined {
    return this.#entries.get(part) ?? (part.kind === "ident" ? this.#local(part.name)?.entry : undefined);
  }
  #setSize(part: Expression, size: Span | undefined): void {
    if (size) this.#sizes.set(part, size);
  }
  #setEntry(part: Expression, entry: EntrySize | undefined): void {
    if (entry) this.#entries.set(part, entry);
  }

  #list(list: ListLiteral): Span {
    let value = list.items.length === 0 ? none : nothing;
    const costs = list.items.map((item) => {
      const cost = this.cost(item);
      value = union(value, this.#sizeOrUnknown(item));
      return cost;
    });
    this.#entries.set(list, { kind: "list", key: one, value });
    return plus(sum(costs), listCost);
  }

  #map(map: MapLiteral): Span {
    let [key, value] = map.entries.length === 0 ? [none, none] : [nothing, nothing];
    const costs = map.entries.map((entry) => {
      const cost = plus(this.cost(entry.key), this.cost(entry.value));
      key = union(key, this.#sizeOrUnknown(entry.key));
      value = union(value, this.#sizeOrUnknown(entry.value));
      return cost;
    });
    this.#entries.set(map, { kind: "map", key, value });
    return plus(sum(costs), mapCost);
  }

  #binding(loop: Comprehension): Span {
    const before = plus(this.cost(loop.range), this.cost(loop.init));
    this.#push(loop.accumulator, { path: this.#path(loop.init), size: this.#size(loop.init), entry: this.#entry(loop.init) });
    const cost = plus(before, this.cost(loop.result));
    this.#pop(loop.accumulator);
    this.#setSize(loop, this.#size(loop.result));
    this.#setEntry(loop, this.#entry(loop.result));
    return cost;
  }

  #loop(loop: Comprehension): Span {
    let cost = plus(this.cost(loop.range), this.cost(loop.init));
    this.#push(loop.accumulator, { path: this.#path(loop.init), size: this.#size(loop.init), entry: this.#entry(loop.init) });
    const entry = this.#entry(loop.range);
    const kind = entry?.kind ?? this.#type(loop.range).kind;
    const path = this.#path(loop.range);
    const isList = kind === "list";
    const key: Local = { path: [...path, isList ? "@indices" : "@keys"], size: entry?.key, entry: undefined };
    const value: Local = { path: [...path, isList ? "@items" : "@values"], size: entry?.value, entry: undefined };
    this.#push(loop.variable, loop.variable2 === undefined && isList ? value : key);
    if (loop.variable2 !== undefined) this.#push(loop.variable2, value);
    const round = plus(this.cost(loop.condition), this.cost(loop.step));
    this.#pop(loop.variable);
    if (loop.variable2 !== undefined) this.#pop(loop.variable2);
    cost = plus(cost, this.cost(loop.result));
    this.#pop(loop.accumulator);
    const rounds = this.#sizeOrUnknown(loop.range);
    cost = plus(cost, times(rounds, round));
    if (loop.init.kind === "literal") this.#setSize(loop, this.#size(loop.init));
    else if (loop.init.kind === "list" || loop.init.kind === "map") {
      this.#setSize(loop, rounds);
      this.#setEntry(loop, this.#entry(loop.step));
    }
    return cost;
  }

  #call(call: Call): Span {
    if (call.name === "dyn") {
      const [arg] = call.args as [Expression];
      const cost = this.cost(arg);
      this.#setSize(call, this.#size(arg));
      this.#setEntry(call, this.#entry(arg));
      return plus(cost, one);
    }
    const costs = call.args.map((arg) => this.cost(arg));
    const nodes = call.args.map((arg) => this.#node(arg));
    const overloads = this.#checked.overloads.get(call) ?? [];
    if (overloads.length === 0) return none;
    const before = call.target ? this.cost(call.target) : none;
    const target = call.target && this.#node(call.target);
    let cost = nothing;
    let size: Span | undefined;
    for (const overload of overloads) {
      const estimate = this.#overload(call, overload, target, nodes, costs);
      cost = union(cost, estimate.cost);
      if (estimate.size) size = size ? union(size, estimate.size) : estimate.size;
      if (overload.id === "index_list" || overload.id === "index_map") {
        const [from] = call.args as [Expression];
        size = this.#entry(from)?.value;
        this.#paths.set(call, [...this.#path(from), overload.id === "index_list" ? "@items" : "@values"]);
      }
      size ??= this.#size(call);
    }
    this.#setSize(call, size);
    return plus(before, cost);
  }

  #overload(
    call: Call,
    overload: Overload,
    target: CostNode | undefined,
    nodes: readonly CostNode[],
    costs: readonly Span[],
  ): CallEstimate {
    const given = this.#estimator.call(overload, target, nodes);
    const args = sum(costs);
    if (given) return { cost: plus(given.cost, args), size: given.size };
    const sizes = nodes.map(({ size }) => size ?? unknown) as [Span, Span, Span];
    const own = target?.size ?? unknown;
    const simple = (cost: Span): CallEstimate => ({ cost: plus(cost, args) });
    switch (overload.id) {
      case "string_format":
        return simple(scaled(own, perCharacter));
      case "string_to_bytes":
        return { ...simple(scaled(sizes[0], perCharacter)), size: { min: sizes[0].min, max: sizes[0].max * 4 } };
      case "bytes_to_string":
        return { ...simple(scaled(sizes[0], perCharacter)), size: { min: Math.floor(sizes[0].min / 4), max: sizes[0].max } };
      case "strings_quote":
        return { ...simple(scaled(sizes[0], perCharacter)), size: { min: sizes[0].min + 2, max: sizes[0].max * 2 + 2 } };
      case "starts_with_string":
      case "ends_with_string":
        return simple(scaled(sizes[0], perCharacter));
      case "in_list":
        return simple(sizes[1]);
      case "matches_string":
        return simple(times(scaled(plus(own, one), perCharacter), scaled(sizes[0], perPatternCharacter)));
      case "contains_string":
        return simple(times(scaled(own, perCharacter), scaled(sizes[0], perCharacter)));
      case "logical_or":
      case "logical_and":
        return { cost: { min: costs[0]!.min, max: plus(costs[0]!, costs[1]!).max } };
      case "conditional": {
        const [a, b] = [this.#entry(call.args[1]!), this.#entry(call.args[2]!)];
        this.#setEntry(call, united(a, b));
        return { cost: plus(costs[0]!, union(costs[1]!, costs[2]!)), size: union(sizes[1], sizes[2]) };
      }
      case "add_list":
      case "add_string":
      case "add_bytes": {
        const size = plus(sizes[0], sizes[1]);
        this.#setEntry(call, united(this.#entry(call.args[0]!), this.#entry(call.args[1]!)));
        return { ...simple(overload.id === "add_list" ? one : scaled(size, perCharacter)), size };
      }
      case "equals":
      case "not_equals":
        return simple(this.#shorter(sizes));
      default:
        return simple(/^(less|greater)(_equals)?_(string|bytes)$/.test(overload.id) ? this.#shorter(sizes) : one);
    }
  }

  /** Two are compared as far as the shorter one goes. */
  #shorter([a, b]: readonly [Span, Span, ...Span[]]): Span {
    const max = Math.min(a.max, b.max);
    return scaled({ min: max > 0 ? 1 : 0, max }, perCharacter);
  }
}

function united(a: EntrySize | undefined, b: EntrySize | undefined): EntrySize | undefined {
  return a && b && { kind: a.kind, key: union(a.key, b.key), value: union(a.value, b.value) };
}

const isBinding = ({ range, condition, accumulator }: Comprehension) =>
  range.kind === "list" && range.items.length === 0 && condition.kind === "literal" && condition.value === false &&
  accumulator !== "__result__";

/** What an expression costs at least and at most. Pure. */
export const costOf = (checked: Checked, estimator: Estimator): Span => new Coster(checked, estimator).cost(checked.root);
