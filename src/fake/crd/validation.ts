/**
 * The checks of a CustomResourceDefinition.
 *
 * @module
 */
import { ruleErrors } from "../cel/crd.ts";
import { type CrdSpec, type CrdVersion, hasCondition, specOf, statusOf } from "./crd.ts";
import { type FieldError, immutable, invalid, notSupported, required } from "../types/field-error.ts";
import { encode, equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { labelFaults, subdomainName } from "../types/names.ts";
import { notImplemented } from "../types/status.ts";
import { structuralErrors } from "./structural.ts";
import { unprintable } from "../types/quote.ts";
import { crdWarnings } from "./warnings.ts";

const columnTypes = ["boolean", "date", "integer", "number", "string"];
const approval = "api-approved.kubernetes.io";

/** Versions as Go prints its own type of them. */
const goVersions = (versions: readonly CrdVersion[] | undefined): Json =>
  versions?.map(({ name, served, storage, deprecated, deprecationWarning }) => ({
    Name: name,
    Served: served,
    Storage: storage,
    Deprecated: deprecated ?? false,
    DeprecationWarning: deprecationWarning ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  })) ?? null;

function nameErrors(spec: CrdSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const member of ["plural", "singular", "kind", "listKind"] as const) {
    const name = spec.names[member] ?? "";
    if (name === "") errors.push(required(`spec.names.${member}`));
    else {errors.push(
        ...labelFaults(name.toLowerCase() === name || member === "plural" ? name : name.toLowerCase()).map((fault) =>
          invalid(`spec.names.${member}`, name, fault)
        ),
      );}
  }
  return errors;
}

function groupErrors(crd: JsonObject, spec: CrdSpec): FieldError[] {
  if (spec.group === "") return [required("spec.group")];
  const errors = subdomainName(spec.group).map((fault) => invalid("spec.group", spec.group, fault));
  if (!spec.group.includes(".")) errors.push(invalid("spec.group", spec.group, "should be a domain with at least one dot"));
  const guarded = /(^|\.)(k8s|kubernetes)\.io$/.test(spec.group);
  if (guarded && metaOf(crd).annotations?.[approval] === undefined) {
    const why =
      `protected groups must have approval annotation "${approval}", see https://github.com/kubernetes/enhancements/pull/1111`;
    errors.push(required(`metadata.annotations[${approval}]`, why));
  }
  return errors;
}

function columnErrors(version: CrdVersion, path: string): FieldError[] {
  return (version.additionalPrinterColumns ?? []).flatMap((column, index) => {
    const at = `${path}.additionalPrinterColumns[${index}]`;
    const errors: FieldError[] = [];
    if (column.name === "") errors.push(required(`${at}.name`));
    if (!columnTypes.includes(String(column.type))) {
      errors.push(invalid(`${at}.type`, column.type, `must be one of ${columnTypes.join(",")}`));
    }
    if (!String(column.jsonPath).startsWith(".")) {
      errors.push(invalid(`${at}.JSONPath`, column.jsonPath, "must be a simple json path starting with ."));
    }
    return errors;
  });
}

function selectableErrors(version: CrdVersion, path: string): FieldError[] {
  return (version.selectableFields ?? []).flatMap(({ jsonPath }, index) => {
    const at = `${path}.selectableFields[${index}].jsonPath`;
    if (!jsonPath.startsWith(".")) {
      return [invalid(at, jsonPath, `is an invalid path: expected [ or . but got: ${/^\w+/.exec(jsonPath)?.[0] ?? ""}`)];
    }
    let schema: Json | undefined = version.schema?.openAPIV3Schema;
    for (const step of jsonPath.slice(1).split(".")) {
      schema = isObject(schema) && isObject(schema.properties) ? schema.properties[step] : undefined;
    }
    return schema === undefined ? [invalid(at, jsonPath, "is an invalid path: does not refer to a valid field")] : [];
  });
}

function deprecationFaults({ deprecated, deprecationWarning: text }: CrdVersion): readonly string[] {
  if (text === undefined || text === null) return [];
  if (deprecated !== true) return ["can only be set for deprecated versions"];
  const faults: string[] = [];
  const size = (part: string) => new TextEncoder().encode(part).length;
  if (size(text) > 256) faults.push("must be <= 256 characters long");
  if (text === "") faults.push("must not be an empty string");
  const hidden = unprintable(text);
  if (hidden !== undefined) {
    const at = size(text.slice(0, hidden));
    faults.push(`must only contain printable UTF-8 characters; non-printable character found at index ${at}`);
  }
  return faults;
}

