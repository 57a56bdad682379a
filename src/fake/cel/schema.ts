/**
 * What is wrong with how a rule is written down, before it is compiled.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";

/** Where in a schema something stands. */
export interface Place {
  /** As the genuine server writes it, without the root's own path. */
  readonly path: string;
  readonly isRoot: boolean;
  /** The innermost list around it whose items do not find their former state. */
  readonly uncorrelated?: string;
}

/** Why a CRD is refused. */
export interface RuleFault {
  /** Without the root's own path. */
  readonly path: string;
  readonly kind: "invalid" | "required" | "forbidden" | "unsupported" | "internal";
  /** Whether the schema is wrong, not an expression in it: around it, none is compiled. */
  readonly isOfSchema?: boolean;
  readonly text: string;
  readonly value?: Json;
  /** A path that ends the text. */
  readonly within?: string;
}

const reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
const combinations = ["allOf", "anyOf", "oneOf"];

/** Checks the rules at one place, compiling none. Pure. */
export function schemaFaults(schema: JsonObject, { path }: Place): RuleFault[] {
  const rules = schema["x-kubernetes-validations"];
  const at = `${path}.x-kubernetes-validations`;
  const own = Array.isArray(rules)
    ? rules.filter(isObject).flatMap((rule, index) => ruleFaults(rule, schema, `${at}[${index}]`))
    : [];
  const parts = combinations.flatMap((name) => {
    const list = schema[name];
    return (Array.isArray(list) ? list : []).map((part, index) => [part, `${path}.${name}[${index}]`] as const);
  });
  const faults = [...own, ...[...parts, [schema.not, `${path}.not`] as const].flatMap(([part, at]) => misplaced(part, at))];
  return faults.map((fault) => ({ ...fault, isOfSchema: true }));
}

/** Rules stand beside a type, never inside of allOf, anyOf, oneOf and not. */
function misplaced(part: Json | undefined, path: string): RuleFault[] {
  if (!isObject(part)) return [];
  const own = part["x-kubernetes-validations"];
  const faults: RuleFault[] = Array.isArray(own) && own.length > 0
    ? [{ path: `${path}.x-kubernetes-validations`, kind: "forbidden", text: "must be empty to be structural" }]
    : [];
  for (const [name, property] of Object.entries(isObject(part.properties) ? part.properties : {})) {
    faults.push(...misplaced(property, `${path}.properties[${name}]`));
  }
  return [...faults, ...misplaced(part.items, `${path}.items`)];
}

function ruleFaults(rule: JsonObject, schema: JsonObject, at: string): RuleFault[] {
  const faults: RuleFault[] = [];
  const textOf = (member: string) => typeof rule[member] === "string" ? rule[member] : "";
  const [text, message] = [textOf("rule").trim(), textOf("message").trim()];
  const say = (member: string, kind: RuleFault["kind"], why: string) =>
    faults.push({ path: `${at}.${member}`, kind, value: rule[member], text: why });
  if (text === "") say("rule", "required", "rule is not specified");
  else if (textOf("message") !== "" && message === "") say("message", "invalid", "must be non-empty if specified");
  else if (/[\n\r]/.test(message)) say("message", "invalid", "must not contain line breaks");
  else if (/[\n\r]/.test(text) && message === "") {
    say("message", "required", "message must be specified if rule contains line breaks");
  }
  if (textOf("messageExpression") !== "" && textOf("messageExpression").trim() === "") {
    say("messageExpression", "required", "messageExpression must be non-empty if specified");
  }
  if (typeof rule.reason === "string" && !reasons.includes(rule.reason)) say("reason", "unsupported", "");
  const fieldPath = textOf("fieldPath");
  if (fieldPath !== "") {
    if (fieldPath.trim() === "") say("fieldPath", "invalid", "must be non-empty if specified");
    if (/[\n\r]/.test(fieldPath)) say("fieldPath", "invalid", "must not contain line breaks");
    if (normalPath(schema, fieldPath) === undefined) say("fieldPath", "invalid", "must be a valid path");
  }
  return faults;
}

/** What `reason` may say. */
export const supportedReasons: readonly string[] = reasons;

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "'": "'",
  "\\": "\\",
};

/** A path as messages write it: `.m['a']` is `m[a]` in a map. Pure. @returns Undefined where it leads to no field. */
export function normalPath(schema: JsonObject, path: string): string | undefined {
  let here: JsonObject = schema;
  let normal = "";
  let rest = path;
  while (rest !== "") {
    const found = /^(?:\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\])/.exec(rest);
    if (!found) return undefined;
    rest = rest.slice(found[0].length);
    if (/\\[^abfnrtv'\\]/.test(found[2] ?? "")) return undefined;
    const name = found[1] ?? found[2]!.replace(/\\(.)/g, (_, char: string) => escapes[char]!);
    const { properties, additionalProperties } = here;
    const next = isObject(properties) ? Object.hasOwn(properties, name) ? properties[name] : undefined : additionalProperties;
    if (!isObject(next)) return undefined;
    normal += isObject(properties) ? `${normal === "" ? "" : "."}${name}` : `[${name}]`;
    here = next;
  }
  return normal;
}
