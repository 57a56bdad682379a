/**
 * Label selectors and label maps inside of objects, in the words of `k8s.io/apimachinery/pkg/apis/meta/v1/validation`.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, required } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { annotationErrors } from "../../types/metadata.ts";
import { labelValueFaults, qualifiedNameFaults } from "../../types/names.ts";
import { at, each, part } from "./checks.ts";

/** The texts of a list. Pure. */
export const textsOf = (value: Json | undefined): readonly string[] => Array.isArray(value) ? value.map(String) : [];

/** The name of a label. Pure. */
export const labelKeyErrors = (key: Json | undefined, path: string): FieldError[] =>
  qualifiedNameFaults(String(key ?? "")).map((fault) => invalid(path, key ?? "", fault));

/** A map of labels. Pure. */
export const labelsErrors = (labels: Json | undefined, path: string): FieldError[] =>
  isObject(labels)
    ? Object.entries(labels).flatMap(([key, value]) => [
      ...labelKeyErrors(key, path),
      ...labelValueFaults(String(value)).map((fault) => invalid(path, value, fault)),
    ])
    : [];

/** A requirement of a selector. Pure. @param allowed Whether operators are accepted that are still to come. */
export function requirementErrors(requirement: JsonObject, path: string, allowed?: "unknownOperator"): FieldError[] {
  const { key, operator = "" } = requirement;
  const values = textsOf(requirement.values);
  const errors: FieldError[] = [];
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (values.length > 0) {
      errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
  } else if (allowed === undefined) errors.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
  return [
    ...errors,
    ...labelKeyErrors(key, `${path}.key`),
    ...values.flatMap((value, index) =>
      labelValueFaults(value).map((fault) => invalid(`${path}.values[${index}]`, value, fault))
    ),
  ];
}

/** A label selector; one that is not there is sound. Pure. */
export const selectorErrors = (selector: Json | undefined, path: string): FieldError[] => [
  ...labelsErrors(part(selector, "matchLabels"), `${path}.matchLabels`),
  ...each(selector, "matchExpressions").flatMap((requirement, index) =>
    requirementErrors(requirement, `${path}.matchExpressions[${index}]`)
  ),
];

/** Labels and annotations of a template. Its errors leave `metadata` out of the path. Pure. */
export const templateMetadataErrors = (template: Json | undefined, path: string): FieldError[] => [
  ...labelsErrors(at(template, "metadata", "labels"), `${path}.labels`),
  ...annotationErrors(part(template, "metadata", "annotations") as Record<string, string>, `${path}.annotations`),
];
