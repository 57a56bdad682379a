/**
 * What a CRD's schema may say: the rules for its words, whatever its structure is.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, notSupported, required } from "../types/field-error.ts";
import { printItems } from "./internal.ts";
import { encode, isObject, type Json, type JsonObject } from "../types/json.ts";
import { isEmbedded, isMetaMember } from "../schema/walk.ts";

const types = ["array", "boolean", "integer", "number", "object", "string"];
const unsupported = ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];

/** Where a schema stands. */
interface Context {
  readonly isRoot: boolean;
  /** Whether it describes the kind or the metadata of an object. */
  readonly inMeta: boolean;
  /** Takes the paths of schemas that are wrong. */
  readonly wrong: Set<string>;
  /** Why no default may be set here. */
  readonly noDefaults?: string;
}

/** A pointer of Go: its text is printed as JSON. */
const pointer = (field: string, value: Json | undefined, why: string): FieldError => ({
  field,
  reason: "Invalid",
  text: `Invalid value: ${encode(value ?? null)}: ${why}`,
});

function wordErrors(schema: JsonObject, path: string, { inMeta, noDefaults }: Context): FieldError[] {
  const errors: FieldError[] = [];
  const { type } = schema;
  if (typeof type === "string" && !types.includes(type)) errors.push(notSupported(`${path}.type`, type, types));
  if (schema.default !== undefined && noDefaults !== undefined) {
    errors.push(forbidden(`${path}.default`, `must not be set ${noDefaults}`));
  }
  for (const member of unsupported) {
    if (schema[member] !== undefined) errors.push(forbidden(`${path}.${member}`, `${member} is not supported`));
  }
  if (type === "null") errors.push(forbidden(`${path}.type`, "type cannot be set to null, use nullable as an alternative"));
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    errors.push(forbidden(`${path}.items`, "items must be a schema object and not an array"));
  }
  if (inMeta && isEmbedded(schema)) {
    errors.push(forbidden(`${path}.x-kubernetes-embedded-resource`, "must not be used inside of resource meta"));
  }
  if (schema.uniqueItems === true) {
    const why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    errors.push(forbidden(`${path}.uniqueItems`, why));
  }
  const additional = schema.additionalProperties;
  const hasProperties = isObject(schema.properties) && Object.keys(schema.properties).length > 0;
  if (hasProperties && additional !== undefined && additional !== true) {
    errors.push(forbidden(`${path}.additionalProperties`, "additionalProperties and properties are mutual exclusive"));
  }
  return errors;
}

function mapTypeErrors(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const mapType = schema["x-kubernetes-map-type"];
  if (mapType === undefined) return errors;
  const why = "must be object if x-kubernetes-map-type is specified";
  if (schema.type === undefined) errors.push(required(`${path}.type`, why));
  else if (schema.type !== "object") errors.push(invalid(`${path}.type`, schema.type, why));
  if (mapType !== "atomic" && mapType !== "granular") {
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ["atomic", "granular"]));
  }
  return errors;
}

/** Items of a set are compared as a whole. */
function setErrors(items: JsonObject, path: string): FieldError[] {
  const why = "must be atomic as item of a list with x-kubernetes-list-type=set";
  const [listType, mapType] = [items["x-kubernetes-list-type"], items["x-kubernetes-map-type"]];
  if (items.type === "array" && listType !== undefined && listType !== "atomic") {
    return [pointer(`${path}.items.x-kubernetes-list-type`, listType, why)];
  }
  // The genuine server shows the list type here.
  if (items.type === "object" && mapType !== "atomic") return [pointer(`${path}.items.x-kubernetes-map-type`, listType, why)];
  return [];
}

function listTypeErrors(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const listType = schema["x-kubernetes-list-type"];
  const keys = Array.isArray(schema["x-kubernetes-list-map-keys"]) ? schema["x-kubernetes-list-map-keys"].map(String) : [];
  const { items } = schema;
  if (listType !== undefined && schema.type !== "array") {
    const why = "must be array if x-kubernetes-list-type is specified";
    errors.push(schema.type === undefined ? required(`${path}.type`, why) : invalid(`${path}.type`, schema.type, why));
  } else if (listType === "set" && isObject(items)) errors.push(...setErrors(items, path));
  if (listType !== undefined && !["atomic", "set", "map"].includes(String(listType))) {
    errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ["atomic", "set", "map"]));
  }
  if (keys.length > 0 && listType !== "map") {
    const [field, why] = [`${path}.x-kubernetes-list-type`, "must be map if x-kubernetes-list-map-keys is non-empty"];
    errors.push(listType === undefined ? required(field, why) : invalid(field, listType, why));
  }
  if (listType === "map") errors.push(...mapErrors(items, keys, path));
  if (isObject(items) && (listType === "set" || listType === "map")) errors.push(...itemErrors(items, keys, listType, path));
  return errors;
}

