/**
 * What the parser makes of a text: expressions, each with the place where it stands.
 *
 * @module
 */

interface Placed {
  /** The place that faults name, in code points from the beginning of the text. */
  readonly at: number;
}

/** A value that is written out. */
export interface Literal extends Placed {
  readonly kind: "literal";
  readonly value: unknown;
}
/** A name. */
export interface Ident extends Placed {
  readonly kind: "ident";
  /** As it is written; the checker takes a dot before it away. */
  name: string;
}
/** `a.b`, or `has(a.b)`. */
export interface Select extends Placed {
  readonly kind: "select";
  readonly operand: Expression;
  readonly field: string;
  readonly isTest: boolean;
}
/** `f(a)`, `a.f(b)`, and each operator. */
export interface Call extends Placed {
  readonly kind: "call";
  /** The checker puts the namespace before it: `strings.quote`. */
  name: string;
  target: Expression | undefined;
  readonly args: readonly Expression[];
}
/** `[a, ?b]`. */
export interface ListLiteral extends Placed {
  readonly kind: "list";
  readonly items: readonly Expression[];
  /** The indices of those that are marked with `?`. */
  readonly optional: ReadonlySet<number>;
}
/** One member of a map or a message. */
export interface Entry extends Placed {
  readonly key: Expression;
  readonly value: Expression;
  readonly isOptional: boolean;
}
/** `{a: b}`. */
export interface MapLiteral extends Placed {
  readonly kind: "map";
  readonly entries: readonly Entry[];
}
/** `Name{a: b}`. */
export interface Message extends Placed {
  readonly kind: "message";
  readonly name: string;
  readonly entries: readonly Entry[];
}
/** What the macros over lists and maps become. */
export interface Comprehension extends Placed {
  readonly kind: "comprehension";
  readonly range: Expression;
  readonly variable: string;
  /** Of those over index and item, or key and value. */
  readonly variable2: string | undefined;
  readonly accumulator: string;
  readonly init: Expression;
  readonly condition: Expression;
  readonly step: Expression;
  readonly result: Expression;
}

/** An expression, parsed. */
export type Expression = Literal | Ident | Select | Call | ListLiteral | MapLiteral | Message | Comprehension;

/** The parts of an expression, in the order in which they are written. Pure. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "literal":
    case "ident":
      return [];
    case "select":
      return [expression.operand];
    case "call":
      return expression.target ? [expression.target, ...expression.args] : expression.args;
    case "list":
      return expression.items;
    case "map":
    case "message":
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case "comprehension": {
      const { range, init, condition, step, result } = expression;
      return [range, init, condition, step, result];
    }
  }
}

/** An expression and all inside of it. Pure. */
export function allOf(expression: Expression): readonly Expression[] {
  const all: Expression[] = [];
  const visit = (part: Expression) => {
    all.push(part);
    partsOf(part).forEach(visit);
  };
  visit(expression);
  return all;
}

/** The same expression once more, as a macro needs it that uses a part twice. Pure. */
export function copied(expression: Expression): Expression {
  switch (expression.kind) {
    case "literal":
    case "ident":
      return { ...expression };
    case "select":
      return { ...expression, operand: copied(expression.operand) };
    case "call":
      return { ...expression, target: expression.target && copied(expression.target), args: expression.args.map(copied) };
    case "list":
      return { ...expression, items: expression.items.map(copied) };
    case "map":
    case "message":
      return {
        ...expression,
        entries: expression.entries.map((entry) => ({ ...entry, key: copied(entry.key), value: copied(entry.value) })),
      };
    case "comprehension": {
      const { range, init, condition, step, result } = expression;
      return {
        ...expression,
        range: copied(range),
        init: copied(init),
        condition: copied(condition),
        step: copied(step),
        result: copied(result),
      };
    }
  }
}
