/**
 * The validation rules of one schema: compiled once, checked at every write.
 *
 * @module
 */
import { isObject, type JsonObject } from "../types/json.ts";
import { Engine, type Program } from "./engine.ts";
import { type Place, type RuleFault, schemaFaults } from "./schema.ts";
import { type RuleType, TypeReader } from "./types.ts";

/** A rule that can be checked. */
export interface Rule {
  readonly program: Program;
  /** What is said when the rule does not hold. */
  readonly message: string;
  /** Says it instead, where it gives a text. */
  readonly messageProgram: Program | undefined;
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
}

/** The rules at one place of a schema and below it. */
export interface RuleNode {
  readonly type: RuleType | undefined;
  readonly rules: readonly Rule[];
  readonly properties: ReadonlyMap<string, RuleNode>;
  /** Of items of a list. */
  readonly items: RuleNode | undefined;
  /** Of values of a map. */
  readonly values: RuleNode | undefined;
  /** The members by which items of a list find their former state; undefined: they do not. */
  readonly keys: readonly string[] | undefined;
}

/** What is not known here, and the rule that uses it. */
export interface Unsupported {
  readonly what: string;
  /** Without the root's own path. */
  readonly path: string;
  readonly text: string;
}

/** The rules of a schema. */
export interface RuleSet {
  /** Undefined where the schema has none. */
  readonly root: RuleNode | undefined;
  /** What the CRD is refused for. */
  readonly faults: readonly RuleFault[];
  readonly unsupported: readonly Unsupported[];
  /** Compiles and reads values; one for a schema. */
  readonly engine: Engine;
}

const known = new WeakMap<JsonObject, RuleSet>();

/** By the text of the schema: every test has a cluster of its own, and most of them the same CRDs. */
const compiled = new Map<string, RuleSet>();
const COMPILED = 16;

/** The rules of a schema; each schema is compiled once, in however many clusters it is. */
export function rulesOf(schema: JsonObject): RuleSet {
  let found = known.get(schema);
  if (!found) known.set(schema, found = compiledOf(schema));
  return found;
}

function compiledOf(schema: JsonObject): RuleSet {
  const text = JSON.stringify(schema);
  const found = compiled.get(text) ?? new Compiler(schema).compile();
  compiled.delete(text); // the newest are kept
  compiled.set(text, found);
  if (compiled.size > COMPILED) compiled.delete(compiled.keys().next().value!);
  return found;
}

class Compiler {
  readonly #schema: JsonObject;
  readonly #types = new TypeReader();
  readonly #faults: RuleFault[] = [];
  readonly #unsupported: Unsupported[] = [];
  #engine: Engine | undefined;

  constructor(schema: JsonObject) {
    this.#schema = schema;
  }

