/**
 * Runs an expression whose types are known, and counts what it costs.
 *
 * @module
 */
import type { Checked } from "./check.ts";
import { isTypeName } from "./check.ts";
import type { Overload } from "./declaration.ts";
import type { Call, Comprehension, Expression, ListLiteral, Literal, MapLiteral, Select } from "./expression.ts";
import type { Type } from "./type.ts";
import { bareOf, EvaluationError, Mapping, Maybe, noOverload, PlainMap, typeNameOf, TypeValue } from "./value.ts";

/** What calls of an overload cost beyond their arguments. */
export type CallCost = (overload: Overload) => (args: readonly unknown[], result: unknown) => number;

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
  value: unknown;
  readonly outer: Local | undefined;
}

/** The names of locals, where an expression is turned into steps: each run has a {@linkcode Local} in its place. */
interface Scope {
  readonly name: string;
  readonly outer: Scope | undefined;
}

/** One run. */
class Run {
  cost = 0;
  readonly variables: Variables;
  readonly #limit: number;

  constructor(variables: Variables, limit: number) {
    this.variables = variables;
    this.#limit = limit;
  }

  spend(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#limit) throw new CostExceeded();
  }
}

/** A part of an expression, as something that can be done. */
type Step = (run: Run, locals: Local | undefined) => unknown;

/** Turns an expression into steps: what is known of it once is not asked again at every run. */
class Machinist {
  readonly #checked: Checked;
  readonly #callCost: CallCost;

  constructor(checked: Checked, callCost: CallCost) {
    this.#checked = checked;
    this.#callCost = callCost;
  }

  step(expression: Expression, scope: Scope | undefined): Step {
    switch (expression.kind) {
      case "literal": {
        const { value } = expression;
        return () => value;
      }
      case "ident":
        return ident(expression.name, scope);
      case "select":
        return this.#select(expression, scope);
      case "call":
        return this.#call(expression, scope);
      case "list":
        return this.#list(expression, scope);
      case "map":
        return this.#map(expression, scope);
      case "comprehension":
        return this.#loop(expression, scope);
      case "message":
        return () => {
          throw noOverload();
        };
    }
  }

