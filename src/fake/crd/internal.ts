/**
 * A CRD in the form in which the server checks it: what all versions share is moved to the spec, and named there.
 *
 * @module
 */
import type { CrdSpec, CrdVersion } from "./crd.ts";
import { equal, isObject, type Json, type JsonObject, setMember } from "../types/json.ts";

/** Members of a version that move to the spec where they are equal in all versions. */
export const sharedMembers = ["subresources", "schema", "additionalPrinterColumns", "selectableFields"] as const;

/** A spec in the internal form. */
export interface InternalSpec {
  readonly versions: readonly CrdVersion[];
  /** What all versions have in common. */
  readonly shared: Pick<CrdVersion, (typeof sharedMembers)[number]>;
}

/** The internal form of a spec. Pure. */
export function internalOf(spec: CrdSpec): InternalSpec {
  const versions = (spec.versions ?? []).map((version) => ({ ...version }));
  const shared: JsonObject = {};
  for (const member of sharedMembers) {
    const first = versions[0]?.[member] as Json | undefined;
    if (!versions.every((version) => equal(version[member] as Json | undefined, first))) continue;
    if (first !== undefined) shared[member] = first;
    for (const version of versions) delete version[member];
  }
  return { versions, shared: shared as InternalSpec["shared"] };
}

type Printer = (value: Json | undefined) => Json;

const asIs: Printer = (value) => value ?? null;
const text: Printer = (value) => value ?? "";
const flag: Printer = (value) => value ?? false;
const whole: Printer = (value) => value ?? 0;
const optional = (print: Printer): Printer => (value) => value === undefined || value === null ? null : print(value);
const listOf = (print: Printer): Printer => optional((value) => (value as Json[]).map(print));

const mapOf = (print: Printer): Printer =>
  optional((value) => {
    const found: JsonObject = {};
    for (const [key, member] of Object.entries(value as JsonObject)) setMember(found, key, print(member));
    return found;
  });

const structOf = (members: readonly (readonly [name: string, json: string, print: Printer])[]): Printer => (value) => {
  const own = isObject(value) ? value : {};
  return Object.fromEntries(members.map(([name, json, print]) => [name, print(own[json])]));
};

const schema: Printer = (value) => printSchema(value);
const schemas = mapOf(schema);
const orBool = optional((value) => ({ Allows: value !== false, Schema: isObject(value) ? printSchema(value) : null }));

/** One schema for all items, or one for each, as Go prints its own type of it. Pure. */
export const printItems: Printer = optional((value) =>
  Array.isArray(value) ? { Schema: null, JSONSchemas: value.map(printSchema) } : { Schema: printSchema(value), JSONSchemas: null }
);
const orTexts = optional((value) => ({
  Schema: isObject(value) ? printSchema(value) : null,
  Property: Array.isArray(value) ? value : null,
}));

const rule = structOf([
  ["Rule", "rule", text],
  ["Message", "message", text],
  ["MessageExpression", "messageExpression", text],
  ["Reason", "reason", asIs],
  ["FieldPath", "fieldPath", text],
  ["OptionalOldSelf", "optionalOldSelf", asIs],
]);

/** The members of `JSONSchemaProps`, in the order of the struct: Go's name, JSON's, and how it is printed. */
const schemaMembers: readonly (readonly [name: string, json: string, print: Printer])[] = [
  ["ID", "id", text],
  ["Schema", "$schema", text],
  ["Ref", "$ref", asIs],
  ["Description", "description", text],
  ["Type", "type", text],
  ["Nullable", "nullable", flag],
  ["Format", "format", text],
  ["Title", "title", text],
  ["Default", "default", asIs],
  ["Maximum", "maximum", asIs],
  ["ExclusiveMaximum", "exclusiveMaximum", flag],
  ["Minimum", "minimum", asIs],
  ["ExclusiveMinimum", "exclusiveMinimum", flag],
  ["MaxLength", "maxLength", asIs],
  ["MinLength", "minLength", asIs],
  ["Pattern", "pattern", text],
  ["MaxItems", "maxItems", asIs],
  ["MinItems", "minItems", asIs],
  ["UniqueItems", "uniqueItems", flag],
  ["MultipleOf", "multipleOf", asIs],
  ["Enum", "enum", asIs],
  ["MaxProperties", "maxProperties", asIs],
  ["MinProperties", "minProperties", asIs],
  ["Required", "required", asIs],
  ["Items", "items", printItems],
  ["AllOf", "allOf", listOf(schema)],
  ["OneOf", "oneOf", listOf(schema)],
  ["AnyOf", "anyOf", listOf(schema)],
  ["Not", "not", optional(schema)],
  ["Properties", "properties", schemas],
  ["AdditionalProperties", "additionalProperties", orBool],
  ["PatternProperties", "patternProperties", schemas],
  ["Dependencies", "dependencies", mapOf(orTexts)],
  ["AdditionalItems", "additionalItems", orBool],
  ["Definitions", "definitions", schemas],
  ["ExternalDocs", "externalDocs", optional(structOf([["Description", "description", text], ["URL", "url", text]]))],
  ["Example", "example", asIs],
  ["XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields", asIs],
  ["XEmbeddedResource", "x-kubernetes-embedded-resource", flag],
  ["XIntOrString", "x-kubernetes-int-or-string", flag],
  ["XListMapKeys", "x-kubernetes-list-map-keys", asIs],
  ["XListType", "x-kubernetes-list-type", asIs],
  ["XMapType", "x-kubernetes-map-type", asIs],
  ["XValidations", "x-kubernetes-validations", listOf(rule)],
];

/** The members of a schema that are set, by Go's names, in the order of the struct. Pure. */
export const setMembers = (own: JsonObject): string[] =>
  schemaMembers.filter(([, json]) => own[json] !== undefined).map(([name]) => name);

/** A schema as Go prints its own type of it. Pure. */
export const printSchema: Printer = structOf(schemaMembers);

const scale = structOf([
  ["SpecReplicasPath", "specReplicasPath", text],
  ["StatusReplicasPath", "statusReplicasPath", text],
  ["LabelSelectorPath", "labelSelectorPath", asIs],
]);
const column = structOf([
  ["Name", "name", text],
  ["Type", "type", text],
  ["Format", "format", text],
  ["Description", "description", text],
  ["Priority", "priority", whole],
  ["JSONPath", "jsonPath", text],
]);
const version = structOf([
  ["Name", "name", text],
  ["Served", "served", flag],
  ["Storage", "storage", flag],
  ["Deprecated", "deprecated", flag],
  ["DeprecationWarning", "deprecationWarning", asIs],
  ["Schema", "schema", optional(structOf([["OpenAPIV3Schema", "openAPIV3Schema", optional(schema)]]))],
  ["Subresources", "subresources", optional(structOf([["Status", "status", asIs], ["Scale", "scale", optional(scale)]]))],
  ["AdditionalPrinterColumns", "additionalPrinterColumns", listOf(column)],
  ["SelectableFields", "selectableFields", listOf(structOf([["JSONPath", "jsonPath", text]]))],
]);

/** Versions as Go prints its own type of them. Pure. */
export const printVersions = (versions: readonly CrdVersion[]): Json => versions.map((each) => version(each as JsonObject));
