/**
 * The checks of a CustomResourceDefinition, in the order in which the server makes them.
 *
 * @module
 */
import { byText } from "../types/by-text.ts";
import { isJudged } from "../cel/judged.ts";
import { conversionErrors } from "./conversion.ts";
import { type CrdNames, type CrdSpec, type CrdVersion, hasCondition, specOf, statusOf } from "./crd.ts";
import { type FieldError, immutable, invalid, notSupported, required } from "../types/field-error.ts";
import { internalOf, type InternalSpec, printVersions } from "./internal.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { labelFaults, subdomainName } from "../types/names.ts";
import { schemaErrors } from "./schema.ts";
import { selectableErrors } from "./selectable.ts";
import { columnErrors, deprecationErrors, subresourceErrors } from "./version.ts";
import { crdWarnings } from "./warnings.ts";

const approval = "api-approved.kubernetes.io";
const scopes = ["Cluster", "Namespaced"];

function groupErrors({ group }: CrdSpec): FieldError[] {
  if (group === "") return [required("spec.group")];
  const faults = subdomainName(group);
  if (faults.length > 0) return [invalid("spec.group", group, faults.join(","))];
  return group.includes(".") ? [] : [invalid("spec.group", group, "should be a domain with at least one dot")];
}

const nameMembers = ["plural", "singular", "kind", "listKind"] as const;

function namesErrors(names: CrdNames | JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const member of nameMembers) {
    const name = String(names[member] ?? "");
    const mixed = member === "kind" || member === "listKind";
    const faults = name === "" ? [] : labelFaults(mixed ? name.toLowerCase() : name);
    if (faults.length === 0) continue;
    const why = `${mixed ? "may have mixed case, but should otherwise match: " : ""}${faults.join(",")}`;
    errors.push(invalid(`${path}.${member}`, name, why));
  }
  const listErrors = (member: "shortNames" | "categories") => {
    const list = names[member];
    (Array.isArray(list) ? list : []).map(String).forEach((name, index) => {
      const faults = labelFaults(name);
      if (faults.length > 0) errors.push(invalid(`${path}.${member}[${index}]`, name, faults.join(",")));
    });
  };
  listErrors("shortNames");
  if (names.kind && names.kind === names.listKind) {
    errors.push(invalid(`${path}.listKind`, String(names.listKind), "kind and listKind may not be the same"));
  }
  listErrors("categories");
  return errors;
}

const hasStatus = (version: Pick<CrdVersion, "subresources">) => isObject(version.subresources?.status);

/** What a version says alone, or all of them together, in the place where the server looks at it. */
function ownErrors(
  own: Pick<CrdVersion, "schema" | "subresources" | "additionalPrinterColumns" | "selectableFields">,
  path: string,
  member: "schema" | "validation",
  status: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const schema = own.schema?.openAPIV3Schema;
  if (isObject(schema)) errors.push(...schemaErrors(schema, `${path}.${member}.openAPIV3Schema`, status));
  errors.push(
    ...subresourceErrors(own.subresources, `${path}.subresources`),
    ...columnErrors(own.additionalPrinterColumns ?? [], `${path}.additionalPrinterColumns`),
  );
  return errors;
}

function fieldErrors({ selectableFields = [] }: Pick<CrdVersion, "selectableFields">, schema: Json | undefined, path: string) {
  if (selectableFields.length === 0) return [];
  if (isObject(schema)) return selectableErrors(selectableFields, schema, path);
  const why = path === "spec.selectableFields"
    ? "may only be set when validations.schema is included"
    : "may only be set when `version.schema.openAPIV3Schema` is not included";
  return [invalid(path, "", why)];
}

/** Whether a default stands anywhere in a schema. */
const hasDefault = (schema: Json | undefined): boolean =>
  Array.isArray(schema)
    ? schema.some(hasDefault)
    : isObject(schema) && (schema.default !== undefined || Object.values(schema).some(hasDefault));

function versionErrors({ versions, shared }: InternalSpec, preserves: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!isObject(shared.schema?.openAPIV3Schema)) {
    versions.forEach(({ schema }, index) => {
      if (!isObject(schema?.openAPIV3Schema)) errors.push(required(`spec.versions[${index}].schema.openAPIV3Schema`));
    });
  }
  if (preserves && [shared, ...versions].some(({ schema }) => hasDefault(schema as Json | undefined))) {
    errors.push(invalid("spec.preserveUnknownFields", true, "must be false in order to use defaults in the schema"));
  }
  const apart = versions.some(({ subresources }) => subresources !== undefined);
  versions.forEach((version, index) => {
    const path = `spec.versions[${index}]`;
    const faults = labelFaults(version.name);
    if (faults.length > 0) errors.push(invalid(`${path}.name`, version.name, faults.join(",")));
    errors.push(
      ...deprecationErrors(version, path),
      ...ownErrors(version, path, "schema", hasStatus(apart ? version : shared)),
      ...fieldErrors(version, version.schema?.openAPIV3Schema, `${path}.selectableFields`),
    );
  });
  return errors;
}

function versionNameErrors(given: readonly CrdVersion[] | null): FieldError[] {
  const errors: FieldError[] = [];
  const versions = given ?? [];
  const shown = given === null ? null : printVersions(versions);
  const names = versions.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    errors.push(invalid("spec.versions", shown, "must contain unique version names"));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(invalid("spec.versions", shown, "must have exactly one version marked as storage version"));
  }
  const [first = ""] = names;
  const faults = first === "" ? [] : labelFaults(first);
  if (faults.length > 0) errors.push(invalid("spec.version", first, faults.join(",")));
  return errors;
}

