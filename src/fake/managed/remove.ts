/**
 * Takes fields out of an object.
 *
 * @module
 */
import { descend, type FieldSet, hasMember, isEmpty } from "./field-set.ts";
import { type FieldType, memberType, partOf, untyped } from "./field-type.ts";
import { itemElement } from "./list-item.ts";
import { fieldElement } from "./path-element.ts";
import { isObject, type Json, type JsonObject, setMember } from "../types/json.ts";

/** What is left; null, where nothing is. */
function rest(value: Json, set: FieldSet, type: FieldType): Json {
  const part = partOf(type, value);
  if (part === "scalar") return value;
  if (part === "list") {
    const list = type.list!;
    if (!Array.isArray(value) || list.owned === "atomic") return null;
    const kept: Json[] = [];
    for (const item of value) {
      const element = itemElement(list, item);
      if (hasMember(set, element)) continue;
      const deeper = descend(set, element);
      kept.push(deeper ? rest(item, deeper, list.of) : item);
    }
    return kept.length > 0 ? kept : null;
  }
  const map = type.map!;
  if (!isObject(value) || map.atomic) return null;
  const kept: JsonObject = {};
  for (const [name, member] of Object.entries(value)) {
    const element = fieldElement(name);
    if (member === undefined || hasMember(set, element)) continue;
    const deeper = descend(set, element);
    setMember(kept, name, deeper ? rest(member, deeper, memberType(map, name) ?? untyped) : member);
  }
  return Object.keys(kept).length > 0 ? kept : null;
}

/** An object without some fields. Pure. */
export const removeFields = (object: JsonObject, set: FieldSet, type: FieldType): JsonObject =>
  isEmpty(set) ? object : (rest(object, set, type) ?? {}) as JsonObject;
