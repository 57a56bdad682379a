/**
 * Objects inside of custom resources: `x-kubernetes-embedded-resource`.
 *
 * @module
 */
import { type FieldError, required } from "../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import type { Meta } from "../types/meta.ts";
import { decodeMetadata, embeddedMetadataErrors } from "../types/metadata.ts";

const join = (path: string, name: string) => path === "" ? name : `${path}.${name}`;

/** Calls back for every embedded object below a value. */
function visit(
  value: Json | undefined,
  schema: JsonObject,
  path: string,
  found: (object: JsonObject, path: string) => void,
): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (isObject(items)) value.forEach((item, index) => visit(item, items, `${path}[${index}]`, found));
    return;
  }
  if (!isObject(value)) return;
  if (path !== "" && schema["x-kubernetes-embedded-resource"] === true) found(value, path);
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const [key, member] of Object.entries(value)) {
    const own = Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties;
    if (isObject(own)) visit(member, own, join(path, key), found);
  }
}

/** Fits the metadata of embedded objects to ObjectMeta, in place. @returns The unknown members. @throws {ShapeError} */
export function fitEmbedded(object: JsonObject, schema: JsonObject): string[] {
  const unknown: string[] = [];
  visit(object, schema, "", (embedded, path) => {
    if (embedded.metadata === undefined) return;
    const decoded = decodeMetadata(embedded.metadata);
    embedded.metadata = decoded.metadata;
    unknown.push(...decoded.unknown.map((each) => `${path}.${each}`));
  });
  return unknown;
}

/** Checks embedded objects. Pure. */
export function embeddedErrors(object: JsonObject, schema: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  visit(object, schema, "", (embedded, path) => {
    for (const member of ["apiVersion", "kind"]) if (!embedded[member]) errors.push(required(`${path}.${member}`));
    if (isObject(embedded.metadata)) errors.push(...embeddedMetadataErrors(embedded.metadata as Meta, `${path}.metadata`));
  });
  return errors;
}
