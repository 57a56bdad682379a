/**
 * Finds out the type of each part of an expression, and which function is meant by each call.
 *
 * @module
 */
import type { Functions, Overload } from "./declaration.ts";
import type { Call, Comprehension, Expression, Ident, Message, Select } from "./expression.ts";
import type { Fault } from "./fault.ts";
import {
  Bindings,
  isSame,
  listOf,
  mapOf,
  mostGeneral,
  opaque,
  optionalOf,
  shownType,
  type Type,
  typeOf,
  types,
  unwrapped,
} from "./type.ts";

/** An expression whose types are known. */
export interface Checked {
  readonly root: Expression;
  readonly type: Type;
  /** Of each part. */
  readonly types: ReadonlyMap<Expression, Type>;
  /** What a call may mean; more than one where it is decided only when the expression runs. */
  readonly overloads: ReadonlyMap<Expression, readonly Overload[]>;
}

/** What an expression may use. */
export interface Scope {
  readonly functions: Functions;
  readonly variables: ReadonlyMap<string, Type>;
}

/** Names of types, as an expression writes them. */
const typeNames: ReadonlyMap<string, Type> = new Map([
  ...[types.bool, types.int, types.uint, types.double, types.string, types.bytes, types.timestamp, types.duration, types.null]
    .map((type): [string, Type] => [type.name, typeOf(type)]),
  ["list", typeOf(listOf(types.dyn))],
  ["map", typeOf(mapOf(types.dyn, types.dyn))],
  ["type", typeOf(typeOf())],
  ["optional_type", typeOf(optionalOf(types.dyn))],
  ["net.IP", typeOf(opaque("net.IP"))],
  ["net.CIDR", typeOf(opaque("net.CIDR"))],
  ["timestamp", typeOf(types.timestamp)],
  ["duration", typeOf(types.duration)],
]);

/** Names of types that are known when an expression is checked, and not when it is to run. */
export const hollowTypeNames: ReadonlySet<string> = new Set(["timestamp", "duration"]);

/** An expression uses what is not known here. */
export class NotKnown extends Error {}

/** Whether a name is that of a type. */
export const isTypeName = (name: string): boolean => typeNames.has(name);

/** `a.b.c` as one name. Pure. */
export function qualifiedName(expression: Expression): string | undefined {
  if (expression.kind === "ident") return expression.name;
  if (expression.kind !== "select" || expression.isTest) return undefined;
  const before = qualifiedName(expression.operand);
  return before === undefined ? undefined : `${before}.${expression.field}`;
}

/** The one overload of a field that may be absent. */
const optionalField: Overload = {
  id: "select_optional_field",
  name: "_?._",
  isMember: false,
  args: [types.dyn, types.string],
  result: optionalOf(types.dyn),
  run: () => undefined,
};

class Checker {
  readonly faults: Fault[] = [];
  readonly types: Map<Expression, Type> = new Map();
  readonly overloads: Map<Expression, readonly Overload[]> = new Map();
  readonly bindings: Bindings = new Bindings();
  readonly #functions: Functions;
  /** The innermost last. */
  readonly #scopes: ReadonlyMap<string, Type>[];

  constructor({ functions, variables }: Scope) {
    this.#functions = functions;
    this.#scopes = [variables];
  }

  check(expression: Expression): Type {
    const type = this.#typeOf(expression);
    this.types.set(expression, type);
    return type;
  }

