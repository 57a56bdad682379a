/**
 * How an autoscaler scales, as `autoscaling/v1` keeps it in an annotation: as the server has it inside, with Go's names.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { each, part } from "./checks.ts";

const directions = ["scaleUp", "scaleDown"];
const ruleMembers = ["stabilizationWindowSeconds", "selectPolicy", "policies", "tolerance"];
const policyMembers = ["type", "value", "periodSeconds"];

const goName = (key: string) => key.slice(0, 1).toUpperCase() + key.slice(1);

/** All members of a struct under Go's names, whether they are there or not. */
const inFull = (members: readonly string[], read: (key: string) => Json | undefined): JsonObject =>
  Object.fromEntries(members.map((key) => [goName(key), read(key) ?? null]));

const goPolicies = (rules: JsonObject) =>
  each(rules, "policies").map((policy) => inFull(policyMembers, (member) => policy[member]));

const goRules = (rules: JsonObject) => inFull(ruleMembers, (key) => key === "policies" ? goPolicies(rules) : rules[key]);

/** What is kept of it. Pure. @param behavior Of `autoscaling/v2`. */
export const goBehavior = (behavior: JsonObject): JsonObject =>
  inFull(directions, (key) => isObject(behavior[key]) ? goRules(part(behavior, key)) : null);

/** A member, however its name is written: Go does not look at the case. */
const anyCase = (object: JsonObject, key: string): Json | undefined =>
  Object.entries(object).find(([own]) => own.toLowerCase() === key.toLowerCase())?.[1] ?? undefined;

function given(members: readonly string[], object: JsonObject): JsonObject {
  const found = members.map((key) => [key, anyCase(object, key)] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(found);
}

function rulesOfGo(rules: JsonObject): JsonObject {
  const { policies, ...rest } = given(ruleMembers, rules);
  // A list that is not there is one without any.
  const list = Array.isArray(policies) ? policies.filter(isObject) : [];
  return { ...rest, policies: list.map((policy) => given(policyMembers, policy)) };
}

/** The way back. Pure. @returns Nothing where nothing is said. */
export function behaviorOfGo(kept: Json | undefined): JsonObject | undefined {
  if (!isObject(kept)) return undefined;
  const found = Object.entries(given(directions, kept)).filter(([, rules]) => isObject(rules));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([direction, rules]) => [direction, rulesOfGo(rules as JsonObject)]));
}
