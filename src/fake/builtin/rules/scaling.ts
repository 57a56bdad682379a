/**
 * How fast an autoscaler may scale, in the words of `k8s.io/kubernetes/pkg/apis/autoscaling/validation`.
 *
 * @module
 */
import { type FieldError, invalid, notListed, required } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { canonicalQuantity, nanosOf } from "../../types/quantity.ts";
import { each, isUnset, part } from "./checks.ts";

/** Seconds. */
const longestWindow = 3600;
/** Seconds. */
const longestPeriod = 1800;

const atMost = (value: Json | undefined, most: number, path: string): FieldError[] =>
  isNumber(value) && value > most ? [invalid(path, value, `must be less than or equal to ${most}`)] : [];

function policyErrors(policy: JsonObject, path: string): FieldError[] {
  const { type = "" } = policy;
  const errors = ["Percent", "Pods"].includes(String(type)) ? [] : [notListed(`${path}.type`, type, ["Percent", "Pods"])];
  for (const name of ["value", "periodSeconds"]) {
    const value = policy[name] ?? 0;
    if (isNumber(value) && value <= 0) errors.push(invalid(`${path}.${name}`, value, "must be greater than zero"));
  }
  return [...errors, ...atMost(policy.periodSeconds, longestPeriod, `${path}.periodSeconds`)];
}

function directionErrors(rules: JsonObject, path: string): FieldError[] {
  const { stabilizationWindowSeconds: span, selectPolicy: select, tolerance } = rules;
  const errors: FieldError[] = [];
  if (isNumber(span) && span < 0) {
    errors.push(invalid(`${path}.stabilizationWindowSeconds`, span, "must be greater than or equal to zero"));
  }
  errors.push(...atMost(span, longestWindow, `${path}.stabilizationWindowSeconds`));
  if (typeof select === "string" && !["Disabled", "Max", "Min"].includes(select)) {
    errors.push(notListed(`${path}.selectPolicy`, select, ["Disabled", "Max", "Min"]));
  }
  const policies = each(rules, "policies");
  if (policies.length === 0) errors.push(required(`${path}.policies`, "must specify at least one Policy"));
  errors.push(...policies.flatMap((policy, index) => policyErrors(policy, `${path}.policies[${index}]`)));
  if (!isUnset(tolerance) && (nanosOf(String(tolerance)) ?? 0n) < 0n) {
    const shown = canonicalQuantity(String(tolerance)) ?? tolerance;
    errors.push(invalid(`${path}.tolerance`, shown, "must be greater than or equal to 0"));
  }
  return errors;
}

/** How an autoscaler scales up and down. Pure. @param spec Of `autoscaling/v2`. */
export const behaviorErrors = (spec: JsonObject, path: string): FieldError[] =>
  ["scaleUp", "scaleDown"].flatMap((direction) => {
    const rules = part(spec, "behavior")[direction];
    return isObject(rules) ? directionErrors(rules, `${path}.${direction}`) : [];
  });
