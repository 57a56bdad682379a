/**
 * Runs an expression whose types are known, and counts what it costs.
 *
 * @module
 */
import type { Checked } from "./check.ts";
import { isTypeName } from "./check.ts";
import type { Overload } from "./declaration.ts";
import type { Call, Comprehension, Expression, Select } from "./expression.ts";
import type { Type } from "./type.ts";
import { EvaluationError, Mapping, Maybe, noOverload, PlainMap, typeNameOf, TypeValue } from "./value.ts";

/** What a call costs beyond its arguments. */
export type CallCost = (overload: Overload, args: readonly unknown[], result: unknown) => number;

/** The values that an expression may use. */
export interface Variables {
  /** The value of a name; undefined: it has none. */
  get(name: string): unknown;
}

/** The whole expression ends, whatever stands around the part that fails. */
class Aborted extends EvaluationError {}

/** An expression became too dear. */
export class CostExceeded extends Aborted {
  constructor() {
    super("operation cancelled: actual cost limit exceeded");
  }
}

/** What came of an expression. */
export interface Outcome {
  readonly value?: unknown;
  readonly error?: EvaluationError;
  readonly cost: number;
}

interface Local {
  readonly name: string;
  value: unknown;
  readonly outer: Local | undefined;
}

class Run {
  cost = 0;
  readonly #checked: Checked;
  readonly #variables: Variables;
  readonly #callCost: CallCost;
  readonly #limit: number;

  constructor(checked: Checked, variables: Variables, callCost: CallCost, limit: number) {
    this.#checked = checked;
    this.#variables = variables;
    this.#callCost = callCost;
    this.#limit = limit;
  }

