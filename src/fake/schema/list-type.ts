/**
 * Lists that are sets or maps: no item twice.
 *
 * @module
 */
import { duplicate, type FieldError, invalid } from "../types/field-error.ts";
import { encode, equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { isInteger, isNumber } from "../types/numeral.ts";
import { isNamed, key, member, memberSchema } from "./walk.ts";

function identity(item: Json, schema: JsonObject): Json | undefined {
  if (schema["x-kubernetes-list-type"] === "set") return item;
  const keys = schema["x-kubernetes-list-map-keys"];
  if (schema["x-kubernetes-list-type"] !== "map" || !Array.isArray(keys) || !isObject(item)) return undefined;
  const found: JsonObject = {};
  for (const key of keys) if (item[String(key)] !== undefined) found[String(key)] = item[String(key)];
  return found;
}

const isFloat = (value: Json | undefined) => isNumber(value) && !isInteger(value);

/** What tells items apart: a number of one type is none of the other. */
function identityText(identity: Json): string {
  const parts = isObject(identity) ? Object.values(identity) : [identity];
  return parts.some(isFloat) ? `${encode(identity)} ${parts.map(isFloat)}` : encode(identity);
}

/** Finds items that come twice. Pure. @param old What the value replaces: unchanged parts are not looked at. */
export function duplicateItems(value: Json | undefined, schema: JsonObject, path: string, old: Json | undefined): FieldError[] {
  if (old !== undefined && equal(value, old)) return [];
  if (Array.isArray(value)) {
    const errors: FieldError[] = [];
    const seen = new Set<string>();
    value.forEach((item, index) => {
      if (schema["x-kubernetes-list-type"] === "map" && !isObject(item) && item !== null) {
        errors.push(invalid(`${path}[${index}]`, item, "must be an object for an array of list-type map"));
      }
      const own = identity(item, schema);
      if (own === undefined) return;
      const text = identityText(own);
      if (seen.has(text)) errors.push(duplicate(`${path}[${index}]`, own));
      seen.add(text);
    });
    const { items } = schema;
    if (isObject(items)) {
      value.forEach((item, index) => errors.push(...duplicateItems(item, items, `${path}[${index}]`, undefined)));
    }
    return errors;
  }
  if (!isObject(value)) return [];
  const before = isObject(old) ? old : {};
  return Object.entries(value).flatMap(([name, own]) => {
    const known = memberSchema(schema, name);
    const at = isNamed(schema, name) ? member(path, name) : key(path, name);
    return known ? duplicateItems(own, known, at, before[name]) : [];
  });
}
