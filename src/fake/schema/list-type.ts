/**
 * Lists that are sets or maps: no item twice.
 *
 * @module
 */
import { duplicate, type FieldError, invalid } from "../types/field-error.ts";
import { encode, isObject, type Json, type JsonObject } from "../types/json.ts";
import { isInteger, isNumber } from "../types/numeral.ts";
import { isNamed, key, member, memberSchema, somewhere } from "./walk.ts";

function identity(item: Json, schema: JsonObject): Json | undefined {
  if (schema["x-kubernetes-list-type"] === "set") return item;
  const keys = schema["x-kubernetes-list-map-keys"];
  if (schema["x-kubernetes-list-type"] !== "map" || !Array.isArray(keys)) return undefined;
  const found: JsonObject = {};
  if (!isObject(item)) return found;
  for (const key of keys) if (item[String(key)] !== undefined) found[String(key)] = item[String(key)];
  return found;
}

const isFloat = (value: Json | undefined) => isNumber(value) && !isInteger(value);

/** What tells items apart: a number of one type is none of the other. */
function identityText(identity: Json): string {
  const parts = isObject(identity) ? Object.values(identity) : [identity];
  return parts.some(isFloat) ? `${encode(identity)} ${parts.map(isFloat)}` : encode(identity);
}

const hasLists = somewhere((schema) => ["set", "map"].includes(String(schema["x-kubernetes-list-type"])));

/** Finds items that come twice. Pure. */
export function duplicateItems(value: Json | undefined, schema: JsonObject, path: string = ""): FieldError[] {
  if (!hasLists(schema)) return [];
  if (Array.isArray(value)) {
    const errors: FieldError[] = [];
    const seen = new Map<string, number>();
    const isMap = schema["x-kubernetes-list-type"] === "map";
    // The first that is no object is named, and nothing else of this list.
    const odd = isMap ? value.findIndex((item) => !isObject(item) && item !== null) : -1;
    if (odd >= 0) errors.push(invalid(`${path}[${odd}]`, value[odd], "must be an object for an array of list-type map"));
    else {value.forEach((item, index) => {
        const own = identity(item, schema);
        if (own === undefined) return;
        const text = identityText(own);
        const times = (seen.get(text) ?? 0) + 1;
        seen.set(text, times);
        // What comes a third time is not named again.
        if (times === 2) errors.push(duplicate(`${path}[${index}]`, own));
      });}
    const { items } = schema;
    if (isObject(items)) value.forEach((item, index) => errors.push(...duplicateItems(item, items, `${path}[${index}]`)));
    return errors;
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, own]) => {
    const known = memberSchema(schema, name);
    const at = isNamed(schema, name) ? member(path, name) : key(path, name);
    return known ? duplicateItems(own, known, at) : [];
  });
}
