/**
 * Whether a CRD's schema can be served: structural, with defaults that fit, and without what this server cannot check.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, notSupported, required } from "../types/field-error.ts";
import { clone, equal, isObject, type JsonObject } from "../types/json.ts";
import { EmbeddedError, embeddedErrors, fitEmbedded } from "../schema/embedded.ts";
import { pruneUnknown } from "../schema/prune.ts";
import { validateValue } from "../schema/validate.ts";
import { isEmbedded } from "../schema/walk.ts";

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
  if (schema["x-kubernetes-int-or-string"] === true && schema["x-kubernetes-preserve-unknown-fields"] === true) {
    const field = `${path}.x-kubernetes-preserve-unknown-fields`;
    errors.push(invalid(field, true, "must be false if x-kubernetes-int-or-string is true"));
  }
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

function defaultErrors(schema: JsonObject, path: string): FieldError[] {
  if (schema.default === undefined) return [];
  const at = `${path}.default`;
  const pruned = clone(schema.default);
  pruneUnknown(pruned, schema, { root: isEmbedded(schema) });
  const errors = equal(pruned, schema.default) ? [] : [invalid(at, schema.default, "must not have unknown fields")];
  // As a member of an object: what is embedded is looked for below one.
  const object = { default: clone(schema.default) };
  const around = { properties: { default: schema } };
  const above = (error: FieldError) => ({ ...error, field: `${path}.${error.field}` });
  try {
    fitEmbedded(object, around);
  } catch (error) {
    if (error instanceof EmbeddedError) return [...errors, above(error.fault)];
    throw error;
  }
  const embedded = embeddedErrors(object, around).map(above);
  if (embedded.length > 0) return [...errors, ...embedded];
  const own = validateValue(schema.default, schema);
  return [...errors, ...own.map((error) => ({ ...error, field: error.field === "" ? at : `${at}.${error.field}` }))];
}

type Check = (schema: JsonObject, path: string) => FieldError[];

/** What a check finds in a schema and in the schemas inside of it. */
function everywhere(check: Check, schema: JsonObject, path: string): FieldError[] {
  const errors = check(schema, path);
  if (isObject(schema.items)) errors.push(...everywhere(check, schema.items, `${path}.items`));
  // Defaults of members without a name are not looked at, as on the genuine server.
  if (isObject(schema.additionalProperties) && check !== defaultErrors) {
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
