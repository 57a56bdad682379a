/**
 * Configurations of webhooks.
 *
 * @module
 */
import { duplicate, type FieldError, invalid, notListed, required } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { subdomainName } from "../../types/names.ts";
import { isNumber } from "../../types/numeral.ts";
import { clientErrors, reviewErrors } from "../../types/webhook-client.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset } from "./checks.ts";
import { compileConditions, conditionsErrors } from "./match-conditions.ts";
import { selectorErrors, textsOf } from "./selectors.ts";

const operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const scopes = ["*", "Cluster", "Namespaced"];

function resourceFaults(resources: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const stars = new Set<string>();
  const withStar = new Set<string>();
  resources.forEach((resource, at) => {
    const where = `${path}[${at}]`;
    if (resource === "") errors.push(required(where));
    const cut = resource.indexOf("/");
    if (cut < 0) return;
    const [name, sub] = [resource.slice(0, cut), resource.slice(cut + 1)];
    const say = (wide: string) => errors.push(invalid(where, resource, `if '${wide}' is present, must not specify ${resource}`));
    if (withStar.has(name)) say(`${name}/*`);
    if (stars.has(sub)) say(`*/${sub}`);
    if (sub === "*") withStar.add(name);
    if (name === "*") stars.add(sub);
  });
  if (resources.length > 1 && resources.includes("*/*")) {
    errors.push(invalid(path, [...resources], "if '*/*' is present, must not specify other resources"));
  }
  // The server remembers whether the last one without a subresource is another one.
  const plain = resources.filter((resource) => resource !== "" && !resource.includes("/"));
  if (plain.includes("*") && plain.at(-1) !== "*") {
    errors.push(invalid(path, [...resources], "if '*' is present, must not specify other resources without subresources"));
  }
  return errors;
}

/** What is wrong with a rule about requests. Pure. */
export function ruleFaults(rule: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const listed = (name: string, words: string, isRequired: boolean) => {
    const values = textsOf(rule[name]);
    if (values.length === 0) errors.push(required(`${path}.${name}`));
    if (values.length > 1 && values.includes("*")) {
      errors.push(invalid(`${path}.${name}`, [...values], `if '*' is present, must not specify other ${words}`));
    }
    if (isRequired) values.forEach((value, at) => value === "" && errors.push(required(`${path}.${name}[${at}]`)));
  };
  listed("operations", "operations", false);
  textsOf(rule.operations).forEach((operation, at) => {
    if (!operations.includes(operation)) errors.push(notListed(`${path}.operations[${at}]`, operation, operations));
  });
  listed("apiGroups", "API groups", false);
  listed("apiVersions", "API versions", true);
  if (textsOf(rule.resources).length === 0) errors.push(required(`${path}.resources`));
  errors.push(...resourceFaults(textsOf(rule.resources), `${path}.resources`));
  errors.push(...among(rule, path, "scope", ...scopes));
  return errors;
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
  const { sideEffects, timeoutSeconds: timeout } = webhook;
  const conditions = each(webhook, "matchConditions");
  return [
    ...nameFaults(webhook.name, `${path}.name`),
    ...each(webhook, "rules").flatMap((rule, at) => ruleFaults(rule, `${path}.rules[${at}]`)),
    ...among(webhook, path, "failurePolicy", "Fail", "Ignore"),
    ...among(webhook, path, "matchPolicy", "Equivalent", "Exact"),
    ...(sideEffects ?? null) === null
      ? [required(`${path}.sideEffects`, "must specify one of None, NoneOnDryRun")]
      : among(webhook, path, "sideEffects", "None", "NoneOnDryRun"),
    ...isNumber(timeout) && (timeout < 1 || timeout > 30)
      ? [invalid(`${path}.timeoutSeconds`, timeout, "the timeout value must be between 1 and 30 seconds")]
      : [],
    ...selectorErrors(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...selectorErrors(webhook.objectSelector, `${path}.objectSelector`),
    ...among(webhook, path, "reinvocationPolicy", "IfNeeded", "Never"),
    ...clientErrors(isObject(webhook.clientConfig) ? webhook.clientConfig : {}, `${path}.clientConfig`),
    ...conditionsErrors(conditions, compileConditions(conditions), `${path}.matchConditions`),
  ];
}

/** Configurations of mutating and of validating webhooks. */
export const webhookRules: Rules = {
  emptyCounts: true,
  validate(object) {
    const webhooks = each(object, "webhooks");
    const names = webhooks.map(({ name }) => name ?? "");
    return webhooks.flatMap((webhook, at) => {
      const path = `webhooks[${at}]`;
      const versions = textsOf(webhook.admissionReviewVersions);
      const reviews = `${path}.admissionReviewVersions`;
      return [
        ...webhookFaults(webhook, path),
        ...versions.length === 0 ? [required(reviews, "must specify one of v1, v1beta1")] : reviewErrors(versions, reviews),
        ...names[at] !== "" && names.indexOf(names[at]!) < at ? [duplicate(`${path}.name`, names[at])] : [],
      ];
    });
  },
};