  #fault(at: number, text: string): Type {
    this.faults.push({ at, text });
    return types.error;
  }
  #undeclared(at: number, name: string): Type {
    return this.#fault(at, `undeclared reference to '${name}' (in container '')`);
  }
  #mismatch(at: number, wanted: Type, found: Type): Type {
    return this.#fault(at, `expected type '${shownType(wanted)}' but found '${shownType(found)}'`);
  }

  #lookup(name: string): Type | undefined {
    for (let at = this.#scopes.length - 1; at >= 0; at--) {
      const found = this.#scopes[at]!.get(name);
      if (found) return found;
    }
    return typeNames.get(name);
  }

  #ident(ident: Ident): Type {
    const name = ident.name.replace(/^\./, "");
    const type = this.#lookup(name);
    if (!type) return this.#undeclared(ident.at, ident.name);
    ident.name = name;
    return type;
  }

  #typeOf(expression: Expression): Type {
    switch (expression.kind) {
      case "literal":
        return typeOfLiteral(expression.value);
      case "ident":
        return this.#ident(expression);
      case "select":
        return this.#select(expression);
      case "call":
        return this.#call(expression);
      case "list": {
        let items: Type | undefined;
        expression.items.forEach((item, at) => {
          items = this.#join(items, this.#maybe(item, expression.optional.has(at)));
        });
        return listOf(items ?? this.bindings.fresh());
      }
      case "map": {
        let keys: Type | undefined;
        let values: Type | undefined;
        for (const { key, value, isOptional } of expression.entries) {
          keys = this.#join(keys, this.check(key));
          values = this.#join(values, this.#maybe(value, isOptional));
        }
        return mapOf(keys ?? this.bindings.fresh(), values ?? this.bindings.fresh());
      }
      case "message":
        return this.#message(expression);
      case "comprehension":
        return this.#comprehension(expression);
    }
  }

  /** The type of a part that `?` may stand before. */
  #maybe(part: Expression, isMarked: boolean): Type {
    const type = this.check(part);
    if (!isMarked) return type;
    const inner = unwrapped(this.bindings.resolve(type));
    if (!inner.isOptional && inner.type.kind !== "dyn") this.#mismatch(part.at, optionalOf(inner.type), inner.type);
    return inner.type;
  }

  /** The type of all items so far: whether they may differ is asked later. */
  #join(before: Type | undefined, type: Type): Type {
    if (!before) return type;
    return this.bindings.assign(before, type) ? mostGeneral(before, type) : types.dyn;
  }

  #message({ at, name, entries }: Message): Type {
    if (name.startsWith("google.protobuf.")) throw new NotKnown(`the message ${name}`);
    this.#undeclared(at, name);
    for (const { value } of entries) this.check(value);
    return types.error;
  }

  #select(select: Select): Type {
    const name = select.isTest ? undefined : qualifiedName(select);
    const type = name === undefined ? undefined : typeNames.get(name) ?? this.#scopes[0]!.get(name);
    if (type) {
      // One name from here on, for all who come after.
      Object.assign(select, { kind: "ident", name });
      return type;
    }
    const field = this.#field(select.at, select.operand, select.field, false);
    return select.isTest ? types.bool : this.bindings.resolve(field);
  }

  #field(at: number, operand: Expression, field: string, isOptional: boolean): Type {
    const operandType = this.bindings.resolve(this.check(operand));
    const target = unwrapped(operandType);
    let found: Type = types.dyn;
    switch (target.type.kind) {
      case "map":
        found = target.type.params[1]!;
        break;
      case "struct":
        found = target.type.fields!.get(field) ?? this.#fault(at, `undefined field '${field}'`);
        break;
      case "param":
        this.bindings.assign(types.dyn, target.type);
        break;
      case "dyn":
      case "error":
        break;
      default:
        this.#fault(at, `type '${shownType(target.type)}' does not support field selection`);
    }
    return target.isOptional || isOptional ? optionalOf(found) : found;
  }

  #call(call: Call): Type {
    if (call.name === "_?._") {
      const [operand, key] = call.args as [Expression, Expression & { value: unknown }];
      this.types.set(key, types.string);
      this.overloads.set(call, [optionalField]);
      return this.bindings.resolve(this.#field(call.at, operand, String(key.value), true));
    }
    for (const arg of call.args) this.check(arg);
    if (!call.target) return this.#resolve(call, call.name);
    const prefix = qualifiedName(call.target);
    if (prefix !== undefined && this.#functions.has(`${prefix}.${call.name}`)) {
      call.name = `${prefix}.${call.name}`;
      call.target = undefined;
      return this.#resolve(call, call.name);
    }
    this.check(call.target);
    return this.#resolve(call, call.name);
  }

  #resolve(call: Call, name: string): Type {
    const candidates = this.#functions.get(name.replace(/^\./, ""));
    if (!candidates) return this.#undeclared(call.at, name);
    const parts = call.target ? [call.target, ...call.args] : call.args;
    const given = parts.map((part) => this.types.get(part)!);
    if (name === "_&&_" || name === "_||_") return this.#logical(call, candidates, given);
    const found: Overload[] = [];
    let result: Type | undefined;
    for (const candidate of candidates) {
      if (candidate.isMember !== (call.target !== undefined)) continue;
      const fresh = this.#instantiate(candidate);
      if (!this.bindings.assignAll(given, fresh.args)) continue;
      found.push(candidate);
      const type = this.bindings.resolve(fresh.result);
      if (!result) result = type;
      else if (result.kind !== "dyn" && !isSame(result, type)) result = types.dyn;
    }
    if (!result) {
      const shown = given.map((type) => shownType(this.bindings.resolve(type, types.dyn)));
      const signature = call.target ? `${shown[0]}.(${shown.slice(1).join(", ")})` : `(${shown.join(", ")})`;
      return this.#fault(call.at, `found no matching overload for '${name.replace(/^\./, "")}' applied to '${signature}'`);
    }
    this.overloads.set(call, found);
    return result;
  }

  #logical(call: Call, candidates: readonly Overload[], given: readonly Type[]): Type {
    let isWrong = false;
    given.forEach((type, at) => {
      if (this.bindings.assign(type, types.bool)) return;
      this.#mismatch(call.args[at]!.at, types.bool, this.bindings.resolve(type));
      isWrong = true;
    });
    if (isWrong) return types.error;
    this.overloads.set(call, candidates);
    return types.bool;
  }

  #instantiate(overload: Overload): { args: readonly Type[]; result: Type } {
    const fresh = new Map<string, Type>();
    const put = (type: Type): Type => {
      if (type.kind === "param") {
        if (!fresh.has(type.name)) fresh.set(type.name, this.bindings.fresh());
        return fresh.get(type.name)!;
      }
      return type.params.length === 0 ? type : { ...type, params: type.params.map(put) };
    };
    return { args: overload.args.map(put), result: put(overload.result) };
  }

  #comprehension(loop: Comprehension): Type {
    this.check(loop.range);
    const accumulated = this.check(loop.init);
    const range = this.bindings.resolve(this.types.get(loop.range)!);
    const [first, second] = this.#entryTypes(range, loop);
    this.#scopes.push(new Map([[loop.accumulator, accumulated]]));
    const names = new Map([[loop.variable, first]]);
    if (loop.variable2 !== undefined) names.set(loop.variable2, second);
    this.#scopes.push(names);
    this.#wanted(loop.condition, types.bool);
    this.#wanted(loop.step, accumulated);
    this.#scopes.pop();
    const result = this.check(loop.result);
    this.#scopes.pop();
    return this.bindings.resolve(result);
  }

  #wanted(part: Expression, type: Type): void {
    const found = this.check(part);
    if (!this.bindings.assign(type, found)) {
      this.#mismatch(part.at, this.bindings.resolve(type), this.bindings.resolve(found));
    }
  }

  #entryTypes(range: Type, { range: part, variable2 }: Comprehension): [first: Type, second: Type] {
    const isPair = variable2 !== undefined;
    switch (range.kind) {
      case "list":
        return isPair ? [types.int, range.params[0]!] : [range.params[0]!, types.dyn];
      case "map":
        return [range.params[0]!, range.params[1]!];
      case "dyn":
      case "error":
      case "param":
        this.bindings.assign(types.dyn, range);
        return [types.dyn, types.dyn];
      default:
        this.#fault(
          part.at,
          `expression of type '${shownType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [types.error, types.error];
    }
  }
}

function typeOfLiteral(value: unknown): Type {
  switch (typeof value) {
    case "bigint":
      return types.int;
    case "number":
      return types.double;
    case "string":
      return types.string;
    case "boolean":
      return types.bool;
    default:
      return value === null ? types.null : value instanceof Uint8Array ? types.bytes : types.uint;
  }
}

/** Checks an expression; calls with a namespace are changed in place. @returns What is wrong, where anything is. */
export function check(root: Expression, scope: Scope): Checked | { readonly faults: readonly Fault[] } {
  const checker = new Checker(scope);
  checker.check(root);
  if (checker.faults.length > 0) return { faults: checker.faults };
  const known = new Map<Expression, Type>();
  for (const [part, type] of checker.types) known.set(part, checker.bindings.resolve(type, types.dyn));
  return { root, type: known.get(root)!, types: known, overloads: checker.overloads };
}
