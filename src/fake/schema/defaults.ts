/**
 * Fills in the defaults of a custom resource's schema.
 *
 * @module
 */
import { clone, isObject, type Json, type JsonObject, setMember } from "../types/json.ts";
import { type Fit, memberSchema, somewhere } from "./walk.ts";

const isMisplacedNull = (value: Json | undefined, schema: JsonObject | undefined): schema is JsonObject =>
  value === null && schema !== undefined && schema.nullable !== true;

/** Removes members that are null and may not be, where no default takes their place. Items stay, whatever they are. */
function dropNulls(value: Json, schema: JsonObject | undefined, fit: Fit): void {
  if (!schema || typeof value !== "object" || fit?.has(value)) return;
  if (Array.isArray(value)) {
    const items = isObject(schema.items) ? schema.items : undefined;
    for (const item of value) dropNulls(item, items, fit);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    const known = memberSchema(schema, key) || undefined;
    if (isMisplacedNull(member, known) && known.default === undefined) delete value[key];
    else dropNulls(member!, known, fit);
  }
}

const hasDefaults = somewhere((schema) => schema.default !== undefined);

/** Sets absent members to their defaults, in place, and a null that is not allowed where there is one. @param fit Parts that have them. */
export function fillDefaults(value: Json | undefined, schema: JsonObject, fit?: Fit): void {
  if (typeof value !== "object" || fit?.has(value) || !hasDefaults(schema)) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!isObject(items)) return;
    value.forEach((item, at) => {
      if (isMisplacedNull(item, items) && items.default !== undefined) value[at] = clone(items.default);
      fillDefaults(value[at], items, fit);
    });
    return;
  }
  if (!isObject(value)) return;
  for (const [key, property] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
    if (!isObject(property) || property.default === undefined) continue;
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    if (given === undefined || isMisplacedNull(given, property)) setMember(value, key, clone(property.default));
  }
  for (const [key, member] of Object.entries(value)) {
    const known = memberSchema(schema, key);
    if (!known) continue;
    // Where the schema does not name the member, this is the only place that looks at a default of its own.
    const preset = isMisplacedNull(member, known) && known.default !== undefined ? clone(known.default) : member!;
    if (preset !== member) setMember(value, key, preset);
    fillDefaults(preset, known, fit);
  }
}

/** Sets absent members to their defaults, in place; a null that is not allowed becomes the default or goes. @param fit Parts that are so. */
export function applyDefaults(object: JsonObject, schema: JsonObject, fit?: Fit): void {
  dropNulls(object, schema, fit);
  fillDefaults(object, schema, fit);
}
