/**
 * Checks an object against the validation rules of its schema.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, required } from "../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { quote } from "../types/quote.ts";
import { CostExceeded, type Outcome, type Variables } from "./language/run.ts";
import { type EvaluationError, Maybe } from "./language/value.ts";
import { Correlation, formerItem } from "../schema/correlation.ts";
import type { Declared } from "./declared.ts";
import type { Rule } from "./rule.ts";
import { type RuleNode, rulesOf } from "./rules.ts";
import { readValue } from "./values.ts";

/** What else a check is given. */
export interface CheckOptions {
  /** What the object replaces. */
  readonly old: JsonObject | undefined;
  /** What the schema found wrong. */
  readonly errors: readonly FieldError[];
  /** Takes what is wrong in a part that did not change: that is let through, and said. Without it, nothing is. */
  readonly warn?: (text: string) => void;
}

const blocking = ["Required", "NotSupported", "TooLong", "TooMany", "TypeInvalid"];
const notChecked =
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

/** What all rules together may cost on one object. */
const budget = 10_000_000;
/** Bytes that a message may have. */
const longestMessage = 5120;

/** Checks the rules of a schema on a whole object. Rules that look at `oldSelf` are checked where there is an old value. */
export function checkRules(object: JsonObject, schema: JsonObject, { old, errors, warn }: CheckOptions): readonly FieldError[] {
  const { root } = rulesOf(schema);
  if (!root) return [];
  if (errors.some(({ reason }) => blocking.includes(reason))) return [invalid("<nil>", null, notChecked)];
  const check = new Check(warn);
  try {
    const own = old && warn && new Correlation(object, old, schema);
    check.node(root, object, old, "", { own, around: undefined });
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
  }
  return check.errors;
}

/** What it has cost that a rule held, or all rules of a node, by the value: it is never changed, and they hold again. */
type Held = WeakMap<object, number>;

/** Of rules that do not look at the value before. */
const heldAlone = new WeakMap<Rule, Held>();
/** Of the rules of a node and of all below it, where the value before is the very same. */
const heldUnchanged = new WeakMap<RuleNode, Held>();

function heldIn<K extends object>(notes: WeakMap<K, Held>, key: K): Held {
  let note = notes.get(key);
  if (!note) notes.set(key, note = new WeakMap());
  return note;
}

/** Where it is noted that a rule held for a value; nothing where that depends on more than this value. */
const noteOf = (rule: Rule, value: Json): Held | undefined =>
  rule.usesOld || typeof value !== "object" ? undefined : heldIn(heldAlone, rule);

/** No further rule is run. */
class OutOfBudget extends Error {}

/** What rules at one place see: read when the first of them looks at it. */
class RuleVariables implements Variables {
  readonly #type: Declared;
  readonly #value: Json;
  readonly #old: Json | undefined;
  #self: { readonly value: unknown } | undefined;
  #before: { readonly value: unknown } | undefined;
  /** Whether what was before is shown as something that may be absent. */
  isOptional = false;

  constructor(type: Declared, value: Json, old: Json | undefined) {
    this.#type = type;
    this.#value = value;
    this.#old = old;
  }

