/**
 * The validation rules of one schema: compiled once, checked at every write.
 *
 * @module
 */
import { byText } from "../types/by-text.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { declare, type Declared, mostOften } from "./declared.ts";
import type { Compiled, Program } from "./engine.ts";
import { isJudged } from "./judged.ts";
import { compileIn, hasExpression, Rule, rulesAt, type Types } from "./rule.ts";
import { type Place, type RuleFault, schemaFaults } from "./schema.ts";
import { trustedNode } from "./trusted.ts";

/** The rules at one place of a schema and below it. */
export interface RuleNode {
  readonly schema: JsonObject;
  readonly type: Declared | undefined;
  readonly rules: readonly Rule[];
  /** What is said in the place of rules that do not compile, where something is checked nevertheless. */
  readonly broken: readonly string[];
  readonly properties: ReadonlyMap<string, RuleNode>;
  /** Of items of a list. */
  readonly items: RuleNode | undefined;
  /** Of values of a map. */
  readonly values: RuleNode | undefined;
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
}

const known = new WeakMap<JsonObject, RuleSet>();

const compiledOf = byText(
  16,
  (schema, text): RuleSet =>
    isJudged(text) ? { root: trustedNode(schema), faults: [], unsupported: [] } : compileRules(schema, new Set()),
);

/** Compiles the rules of a schema. Pure. @param wrong Paths of schemas in and around which none is compiled; the root's own is empty. */
export const compileRules = (schema: JsonObject, wrong: ReadonlySet<string>): RuleSet => new Compiler(schema, wrong).compile();

/** The rules of a schema; each schema is compiled once, in however many clusters it is. */
export function rulesOf(schema: JsonObject): RuleSet {
  let found = known.get(schema);
  if (!found) known.set(schema, found = compiledOf(schema));
  return found;
}

/** What a rule may cost at most, and all rules of a schema together: estimates. */
const ruleLimit = 10_000_000;
const schemaLimit = 100_000_000;

