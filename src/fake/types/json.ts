/**
 * JSON as the API server writes it.
 *
 * @module
 */

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** Whether a value is a JSON object, neither null nor an array. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Sets an own member, whatever its name: a plain assignment to `__proto__` would set none. */
export function setMember(object: JsonObject, key: string, value: Json): void {
  if (key === "__proto__") Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/** Copies a value deeply, but for lists that are frozen, as the entries of managedFields are. Pure. */
export function clone<T extends Json | undefined>(value: T): T {
  if (Array.isArray(value)) return Object.isFrozen(value) ? value : value.map(clone) as T;
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, member] of Object.entries(value)) if (member !== undefined) setMember(copy, key, clone(member));
  return copy as T;
}

/**
 * Copies a value deeply with the members of every object in alphabetic order, as Go prints a map. A list that is frozen is
 * that already, all the way down, and is taken as it is. Pure.
 */
export function sorted<T extends Json | undefined>(value: T): T {
  if (Array.isArray(value)) return Object.isFrozen(value) ? value : value.map(sorted) as T;
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) setMember(copy, key, sorted(member));
  }
  return copy as T;
}

/** Whether two values are equal, the order of members aside. Pure. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  if (keys.length !== Object.keys(b).filter((key) => b[key] !== undefined).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

const escapes: Record<string, string> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

const isIndex = (key: string) => /^(?:0|[1-9]\d{0,9})$/.test(key);

/** Prints a value whose maps may have whole numbers as keys: those would come first, in the order of their size. */
function printOrdered(value: unknown, indent: string, end: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const isList = Array.isArray(value);
  const keys = Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined);
  // Only a map has such keys, and maps are printed in alphabetic order.
  if (!isList && keys.some(isIndex)) keys.sort();
  const [open, close] = isList ? "[]" : "{}";
  const items = keys.map((key) => {
    const text = printOrdered((value as Record<string, unknown>)[key], indent, end + indent);
    return isList ? text : `${JSON.stringify(key)}:${indent === "" ? "" : " "}${text}`;
  });
  if (items.length === 0) return `${open}${close}`;
  if (indent === "") return `${open}${items.join(",")}${close}`;
  return `${open}\n${end}${indent}${items.join(`,\n${end}${indent}`)}\n${end}${close}`;
}

/** Prints a value as Go's encoder does: `<`, `>` and `&` escaped, maps in alphabetic order. Pure. @param indent Spaces a level; none: one line. */
export function encode(value: unknown, indent: number = 0): string {
  let text = JSON.stringify(value, undefined, indent);
  if (/"\d+":/.test(text)) text = printOrdered(value, " ".repeat(indent), "");
  return text.replace(/[<>&\u2028\u2029]/g, (char) => escapes[char]!);
}

/** The name of a value's type in the words of JSON schema. Pure. */
export function typeName(value: Json | undefined): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}
