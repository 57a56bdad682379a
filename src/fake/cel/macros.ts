/**
 * The macros that the library lacks: two-variable comprehensions, `optMap`, `format`.
 *
 * A macro is asked twice: for its type when a rule is compiled, for its value each time that the rule runs.
 *
 * @module
 */
import { format } from "./format.ts";

/** A part of an expression, as far as macros look into it. */
export interface MacroNode {
  readonly op: string;
  readonly args: unknown;
}

/** A type of the library. */
export interface MacroType {
  readonly kind: string;
  readonly name: string;
  readonly keyType?: MacroType;
  readonly valueType?: MacroType;
  isDynOrBool(): boolean;
}

interface Scope {
  forkWithVariable(name: string, type: MacroType): Overlay;
}
interface Overlay extends Scope {
  reuse(parent: Scope): Overlay;
  setIterValue(value: unknown, evaluator: Evaluator): Overlay;
}
interface Checker {
  check(node: MacroNode, scope: Scope): MacroType;
  getType(name: string): MacroType;
  createError(code: string, message: string, node: MacroNode): Error;
  readonly registry: {
    getListType(item: MacroType): MacroType;
    getMapType(key: MacroType, value: MacroType): MacroType;
    getOptionalType(value: MacroType): MacroType;
  };
}
interface Evaluator {
  run(node: MacroNode, scope: Scope): unknown;
}
interface Call {
  readonly args: readonly MacroNode[];
  readonly receiver: MacroNode;
}
interface Macro extends Call {
  readonly async: false;
  typeCheck(checker: Checker, macro: Macro, scope: Scope): MacroType;
  evaluate(evaluator: Evaluator, macro: Macro, scope: Scope): unknown;
}
/** How a macro is made from a call. */
export type MacroEntry = readonly [signature: string, expand: (call: Call) => Macro];

function nameOf(checker: Checker, node: MacroNode): string {
  if (node.op === "id") return String(node.args);
  throw checker.createError("invalid_macro_argument", "argument must be a simple name", node);
}

/** The types of key and value of what a comprehension goes over. */
function rangeOf(checker: Checker, node: MacroNode, scope: Scope): [key: MacroType, value: MacroType] {
  const type = checker.check(node, scope);
  if (type.kind === "list") return [checker.getType("int"), type.valueType!];
  if (type.kind === "map") return [type.keyType!, type.valueType!];
  if (type.kind === "dyn") return [type, type];
  throw checker.createError("invalid_comprehension_range", type.name, node);
}

function entriesOf(value: unknown): (readonly [key: unknown, value: unknown])[] {
  if (Array.isArray(value)) return value.map((item, index) => [BigInt(index), item]);
  return value instanceof Map ? [...value] : Object.entries(value as object);
}

type Step = (run: (part: number) => unknown, key: unknown) => void | "stop";

/** Two variables over a list (index, item) or a map (key, value). */
function overBoth(
  resultOf: (checker: Checker, parts: readonly MacroType[], key: MacroType) => MacroType,
  start: () => { readonly step: Step; readonly end: () => unknown },
): (call: Call) => Macro {
  return ({ args, receiver }) => {
    const [first, second, ...parts] = args as [MacroNode, MacroNode, ...MacroNode[]];
    let outer: Overlay, inner: Overlay;
    return {
      args,
      receiver,
      async: false,
      typeCheck(checker, _, scope) {
        const [key, value] = rangeOf(checker, receiver, scope);
        outer = scope.forkWithVariable(nameOf(checker, first), key);
        inner = outer.forkWithVariable(nameOf(checker, second), value);
        const types = parts.map((part) => checker.check(part, inner));
        types.forEach((type, index) => {
          const isTest = index < parts.length - 1 || resultOf === isBool;
          if (isTest && !type.isDynOrBool()) throw checker.createError("not_bool", type.name, parts[index]!);
        });
        return resultOf(checker, types, key);
      },
      evaluate(evaluator, _, scope) {
        const { step, end } = start();
        for (const [key, value] of entriesOf(evaluator.run(receiver, scope))) {
          const around = outer.reuse(scope).setIterValue(key, evaluator);
          const here = inner.reuse(around).setIterValue(value, evaluator);
          if (step((part) => evaluator.run(parts.at(part)!, here), key) === "stop") break;
        }
        return end();
      },
    };
  };
}

const isBool = (checker: Checker) => checker.getType("bool");