function versionErrors(spec: CrdSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { versions } = spec;
  versions.forEach((version, index) => {
    const at = `spec.versions[${index}].deprecationWarning`;
    // A pointer in Go: its text is printed as JSON.
    const text = `Invalid value: ${encode(version.deprecationWarning ?? null)}`;
    errors.push(
      ...deprecationFaults(version).map((fault): FieldError => ({ field: at, reason: "Invalid", text: `${text}: ${fault}` })),
    );
  });
  versions.forEach((version, index) => {
    errors.push(...labelFaults(version.name).map((fault) => invalid(`spec.versions[${index}].name`, version.name, fault)));
    if (!isObject(version.schema?.openAPIV3Schema)) errors.push(required(`spec.versions[${index}].schema.openAPIV3Schema`));
  });
  // What all versions share is checked, and named, once.
  const shared = versions.every((version) => equal(version.schema as Json | undefined, versions[0]!.schema as Json | undefined));
  versions.forEach((version, index) => {
    const schema = version.schema?.openAPIV3Schema;
    if (!isObject(schema) || (shared && index > 0)) return;
    const path = shared ? "spec.validation.openAPIV3Schema" : `spec.versions[${index}].schema.openAPIV3Schema`;
    if (schema.type !== undefined && schema.type !== "object") {
      errors.push(invalid(`${path}.type`, schema.type, "must be object at the root"));
    } else {
      const structural = structuralErrors(schema, path);
      errors.push(...(structural.length > 0 ? structural : ruleErrors(schema, path)));
    }
  });
  versions.forEach((version, index) => {
    const path = versions.length === 1 ? "spec" : `spec.versions[${index}]`;
    errors.push(...columnErrors(version, path), ...selectableErrors(version, path));
  });
  return errors;
}

function storedErrors(crd: JsonObject): FieldError[] {
  const { versions } = specOf(crd);
  const stored = statusOf(crd).storedVersions ?? [];
  if (stored.length === 0) return [invalid("status.storedVersions", null, "must have at least one stored version")];
  const errors: FieldError[] = [];
  const storage = versions?.findLast((version) => version.storage)?.name;
  if (storage !== undefined && !stored.includes(storage)) {
    errors.push(invalid("status.storedVersions", stored, `must have the storage version ${storage}`));
  }
  stored.forEach((name, index) => {
    if (versions?.some((version) => version.name === name)) return;
    const why =
      `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(`status.storedVersions[${index}]`, name, why));
  });
  return errors;
}

function changeErrors(spec: CrdSpec, old: JsonObject): FieldError[] {
  const before = specOf(old);
  const errors: FieldError[] = [];
  if (before.group !== spec.group) errors.push(immutable("spec.group", spec.group));
  if (before.names.plural !== spec.names.plural) errors.push(immutable("spec.names.plural", spec.names.plural));
  if (!hasCondition(old, "Established")) return errors;
  if (before.scope !== spec.scope) errors.push(immutable("spec.scope", spec.scope));
  if (before.names.kind !== spec.names.kind) errors.push(immutable("spec.names.kind", spec.names.kind));
  return errors;
}

/** Checks a CRD. @throws {Refusal} 501 for what is not done here: conversion webhooks, functions in validation rules. */
export function validateCrd(
  crd: JsonObject,
  old: JsonObject | undefined,
  subresource: string | undefined,
  warn: (text: string) => void = () => {},
): readonly FieldError[] {
  const spec = specOf(crd);
  const { name } = metaOf(crd);
  const errors: FieldError[] = [];
  if (!old && name !== undefined && name !== `${spec.names.plural}.${spec.group}`) {
    errors.push(invalid("metadata.name", name, `must be spec.names.plural+"."+spec.group`));
  }
  if (isObject(spec.conversion) && spec.conversion.strategy !== "None") throw notImplemented("spec.conversion.strategy Webhook");
  errors.push(...groupErrors(crd, spec));
  if (spec.scope === "") errors.push(required("spec.scope"));
  else if (!["Cluster", "Namespaced"].includes(spec.scope)) {
    errors.push(notSupported("spec.scope", spec.scope, ["Cluster", "Namespaced"]));
  }
  const storage = (spec.versions ?? []).filter((version) => version.storage);
  if (storage.length !== 1) {
    errors.push(invalid("spec.versions", goVersions(spec.versions), "must have exactly one version marked as storage version"));
  }
  errors.push(...versionErrors({ ...spec, versions: spec.versions ?? [] }), ...nameErrors(spec), ...storedErrors(crd));
  if (old) errors.push(...changeErrors(spec, old));
  if (errors.length === 0 && subresource === undefined) crdWarnings(crd, old).forEach(warn);
  return errors;
}
