/**
 * Policies of admission and their bindings, but for their expressions: those are judged where they are run.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, notListed, notSupported, required } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { labelFaults, segmentName, subdomainName } from "../../types/names.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset, part } from "./checks.ts";
import { conditionsErrors } from "./conditions.ts";
import { selectorErrors, textsOf } from "./selectors.ts";
import { among, ruleFaults } from "./webhooks.ts";

/** The group and the version of an apiVersion. */
function versionErrors(apiVersion: string, path: string): FieldError[] {
  const steps = apiVersion.split("/");
  if (steps.length > 2) return [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [version = "", group = ""] = steps.reverse();
  return [
    ...group === "" ? [] : subdomainName(group).map((fault) => invalid(path, group, fault)),
    ...version === ""
      ? [invalid(path, apiVersion, "version must be specified")]
      : labelFaults(version).map((fault) => invalid(path, version, fault)),
  ];
}

function paramKindErrors({ apiVersion, kind }: JsonObject): FieldError[] {
  const path = "spec.paramKind";
  const faults = isUnset(kind) ? [] : labelFaults(String(kind).toLowerCase());
  return [
    ...isUnset(apiVersion) ? [required(`${path}.apiVersion`)] : versionErrors(String(apiVersion), `${path}.apiVersion`),
    ...isUnset(kind)
      ? [required(`${path}.kind`)]
      : faults.length === 0
      ? []
      : [invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${faults.join(",")}`)],
  ];
}

function namedRuleErrors(rule: JsonObject, path: string): FieldError[] {
  const names = textsOf(rule.resourceNames);
  return [
    ...names.flatMap((name, index) => {
      const here = `${path}.resourceNames[${index}]`;
      return [
        ...segmentName(name).map((fault) => invalid(here, name, fault)),
        ...names.indexOf(name) < index ? [duplicate(here, name)] : [],
      ];
    }),
    ...ruleFaults(rule, path),
  ];
}

function matchErrors(match: JsonObject, path: string): FieldError[] {
  const rules = (name: string) => each(match, name).flatMap((rule, index) => namedRuleErrors(rule, `${path}.${name}[${index}]`));
  return [
    ...among(match, path, "matchPolicy", "Equivalent", "Exact"),
    ...selectorErrors(match.namespaceSelector, `${path}.namespaceSelector`),
    ...selectorErrors(match.objectSelector, `${path}.objectSelector`),
    ...rules("resourceRules"),
    ...rules("excludeResourceRules"),
  ];
}

function constraintErrors(match: Json | undefined): FieldError[] {
  const path = "spec.matchConstraints";
  if (!isObject(match)) return [required(path)];
  const needed = isUnset(match.resourceRules) ? [required(`${path}.resourceRules`)] : [];
  return [...matchErrors(match, path), ...needed];
}

/** Policies that validate. */
export const validatingPolicyRules: Rules = {
  validate(object, _old, subresource) {
    if (subresource === "status") return conditionsErrors(each(object, "status", "conditions"), "status.conditions");
    const spec = part(object, "spec");
    return [
      ...among(spec, "spec", "failurePolicy", "Fail", "Ignore"),
      ...isObject(spec.paramKind) ? paramKindErrors(spec.paramKind) : [],
      ...constraintErrors(spec.matchConstraints),
    ];
  },
};

function paramErrors({ name, selector, parameterNotFoundAction: action }: JsonObject): FieldError[] {
  const path = "spec.paramRef";
  const isTwice = !isUnset(name) && isObject(selector);
  const twice = (member: string) => forbidden(`${path}.${member}`, "name and selector are mutually exclusive");
  const errors = isUnset(name)
    ? isObject(selector) ? [] : [required(path, "one of name or selector must be specified")]
    : segmentName(String(name)).map((fault) => invalid(`${path}.name`, name, fault));
  if (isTwice) errors.push(twice("name"));
  errors.push(...selectorErrors(selector, `${path}.selector`));
  if (isTwice) errors.push(twice("selector"));
  if (isUnset(action)) errors.push(required(`${path}.parameterNotFoundAction`));
  else if (!["Deny", "Allow"].includes(String(action))) {
    errors.push(notSupported(`${path}.parameterNotFoundAction`, action, ["Deny", "Allow"]));
  }
  return errors;
}

const actions = ["Audit", "Deny", "Warn"];

function actionErrors(given: readonly string[]): FieldError[] {
  const path = "spec.validationActions";
  if (given.length === 0) return [required(path, "at least one validation action is required")];
  const errors = given.flatMap((action, index) => {
    const here = `${path}[${index}]`;
    if (!actions.includes(action)) return [notListed(here, action, actions)];
    return given.indexOf(action) < index ? [duplicate(here, action)] : [];
  });
  if (!given.includes("Deny") || !given.includes("Warn")) return errors;
  const why = "repeating the same validation failure information in the API response and headers serves no purpose";
  return [...errors, invalid(path, [...given], `must not contain both Deny and Warn (${why})`)];
}

/** Which objects policies that validate are about. */
export const policyBindingRules: Rules = {
  validate(object) {
    const spec = part(object, "spec");
    const { policyName: name } = spec;
    return [
      ...isUnset(name)
        ? [required("spec.policyName")]
        : subdomainName(String(name)).map((fault) => invalid("spec.policyName", name, fault)),
      ...isObject(spec.paramRef) ? paramErrors(spec.paramRef) : [],
      ...isObject(spec.matchResources) ? matchErrors(spec.matchResources, "spec.matchResources") : [],
      ...actionErrors(textsOf(spec.validationActions)),
    ];
  },
};
