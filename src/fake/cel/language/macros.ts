/**
 * Macros: calls that become comprehensions before types are checked.
 *
 * @module
 */
import { type Call, copied, type Expression, type Ident } from "./expression.ts";
import { type Fault, FaultyExpression } from "./fault.ts";

const accumulator = "@result";

/** Makes expressions at the place of a macro. */
class Builder {
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
  }

  literal(value: unknown): Expression {
    return { kind: "literal", at: this.#at, value };
  }
  ident(name: string): Expression {
    return { kind: "ident", at: this.#at, name };
  }
  get result(): Expression {
    return this.ident(accumulator);
  }
  call(name: string, ...args: Expression[]): Expression {
    return { kind: "call", at: this.#at, name, target: undefined, args };
  }
  method(name: string, target: Expression, ...args: Expression[]): Expression {
    return { kind: "call", at: this.#at, name, target, args };
  }
  list(...items: Expression[]): Expression {
    return { kind: "list", at: this.#at, items, optional: new Set() };
  }
  map(): Expression {
    return { kind: "map", at: this.#at, entries: [] };
  }
  /** A value under a name, in one expression. */
  bind(name: string, value: Expression, result: Expression): Expression {
    return {
      kind: "comprehension",
      at: this.#at,
      range: this.list(),
      variable: "#unused",
      variable2: undefined,
      accumulator: name,
      init: value,
      condition: this.literal(false),
      step: this.ident(name),
      result,
    };
  }
  loop(
    range: Expression,
    [variable, variable2]: readonly [string, string?],
    parts: { init: Expression; condition: Expression; step: Expression; result?: Expression },
  ): Expression {
    const { result = this.result, ...rest } = parts;
    return { kind: "comprehension", at: this.#at, range, variable, variable2, accumulator, ...rest, result };
  }
}

const refuse = (at: number, text: string): never => {
  throw new FaultyExpression([{ at, text } satisfies Fault]);
};

function nameOf(argument: Expression): string {
  if (argument.kind !== "ident") return refuse(argument.at, "argument must be a simple name");
  if (argument.name === accumulator || argument.name === "__result__") {
    return refuse(argument.at, "iteration variable overwrites accumulator variable");
  }
  return argument.name;
}

function namesOf(args: readonly Expression[], count: 1 | 2): readonly [string, string?] {
  const first = nameOf(args[0]!);
  if (count === 1) return [first];
  const second = nameOf(args[1]!);
  if (first === second) refuse(args[1]!.at, `duplicate variable name: ${first}`);
  return [first, second];
}

type Loop = (make: Builder, range: Expression, names: readonly [string, string?], rest: readonly Expression[]) => Expression;

const all: Loop = (make, range, names, [test]) =>
  make.loop(range, names, {
    init: make.literal(true),
    condition: make.call("@not_strictly_false", make.result),
    step: make.call("_&&_", make.result, test!),
  });
const exists: Loop = (make, range, names, [test]) =>
  make.loop(range, names, {
    init: make.literal(false),
    condition: make.call("@not_strictly_false", make.call("!_", make.result)),
    step: make.call("_||_", make.result, test!),
  });
const existsOne: Loop = (make, range, names, [test]) =>
  make.loop(range, names, {
    init: make.literal(0n),
    condition: make.literal(true),
    step: make.call("_?_:_", test!, make.call("_+_", make.result, make.literal(1n)), make.result),
    result: make.call("_==_", make.result, make.literal(1n)),
  });
/** @param add What one round adds to the result. */
const gather = (
  init: (make: Builder) => Expression,
  add: (make: Builder, names: readonly [string, string?], value: Expression) => Expression,
): Loop =>
(make, range, names, rest) => {
  const added = add(make, names, rest.at(-1)!);
  const step = rest.length === 2 ? make.call("_?_:_", rest[0]!, added, make.result) : added;
  return make.loop(range, names, { init: init(make), condition: make.literal(true), step });
};
const map = gather((make) => make.list(), (make, _, value) => make.call("_+_", make.result, make.list(value)));
const transformMap = gather(
  (make) => make.map(),
  (make, [key], value) => make.call("cel.@mapInsert", make.result, make.ident(key), value),
);
const transformMapEntry = gather((make) => make.map(), (make, _, entry) => make.call("cel.@mapInsert", make.result, entry));
const filter: Loop = (make, range, names, [test]) => {
  const added = make.call("_+_", make.result, make.list(make.ident(names[0])));
  return make.loop(range, names, {
    init: make.list(),
    condition: make.literal(true),
    step: make.call("_?_:_", test!, added, make.result),
  });
};

/** By name and number of arguments. */
const loops: Readonly<Record<string, readonly [variables: 1 | 2, Loop]>> = {
  "all/2": [1, all],
  "all/3": [2, all],
  "exists/2": [1, exists],
  "exists/3": [2, exists],
  "exists_one/2": [1, existsOne],
  "exists_one/3": [2, existsOne],
  "existsOne/3": [2, existsOne],
  "map/2": [1, map],
  "map/3": [1, map],
  "filter/2": [1, filter],
  "transformList/3": [2, map],
  "transformList/4": [2, map],
  "transformMap/3": [2, transformMap],
  "transformMap/4": [2, transformMap],
  "transformMapEntry/3": [2, transformMapEntry],
  "transformMapEntry/4": [2, transformMapEntry],
};

function optional(make: Builder, call: Call, target: Expression): Expression {
  const [variable, body] = call.args as [Expression, Expression];
  if (variable.kind !== "ident") {
    return refuse(variable.at, `${call.name}() variable name must be a simple identifier`);
  }
  const { name } = variable as Ident;
  const bound = make.bind(name, make.method("value", copied(target)), body);
  const present = call.name === "optMap" ? make.call("optional.of", bound) : bound;
  return make.call("_?_:_", make.method("hasValue", target), present, make.call("optional.none"));
}

function sortBy(make: Builder, call: Call, target: Expression): Expression {
  if (!["list", "select", "ident", "comprehension", "call"].includes(target.kind)) {
    return refuse(target.at, "sortBy can only be applied to a list, identifier, comprehension, call or select expression");
  }
  const input = "@__sortBy_input__";
  const keys = map(make, make.ident(input), namesOf(call.args, 1), call.args.slice(1));
  return make.bind(input, target, make.method("@sortByAssociatedKeys", make.ident(input), keys));
}

/** What a call becomes where it is a macro. Pure. @throws {FaultyExpression} */
export function expanded(call: Call): Expression {
  const make = new Builder(call.at);
  const { name, target, args } = call;
  if (!target) {
    if (name !== "has" || args.length !== 1) return call;
    const [field] = args as [Expression];
    if (field.kind !== "select") return refuse(field.at, "invalid argument to has() macro");
    return { ...field, at: call.at, isTest: true };
  }
  const loop = loops[`${name}/${args.length}`];
  if (loop && Object.hasOwn(loops, `${name}/${args.length}`)) {
    const [variables, build] = loop;
    return build(make, target, namesOf(args, variables), args.slice(variables));
  }
  if (args.length !== 2) return call;
  if (name === "optMap" || name === "optFlatMap") return optional(make, call, target);
  return name === "sortBy" ? sortBy(make, call, target) : call;
}