  #spend(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#limit) throw new CostExceeded();
  }

  evaluate(expression: Expression, locals: Local | undefined): unknown {
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "ident":
        return this.#ident(expression.name, locals);
      case "select":
        return this.#select(expression, locals);
      case "call":
        return this.#call(expression, locals);
      case "list": {
        const items: unknown[] = [];
        expression.items.forEach((part, at) => {
          const item = this.evaluate(part, locals);
          if (!expression.optional.has(at)) items.push(item);
          else if (!(item instanceof Maybe)) throw noOverload();
          else if (item.hasValue) items.push(item.value);
        });
        this.#spend(10);
        return items;
      }
      case "map": {
        const entries: [unknown, unknown][] = [];
        for (const entry of expression.entries) {
          const key = this.evaluate(entry.key, locals);
          const value = this.evaluate(entry.value, locals);
          if (!entry.isOptional) entries.push([key, value]);
          else if (!(value instanceof Maybe)) throw noOverload();
          else if (value.hasValue) entries.push([key, value.value]);
        }
        this.#spend(30);
        return PlainMap.of(entries);
      }
      case "comprehension":
        return this.#loop(expression, locals);
      case "message":
        throw noOverload();
    }
  }

  #ident(name: string, locals: Local | undefined): unknown {
    this.#spend(1);
    for (let local = locals; local; local = local.outer) {
      if (local.name !== name) continue;
      if (local.value instanceof Failed) throw local.value.error;
      return local.value;
    }
    const value = this.#variables.get(name);
    if (value !== undefined) return value;
    if (isTypeName(name)) return new TypeValue(name);
    throw new EvaluationError(`no such attribute(s): ${name}`);
  }

  #select(select: Select, locals: Local | undefined): unknown {
    const operand = this.evaluate(select.operand, locals);
    if (!select.isTest) {
      this.#spend(1);
      return fieldOf(operand, select.field);
    }
    const target = operand instanceof Maybe ? operand.hasValue ? operand.value : undefined : operand;
    if (target === undefined) return false;
    if (!(target instanceof Mapping)) {
      throw operand instanceof Maybe ? noOverload() : new EvaluationError(`no such key: ${select.field}`);
    }
    return target.find(select.field) !== undefined;
  }

  #call(call: Call, locals: Local | undefined): unknown {
    const { name, args } = call;
    switch (name) {
      case "_&&_":
        return this.#logical(args, false, locals);
      case "_||_":
        return this.#logical(args, true, locals);
      case "_?_:_": {
        const condition = this.evaluate(args[0]!, locals);
        if (typeof condition !== "boolean") throw noOverload();
        return this.evaluate(args[condition ? 1 : 2]!, locals);
      }
      case "@not_strictly_false":
        return this.#unlessFalse(args[0]!, locals);
      case "_?._": {
        const operand = this.evaluate(args[0]!, locals);
        this.#spend(1);
        return optionalMember(operand, (args[1] as Expression & { value: unknown }).value);
      }
      case "or":
      case "orValue": {
        const first = call.target && this.evaluate(call.target, locals);
        if (!(first instanceof Maybe)) break;
        if (first.hasValue) return name === "or" ? first : first.value;
        return this.evaluate(args[0]!, locals);
      }
    }
    const given = this.#arguments(call, locals);
    const overload = this.#overload(call, given);
    const result = overload.run(...given);
    this.#spend(this.#callCost(overload, given, result));
    return result;
  }

  /** The overload that takes the values, as they turned out. */
  #overload(call: Call, given: readonly unknown[]): Overload {
    const overloads = this.#checked.overloads.get(call)!;
    const found = overloads.find(({ args }) => args.every((type, at) => accepts(type, given[at])));
    if (found) return found;
    if (call.name === "_[_]") throw new EvaluationError(indexFault(given[0], given[1]));
    if (call.name === "size") throw noOverload("size");
    if (plainly.has(call.name)) throw noOverload();
    if (!/^(_|@|!|-)/.test(call.name)) throw noOverload(`${call.name}(${given.map(typeNameOf).join(", ")})`);
    const operands = operandTypes(call.name);
    throw noOverload(operands && !operands.includes(typeNameOf(given[0])) ? call.name : undefined);
  }

  #arguments(call: Call, locals: Local | undefined): unknown[] {
    try {
      const given = call.target ? [this.evaluate(call.target, locals)] : [];
      for (const arg of call.args) given.push(this.evaluate(arg, locals));
      return given;
    } catch (error) {
      // The genuine server counts what these cost before it looks whether there is a list.
      const isCounted = error instanceof EvaluationError && !(error instanceof Aborted) && selfComparing.has(call.name);
      throw isCounted
        ? new Aborted("internal error: interface conversion: *types.Err is not traits.Lister: missing method Add")
        : error;
    }
  }

  #unlessFalse(part: Expression, locals: Local | undefined): boolean {
    try {
      return this.evaluate(part, locals) !== false;
    } catch (error) {
      if (error instanceof Aborted || !(error instanceof EvaluationError)) throw error;
      return true;
    }
  }

  /** What is decided is decided, whatever fails beside it. */
  #logical(parts: readonly Expression[], decisive: boolean, locals: Local | undefined): boolean {
    let failure: unknown;
    for (const part of parts) {
      try {
        const value = this.evaluate(part, locals);
        if (value === decisive) return decisive;
        if (typeof value !== "boolean") failure ??= noOverload();
      } catch (error) {
        if (error instanceof Aborted || !(error instanceof EvaluationError)) throw error;
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return !decisive;
  }

  #loop(loop: Comprehension, locals: Local | undefined): unknown {
    const range = this.evaluate(loop.range, locals);
    const result: Local = { name: loop.accumulator, value: this.#tried(loop.init, locals), outer: locals };
    const entries = entriesOf(range, loop.variable2 !== undefined);
    const first: Local = { name: loop.variable, value: undefined, outer: result };
    const inner: Local = loop.variable2 === undefined ? first : { name: loop.variable2, value: undefined, outer: first };
    for (const [key, value] of entries) {
      first.value = key;
      if (inner !== first) inner.value = value;
      if (!this.#goesOn(loop.condition, inner)) break;
      // A later round may decide all the same: `exists` finds one.
      result.value = this.#tried(loop.step, inner);
    }
    return this.evaluate(loop.result, result);
  }

  /** The value, or the error that whoever asks for the value gets. */
  #tried(part: Expression, locals: Local | undefined): unknown {
    try {
      return this.evaluate(part, locals);
    } catch (error) {
      if (error instanceof Aborted || !(error instanceof EvaluationError)) throw error;
      return new Failed(error);
    }
  }

  #goesOn(condition: Expression, locals: Local): boolean {
    const value = this.evaluate(condition, locals);
    return value === true;
  }
}

