/**
 * Fills in the defaults of a custom resource's schema.
 *
 * @module
 */
import { clone, isObject, type Json, type JsonObject, setMember } from "../types/json.ts";

function fill(value: Json, schema: JsonObject): void {
  if (Array.isArray(value)) {
    if (!isObject(schema.items)) return;
    for (const item of value) fill(item, schema.items);
    return;
  }
  if (!isObject(value)) return;
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const [key, property] of Object.entries(properties)) {
    if (!isObject(property)) continue;
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    const nullable = property.nullable === true;
    if (given === null && !nullable) {
      if (property.default === undefined) delete value[key];
      else setMember(value, key, clone(property.default));
    } else if (given === undefined && property.default !== undefined) setMember(value, key, clone(property.default));
    if (isObject(value[key]) || Array.isArray(value[key])) fill(value[key]!, property);
  }
  if (!isObject(schema.additionalProperties)) return;
  for (const [key, member] of Object.entries(value)) {
    if (Object.hasOwn(properties, key)) continue;
    const { default: preset, nullable } = schema.additionalProperties;
    if (member === null && nullable !== true) {
      if (preset === undefined) delete value[key];
      else setMember(value, key, clone(preset));
    } else if (member !== undefined) fill(member, schema.additionalProperties);
  }
}

/** Sets absent members to their defaults, in place; a null that is not allowed becomes the default or goes. */
export function applyDefaults(object: JsonObject, schema: JsonObject): void {
  fill(object, schema);
}
