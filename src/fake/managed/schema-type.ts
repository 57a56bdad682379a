/**
 * The field types of the schema of a custom resource.
 *
 * @module
 */
import { deduced, type FieldType, type ListType, type MapType, type NamedField, type Scalar, untyped } from "./field-type.ts";
import { shapeType } from "./shape-type.ts";
import { isEmbedded } from "../schema/walk.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { objectMeta, string } from "../types/shapes.ts";

function scalarOf({ type, format }: JsonObject): Scalar {
  if (type === "integer" || type === "number") return "numeric";
  if (type === "boolean") return "boolean";
  return type === "string" && (format === undefined || format === "" || format === "byte") ? "string" : "untyped";
}

function metaFields(): [string, NamedField][] {
  const text = shapeType(string);
  return [["apiVersion", { type: text }], ["kind", { type: text }], ["metadata", { type: shapeType(objectMeta) }]];
}

function mapOf(schema: JsonObject, preserves: boolean, root: boolean): MapType {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const fields = new Map<string, NamedField>();
  for (const [name, property] of Object.entries(properties)) {
    if (!isObject(property)) continue;
    const type = typeOf(property, preserves);
    fields.set(name, property.default === undefined ? { type } : { type, default: property.default });
  }
  const own = [...root || isEmbedded(schema) ? metaFields() : []];
  for (const [name, field] of own) fields.set(name, field);
  const additional = schema.additionalProperties;
  const free = additional === undefined ? preserves || fields.size === 0 : additional !== false;
  const rest = isObject(additional) ? typeOf(additional, preserves) : free ? deduced : undefined;
  return { atomic: schema["x-kubernetes-map-type"] === "atomic", fields, ...rest && { rest } };
}

function listOf(schema: JsonObject, preserves: boolean): ListType {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"];
  return {
    of: isObject(schema.items) ? typeOf(schema.items, preserves) : untyped,
    owned: listType === "set" || listType === "map" ? listType : "atomic",
    keys: listType === "map" && Array.isArray(keys) ? keys.map(String) : [],
  };
}

function typeOf(schema: JsonObject, inherited: boolean, root: boolean = false): FieldType {
  // What a member preserves, all that is in it preserves.
  const preserves = inherited || schema["x-kubernetes-preserve-unknown-fields"] === true;
  switch (schema.type) {
    case "object":
      return { map: mapOf(schema, preserves, root) };
    case "array":
      return { list: listOf(schema, preserves) };
    case undefined:
    case "":
      return { scalar: "untyped", list: listOf(schema, preserves), map: mapOf(schema, preserves, root) };
    default:
      return { scalar: scalarOf(schema) };
  }
}

/** The field type of a custom resource. Pure. */
export const schemaType = (schema: JsonObject | undefined): FieldType =>
  schema ? typeOf({ ...schema, type: schema.type ?? "object" }, false, true) : deduced;