/** Why nothing is at an index. */
function indexFault(target: unknown, index: unknown): string {
  if (!Array.isArray(target)) return `no such key: ${String(index)}`;
  return typeof index === "number"
    ? `unsupported index value ${index} in list`
    : `unsupported index type '${typeNameOf(index)}' in list`;
}

/** The name of a value's type in the genuine evaluator. */
function goTypeOf(value: unknown): string {
  const name = typeNameOf(value).replace("_type", "").split(".").at(-1)!;
  return `types.${name[0]!.toUpperCase()}${name.slice(1)}`;
}

/** Functions of the language itself that say no more. */
const plainly: ReadonlySet<string> = new Set(["startsWith", "endsWith", "contains", "matches", "find", "findAll"]);
const selfComparing: ReadonlySet<string> = new Set(["sort", "distinct", "@sortByAssociatedKeys"]);

const numbers = ["int", "uint", "double"];
const times = ["google.protobuf.Timestamp", "google.protobuf.Duration"];
/** The types that an operator takes at its left. */
function operandTypes(operator: string): readonly string[] | undefined {
  switch (operator) {
    case "_<_":
    case "_<=_":
    case "_>_":
    case "_>=_":
      return [...numbers, ...times, "bool", "string", "bytes"];
    case "_+_":
      return [...numbers, ...times, "string", "bytes", "list"];
    case "_-_":
      return [...numbers, ...times];
    default:
      return undefined;
  }
}

/** A result so far that is an error. */
class Failed {
  readonly error: EvaluationError;

  constructor(error: EvaluationError) {
    this.error = error;
  }
}

function fieldOf(operand: unknown, field: unknown): unknown {
  if (operand instanceof Maybe) return operand.hasValue ? optionalMember(operand.value, field) : operand;
  const value = operand instanceof Mapping ? operand.find(field) : undefined;
  if (value === undefined) throw new EvaluationError(`no such key: ${String(field)}`);
  return value;
}

function optionalMember(operand: unknown, field: unknown): Maybe {
  if (operand instanceof Maybe) return operand.hasValue ? optionalMember(operand.value, field) : operand;
  if (!(operand instanceof Mapping)) throw noOverload();
  const value = operand.find(field);
  return value === undefined ? Maybe.none : Maybe.of(value);
}

function entriesOf(range: unknown, isPair: boolean): Iterable<readonly [unknown, unknown]> {
  if (Array.isArray(range)) return range.map((item, at) => isPair ? [BigInt(at), item] as const : [item, undefined] as const);
  if (range instanceof Mapping) return [...range.keys()].map((key) => [key, range.find(key)] as const);
  throw new EvaluationError(`got '${goTypeOf(range)}', expected iterable type`);
}

const kindNames: Readonly<Partial<Record<Type["kind"], string>>> = { list: "list", map: "map", struct: "map", type: "type" };

/** Whether a value can stand for an argument; what a list holds is not looked at. */
function accepts(type: Type, value: unknown): boolean {
  if (type.kind === "dyn" || type.kind === "param" || type.kind === "error") return true;
  return typeNameOf(value) === (kindNames[type.kind] ?? type.name);
}

/** Runs an expression. @param limit What it may cost. */
export function run(checked: Checked, variables: Variables, callCost: CallCost, limit: number): Outcome {
  const run = new Run(checked, variables, callCost, limit);
  try {
    return { value: run.evaluate(checked.root, undefined), cost: run.cost };
  } catch (error) {
    if (error instanceof EvaluationError) return { error, cost: run.cost };
    throw error;
  }
}