  #list({ items, optional }: ListLiteral, scope: Scope | undefined): Step {
    if (optional.size === 0 && items.every(({ kind }) => kind === "literal")) {
      const list = items.map((item) => (item as Literal).value);
      return (run) => {
        run.spend(10);
        return list;
      };
    }
    const steps = items.map((item) => this.step(item, scope));
    return (run, locals) => {
      const list: unknown[] = [];
      for (let at = 0; at < steps.length; at++) {
        const item = steps[at]!(run, locals);
        if (!optional.has(at)) list.push(item);
        else if (!(item instanceof Maybe)) throw noOverload();
        else if (item.hasValue) list.push(item.value);
      }
      run.spend(10);
      return list;
    };
  }

  #map({ entries }: MapLiteral, scope: Scope | undefined): Step {
    const steps = entries.map(({ key, value, isOptional }) => ({
      key: this.step(key, scope),
      value: this.step(value, scope),
      isOptional,
    }));
    return (run, locals) => {
      const members: [unknown, unknown][] = [];
      for (const step of steps) {
        const key = step.key(run, locals);
        const value = step.value(run, locals);
        if (!step.isOptional) members.push([key, value]);
        else if (!(value instanceof Maybe)) throw noOverload();
        else if (value.hasValue) members.push([key, value.value]);
      }
      run.spend(30);
      return PlainMap.of(members);
    };
  }

  #select({ operand, field, isTest }: Select, scope: Scope | undefined): Step {
    const step = this.step(operand, scope);
    if (!isTest) {
      return (run, locals) => {
        const value = step(run, locals);
        run.spend(1);
        return fieldOf(value, field);
      };
    }
    return (run, locals) => {
      const value = step(run, locals);
      const target = value instanceof Maybe ? value.hasValue ? value.value : undefined : value;
      if (target === undefined) return false;
      if (!(target instanceof Mapping)) {
        throw value instanceof Maybe ? noOverload() : new EvaluationError(`no such key: ${field}`);
      }
      return target.find(field) !== undefined;
    };
  }

  #call(call: Call, scope: Scope | undefined): Step {
    const { name, args, target } = call;
    switch (name) {
      case "_&&_":
      case "_||_":
        return logical(args.map((arg) => this.step(arg, scope)), name === "_||_");
      case "_?_:_":
        return conditional(...args.map((arg) => this.step(arg, scope)) as [Step, Step, Step]);
      case "@not_strictly_false":
        return unlessFalse(this.step(args[0]!, scope));
      case "_?._": {
        const operand = this.step(args[0]!, scope);
        const { value: field } = args[1] as Expression & { value: unknown };
        return (run, locals) => {
          const value = operand(run, locals);
          run.spend(1);
          return optionalMember(value, field);
        };
      }
      case "or":
      case "orValue": {
        if (!target) break;
        const [first, otherwise, other] = [this.step(target, scope), this.step(args[0]!, scope), this.#plain(call, scope)];
        return (run, locals) => {
          const maybe = first(run, locals);
          if (!(maybe instanceof Maybe)) return other(run, locals);
          if (maybe.hasValue) return name === "or" ? maybe : maybe.value;
          return otherwise(run, locals);
        };
      }
    }
    return this.#plain(call, scope);
  }

  /** A call whose arguments are all evaluated first. */
  #plain(call: Call, scope: Scope | undefined): Step {
    const parts = call.target ? [call.target, ...call.args] : call.args;
    const steps = parts.map((part) => this.step(part, scope));
    const overloads = (this.#checked.overloads.get(call) ?? []).map((overload) => ({
      implementation: overload.run,
      wanted: overload.args.map(runtimeName),
      cost: this.#callCost(overload),
    }));
    // Most functions have one overload, or one that takes anything.
    const only = overloads[0]?.wanted.every((name) => name === undefined) ? overloads[0] : undefined;
    const find = (given: readonly unknown[]) => {
      const found = only ?? overloads.find(({ wanted }) => takes(wanted, given));
      if (!found) throw misfit(call.name, given);
      return found;
    };
    const [first, second] = steps;
    const evaluate = (run: Run, locals: Local | undefined) => {
      const given: unknown[] = [];
      for (const step of steps) given.push(step(run, locals));
      return given;
    };
    const isCounted = selfComparing.has(call.name);
    if (!isCounted && first && steps.length <= 2) {
      return (run, locals) => {
        const a = first(run, locals);
        if (!second) {
          const given = [a];
          const { implementation, cost } = find(given);
          const result = implementation(a);
          run.spend(cost(given, result));
          return result;
        }
        const b = second(run, locals);
        const given = [a, b];
        const { implementation, cost } = find(given);
        const result = implementation(a, b);
        run.spend(cost(given, result));
        return result;
      };
    }
    return (run, locals) => {
      const given = isCounted ? counted(() => evaluate(run, locals)) : evaluate(run, locals);
      const { implementation, cost } = find(given);
      const result = implementation(...given);
      run.spend(cost(given, result));
      return result;
    };
  }

  #loop(loop: Comprehension, scope: Scope | undefined): Step {
    const range = this.step(loop.range, scope);
    const init = this.step(loop.init, scope);
    const outer: Scope = { name: loop.accumulator, outer: scope };
    const first: Scope = { name: loop.variable, outer };
    const isPair = loop.variable2 !== undefined;
    const inner: Scope = loop.variable2 === undefined ? first : { name: loop.variable2, outer: first };
    const condition = this.step(loop.condition, inner);
    const step = this.step(loop.step, inner);
    const result = this.step(loop.result, outer);
    return (run, locals) => {
      const ranged = range(run, locals);
      const accumulator: Local = { value: tried(init, run, locals), outer: locals };
      const entries = entriesOf(ranged, isPair);
      const own: Local = { value: undefined, outer: accumulator };
      const last: Local = isPair ? { value: undefined, outer: own } : own;
      for (const [key, value] of entries) {
        own.value = key;
        if (isPair) last.value = value;
        if (condition(run, last) !== true) break;
        // A later round may decide all the same: `exists` finds one.
        accumulator.value = tried(step, run, last);
      }
      return result(run, accumulator);
    };
  }
}

function ident(name: string, scope: Scope | undefined): Step {
  let hops = 0;
  let found = scope;
  for (; found && found.name !== name; found = found.outer) hops++;
  if (!found) return (run) => global(name, run);
  return (run, locals) => {
    run.spend(1);
    let local = locals!;
    for (let hop = 0; hop < hops; hop++) local = local.outer!;
    if (local.value instanceof Failed) throw local.value.error;
    return named(local.value);
  };
}

/** What a name stands for. Of an optional the genuine server's evaluator takes out what is in it, and loses its schema by that (up to 1.35; 1.37 keeps it). */
const named = (value: unknown): unknown => value instanceof Maybe && value.hasValue ? Maybe.of(bareOf(value.value)) : value;