  get(name: string): unknown {
    if (name === "self") return (this.#self ??= { value: readValue(this.#type, this.#value) }).value;
    if (name !== "oldSelf") return undefined;
    if (this.#old === undefined) return this.isOptional ? Maybe.none : undefined;
    const { value } = this.#before ??= { value: readValue(this.#type, this.#old) };
    return this.isOptional ? Maybe.of(value) : value;
  }
}

class Check {
  readonly errors: FieldError[] = [];
  readonly #warn: (text: string) => void;
  #left = budget;
  #warned = 0;

  constructor(warn: (text: string) => void = () => {}) {
    this.#warn = warn;
  }

  node(node: RuleNode, value: Json, old: Json | undefined, path: string, was: Former): void {
    if (value === null) return;
    if (value !== old || typeof value !== "object") return this.#judge(node, value, old, path, was);
    const note = heldIn(heldUnchanged, node);
    const known = note.get(value);
    if (known !== undefined && known <= this.#left) {
      this.#left -= known;
      return;
    }
    const [left, said] = [this.#left, this.errors.length + this.#warned];
    this.#judge(node, value, old, path, was);
    if (this.errors.length + this.#warned === said) note.set(value, left - this.#left);
  }

  #judge(node: RuleNode, value: Json, old: Json | undefined, path: string, was: Former): void {
    for (const fault of node.broken) {
      this.errors.push(invalid(path === "" ? "<nil>" : path, String(node.schema.type ?? ""), fault));
    }
    if (node.rules.length > 0) this.#rules(node, value, old ?? undefined, path, was);
    if (Array.isArray(value)) {
      const { items } = node;
      if (!items) return;
      const before = formerItem(node.schema, old);
      value.forEach((item, index) =>
        this.node(items, item, before(item), `${path}[${index}]`, inner(was, (own) => own.item(item)))
      );
    } else if (isObject(value)) this.#members(node, value, isObject(old) ? old : {}, path, was);
  }

  #members(node: RuleNode, value: JsonObject, old: JsonObject, path: string, was: Former): void {
    const member = (key: string, below: RuleNode, at: string) => {
      const now = Object.hasOwn(value, key) ? value[key] : undefined;
      const before = Object.hasOwn(old, key) ? old[key] : undefined;
      if (now !== undefined) this.node(below, now, before, at, inner(was, (own) => own.member(key)));
    };
    for (const key of Object.keys(value)) if (node.values) member(key, node.values, `${path}[${key}]`);
    for (const [key, below] of node.properties) member(key, below, path === "" ? key : `${path}.${key}`);
  }

  #rules(node: RuleNode, value: Json, old: Json | undefined, path: string, was: Former): void {
    const field = path === "" ? "<nil>" : path;
    const variables = new RuleVariables(node.type!, value, old);
    if (this.#left <= 0) {
      this.#stop(
        field,
        node.rules[0]!,
        "validation failed due to running out of cost budget, no further validation rules will be run",
      );
    }
    for (const rule of node.rules) {
      if (rule.usesOld && old === undefined && !rule.optionalOld) continue;
      const note = noteOf(rule, value);
      const known = note?.get(value as object);
      if (known !== undefined) {
        this.#spend(known, field, rule);
        continue;
      }
      variables.isOptional = rule.optionalOld;
      const outcome = rule.program.runWith(variables);
      this.#spend(outcome.cost, field, rule);
      if (outcome.value === true) {
        note?.set(value as object, outcome.cost);
        continue;
      }
      const error = this.#failureOf(rule, outcome, variables, value, path, field);
      if (!rule.usesOld && isUnchanged(was) && !error.isFailure) {
        this.#warned++;
        this.#warn(`${error.field}: ${error.text}`);
      } else this.errors.push({ field: error.field, reason: error.reason, text: error.text });
    }
  }

  #stop(field: string, rule: Rule, why: string): never {
    this.errors.push(invalid(field, rule.typeName, why));
    throw new OutOfBudget();
  }

  #spend(cost: number, field: string, rule: Rule): void {
    if (cost > this.#left) {
      this.#stop(field, rule, "validation failed due to running out of cost budget, no further validation rules will be run");
    }
    this.#left -= cost;
  }

  #failureOf(
    rule: Rule,
    outcome: Outcome,
    variables: Variables,
    value: Json,
    path: string,
    field: string,
  ): Failure {
    if (outcome.error instanceof CostExceeded) {
      const why =
        `'${outcome.error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${rule.name}`;
      this.#stop(field, rule, why);
    }
    if (outcome.error) {
      return { ...invalid(field, rule.typeName, `${reasonOf(outcome.error)} rule: ${rule.name}`), isFailure: true };
    }
    const at = rule.fieldPath === ""
      ? field
      : `${path}${path === "" || rule.fieldPath.startsWith("[") ? "" : "."}${rule.fieldPath}`;
    const message = this.#messageOf(rule, variables, at);
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

  #messageOf(rule: Rule, variables: Variables, at: string): string {
    if (!rule.messageProgram) return rule.message;
    const outcome = rule.messageProgram.runWith(variables);
    if (outcome.cost > this.#left) {
      this.#stop(
        at,
        rule,
        "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run",
      );
    }
    this.#left -= outcome.cost;
    if (outcome.error instanceof CostExceeded) {
      const what = quote(rule.messageText);
      this.#stop(
        at,
        rule,
        `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${what}`,
      );
    }
    if (outcome.error || typeof outcome.value !== "string") return rule.message;
    const message = outcome.value.trim();
    const isUsable = message !== "" && !message.includes("\n") && new TextEncoder().encode(message).length <= longestMessage;
    return isUsable ? message : rule.message;
  }
}

/** A rule that failed, or did not hold. */
interface Failure extends FieldError {
  readonly isFailure?: boolean;
}

/** What is known of the state before: of the value itself, or else of the nearest value around it that is followed. */
interface Former {
  readonly own: Correlation | undefined;
  readonly around: Correlation | undefined;
}

const inner = (was: Former, follow: (own: Correlation) => Correlation | undefined): Former =>
  was.own ? { own: follow(was.own), around: was.own } : was;

const isUnchanged = ({ own, around }: Former): boolean => (own ?? around)?.same === true;

/** Objects and lists are not shown. */
const invalidRule = (field: string, value: Json, message: string): FieldError =>
  typeof value === "object" ? { field, reason: "Invalid", text: `Invalid value: ${message}` } : invalid(field, value, message);

/** Why an expression failed, as the genuine server says it. */
const reasonOf = ({ message }: EvaluationError): string =>
  message.startsWith("no such overload")
    ? `'${message}': call arguments did not match a supported operator, function or macro signature for`
    : `${message} evaluating`;