  compile(): RuleSet {
    this.#types.read(this.#schema, "selfType", true);
    this.#engine = new Engine(this.#types.objects);
    const root = hasRules(this.#schema) ? this.#node(this.#schema, { path: "", isRoot: true }) : undefined;
    return { root, faults: this.#faults, unsupported: this.#unsupported, engine: this.#engine };
  }

  #node(schema: JsonObject, place: Place): RuleNode | undefined {
    const before = this.#faults.length;
    this.#faults.push(...schemaFaults(schema, place));
    const isKeyed = schema["x-kubernetes-list-type"] === "map" && Array.isArray(schema["x-kubernetes-list-map-keys"]);
    const { path } = place;
    const child = (part: unknown, at: string, uncorrelated = place.uncorrelated): RuleNode | undefined =>
      isObject(part) ? this.#node(part, { path: `${path}${at}`, isRoot: false, uncorrelated }) : undefined;
    const items = child(schema.items, ".items", isKeyed ? place.uncorrelated : place.uncorrelated ?? path);
    const values = child(schema.additionalProperties, ".additionalProperties");
    const properties = new Map<string, RuleNode>();
    for (const [name, property] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
      const node = child(property, `.properties[${name}]`);
      if (node) properties.set(name, node);
    }
    const type = this.#types.read(schema, "selfType", place.isRoot);
    // Rules are compiled where the schema around them is right.
    const rules = this.#faults.length > before ? [] : this.#rules(schema, type, place);
    if (rules.length === 0 && !items && !values && properties.size === 0) return undefined;
    const keys = isKeyed ? (schema["x-kubernetes-list-map-keys"] as unknown[]).map(String) : undefined;
    return { type, rules, properties, items, values, keys };
  }

  #rules(schema: JsonObject, type: RuleType | undefined, place: Place): Rule[] {
    const given = listOf(schema);
    const at = `${place.path}.x-kubernetes-validations`;
    if (given.length === 0) return [];
    if (!type) {
      this.#unsupported.push({ what: "values without a type", path: at, text: String(given[0]!.rule) });
      return [];
    }
    return given.flatMap((rule, index) => this.#rule(rule, type, place, `${at}[${index}]`, String(schema.type ?? "")) ?? []);
  }

  #rule(rule: JsonObject, type: RuleType, place: Place, at: string, typeName: string): Rule | undefined {
    const optionalOld = rule.optionalOldSelf === true;
    const program = this.#program(rule, "rule", type, optionalOld, "bool", at);
    const hasExpression = typeof rule.messageExpression === "string" && rule.messageExpression !== "";
    const messageProgram = hasExpression ? this.#program(rule, "messageExpression", type, optionalOld, "string", at) : undefined;
    if (!program || (hasExpression && !messageProgram)) return undefined;
    const text = String(rule.rule).trim();
    if (program.usesOld && place.uncorrelated !== undefined) {
      const why = "oldSelf cannot be used on the uncorrelatable portion of the schema within ";
      this.#faults.push({ path: `${at}.rule`, kind: "invalid", value: rule.rule, text: why, within: place.uncorrelated });
    } else if (!program.usesOld && rule.optionalOldSelf !== undefined && rule.optionalOldSelf !== null) {
      const why = "may not be set if oldSelf is not used in rule";
      this.#faults.push({ path: `${at}.optionalOldSelf`, kind: "invalid", value: rule.optionalOldSelf, text: why });
    }
    const message = typeof rule.message === "string" ? rule.message.trim() : "";
    return {
      program,
      message: message || `failed rule: ${text}`,
      messageProgram,
      reason: typeof rule.reason === "string" ? rule.reason : "FieldValueInvalid",
      fieldPath: fieldOf(rule.fieldPath),
      name: message || text,
      typeName,
      optionalOld,
    };
  }

  #program(
    rule: JsonObject,
    member: "rule" | "messageExpression",
    type: RuleType,
    optionalOld: boolean,
    result: string,
    at: string,
  ): Program | undefined {
    const expression = String(rule[member]);
    const compiled = this.#engine!.compile(expression, type, optionalOld);
    const head = member === "rule" ? "" : "messageExpression ";
    const fault = (text: string) =>
      void this.#faults.push({ path: `${at}.${member}`, kind: "invalid", value: shownRule(rule), text });
    if ("unsupported" in compiled) {
      this.#unsupported.push({ what: compiled.unsupported, path: `${at}.${member}`, text: expression });
      return undefined;
    }
    if ("fault" in compiled) return fault(`${head}compilation failed: ${compiled.fault.text}`);
    const { program } = compiled;
    if (program.type === result || (program.type === "dyn" && result === "bool")) return program;
    return fault(member === "rule" ? "cel expression must evaluate to a bool" : "messageExpression must evaluate to a string");
  }
}

const listOf = (schema: JsonObject): JsonObject[] =>
  Array.isArray(schema["x-kubernetes-validations"]) ? schema["x-kubernetes-validations"].filter(isObject) : [];

/** Whether a schema has a rule anywhere. */
function hasRules(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasRules);
  if (!isObject(value)) return false;
  return listOf(value).length > 0 || Object.values(value).some(hasRules);
}

/** A rule as Go prints its own type of it. */
const shownRule = (rule: JsonObject): JsonObject => ({
  Rule: rule.rule,
  Message: rule.message ?? "",
  MessageExpression: rule.messageExpression ?? "",
  Reason: rule.reason ?? null,
  FieldPath: rule.fieldPath ?? "",
  OptionalOldSelf: rule.optionalOldSelf ?? null,
});

const fieldOf = (path: unknown) =>
  typeof path === "string" ? path.replace(/\['((?:[^'\\]|\\.)*)'\]/g, "[$1]").replace(/^\./, "") : "";
