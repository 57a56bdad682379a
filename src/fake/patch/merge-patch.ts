/**
 * JSON merge patch, RFC 7396, as the server's library applies it.
 *
 * @module
 */
import { isObject, type Json, type JsonObject, setMember } from "../types/json.ts";

/** Drops nulls from a value that was not there before, in objects inside lists, too. Those that are items stay. */
function added(value: Json): Json {
  if (Array.isArray(value)) return value.map(added);
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (member !== null && member !== undefined) setMember(copy, key, added(member));
  }
  return copy;
}

/** Applies a merge patch. Pure. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const result: JsonObject = { ...target };
  for (const [key, member] of Object.entries(patch)) {
    if (member === undefined) continue;
    if (member === null) delete result[key];
    else {
      const before = Object.hasOwn(result, key) ? result[key] : undefined;
      // In the place of an object, what is none is taken as it is.
      setMember(result, key, !isObject(before) ? added(member) : isObject(member) ? mergePatch(before, member) : member);
    }
  }
  return result;
}