function global(name: string, run: Run): unknown {
  run.spend(1);
  const value = run.variables.get(name);
  if (value !== undefined) return named(value);
  if (isTypeName(name)) return new TypeValue(name);
  throw new EvaluationError(`no such attribute(s): ${name}`);
}

/** Whether something went wrong that what stands around it can do without. */
const isPassing = (error: unknown): error is EvaluationError => error instanceof EvaluationError && !(error instanceof Aborted);

/** What is decided is decided, whatever fails beside it. */
function logical(parts: readonly Step[], decisive: boolean): Step {
  return (run, locals) => {
    let failure: unknown;
    for (const part of parts) {
      try {
        const value = part(run, locals);
        if (value === decisive) return decisive;
        if (typeof value !== "boolean") failure ??= noOverload();
      } catch (error) {
        if (!isPassing(error)) throw error;
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return !decisive;
  };
}

function conditional(condition: Step, yes: Step, no: Step): Step {
  return (run, locals) => {
    const decided = condition(run, locals);
    if (typeof decided !== "boolean") throw noOverload();
    return decided ? yes(run, locals) : no(run, locals);
  };
}

function unlessFalse(part: Step): Step {
  return (run, locals) => {
    try {
      return part(run, locals) !== false;
    } catch (error) {
      if (!isPassing(error)) throw error;
      return true;
    }
  };
}

/** The value, or the error that whoever asks for the value gets. */
function tried(part: Step, run: Run, locals: Local | undefined): unknown {
  try {
    return part(run, locals);
  } catch (error) {
    if (!isPassing(error)) throw error;
    return new Failed(error);
  }
}

/** The genuine server counts what these cost before it looks whether there is a list. */
function counted(evaluate: () => unknown[]): unknown[] {
  try {
    return evaluate();
  } catch (error) {
    if (!isPassing(error)) throw error;
    throw new Aborted("internal error: interface conversion: *types.Err is not traits.Lister: missing method Add");
  }
}

/** Why no overload takes the values, as they turned out. */
function misfit(name: string, given: readonly unknown[]): EvaluationError {
  if (name === "_[_]") return new EvaluationError(indexFault(given[0], given[1]));
  if (name === "size") return noOverload("size");
  if (plainly.has(name)) return noOverload();
  if (!/^(_|@|!|-)/.test(name)) return noOverload(`${name}(${given.map(typeNameOf).join(", ")})`);
  const operands = operandTypes(name);
  return noOverload(operands && !operands.includes(typeNameOf(given[0])) ? name : undefined);
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

/** A part of a value, or the error that whoever asks for it gets: it may be of another type, from before its type. */
function asked(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (!isPassing(error)) throw error;
    return new Failed(error);
  }
}

function entriesOf(range: unknown, isPair: boolean): Iterable<readonly [unknown, unknown]> {
  if (Array.isArray(range)) {
    return Array.from(range.keys(), (at) => {
      const item = asked(() => range[at]);
      return isPair ? [BigInt(at), item] as const : [item, undefined] as const;
    });
  }
  if (range instanceof Mapping) {
    return [...range.keys()].map((key) => [key, isPair ? asked(() => range.find(key)) : undefined] as const);
  }
  throw new EvaluationError(`got '${goTypeOf(range)}', expected iterable type`);
}

const kindNames: Readonly<Partial<Record<Type["kind"], string>>> = { list: "list", map: "map", struct: "map", type: "type" };

/** The name of what can stand for an argument; what a list holds is not looked at. @returns Nothing where anything can. */
const runtimeName = ({ kind, name }: Type): string | undefined =>
  kind === "dyn" || kind === "param" || kind === "error" ? undefined : kindNames[kind] ?? name;

function takes(wanted: readonly (string | undefined)[], given: readonly unknown[]): boolean {
  for (let at = 0; at < wanted.length; at++) {
    const name = wanted[at];
    if (name !== undefined && typeNameOf(given[at]) !== name) return false;
  }
  return true;
}

/** An expression that can be run. @param limit What it may cost. */
export type Runnable = (variables: Variables, limit: number) => Outcome;

/** Makes an expression ready to be run, again and again. */
export function runnable(checked: Checked, callCost: CallCost): Runnable {
  const root = new Machinist(checked, callCost).step(checked.root, undefined);
  return (variables, limit) => {
    const run = new Run(variables, limit);
    try {
      return { value: root(run, undefined), cost: run.cost };
    } catch (error) {
      if (error instanceof EvaluationError) return { error, cost: run.cost };
      throw error;
    }
  };
}
