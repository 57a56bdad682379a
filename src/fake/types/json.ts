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

function isSorted(keys: readonly string[]): boolean {
  for (let at = 1; at < keys.length; at++) if (keys[at - 1]! > keys[at]!) return false;
  return true;
}

/**
 * A value with the members of every object in alphabetic order, as {@linkcode sorted} has it, but what is in that order already is
 * taken as it is: for whoever changes neither the one nor the other. Pure.
 */
export function inOrder<T extends Json | undefined>(value: T): T {
  if (Array.isArray(value)) return itemsInOrder(value) as T;
  return isObject(value) ? membersInOrder(value) as T : value;
}

function itemsInOrder(list: Json[]): Json[] {
  if (Object.isFrozen(list)) return list;
  let copy: Json[] | undefined;
  list.forEach((item, at) => {
    const own = inOrder(item);
    if (own !== item) copy ??= list.slice(0, at);
    copy?.push(own);
  });
  return copy ?? list;
}

function membersInOrder(object: JsonObject): JsonObject {
  const keys = Object.keys(object);
  let copy: JsonObject | undefined = isSorted(keys) ? undefined : {};
  if (copy) keys.sort();
  keys.forEach((key, at) => {
    const member = object[key];
    const own = inOrder(member);
    if (!copy && (own !== member || member === undefined)) {
      copy = {};
      for (const before of keys.slice(0, at)) setMember(copy, before, object[before]!);
    }
    if (copy && own !== undefined) setMember(copy, key, own);
  });
  return copy ?? object;
}

/** Whether two values are equal, the order of members aside. Pure. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]));
  }
  if (Array.isArray(b)) return false;
  let more = 0;
  for (const key of Object.keys(a)) {
    const own = a[key];
    if (own === undefined) continue;
    if (!Object.hasOwn(b, key) || !equal(own, b[key])) return false;
    more++;
  }
  for (const key of Object.keys(b)) if (b[key] !== undefined) more--;
  return more === 0;
}

/**
 * A value with all that has not changed taken from the one before: what is compared with it after that is found equal at once. The order
 * of members counts.
 *
 * @param value Belongs to the caller: it is changed in place.
 * @returns The value, or the former one where nothing has changed.
 */
export function sharing<T extends Json>(value: T, before: Json | undefined): T {
  if (value === before || typeof value !== "object" || typeof before !== "object" || value === null || before === null) {
    return value;
  }
  if (Array.isArray(value)) return Array.isArray(before) ? sharingItems(value, before) as T : value;
  return Array.isArray(before) ? value : sharingMembers(value, before) as T;
}

function sharingItems(value: Json[], before: Json[]): Json[] {
  if (Object.isFrozen(value)) return value;
  let isSame = value.length === before.length;
  for (let at = 0; at < value.length; at++) {
    const item = value[at] = sharing(value[at]!, before[at]);
    if (item !== before[at]) isSame = false;
  }
  return isSame ? before : value;
}

function sharingMembers(value: JsonObject, before: JsonObject): JsonObject {
  const [keys, former] = [Object.keys(value), Object.keys(before)];
  let isSame = keys.length === former.length;
  keys.forEach((key, at) => {
    const own = value[key];
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    const shared = own === undefined ? own : sharing(own, old);
    if (shared !== own) setMember(value, key, shared!);
    if (shared !== old || key !== former[at]) isSame = false;
  });
  return isSame ? before : value;
}

const escapes = [
  ["<", "\\u003c"],
  [">", "\\u003e"],
  ["&", "\\u0026"],
  ["\u2028", "\\u2028"],
  ["\u2029", "\\u2029"],
] as const;

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
  for (const [char, escape] of escapes) if (text.includes(char)) text = text.replaceAll(char, escape);
  return text;
}

/** The name of a value's type in the words of JSON schema. Pure. */
export function typeName(value: Json | undefined): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}
