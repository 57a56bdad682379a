/**
 * What a question about access must say, in the words of `k8s.io/kubernetes/pkg/apis/authorization/validation`.
 *
 * @module
 */
import { each, isUnset, part } from "../builtin/rules/checks.ts";
import { requirementErrors, textsOf } from "../builtin/rules/selectors.ts";
import { type FieldError, invalid, required } from "../types/field-error.ts";
import { isObject, type JsonObject } from "../types/json.ts";

/** A requirement about a field: its key and its values may be any. */
const fieldRequirementErrors = (requirement: JsonObject, path: string): FieldError[] => [
  ...isUnset(requirement.key) ? [required(`${path}.key`, "must be specified")] : [],
  ...requirementErrors(
    { ...requirement, key: "any", values: textsOf(requirement.values).map(() => "any") },
    path,
    "unknownOperator",
  ),
];

function selectorErrors(about: JsonObject, name: "fieldSelector" | "labelSelector", path: string): FieldError[] {
  if (!isObject(about[name])) return [];
  const at = `${path}.${name}`;
  const { rawSelector } = part(about, name);
  const requirements = each(about, name, "requirements");
  if (!isUnset(rawSelector) && requirements.length > 0) {
    return [invalid(`${at}.rawSelector`, rawSelector, "may not specified at the same time as requirements")];
  }
  if (isUnset(rawSelector) && requirements.length === 0) {
    return [required(`${at}.requirements`, `when ${at} is specified, requirements or rawSelector is required`)];
  }
  return requirements.flatMap((requirement, index) => {
    const place = `${at}.requirements[${index}]`;
    return name === "fieldSelector"
      ? fieldRequirementErrors(requirement, place)
      : requirementErrors(requirement, place, "unknownOperator");
  });
}

/** How Go prints a question about a path. */
const goPath = (about: JsonObject): JsonObject => ({ Path: about.path ?? "", Verb: about.verb ?? "" });

/** What is wrong with a question. Pure. @param isSelf Whether it is about who asks. */
export function questionErrors(spec: JsonObject, isSelf: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (isObject(resource) && isObject(path)) {
    const text = "cannot be specified in combination with resourceAttributes";
    errors.push(invalid("spec.nonResourceAttributes", goPath(path), text));
  }
  if (!isObject(resource) && !isObject(path)) {
    const text = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    errors.push(invalid("spec.resourceAttributes", null, text));
  }
  if (!isSelf && isUnset(spec.user) && isUnset(spec.groups)) {
    errors.push(invalid("spec.user", "", "at least one of user or group must be specified"));
  }
  if (!isObject(resource)) return errors;
  const at = "spec.resourceAttributes";
  return [...errors, ...selectorErrors(resource, "fieldSelector", at), ...selectorErrors(resource, "labelSelector", at)];
}

/** What is wrong with a question that is asked in a namespace, besides. Pure. */
export function localErrors(spec: JsonObject, namespace: string): FieldError[] {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const errors: FieldError[] = [];
  if (isObject(resource) && (resource.namespace ?? "") !== namespace) {
    errors.push(invalid("spec.resourceAttributes.namespace", resource.namespace ?? "", "must match metadata.namespace"));
  }
  if (isObject(path)) {
    errors.push(invalid("spec.nonResourceAttributes", goPath(path), "disallowed on this kind of request"));
  }
  return errors;
}
