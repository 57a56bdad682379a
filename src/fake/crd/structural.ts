/**
 * Whether a CRD's schema can be served: structural, with defaults that fit, and without what this server cannot check.
 *
 * @module
 */
import { type FieldError, forbidden, notSupported, required } from "../types/field-error.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { validateValue } from "../schema/validate.ts";

const types = ["array", "boolean", "integer", "number", "object", "string"];
const combinations = ["allOf", "anyOf", "oneOf"];
// Only these may differ inside of allOf, anyOf, oneOf and not.
const structureOnly = ["type", "default", "description", "title", "nullable", "additionalProperties"];

function inside(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const member of structureOnly) {
    if (schema[member] === undefined) continue;
    const allowed = member === "type" && ["integer", "string"].includes(String(schema.type));
    if (!allowed) errors.push(forbidden(`${path}.${member}`, "must be undefined to be structural"));
  }
  return errors;
}

function ownErrors(schema: JsonObject, path: string): FieldError[] {
  const type = typeof schema.type === "string" ? schema.type : "";
  const untyped = schema["x-kubernetes-preserve-unknown-fields"] === true || schema["x-kubernetes-int-or-string"] === true;
  const errors: FieldError[] = [];
  if (type === "" && !untyped) errors.push(required(`${path}.type`, "must not be empty for specified object fields"));
  else if (type !== "" && !types.includes(type)) errors.push(notSupported(`${path}.type`, type, types));
  if (type === "array" && schema.items === undefined) errors.push(required(`${path}.items`, "must be specified"));
  if (isObject(schema.properties) && schema.additionalProperties !== undefined) {
    errors.push(forbidden(`${path}.additionalProperties`, "additionalProperties and properties are mutual exclusive"));
  }
  for (const name of combinations) {
    const parts = schema[name];
    if (!Array.isArray(parts) || schema["x-kubernetes-int-or-string"] === true) continue;
    parts.forEach((part, index) => isObject(part) && errors.push(...inside(part, `${path}.${name}[${index}]`)));
  }
  if (isObject(schema.not)) errors.push(...inside(schema.not, `${path}.not`));
  return errors;
}

const defaultErrors = (schema: JsonObject, path: string): FieldError[] =>
  schema.default === undefined
    ? []
    : validateValue(schema.default, schema).map((error) => ({ ...error, field: `${path}.default` }));

/** What a check finds in a schema and in the schemas inside of it. */
function everywhere(check: (schema: JsonObject, path: string) => FieldError[], schema: JsonObject, path: string): FieldError[] {
  const errors = check(schema, path);
  if (isObject(schema.items)) errors.push(...everywhere(check, schema.items, `${path}.items`));
  if (isObject(schema.additionalProperties)) {
    errors.push(...everywhere(check, schema.additionalProperties, `${path}.additionalProperties`));
  }
  for (const [name, property] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
    if (isObject(property)) errors.push(...everywhere(check, property, `${path}.properties[${name}]`));
  }
  return errors;
}

/** Checks a schema and what is in it, its validation rules aside; defaults once the rest is sound. Pure. */
export function structuralErrors(schema: JsonObject, path: string): FieldError[] {
  const errors = everywhere(ownErrors, schema, path);
  return errors.length > 0 ? errors : everywhere(defaultErrors, schema, path);
}
