/**
 * The schemas of a custom resource's OpenAPI v3 document.
 *
 * @module
 */
import { equal, isObject, type Json, type JsonObject, sorted } from "../types/json.ts";
import { byBytes } from "../types/order.ts";
import type { ResourceType } from "../types/resource.ts";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const conventions = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";

/** A reference to a schema of the document. Pure. */
export const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

/** The name of a custom type's schema: its group reversed, version and kind. Pure. */
export const schemaName = (type: ResourceType, kind: string = type.kind): string =>
  `${type.group.split(".").toReversed().join(".")}.${type.version}.${kind}`;

const typeFields: JsonObject = {
  apiVersion: {
    description:
      `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: ${conventions}#resources`,
    type: "string",
  },
  kind: {
    description:
      `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ${conventions}#types-kinds`,
    type: "string",
  },
};

const metadataField = (what: string, kind: string): JsonObject => ({
  description: `Standard ${what} metadata. More info: ${conventions}#${what === "list" ? "types-kinds" : "metadata"}`,
  allOf: [reference(`${meta}.${kind}`)],
});

/** The members that an object inside of another one has, as the server describes them. */
const embeddedFields: JsonObject = {
  apiVersion: {
    description:
      `apiVersion defines the versioned schema of this representation of an object. More info: ${conventions}#resources`,
    type: "string",
  },
  kind: {
    description:
      `kind is a string value representing the type of this object. In CamelCase. More info: ${conventions}#types-kinds`,
    type: "string",
  },
  metadata: metadataField("object's", "ObjectMeta"),
};