/** all and exists: what is decided is decided, whatever fails elsewhere. */
const quantifier = (decisive: boolean) => () => {
  let decided = false;
  let failure: unknown;
  const step: Step = (run) => {
    try {
      decided = run(-1) === decisive;
    } catch (error) {
      failure ??= error;
    }
    return decided ? "stop" : undefined;
  };
  return {
    step,
    end() {
      if (!decided && failure !== undefined) throw failure;
      return decided === decisive;
    },
  };
};

const exactlyOne = () => {
  let count = 0;
  return { step: (run: (part: number) => unknown) => void (run(-1) === true && count++), end: () => count === 1 };
};

const list = (hasTest: boolean) => () => {
  const items: unknown[] = [];
  const step: Step = (run) => void ((!hasTest || run(0) === true) && items.push(run(-1)));
  return { step, end: () => items };
};

const map = (hasTest: boolean) => () => {
  const members = new Map<unknown, unknown>();
  const step: Step = (run, key) => void ((!hasTest || run(0) === true) && members.set(key, run(-1)));
  return { step, end: () => members };
};

const listType = (checker: Checker, parts: readonly MacroType[]) => checker.registry.getListType(parts.at(-1)!);
const mapType = (checker: Checker, parts: readonly MacroType[], key: MacroType) =>
  checker.registry.getMapType(key, parts.at(-1)!);

/** A value of the library that may be absent. */
interface Maybe {
  hasValue(): boolean;
  value(): unknown;
}

/** @param none The absent value. @param wrap What becomes of the result. */
function overOptional(isFlat: boolean, none: unknown, wrap: (value: unknown) => unknown): (call: Call) => Macro {
  return ({ args, receiver }) => {
    const [variable, body] = args as [MacroNode, MacroNode];
    let inner: Overlay;
    return {
      args,
      receiver,
      async: false,
      typeCheck(checker, _, scope) {
        const type = checker.check(receiver, scope);
        inner = scope.forkWithVariable(nameOf(checker, variable), type.kind === "optional" ? type.valueType! : type);
        const result = checker.check(body, inner);
        return isFlat ? result : checker.registry.getOptionalType(result);
      },
      evaluate(evaluator, _, scope) {
        const maybe = evaluator.run(receiver, scope) as Maybe;
        if (!maybe.hasValue()) return none;
        const result = evaluator.run(body, inner.reuse(scope).setIterValue(maybe.value(), evaluator));
        return isFlat ? result : wrap(result);
      },
    };
  };
}

/** The values of one `format` may have any types, which no list may otherwise. */
const formatting = ({ args, receiver }: Call): Macro => ({
  args,
  receiver,
  async: false,
  typeCheck(checker, _, scope) {
    const [values] = args as [MacroNode];
    checker.check(receiver, scope);
    if (values.op === "list") (values.args as MacroNode[]).forEach((node) => checker.check(node, scope));
    else checker.check(values, scope);
    return checker.getType("string");
  },
  evaluate(evaluator, _, scope) {
    const [values] = args as [MacroNode];
    const read = values.op === "list"
      ? (values.args as MacroNode[]).map((node) => evaluator.run(node, scope))
      : evaluator.run(values, scope) as unknown[];
    return format(String(evaluator.run(receiver, scope)), read);
  },
});

/** @param none The absent value. @param wrap Makes a present one. */
export const macros = (none: unknown, wrap: (value: unknown) => unknown): readonly MacroEntry[] => [
  ["list.all(ast, ast, ast): bool", overBoth(isBool, quantifier(false))],
  ["list.exists(ast, ast, ast): bool", overBoth(isBool, quantifier(true))],
  ["list.exists_one(ast, ast, ast): bool", overBoth(isBool, exactlyOne)],
  ["list.existsOne(ast, ast, ast): bool", overBoth(isBool, exactlyOne)],
  ["list.transformList(ast, ast, ast): list<dyn>", overBoth(listType, list(false))],
  ["list.transformList(ast, ast, ast, ast): list<dyn>", overBoth(listType, list(true))],
  ["map.transformMap(ast, ast, ast): map<dyn, dyn>", overBoth(mapType, map(false))],
  ["map.transformMap(ast, ast, ast, ast): map<dyn, dyn>", overBoth(mapType, map(true))],
  ["optional.optMap(ast, ast): optional<dyn>", overOptional(false, none, wrap)],
  ["optional.optFlatMap(ast, ast): optional<dyn>", overOptional(true, none, wrap)],
  ["string.format(ast): string", formatting],
];