/** Items of a map are told apart by their keys. */
function mapErrors(items: Json | undefined, keys: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const keysField = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) errors.push(required(keysField, "must not be empty if x-kubernetes-list-type is map"));
  if (items === undefined) errors.push(required(`${path}.items`, "must have a schema if x-kubernetes-list-type is map"));
  if (Array.isArray(items)) {
    const why = "must only have a single schema if x-kubernetes-list-type is map";
    errors.push(invalid(`${path}.items`, printItems(items), why));
  }
  if (!isObject(items)) return errors;
  if (items.type !== "object") {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(`${path}.items.type`, items.type ?? "", why));
    return errors;
  }
  const properties = isObject(items.properties) ? items.properties : {};
  const seen = new Set<string>();
  for (const key of keys) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (!isObject(property)) errors.push(invalid(keysField, [...keys], "entries must all be names of item properties"));
    else if (property.type === "array" || property.type === "object") {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(`${path}.items.properties[${key}].type`, items.type, why));
    }
    if (seen.has(key)) errors.push(invalid(keysField, [...keys], "must not contain duplicate entries"));
    seen.add(key);
  }
  return errors;
}

function itemErrors(items: JsonObject, keys: readonly string[], listType: "set" | "map", path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (items.nullable === true) {
    errors.push(forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  }
  if (listType === "set") return errors;
  const properties = isObject(items.properties) ? items.properties : {};
  const needed = Array.isArray(items.required) ? items.required : [];
  for (const key of keys) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (!isObject(property)) continue;
    const at = `${path}.items.properties[${key}]`;
    if (!needed.includes(key) && property.default === undefined) {
      const why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
      errors.push(required(`${at}.default`, why));
    }
    if (property.nullable === true) {
      const why = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
      errors.push(forbidden(`${at}.nullable`, why));
    }
  }
  return errors;
}

function memberErrors(schema: JsonObject, path: string, context: Context): FieldError[] {
  const errors: FieldError[] = [];
  const below = (own: Json | undefined, at: string, more: Partial<Context> = {}) => {
    if (isObject(own)) errors.push(...errorsIn(own, `${path}.${at}`, { ...context, isRoot: false, ...more }));
  };
  const each = (member: string, more?: (name: string) => Partial<Context>) => {
    const own = schema[member];
    for (const [name, inner] of Object.entries(isObject(own) ? own : {})) below(inner, `${member}[${name}]`, more?.(name));
  };
  const list = (member: string) => {
    const own = schema[member];
    if (Array.isArray(own)) own.forEach((inner, index) => below(inner, `${member}[${index}]`));
  };
  below(
    schema.additionalProperties,
    "additionalProperties",
    context.inMeta ? { noDefaults: "inside additionalProperties applying to object metadata" } : {},
  );
  each("properties", (name) => {
    if (!isMetaMember(schema, name, context.isRoot)) return {};
    return { inMeta: true, ...context.isRoot ? { noDefaults: `in top-level ${name}` } : {} };
  });
  below(schema.not, "not");
  for (const member of ["allOf", "oneOf", "anyOf"]) list(member);
  each("definitions");
  below(schema.items, "items");
  list("items");
  each("dependencies");
  return errors;
}

function errorsIn(schema: JsonObject, path: string, context: Context): FieldError[] {
  const words = wordErrors(schema, path, context);
  const kept = schema["x-kubernetes-preserve-unknown-fields"] === false
    ? [invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined")]
    : [];
  const own = [...kept, ...mapTypeErrors(schema, path), ...listTypeErrors(schema, path)];
  if (words.length + own.length > 0) context.wrong.add(path);
  return [...words, ...memberErrors(schema, path, context), ...own];
}

/** Checks the words of a schema, its validation rules aside. Pure. @returns What is wrong, and the paths of the schemas that are. */
export function wordingErrors(
  schema: JsonObject,
  path: string,
): { readonly errors: readonly FieldError[]; readonly wrong: ReadonlySet<string> } {
  const wrong = new Set<string>();
  return { errors: errorsIn(schema, path, { isRoot: true, inMeta: false, wrong }), wrong };
}