/** What is wrong with a spec; looked for once in whichever clusters have it. @throws {Refusal} 501 */
const specErrors = byText(16, (spec, text) => isJudged(text) ? [] : judgeSpec(spec as CrdSpec));

/** What is wrong with a spec. Pure. @throws {Refusal} 501 */
export function judgeSpec(spec: CrdSpec): readonly FieldError[] {
  const internal = internalOf(spec);
  const { versions, shared } = internal;
  const errors = groupErrors(spec);
  if (spec.scope === "") errors.push(required("spec.scope"));
  else if (!scopes.includes(spec.scope)) errors.push(notSupported("spec.scope", spec.scope, scopes));
  errors.push(...versionErrors(internal, spec.preserveUnknownFields === true), ...versionNameErrors(spec.versions && versions));
  for (const member of nameMembers) {
    if ((spec.names[member] ?? "") === "") errors.push(required(`spec.names.${member}`));
  }
  errors.push(
    ...namesErrors(spec.names, "spec.names"),
    ...ownErrors(shared, "spec", "validation", hasStatus(shared) || versions.some(hasStatus)),
    ...fieldErrors(shared, shared.schema?.openAPIV3Schema, "spec.selectableFields"),
  );
  const strategy = isObject(spec.conversion) ? spec.conversion.strategy : "None";
  if (strategy !== "None" && spec.preserveUnknownFields === true) {
    errors.push(invalid("spec.conversion.strategy", strategy, "must be None if spec.preserveUnknownFields is true"));
  }
  errors.push(...conversionErrors(spec.conversion, "spec.conversion"));
  return errors;
}

function storedErrors(crd: JsonObject): FieldError[] {
  const versions = specOf(crd).versions ?? [];
  const stored = statusOf(crd).storedVersions ?? [];
  if (stored.length === 0) return [invalid("status.storedVersions", null, "must have at least one stored version")];
  const errors: FieldError[] = [];
  const missing = new Map(stored.map((name, index) => [name, index]));
  for (const { name, storage } of versions) {
    if (storage && !missing.has(name)) {
      errors.push(invalid("status.storedVersions", stored, `must have the storage version ${name}`));
    }
    missing.delete(name);
  }
  for (const [name, index] of missing) {
    const why =
      `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(`status.storedVersions[${index}]`, name, why));
  }
  return errors;
}

function changeErrors(spec: CrdSpec, old: JsonObject): FieldError[] {
  const before = specOf(old);
  const errors: FieldError[] = [];
  if (hasCondition(old, "Established")) {
    if (before.scope !== spec.scope) errors.push(immutable("spec.scope", spec.scope));
    if (before.names.kind !== spec.names.kind) errors.push(immutable("spec.names.kind", spec.names.kind));
  }
  if (before.group !== spec.group) errors.push(immutable("spec.group", spec.group));
  if (before.names.plural !== spec.names.plural) errors.push(immutable("spec.names.plural", spec.names.plural));
  return errors;
}

/** Whether, and how, an API of the community's own groups was approved. */
function approvalOf(crd: JsonObject): "missing" | "unapproved" | "approved" | "invalid" {
  const text = metaOf(crd).annotations?.[approval] ?? "";
  if (text === "") return "missing";
  if (text.startsWith("unapproved")) return "unapproved";
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#\s]+[^\s]*$/.test(text) ? "approved" : "invalid";
}

function approvalErrors(crd: JsonObject, old: JsonObject | undefined): FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(specOf(crd).group)) return [];
  const state = approvalOf(crd);
  if ((old && approvalOf(old) === state) || state === "approved" || state === "unapproved") return [];
  const field = `metadata.annotations[${approval}]`;
  const more = ", see https://github.com/kubernetes/enhancements/pull/1111";
  const why = `protected groups must have approval annotation "${approval}"`;
  if (state === "missing") return [required(field, why + more)];
  const how = `${why} with either a URL or a reason starting with "unapproved"${more}`;
  return [invalid(field, metaOf(crd).annotations![approval], how)];
}

/**
 * Checks a CRD. What was let through when it was stored is stored here only where it is right: nothing needs to be let through again.
 */
export function validateCrd(
  crd: JsonObject,
  old: JsonObject | undefined,
  subresource: string | undefined,
  warn: (text: string) => void = () => {},
): readonly FieldError[] {
  const spec = specOf(crd);
  const { name, generateName = "" } = metaOf(crd);
  const accepted = namesErrors(statusOf(crd).acceptedNames ?? {}, "status.acceptedNames");
  if (subresource === "status") return accepted;
  const errors: FieldError[] = [];
  const right = `${spec.names.plural}.${spec.group}`;
  for (const [member, own] of [["generateName", generateName], ["name", name ?? ""]] as const) {
    if (old || own === "" || own === right) continue;
    errors.push(invalid(`metadata.${member}`, own, `must be spec.names.plural+"."+spec.group`));
  }
  errors.push(...specErrors(spec));
  if (old) errors.push(...changeErrors(spec, old));
  errors.push(...accepted, ...storedErrors(crd), ...approvalErrors(crd, old));
  if (spec.preserveUnknownFields === true) {
    const why = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
    errors.push(invalid("spec.preserveUnknownFields", true, why));
  }
  if (errors.length > 0) return errors;
  crdWarnings(crd, old).forEach(warn);
  return errors;
}
