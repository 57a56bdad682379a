/**
 * The schemas of a custom resource's OpenAPI v3 document.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
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

const metadataField: JsonObject = {
  description: `Standard object's metadata. More info: ${conventions}#metadata`,
  allOf: [reference(`${meta}.ObjectMeta`)],
};

/** A CRD's schema as OpenAPI shows it: an int-or-string tells its types. Pure. */
function published(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(published);
  if (!isObject(schema)) return schema;
  const copy: JsonObject = {};
  for (const [key, member] of Object.entries(schema)) {
    if (member === undefined) continue;
    copy[key] = ["default", "enum", "example"].includes(key) ? member : published(member);
  }
  if (schema["x-kubernetes-int-or-string"] === true && schema.anyOf === undefined) {
    copy.anyOf = [{ type: "integer" }, { type: "string" }];
  }
  return copy;
}

function ofCustom(type: ResourceType): JsonObject {
  const gvk = [{ group: type.group, kind: type.kind, version: type.version }];
  if (!type.schema) return { type: "object", "x-kubernetes-group-version-kind": gvk };
  const schema = published(type.schema) as JsonObject;
  const properties = isObject(schema.properties) ? schema.properties : {};
  const fields = Object.keys(type.selectable).map((fieldPath) => ({ fieldPath }));
  return {
    ...schema,
    properties: { ...properties, ...typeFields, metadata: metadataField },
    "x-kubernetes-group-version-kind": gvk,
    ...(fields.length > 0 ? { "x-kubernetes-selectable-fields": fields } : {}),
  };
}

/** The schemas of the custom types of one group and version. @param common Those that they refer to. */
export function schemasOf(types: readonly ResourceType[], common: JsonObject): JsonObject {
  const schemas: JsonObject = { ...common };
  for (const type of types) {
    schemas[schemaName(type)] = ofCustom(type);
    schemas[schemaName(type, type.listKind)] = {
      description: `${type.listKind} is a list of ${type.kind}`,
      type: "object",
      required: ["items"],
      properties: {
        ...typeFields,
        items: { type: "array", items: reference(schemaName(type)) },
        metadata: { type: "object" },
      },
      "x-kubernetes-group-version-kind": [{ group: type.group, kind: type.listKind, version: type.version }],
    };
  }
  return schemas;
}
