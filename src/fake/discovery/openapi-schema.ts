/**
 * The schemas of an OpenAPI v3 document.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import type { ResourceType } from "../types/resource.ts";
import { type Field, goType, type Shape, type Struct } from "../types/shape.ts";
import { objectMeta } from "../types/shapes.ts";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const conventions = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";

/** A reference to a schema of the document. Pure. */
export const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

const prefixes: Readonly<Record<string, string>> = {
  "": "io.k8s.api.core",
  "coordination.k8s.io": "io.k8s.api.coordination",
  "apiextensions.k8s.io": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
};

/** The name of a type's schema: its group reversed, version and kind. Pure. */
export const schemaName = (type: ResourceType, kind: string = type.kind): string =>
  `${type.custom ? type.group.split(".").toReversed().join(".") : prefixes[type.group]}.${type.version}.${kind}`;

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

const scalars: Readonly<Record<string, JsonObject>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  float64: { type: "number", format: "double" },
  time: { type: "string", format: "date-time" },
  microTime: { type: "string", format: "date-time" },
  bytes: { type: "string", format: "byte" },
  any: { type: "object" },
};

function structName(struct: Struct, prefix: string): string {
  const short = struct.name.slice(3);
  return ["ObjectMeta", "OwnerReference", "ManagedFieldsEntry"].includes(short) ? `${meta}.${short}` : `${prefix}.v1.${short}`;
}

function ofShape(shape: Shape, prefix: string, schemas: JsonObject): JsonObject {
  switch (shape.type) {
    case "struct": {
      const name = structName(shape, prefix);
      if (!Object.hasOwn(schemas, name)) {
        schemas[name] = {};
        schemas[name] = ofStruct(shape, prefix, schemas);
      }
      return { allOf: [reference(name)] };
    }
    case "orBool":
      ofShape(shape.of, prefix, schemas);
      return {};
    case "list":
      return { type: "array", items: ofShape(shape.of, prefix, schemas) };
    case "map":
      return { type: "object", additionalProperties: ofShape(shape.of, prefix, schemas) };
    case "any":
      // The one such field outside of CRDs is that of managedFields.
      if (prefix !== meta) return { ...scalars.any };
      schemas[`${meta}.FieldsV1`] = { description: "FieldsV1 stores a set of fields.", type: "object" };
      return { allOf: [reference(`${meta}.FieldsV1`)] };
    default:
      return { ...(scalars[shape.type] ?? { description: goType(shape) }) };
  }
}

function ofStruct(struct: Struct, prefix: string, schemas: JsonObject): JsonObject {
  const properties: JsonObject = {};
  for (const field of struct.fields) {
    properties[field.name] = { ...ofShape(field.shape, prefix, schemas), ...listRules(field) };
  }
  // What is always printed and is neither an object nor a time has to be given, but for these two of an event.
  const required = struct.fields.filter(({ name, shape, empty }) =>
    empty === "always" && (shape.type === "string" || shape.type === "bool") && !name.startsWith("reporting")
  );
  return {
    type: "object",
    ...(required.length > 0 ? { required: required.map(({ name }) => name) } : {}),
    properties,
    ...struct.mapType && { "x-kubernetes-map-type": struct.mapType },
  };
}

/** How field managers own a list, and how a strategic merge patch treats it: clients compute their patches by it. */
function listRules({ merge, shape }: Field): JsonObject {
  if (shape.type !== "list") return {};
  const { listType = "atomic", listMapKeys } = shape;
  return {
    ...listMapKeys && { "x-kubernetes-list-map-keys": [...listMapKeys] },
    "x-kubernetes-list-type": listType,
    ...merge && { "x-kubernetes-patch-merge-key": merge },
    ...merge !== undefined && { "x-kubernetes-patch-strategy": "merge" },
  };
}

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

function ofBuiltin(type: ResourceType, schemas: JsonObject): JsonObject {
  const schema = ofStruct(type.shape!, prefixes[type.group]!, schemas);
  const properties = schema.properties as JsonObject;
  return {
    ...schema,
    properties: { ...properties, ...typeFields, metadata: metadataField },
    "x-kubernetes-group-version-kind": [{ group: type.group, kind: type.kind, version: type.version }],
  };
}

/** The schemas of some types of one group and version, and of what they refer to. */
export function schemasOf(types: readonly ResourceType[]): JsonObject {
  const schemas: JsonObject = {};
  ofShape(objectMeta, meta, schemas);
  for (const type of types) {
    schemas[schemaName(type)] = type.custom ? ofCustom(type) : ofBuiltin(type, schemas);
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
  schemas[`${meta}.Patch`] = {
    description: "Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.",
    type: "object",
  };
  schemas[`${meta}.DeleteOptions`] = { type: "object" };
  schemas[`${meta}.Status`] = { type: "object" };
  return schemas;
}