/** How much dearer something is than it may be, in the genuine server's words. */
function tooDear(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const times = factor > 100 ? "more than 100x" : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${times} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** How much more often a value can be inside of another; undefined: nobody knows. */
function mostInside(schema: JsonObject): number | undefined {
  const most = (value: unknown) => typeof value === "number" ? Math.max(0, value) : undefined;
  if (schema.type === "array") return most(schema.maxItems);
  return schema.type === "object" && isObject(schema.additionalProperties) ? most(schema.maxProperties) : 1;
}

/** Where the compiler is. */
interface Here extends Place {
  /** How often a value can be there; undefined: as often as a request has room. */
  readonly count: number | undefined;
}

class Compiler {
  readonly #schema: JsonObject;
  readonly #faults: RuleFault[] = [];
  readonly #unsupported: Unsupported[] = [];
  readonly #costs: { readonly path: string; readonly cost: number }[] = [];

  /** Of all rules at one place. */
  readonly #types: Types = new Map();

  /** Of schemas with something else wrong in them. */
  readonly #wrong: readonly string[];

  constructor(schema: JsonObject, wrong: ReadonlySet<string>) {
    this.#schema = schema;
    this.#wrong = [...wrong];
  }

  #isWrong(path: string): boolean {
    return this.#wrong.some((wrong) => wrong.startsWith(path) && /^(?:[.[]|$)/.test(wrong.slice(path.length)));
  }

  compile(): RuleSet {
    const root = hasRules(this.#schema) ? this.#node(this.#schema, { path: "", isRoot: true, count: 1 }) : undefined;
    this.#judgeAll();
    return { root, faults: this.#faults, unsupported: this.#unsupported };
  }

  /** All rules together. */
  #judgeAll(): void {
    const total = this.#costs.reduce((sum, { cost }) => sum + cost, 0);
    if (total <= schemaLimit) return;
    const dearest = this.#costs.filter(({ cost }) => cost >= schemaLimit / 100).sort((a, b) => b.cost - a.cost).slice(0, 4);
    const why = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
    for (const { path } of dearest) this.#faults.push({ path, kind: "forbidden", text: why });
    const what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
    this.#faults.push({ path: "", kind: "forbidden", text: tooDear(what, total, schemaLimit) });
  }

  #node(schema: JsonObject, here: Here): RuleNode | undefined {
    const before = this.#faults.length;
    this.#faults.push(...schemaFaults(schema, here));
    const isKeyed = schema["x-kubernetes-list-type"] === "map" && Array.isArray(schema["x-kubernetes-list-map-keys"]);
    const { path } = here;
    const inside = mostInside(schema);
    const count = here.count === undefined || inside === undefined ? undefined : here.count * inside;
    const child = (part: unknown, at: string, uncorrelated = here.uncorrelated): RuleNode | undefined =>
      isObject(part) ? this.#node(part, { path: `${path}${at}`, isRoot: false, uncorrelated, count }) : undefined;
    const values = child(schema.additionalProperties, ".additionalProperties");
    const properties = new Map<string, RuleNode>();
    for (const [name, property] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
      const node = child(property, `.properties[${name}]`);
      if (node) properties.set(name, node);
    }
    const items = child(schema.items, ".items", isKeyed ? here.uncorrelated : here.uncorrelated ?? path);
    const given = rulesAt(schema);
    const declared = given.length === 0 ? undefined : declare(schema, here.isRoot || undefined);
    // Rules are compiled where the schema around them is right.
    const isWrong = this.#isWrong(path) || this.#faults.slice(before).some(({ isOfSchema }) => isOfSchema);
    const broken: string[] = [];
    const rules = isWrong ? [] : this.#rules(given, declared, here, schema, broken);
    if (rules.length + broken.length === 0 && !items && !values && properties.size === 0) return undefined;
    return { schema, type: declared, rules, broken, properties, items, values };
  }

  #rules(
    given: readonly JsonObject[],
    declared: Declared | undefined,
    here: Here,
    schema: JsonObject,
    broken: string[],
  ): Rule[] {
    const at = `${here.path}.x-kubernetes-validations`;
    if (given.length === 0) return [];
    if (!declared) {
      const why =
        "internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations";
      this.#faults.push({ path: at, kind: "internal", text: why });
      broken.push("rule compiler initialization error: failed to convert to declType for CEL validation rules");
      return [];
    }
    const compiled = given.map((rule, index) => this.#rule(rule, declared, here, `${at}[${index}]`, schema));
    broken.push(...compiled.filter((rule) => typeof rule === "string").map((fault) => `rule compile error: ${fault}`));
    return compiled.filter((rule) => typeof rule !== "string");
  }

  #rule(rule: JsonObject, declared: Declared, here: Here, at: string, schema: JsonObject): Rule | string {
    const compiled = compileIn(this.#types, rule.rule, declared, rule);
    const program = "program" in compiled && compiled.program.type.kind === "bool" ? compiled.program : undefined;
    this.#judge(`${at}.rule`, "estimated rule cost", program ? program.cost * (here.count ?? mostOften(declared)) : 0);
    if (!program) {
      const noTest = "cel expression must evaluate to a bool";
      this.#say(compiled, `${at}.rule`, rule, "", noTest);
      if ("fault" in compiled) this.#needless(rule, at);
      return "fault" in compiled ? compiled.fault : noTest;
    }
    const message = hasExpression(rule) ? this.#message(rule, declared, at) : undefined;
    const usesOld = program.uses("oldSelf");
    if (usesOld && here.uncorrelated !== undefined) {
      const why = "oldSelf cannot be used on the uncorrelatable portion of the schema within ";
      this.#faults.push({ path: `${at}.rule`, kind: "invalid", value: rule.rule, text: why, within: here.uncorrelated });
    } else if (!usesOld) this.#needless(rule, at);
    return new Rule(rule, schema, () => ({ rule: program, message }));
  }

  /** A rule that looks at no old value needs no word about it. */
  #needless(rule: JsonObject, at: string): void {
    if (rule.optionalOldSelf === undefined || rule.optionalOldSelf === null) return;
    const why = "may not be set if oldSelf is not used in rule";
    this.#faults.push({ path: `${at}.optionalOldSelf`, kind: "invalid", value: rule.optionalOldSelf, text: why });
  }

  #message(rule: JsonObject, declared: Declared, at: string): Program | undefined {
    const compiled = compileIn(this.#types, rule.messageExpression, declared, rule);
    if ("program" in compiled && compiled.program.type.kind === "string") {
      this.#judge(`${at}.messageExpression`, "estimated messageExpression cost", compiled.program.cost);
      return compiled.program;
    }
    this.#say(compiled, `${at}.messageExpression`, rule, "messageExpression ", "messageExpression must evaluate to a string");
    return undefined;
  }

  #judge(path: string, what: string, cost: number): void {
    if (cost > ruleLimit) this.#faults.push({ path, kind: "forbidden", text: tooDear(what, cost, ruleLimit) });
    this.#costs.push({ path, cost });
  }

  /** @param head Before what the compiler says. @param wrongType What is said of another type. */
  #say(compiled: Compiled, path: string, rule: JsonObject, head: string, wrongType: string): void {
    if ("unsupported" in compiled) {
      const member = head === "" ? "rule" : "messageExpression";
      this.#unsupported.push({ what: compiled.unsupported, path, text: String(rule[member]) });
    } else {
      const text = "fault" in compiled ? `${head}${compiled.fault}` : wrongType;
      this.#faults.push({ path, kind: "invalid", value: shownRule(rule), text });
    }
  }
}

/** Whether a schema has a rule anywhere. */
function hasRules(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasRules);
  if (!isObject(value)) return false;
  return rulesAt(value).length > 0 || Object.values(value).some(hasRules);
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
