/**
 * One validation rule of a schema, ready to be checked.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { type Declared, sizeAt, typeOf } from "./declared.ts";
import { compile, type Compiled, type Program } from "./engine.ts";
import { optionalOf, type Type } from "./language/type.ts";
import { normalPath } from "./schema.ts";

/** The types of what rules see: those of all rules at one place are one. */
export type Types = Map<Declared, Type>;

/** What a schema says of rules at its own place. Pure. */
export const rulesAt = (schema: JsonObject): JsonObject[] =>
  Array.isArray(schema["x-kubernetes-validations"]) ? schema["x-kubernetes-validations"].filter(isObject) : [];

/** Whether what was before is shown to a rule as something that may be absent. Pure. */
export const isOptionalOld = (rule: JsonObject): boolean => rule.optionalOldSelf === true;

/** Whether a rule gives a text in the place of its message. Pure. */
export const hasExpression = ({ messageExpression }: JsonObject): boolean =>
  typeof messageExpression === "string" && messageExpression !== "";

/** Compiles an expression of a rule. */
export function compileIn(types: Types, expression: Json | undefined, declared: Declared, rule: JsonObject): Compiled {
  let self = types.get(declared);
  if (!self) types.set(declared, self = typeOf(declared, "selfType"));
  return compile(String(expression), {
    variables: new Map([["self", self], ["oldSelf", isOptionalOld(rule) ? optionalOf(self) : self]]),
    // The genuine estimate begins there whatever the name is.
    sizeAt: (path) => sizeAt(declared, path),
  });
}

/** What its expressions were compiled to, where that was done already. */
export interface Programs {
  readonly rule: Program;
  readonly message: Program | undefined;
}

/** A rule that can be checked. What was not compiled to find out whether it may be there is compiled when it is checked first. */
export class Rule {
  readonly #compiled: () => Programs;
  #programs: Programs | undefined;
  #usesOld: boolean | undefined;
  readonly #text: string;
  /** What is said when the rule does not hold. */
  readonly message: string;
  /** As the other message is written. */
  readonly messageText: string;
  /** `FieldValueInvalid` and the like. */
  readonly reason: string;
  /** The field that is named, seen from where the rule stands. */
  readonly fieldPath: string;
  /** What is named when the rule cannot be evaluated. */
  readonly name: string;
  /** The type of the value in the schema's own words. */
  readonly typeName: string;
  /** Whether it is checked without an old value too. */
  readonly optionalOld: boolean;

  constructor(rule: JsonObject, schema: JsonObject, compiled: () => Programs) {
    this.#compiled = compiled;
    const text = this.#text = String(rule.rule).trim();
    const message = typeof rule.message === "string" ? rule.message.trim() : "";
    this.message = message || `failed rule: ${text}`;
    this.messageText = hasExpression(rule) ? String(rule.messageExpression) : "";
    this.reason = typeof rule.reason === "string" ? rule.reason : "FieldValueInvalid";
    this.fieldPath = typeof rule.fieldPath === "string" ? normalPath(schema, rule.fieldPath) ?? "" : "";
    this.name = message || text;
    this.typeName = String(schema.type ?? "");
    this.optionalOld = isOptionalOld(rule);
  }

  get #all(): Programs {
    return this.#programs ??= this.#compiled();
  }

  /** Tests the value. */
  get program(): Program {
    return this.#all.rule;
  }

  /** Says what is wrong in the place of the message, where it gives a text. */
  get messageProgram(): Program | undefined {
    return this.#all.message;
  }

  /** Whether it looks at what was before. */
  get usesOld(): boolean {
    return this.#usesOld ??= this.#text.includes("oldSelf") && this.program.uses("oldSelf");
  }
}
