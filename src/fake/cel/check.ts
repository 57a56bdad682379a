/**
 * Checks an object against the validation rules of its schema.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, required } from "../types/field-error.ts";
import { equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { type Engine, optional } from "./engine.ts";
import { type Rule, type RuleNode, rulesOf } from "./rules.ts";

/** What else a check is given. */
export interface CheckOptions {
  /** What the object replaces. */
  readonly old: JsonObject | undefined;
  /** What the schema found wrong. */
  readonly errors: readonly FieldError[];
  /** Takes what is wrong in a part that did not change: that is let through, and said. */
  readonly warn: (text: string) => void;
}

const blocking = ["Required", "NotSupported", "TooLong", "TooMany", "TypeInvalid"];
const notChecked =
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

/** Checks the rules of a schema on a whole object. Rules that look at `oldSelf` are checked where there is an old value. */
export function checkRules(object: JsonObject, schema: JsonObject, { old, errors, warn }: CheckOptions): readonly FieldError[] {
  const { root, engine } = rulesOf(schema);
  if (!root) return [];
  if (errors.some(({ reason }) => blocking.includes(reason))) return [invalid("<nil>", null, notChecked)];
  return new Check(engine, warn).node(root, object, old, "");
}

class Check {
  readonly #engine: Engine;
  readonly #warn: (text: string) => void;

  constructor(engine: Engine, warn: (text: string) => void) {
    this.#engine = engine;
    this.#warn = warn;
  }

  node(node: RuleNode, value: Json, old: Json | undefined, path: string): FieldError[] {
    if (value === null) return [];
    const errors = node.rules.length > 0 ? this.#rules(node, value, old ?? undefined, path) : [];
    if (Array.isArray(value)) {
      const { items } = node;
      if (items) {
        value.forEach((item, index) => errors.push(...this.node(items, item, former(item, old, node.keys), `${path}[${index}]`)));
      }
    } else if (isObject(value)) errors.push(...this.#members(node, value, isObject(old) ? old : {}, path));
    return errors;
  }

  #members(node: RuleNode, value: JsonObject, old: JsonObject, path: string): FieldError[] {
    const errors: FieldError[] = [];
    const before = (key: string) => Object.hasOwn(old, key) ? old[key] : undefined;
    for (const [key, below] of node.properties) {
      const member = Object.hasOwn(value, key) ? value[key] : undefined;
      if (member !== undefined) errors.push(...this.node(below, member, before(key), path === "" ? key : `${path}.${key}`));
    }
    if (node.values) {
      for (const [key, member] of Object.entries(value)) {
        if (member !== undefined) errors.push(...this.node(node.values, member, before(key), `${path}[${key}]`));
      }
    }
    return errors;
  }

  #rules(node: RuleNode, value: Json, old: Json | undefined, path: string): FieldError[] {
    const errors: FieldError[] = [];
    const read = (json: Json) => this.#engine.values.read(node.type!, json);
    const variables = { self: read(value), oldSelf: undefined as unknown };
    let before: unknown;
    for (const rule of node.rules) {
      if (rule.program.usesOld) {
        if (old === undefined && !rule.optionalOld) continue;
        if (old !== undefined) before ??= read(old);
        variables.oldSelf = rule.optionalOld ? optional(before) : before;
      }
      const error = failureOf(rule, variables, value, path);
      if (!error) continue;
      if (!rule.program.usesOld && old !== undefined && equal(value, old)) this.#warn(`${error.field}: ${error.text}`);
      else errors.push(error);
    }
    return errors;
  }
}

/** The former state of a list's item: found by its keys, where the list has keys. */
function former(item: Json, old: Json | undefined, keys: readonly string[] | undefined): Json | undefined {
  if (!keys || !Array.isArray(old) || !isObject(item)) return undefined;
  return old.find((other) => isObject(other) && keys.every((key) => equal(other[key], item[key])));
}

function failureOf(rule: Rule, variables: Readonly<Record<string, unknown>>, value: Json, path: string): FieldError | undefined {
  const field = path === "" ? "<nil>" : path;
  let holds: unknown;
  try {
    holds = rule.program.run(variables);
  } catch (error) {
    return invalid(field, rule.typeName, `${reasonOf(error)} rule: ${rule.name}`);
  }
  if (holds === true) return undefined;
  const at = rule.fieldPath === ""
    ? field
    : `${path}${path === "" || rule.fieldPath.startsWith("[") ? "" : "."}${rule.fieldPath}`;
  const message = messageOf(rule, variables);
  switch (rule.reason) {
    case "FieldValueRequired":
      return required(at, message);
    case "FieldValueForbidden":
      return forbidden(at, message);
    case "FieldValueDuplicate":
      return typeof value === "object" ? { field: at, reason: "Duplicate", text: "Duplicate value" } : duplicate(at, value);
    default:
      return invalidRule(at, value, message);
  }
}

/** Objects and lists are not shown. */
const invalidRule = (field: string, value: Json, message: string): FieldError =>
  typeof value === "object" ? { field, reason: "Invalid", text: `Invalid value: ${message}` } : invalid(field, value, message);

function messageOf(rule: Rule, variables: Readonly<Record<string, unknown>>): string {
  if (!rule.messageProgram) return rule.message;
  try {
    const message = String(rule.messageProgram.run(variables)).trim();
    return message === "" || /[\r\n]/.test(message) || message.length > 5120 ? rule.message : message;
  } catch {
    return rule.message;
  }
}

/** Why an expression failed, as the genuine evaluator says it. */
function reasonOf(error: unknown): string {
  const { summary, message, code } = error as Error & { summary?: string; code?: string };
  const text = summary ?? message;
  switch (code) {
    case "no_such_overload":
    case "no_matching_overload":
      return "'no such overload': call arguments did not match a supported operator, function or macro signature for";
    case "no_such_key":
      return `${text.replace(/^No such key/, "no such key")} evaluating`;
    case "index_out_of_bounds":
      return `index out of bounds: ${/-?\d+/.exec(text)?.[0]} evaluating`;
    case "modulo_by_zero":
      return "modulus by zero evaluating";
    case "int_conversion_error":
      return "type conversion error from 'string' to 'int' evaluating";
    default:
      return `${text.replace(/^integer overflow.*/, "integer overflow")} evaluating`;
  }
}
