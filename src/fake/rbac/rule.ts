/**
 * One rule of a role: what it lets pass, and whether it covers another.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { quote } from "../types/quote.ts";

/** A rule, all members there. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** What is asked for. */
export interface Wanted {
  readonly verb: string;
  readonly group?: string | undefined;
  readonly resource?: string | undefined;
  readonly subresource?: string | undefined;
  readonly name?: string | undefined;
  /** Of what is no resource. */
  readonly path?: string | undefined;
}

const texts = (value: Json | undefined): string[] => Array.isArray(value) ? value.map(String) : [];

/** The rules of a role, as far as they are any. Pure. */
export const rulesIn = (role: JsonObject): PolicyRule[] =>
  (Array.isArray(role.rules) ? role.rules : []).filter(isObject).map((rule) => ({
    verbs: texts(rule.verbs),
    apiGroups: texts(rule.apiGroups),
    resources: texts(rule.resources),
    resourceNames: texts(rule.resourceNames),
    nonResourceURLs: texts(rule.nonResourceURLs),
  }));

/** A rule as objects write it: what is empty is left out. Pure. */
export const ruleObject = (rule: PolicyRule): JsonObject =>
  Object.fromEntries(Object.entries(rule).filter(([, list]) => list.length > 0).map(([name, list]) => [name, [...list]]));

const holds = (list: readonly string[], wanted: string) => list.includes("*") || list.includes(wanted);
const coversPath = (pattern: string, path: string) =>
  pattern === "*" || pattern === path || (pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1)));

/** Whether a rule lets something pass. Pure. */
export function lets(rule: PolicyRule, { verb, group = "", resource = "", subresource, name = "", path }: Wanted): boolean {
  if (!holds(rule.verbs, verb)) return false;
  if (path !== undefined) return rule.nonResourceURLs.some((pattern) => coversPath(pattern, path));
  const whole = subresource === undefined || subresource === "" ? resource : `${resource}/${subresource}`;
  const isMeant = rule.resources.some((each) =>
    each === "*" || each === whole || (subresource !== undefined && subresource !== "" && each === `*/${subresource}`)
  );
  return holds(rule.apiGroups, group) && isMeant && (rule.resourceNames.length === 0 || rule.resourceNames.includes(name));
}

/** A rule in the smallest pieces. Pure. */
function pieces(rule: PolicyRule): PolicyRule[] {
  const empty: PolicyRule = { verbs: [], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
  const found: PolicyRule[] = [];
  for (const group of rule.apiGroups) {
    for (const resource of rule.resources) {
      for (const verb of rule.verbs) {
        const names = rule.resourceNames.length === 0 ? [[]] : rule.resourceNames.map((name) => [name]);
        for (const resourceNames of names) {
          found.push({ ...empty, verbs: [verb], apiGroups: [group], resources: [resource], resourceNames });
        }
      }
    }
  }
  for (const url of rule.nonResourceURLs) {
    for (const verb of rule.verbs) found.push({ ...empty, verbs: [verb], nonResourceURLs: [url] });
  }
  return found;
}

function covers(owned: PolicyRule, piece: PolicyRule): boolean {
  if (!piece.verbs.every((verb) => holds(owned.verbs, verb))) return false;
  if (piece.nonResourceURLs.length > 0) {
    return piece.nonResourceURLs.every((url) => owned.nonResourceURLs.some((pattern) => coversPath(pattern, url)));
  }
  const isMeant = (resource: string) =>
    holds(owned.resources, resource) || (resource.includes("/") && owned.resources.includes(`*/${resource.split("/")[1]}`));
  const isNamed = owned.resourceNames.length === 0 ||
    (piece.resourceNames.length > 0 && piece.resourceNames.every((name) => owned.resourceNames.includes(name)));
  return piece.apiGroups.every((group) => holds(owned.apiGroups, group)) && piece.resources.every(isMeant) && isNamed;
}

const quoted = (list: readonly string[]) => `[${list.map(quote).join(" ")}]`;
const members: readonly (readonly [label: string, member: keyof PolicyRule])[] = [
  ["APIGroups", "apiGroups"],
  ["Resources", "resources"],
  ["NonResourceURLs", "nonResourceURLs"],
  ["ResourceNames", "resourceNames"],
  ["Verbs", "verbs"],
];
const shown = (rule: PolicyRule) =>
  `{${
    members.filter(([, member]) => rule[member].length > 0).map(([label, member]) => `${label}:${quoted(rule[member])}`).join(
      ", ",
    )
  }}`;

/** What rules give that owned ones do not: a text for each, in order. Pure. */
export function notCovered(owned: readonly PolicyRule[], given: readonly PolicyRule[]): string[] {
  const missing = given.flatMap(pieces).filter((piece) => !owned.some((rule) => covers(rule, piece)));
  // Verbs of the same thing are told together.
  const together = new Map<string, PolicyRule>();
  for (const rule of missing) {
    const { verbs, ...what } = rule;
    const key = what.nonResourceURLs.length > 0 ? JSON.stringify(rule) : JSON.stringify(what);
    const known = together.get(key);
    together.set(
      key,
      known ? { ...known, verbs: [...known.verbs, ...verbs.filter((verb) => !known.verbs.includes(verb))] } : rule,
    );
  }
  return [...together.values()].map(shown).sort();
}