/** The order in which members of a schema are printed. What is for the server only comes behind, by its name. */
const order = [
  ...["description", "type", "nullable", "format", "title", "default", "maximum", "exclusiveMaximum", "minimum"],
  ...["exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "multipleOf", "enum"],
  ...["maxProperties", "minProperties", "required", "items", "allOf", "oneOf", "anyOf", "not", "properties"],
  "additionalProperties",
];
const place = new Map(order.map((name, index) => [name, index]));
const schemaOrder = (one: string, other: string) =>
  (place.get(one) ?? order.length) - (place.get(other) ?? order.length) || byBytes(one, other);

const byName = (schemas: JsonObject, of: (schema: Json) => Json): JsonObject =>
  Object.fromEntries(Object.keys(schemas).sort(byBytes).map((name) => [name, of(schemas[name]!)]));

const both = [{ type: "integer" }, { type: "string" }];

/** Whether an int-or-string says itself what it may be, in one of the two places for that. */
function tellsBoth({ anyOf, allOf }: JsonObject): boolean {
  const first = Array.isArray(allOf) ? allOf[0] : undefined;
  return equal(anyOf ?? null, both) || (isObject(first) && equal(first.anyOf ?? null, both));
}

/** Versions of OpenAPI. */
export type Version = 2 | 3;

const preserves = (schema: JsonObject) => schema["x-kubernetes-preserve-unknown-fields"] === true;
const isNullable = (schema: Json | undefined) => isObject(schema) && schema.nullable === true;

/** What of a schema the older version can say, as the server leaves it to kubectl: what may be null or anything has no type there. Pure. */
function older(schema: JsonObject): JsonObject {
  const { allOf: _, oneOf: __, anyOf: ___, not: ____, nullable, ...next } = schema;
  const { additionalProperties, required } = schema;
  // Of members that are not named any more nobody looks whether they may be null.
  const properties = nullable === true || preserves(schema) ? undefined : schema.properties;
  if (Array.isArray(required)) {
    const kept = required.filter((name) => !isObject(properties) || !isNullable(properties[String(name)]));
    if (kept.length === 0 || isNullable(additionalProperties)) delete next.required;
    else next.required = kept;
  }
  if (properties === undefined) delete next.properties;
  if (nullable === true || preserves(schema)) delete next.items;
  const isOpen = next.type === "array" ? next.items === undefined : next.type === "object" && preserves(schema);
  if (nullable === true || isOpen) delete next.type;
  return next;
}

/** An int-or-string tells its types. */
function unfolded(schema: JsonObject): JsonObject {
  if (schema["x-kubernetes-int-or-string"] !== true || tellsBoth(schema)) return schema;
  if (schema.anyOf === undefined) return { ...schema, anyOf: both };
  return { ...schema, allOf: [{ anyOf: both }, ...Array.isArray(schema.allOf) ? schema.allOf : []] };
}

/** A CRD's schema as OpenAPI shows it: an embedded object has what it has always. Pure. */
function published(given: Json, version: Version): Json {
  if (!isObject(given)) return given;
  // What refers to another schema is the server's own.
  if (Array.isArray(given.allOf) && isObject(given.allOf[0]) && given.allOf[0].$ref !== undefined) return given;
  const { example: _, externalDocs: __, ...whole } = version === 2 ? older(given) : unfolded(given);
  if (given["x-kubernetes-embedded-resource"] === true && !(version === 2 && preserves(given))) {
    const required = Array.isArray(whole.required) ? whole.required : [];
    whole.properties = { ...isObject(whole.properties) ? whole.properties : {}, ...embeddedFields };
    whole.required = [...required, ...["kind", "apiVersion"].filter((name) => !required.includes(name))];
  }
  const of = (member: Json) => published(member, version);
  const copy: JsonObject = {};
  for (const key of Object.keys(whole).sort(schemaOrder)) {
    const member = whole[key];
    if (member === undefined || member === false && key !== "additionalProperties" && key !== "default") continue;
    if (key === "properties" && isObject(member)) copy[key] = byName(member, of);
    else if (Array.isArray(member) && ["allOf", "oneOf", "anyOf"].includes(key)) copy[key] = member.map(of);
    else if (["items", "not", "additionalProperties"].includes(key)) copy[key] = of(member);
    else copy[key] = ["default", "enum"].includes(key) ? sorted(member) : member;
  }
  return copy;
}

/** What is said of a kind, and of its lists. */
function extensionsOf({ group, version, selectable }: ResourceType, kind: string): JsonObject {
  const fields = Object.keys(selectable).map((fieldPath) => ({ fieldPath }));
  return {
    "x-kubernetes-group-version-kind": [{ group, kind, version }],
    ...fields.length > 0 ? { "x-kubernetes-selectable-fields": fields } : {},
  };
}

function ofCustom(type: ResourceType, version: Version): JsonObject {
  const said = extensionsOf(type, type.kind);
  // To an older kubectl all members are unknown of which it knows some.
  if (!type.schema || (version === 2 && preserves(type.schema))) return { type: "object", ...said };
  const properties = isObject(type.schema.properties) ? type.schema.properties : {};
  const whole = {
    ...type.schema,
    properties: { ...properties, ...typeFields, metadata: metadataField("object's", "ObjectMeta") },
    ...said,
  };
  return published(whole, version) as JsonObject;
}

const listOf = (type: ResourceType): JsonObject => ({
  description: `${type.listKind} is a list of ${type.kind}`,
  type: "object",
  required: ["items"],
  properties: {
    apiVersion: typeFields.apiVersion!,
    items: {
      description: `List of ${type.plural}. More info: ${conventions}`,
      type: "array",
      items: reference(schemaName(type)),
    },
    kind: typeFields.kind!,
    metadata: metadataField("list", "ListMeta"),
  },
  ...extensionsOf(type, type.listKind),
});

/** The schemas of the custom types of one group and version. */
export const schemasOf = (types: readonly ResourceType[], version: Version = 3): JsonObject =>
  Object.fromEntries(
    types.flatMap((type) => [
      [schemaName(type), ofCustom(type, version)],
      [schemaName(type, type.listKind), listOf(type)],
    ]),
  );
