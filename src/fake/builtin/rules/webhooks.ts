/**
 * Configurations of webhooks.
 *
 * @module
 */
import { duplicate, type FieldError, invalid, notListed, required, tooMany } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { qualifiedNameFaults, subdomainName } from "../../types/names.ts";
import { clientErrors, reviewErrors } from "../../types/webhook-client.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset } from "./checks.ts";

const operators = ["In", "NotIn", "Exists", "DoesNotExist"];

function selectorFaults(selector: Json | undefined, path: string): FieldError[] {
  if (!isObject(selector)) return [];
  const labels = isObject(selector.matchLabels) ? Object.keys(selector.matchLabels) : [];
  return [
    ...labels.flatMap((key) => qualifiedNameFaults(key).map((fault) => invalid(`${path}.matchLabels`, key, fault))),
    ...each(selector, "matchExpressions").flatMap((expression, at) =>
      expressionFaults(expression, `${path}.matchExpressions[${at}]`)
    ),
  ];
}

function expressionFaults({ key, operator, values }: JsonObject, path: string): FieldError[] {
  const listed = operator === "In" || operator === "NotIn";
  const errors: FieldError[] = [];
  if (!operators.includes(String(operator))) errors.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
  else if (listed && isUnset(values)) {
    errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (!listed && !isUnset(values)) {
    errors.push({
      field: `${path}.values`,
      reason: "Forbidden",
      text: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    });
  }
  return [...errors, ...qualifiedNameFaults(String(key ?? "")).map((fault) => invalid(`${path}.key`, key, fault))];
}

const operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const scopes = ["*", "Cluster", "Namespaced"];
const texts = (value: Json | undefined): string[] => Array.isArray(value) ? value.map(String) : [];

function resourceFaults(resources: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const stars = new Set<string>();
  const withStar = new Set<string>();
  resources.forEach((resource, at) => {
    const where = `${path}[${at}]`;
    if (resource === "") errors.push(required(where));
    if (resource === "" || resource === "*/*") return;
    const [name = "", sub] = resource.split("/");
    const wide = sub === undefined ? undefined : withStar.has(name) ? `${name}/*` : stars.has(sub) ? `*/${sub}` : undefined;
    if (wide !== undefined) errors.push(invalid(where, resource, `if '${wide}' is present, must not specify ${resource}`));
    if (sub === "*") withStar.add(name);
    if (name === "*" && sub !== undefined) stars.add(sub);
  });
  if (resources.length > 1 && resources.includes("*/*")) {
    errors.push(invalid(path, [...resources], "if '*/*' is present, must not specify other resources"));
  }
  const plain = resources.filter((resource) => !resource.includes("/"));
  if (plain.includes("*") && plain.length > 1) {
    errors.push(invalid(path, [...resources], "if '*' is present, must not specify other resources without subresources"));
  }
  return errors;
}

/** What is wrong with a rule about requests. Pure. */
export function ruleFaults(rule: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const listed = (name: string, words: string, isRequired: boolean) => {
    const values = texts(rule[name]);
    if (values.length === 0) errors.push(required(`${path}.${name}`));
    if (values.length > 1 && values.includes("*")) {
      errors.push(invalid(`${path}.${name}`, values, `if '*' is present, must not specify other ${words}`));
    }
    if (isRequired) values.forEach((value, at) => value === "" && errors.push(required(`${path}.${name}[${at}]`)));
  };
  listed("operations", "operations", false);
  texts(rule.operations).forEach((operation, at) => {
    if (!operations.includes(operation)) errors.push(notListed(`${path}.operations[${at}]`, operation, operations));
  });
  listed("apiGroups", "API groups", false);
  listed("apiVersions", "API versions", true);
  if (texts(rule.resources).length === 0) errors.push(required(`${path}.resources`));
  errors.push(...resourceFaults(texts(rule.resources), `${path}.resources`));
  errors.push(...among(rule, path, "scope", ...scopes));
  return errors;
}

const mostConditions = 64;

function conditionFaults(conditions: readonly JsonObject[], path: string): FieldError[] {
  if (conditions.length > mostConditions) return [tooMany(path, conditions.length, mostConditions)];
  const names = new Set<string>();
  return conditions.flatMap((condition, at) => {
    const [name, expression] = [String(condition.name ?? ""), String(condition.expression ?? "")];
    const errors: FieldError[] = [];
    if (expression.trim() === "") errors.push(required(`${path}[${at}].expression`));
    if (name === "") errors.push(required(`${path}[${at}].name`));
    else errors.push(...qualifiedNameFaults(name).map((fault) => invalid(`${path}[${at}].name`, name, fault)));
    if (names.has(name)) errors.push(duplicate(`${path}[${at}].name`, name));
    names.add(name);
    return errors;
  });
}

/** A text that is there must be one of these, and not be empty either. Pure. */
export const among = (object: JsonObject, path: string, name: string, ...allowed: string[]): FieldError[] =>
  object[name] === undefined || allowed.includes(String(object[name]))
    ? []
    : [notListed(`${path}.${name}`, object[name], allowed)];

const leastSegments = 3;

function nameFaults(name: Json | undefined, path: string): FieldError[] {
  if (isUnset(name)) return [required(path)];
  const faults = subdomainName(String(name));
  if (faults.length > 0) return faults.map((fault) => invalid(path, name, fault));
  if (String(name).split(".").length >= leastSegments) return [];
  return [invalid(path, name, "should be a domain with at least three segments separated by dots")];
}

function webhookFaults(webhook: JsonObject, path: string): FieldError[] {
  const { sideEffects, timeoutSeconds } = webhook;
  const versions = texts(webhook.admissionReviewVersions);
  const reviews = `${path}.admissionReviewVersions`;
  const errors = [
    ...nameFaults(webhook.name, `${path}.name`),
    ...each(webhook, "rules").flatMap((rule, at) => ruleFaults(rule, `${path}.rules[${at}]`)),
    ...among(webhook, path, "failurePolicy", "Fail", "Ignore"),
    ...among(webhook, path, "matchPolicy", "Equivalent", "Exact"),
    ...among(webhook, path, "reinvocationPolicy", "IfNeeded", "Never"),
    ...(sideEffects ?? null) === null
      ? [required(`${path}.sideEffects`, "must specify one of None, NoneOnDryRun")]
      : among(webhook, path, "sideEffects", "None", "NoneOnDryRun"),
    ...versions.length === 0 ? [required(reviews, "must specify one of v1, v1beta1")] : reviewErrors(versions, reviews),
    ...selectorFaults(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...selectorFaults(webhook.objectSelector, `${path}.objectSelector`),
    ...clientErrors(isObject(webhook.clientConfig) ? webhook.clientConfig : {}, `${path}.clientConfig`),
    ...conditionFaults(each(webhook, "matchConditions"), `${path}.matchConditions`),
  ];
  if (typeof timeoutSeconds === "number" && (timeoutSeconds < 1 || timeoutSeconds > 30)) {
    errors.push(invalid(`${path}.timeoutSeconds`, timeoutSeconds, "the timeout value must be between 1 and 30 seconds"));
  }
  return errors;
}

/** Configurations of mutating and of validating webhooks. */
export const webhookRules: Rules = {
  validate(object) {
    const names = new Set<Json | undefined>();
    return each(object, "webhooks").flatMap((webhook, at) => {
      const path = `webhooks[${at}]`;
      const errors = webhookFaults(webhook, path);
      if (names.has(webhook.name)) errors.unshift(duplicate(`${path}.name`, webhook.name));
      names.add(webhook.name);
      return errors;
    });
  },
};
