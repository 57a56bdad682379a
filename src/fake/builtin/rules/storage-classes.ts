/**
 * Classes of storage, and of what volumes are like.
 *
 * @module
 */
import {
  duplicate,
  type FieldError,
  forbidden,
  immutable,
  invalid,
  notSupported,
  required,
  tooLong,
} from "../../types/field-error.ts";
import { byteLength } from "../../types/bytes.ts";
import { asGiven, sameAsGiven } from "../../types/emptiness.ts";
import { equal, type Json, type JsonObject } from "../../types/json.ts";
import { qualifiedNameFaults } from "../../types/names.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset, part } from "./checks.ts";
import { nodeLabelWarning } from "./node-labels.ts";
import { labelKeyErrors, textsOf } from "./selectors.ts";
import { protectedBy } from "./protection.ts";

function driverErrors(name: Json | undefined, path: string): FieldError[] {
  const driver = String(name ?? "").toLowerCase();
  return driver === "" ? [required(path)] : qualifiedNameFaults(driver).map((fault) => invalid(path, driver, fault));
}

const most = { parameters: 512, size: 256 * 1024 };

function parameterErrors(given: Json | undefined, mayBeEmpty: boolean): FieldError[] {
  const parameters = Object.entries(part(given));
  const path = "parameters";
  if (parameters.length > most.parameters) return [tooLong(path, most.parameters)];
  const errors = parameters.filter(([name]) => name === "").map(([name]) => invalid(path, name, "field can not be empty."));
  const size = parameters.reduce((sum, [name, value]) => sum + byteLength(name) + byteLength(String(value)), 0);
  if (size > most.size) errors.push(tooLong(path, most.size));
  if (!mayBeEmpty && parameters.length === 0) errors.push(required(path, "must contain at least one key/value pair"));
  return errors;
}

const oneOf = (value: Json | undefined, path: string, ...allowed: string[]) =>
  isUnset(value) || allowed.includes(String(value)) ? [] : [notSupported(path, value, allowed)];

function termErrors(term: JsonObject, path: string): FieldError[] {
  const expressions = each(term, "matchLabelExpressions");
  return expressions.flatMap((expression, index) => {
    const at = `${path}.matchLabelExpressions[${index}]`;
    const values = textsOf(expression.values);
    const key = String(expression.key ?? "");
    return [
      ...values.length === 0 ? [required(`${at}.values`)] : [],
      ...values.flatMap((value, place) => values.indexOf(value) < place ? [duplicate(`${at}.values[${place}]`, value)] : []),
      ...labelKeyErrors(key, `${at}.key`),
      ...expressions.findIndex((other) => String(other.key ?? "") === key) < index ? [duplicate(`${at}.key`, key)] : [],
    ];
  });
}

/** A term as what it selects, whatever the order. */
const selected = (term: JsonObject) =>
  JSON.stringify(
    Object.fromEntries(
      each(term, "matchLabelExpressions").map(({ key, values }) =>
        [String(key), [...new Set(textsOf(values))].sort()] as [string, string[]]
      ).sort(([a], [b]) => a < b ? -1 : 1),
    ),
  );

function topologyErrors(terms: readonly JsonObject[]): FieldError[] {
  const seen = terms.map(selected);
  return terms.flatMap((term, index) => {
    const path = `allowedTopologies[${index}]`;
    // The server begins with as many empty ones as there are terms.
    const before = [...seen.slice(0, index), ...terms.map(() => "{}")].filter((other) => other === seen[index]);
    return [...termErrors(term, path), ...before.map(() => duplicate(`${path}.matchLabelExpressions`, ""))];
  });
}

const fixed = ["parameters", "provisioner", "reclaimPolicy"];

/** Classes of storage. */
export const storageClassRules: Rules = {
  validate(object, old, _subresource, warn) {
    const topologies = each(object, "allowedTopologies");
    const errors = [
      ...driverErrors(object.provisioner, "provisioner"),
      ...parameterErrors(object.parameters, true),
      ...oneOf(object.reclaimPolicy, "reclaimPolicy", "Delete", "Retain"),
      ...["Immediate", "WaitForFirstConsumer"].includes(String(object.volumeBindingMode))
        ? []
        : [notSupported("volumeBindingMode", object.volumeBindingMode, ["Immediate", "WaitForFirstConsumer"])],
      ...topologyErrors(topologies),
    ];
    if (old) {
      const isChanged = (name: string) =>
        name === "parameters" ? !sameAsGiven(asGiven(object, name), old[name]) : !equal(object[name] ?? null, old[name] ?? null);
      errors.push(...fixed.filter(isChanged).map((name) => forbidden(name, `updates to ${name} are forbidden.`)));
      if (isChanged("volumeBindingMode")) errors.push(immutable("volumeBindingMode", object.volumeBindingMode));
    }
    if (errors.length > 0 || !warn) return errors;
    for (const [index, term] of topologies.entries()) {
      for (const [place, { key }] of each(term, "matchLabelExpressions").entries()) {
        const warning = nodeLabelWarning(key);
        if (warning) warn(`allowedTopologies[${index}].matchLabelExpressions[${place}].key: ${warning}`);
      }
    }
    return errors;
  },
};

/** Classes of volume attributes. */
export const attributesClassRules: Rules = {
  prepareCreate: (object) => protectedBy(object, "kubernetes.io/vac-protection"),
  validateChange: (object, old) =>
    ["driverName", "parameters"].filter((name) => !equal(object[name] ?? null, old[name] ?? null)).map((name) =>
      forbidden(name, `updates to ${name} are forbidden.`)
    ),
  validate: (object) => [...driverErrors(object.driverName, "driverName"), ...parameterErrors(object.parameters, false)],
};
