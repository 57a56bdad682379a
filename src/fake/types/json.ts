/**
 * JSON as the API server writes it.
 *
 * @module
 */
import { Note } from "./note.ts";
import { digitsOf, isInteger, isNumber, Numeral, sameNumber, settledNumber } from "./numeral.ts";

/** Any JSON value. Numbers are Go's: see `numeral.ts`. */
export type Json = null | boolean | number | bigint | Numeral | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** Whether a value is a JSON object, neither null nor an array. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Numeral);

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

/** What becomes of a value without parts. */
type Leaf = <V extends Json | undefined>(value: V) => V;

const same: Leaf = (value) => value;

/**
 * Copies a value deeply with the members of every object in alphabetic order, as Go prints a map. A list that is frozen is
 * that already, all the way down, and is taken as it is. Pure.
 *
 * @param leaf What becomes of what has no parts.
 */
export function sorted<T extends Json | undefined>(value: T, leaf: Leaf = same): T {
  if (Array.isArray(value)) return Object.isFrozen(value) ? value : value.map((item) => sorted(item, leaf)) as T;
  if (!isObject(value)) return leaf(value);
  const copy: JsonObject = {};
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) setMember(copy, key, sorted(member, leaf));
  }
  return copy as T;
}

/**
 * Copies a value as {@linkcode sorted} does, but for parts that are the very same as in another one that was made so: those are taken
 * as they are, and noted.
 *
 * @param like The other.
 * @param shared Where they are noted. They belong to the other one, too, and are not to be changed.
 */
export function sortedBeside<T extends Json | undefined>(value: T, like: Json | undefined, shared: Set<unknown>, leaf: Leaf): T {
  if (typeof value !== "object" || value === null) return leaf(value);
  if (value === like) {
    shared.add(value);
    return value;
  }
  if (Array.isArray(value)) {
    if (Object.isFrozen(value)) return value;
    const others = Array.isArray(like) ? like : [];
    return value.map((item, at) => sortedBeside(item, others[at], shared, leaf)) as T;
  }
  if (!isObject(value)) return leaf(value);
  const others = isObject(like) ? like : {};
  const copy: JsonObject = {};
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    setMember(copy, key, sortedBeside(member, Object.hasOwn(others, key) ? others[key] : undefined, shared, leaf));
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
 *
 * @param leaf What becomes of what has no parts.
 */
export function inOrder<T extends Json | undefined>(value: T, leaf: Leaf = same): T {
  if (Array.isArray(value)) return itemsInOrder(value, leaf) as T;
  return isObject(value) ? membersInOrder(value, leaf) as T : leaf(value);
}

function itemsInOrder(list: Json[], leaf: Leaf): Json[] {
  if (Object.isFrozen(list)) return list;
  let copy: Json[] | undefined;
  list.forEach((item, at) => {
    const own = inOrder(item, leaf);
    if (!Object.is(own, item)) copy ??= list.slice(0, at);
    copy?.push(own);
  });
  return copy ?? list;
}

function membersInOrder(object: JsonObject, leaf: Leaf): JsonObject {
  const keys = Object.keys(object);
  let copy: JsonObject | undefined = isSorted(keys) ? undefined : {};
  if (copy) keys.sort();
  keys.forEach((key, at) => {
    const member = object[key];
    const own = inOrder(member, leaf);
    if (!copy && (!Object.is(own, member) || member === undefined)) {
      copy = {};
      for (const before of keys.slice(0, at)) setMember(copy, before, object[before]!);
    }
    if (copy && own !== undefined) setMember(copy, key, own);
  });
  return copy ?? object;
}

/** A number that was read is one of Go's. Pure. */
export const decodedLeaf = <T extends Json | undefined>(value: T): T => value instanceof Numeral ? value.value as T : value;

/** A number as it is stored. Pure. */
export const settledLeaf = <T extends Json | undefined>(value: T): T => isNumber(value) ? settledNumber(value) as T : value;

/**
 * A value with other leaves; the same where none of them is another. What is frozen has no numbers. Pure.
 *
 * @param leaf What becomes of what has no parts.
 */
export function withLeaves<T extends Json | undefined>(value: T, leaf: Leaf): T {
  if (Array.isArray(value)) {
    const items = value.map((item) => withLeaves(item, leaf));
    return items.every((item, at) => Object.is(item, value[at])) ? value : items as T;
  }
  if (!isObject(value)) return leaf(value);
  if (Object.isFrozen(value)) return value;
  let copy: JsonObject | undefined;
  for (const [key, member] of Object.entries(value)) {
    const own = withLeaves(member, leaf);
    if (!Object.is(own, member)) setMember(copy ??= { ...value }, key, own!);
  }
  return copy as T ?? value;
}

/** A value as JSON.parse would give it: integers beyond 2^53 are rounded. The same where there are none. Pure. */
export const asPlain = <T extends Json | undefined>(value: T): T =>
  withLeaves(value, (leaf) => typeof leaf === "bigint" ? Number(leaf) as Json as typeof leaf : leaf);

const sameDigits = (a: Json | undefined, b: Json | undefined): boolean =>
  a instanceof Numeral && b instanceof Numeral && a.literal === b.literal;

/** Whether two scalars are worth the same, whichever types of Go's their numbers have. Pure. */
export const alike = (a: Json | undefined, b: Json | undefined): boolean => isNumber(a) && isNumber(b) && sameNumber(a, b);

/**
 * Whether two values are equal, the order of members aside. Pure.
 *
 * @param scalars Whether scalars are equal that are not the same.
 */
export function equal(a: Json | undefined, b: Json | undefined, scalars: typeof alike = sameDigits): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return scalars(a, b);
  if (a instanceof Numeral || b instanceof Numeral) return scalars(a, b);
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index], scalars));
  }
  if (Array.isArray(b)) return false;
  let more = 0;
  for (const key of Object.keys(a)) {
    const own = a[key];
    if (own === undefined) continue;
    if (!Object.hasOwn(b, key) || !equal(own, b[key], scalars)) return false;
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
  return isObject(value) && isObject(before) ? sharingMembers(value, before) as T : value;
}

function sharingItems(value: Json[], before: Json[]): Json[] {
  if (Object.isFrozen(value)) return value;
  let isSame = value.length === before.length;
  for (let at = 0; at < value.length; at++) {
    const item = value[at] = sharing(value[at]!, before[at]);
    if (!Object.is(item, before[at])) isSame = false;
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
    if (!Object.is(shared, old) || key !== former[at]) isSame = false;
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
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null || value instanceof Numeral) return JSON.stringify(value) ?? "null";
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

const withDigits = (_key: string, value: unknown) => typeof value === "bigint" ? digitsOf(String(value)) : value;

/** JSON of whatever numbers. There are no bigints in most objects, and nothing is as fast as being told so by a refusal. */
function stringify(value: unknown, indent: number): string {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, withDigits, indent);
  }
}

/** Prints a value as Go's encoder does: `<`, `>` and `&` escaped, maps in alphabetic order. Pure. @param indent Spaces a level; none: one line. */
export function encode(value: unknown, indent: number = 0): string {
  let text = stringify(value, indent);
  if (/"\d+":/.test(text)) text = printOrdered(value, " ".repeat(indent), "");
  for (const [char, escape] of escapes) if (text.includes(char)) text = text.replaceAll(char, escape);
  return text;
}

/** Lists whose items are objects as they are stored: never changed, and printed again and again. */
const stored = new WeakSet<readonly Json[]>();
/** What they are printed as. */
const printed = new Note<string>();

/** Notes that the items of a list are never changed. @returns The list. */
export function storedItems<T extends Json[]>(items: T): T {
  stored.add(items);
  return items;
}

/** What was printed last without being asked for by name: a write tells those who watch, and then whoever made it. */
let last: { readonly object: JsonObject; readonly text: string } | undefined;

/** Prints an object that is never changed, as {@linkcode encode} does, without remembering it for long. */
export function textOfWritten(object: JsonObject): string {
  const known = printed.of(object);
  if (known !== undefined) return known;
  if (last?.object !== object) last = { object, text: encode(object) };
  return last.text;
}

/** Prints an object that is never changed, as {@linkcode encode} does, once. */
export function textOfStored(object: JsonObject): string {
  let text = printed.of(object);
  if (text === undefined) printed.set(object, text = textOfWritten(object));
  return text;
}

const encodeStored = (item: Json): string => isObject(item) ? textOfStored(item) : encode(item);

/** Prints a list of objects in one line, as {@linkcode encode} does; those that were noted are printed once. */
export function encodeList(list: JsonObject): string {
  const { items } = list;
  if (!Array.isArray(items) || !stored.has(items)) return encode(list);
  const members = Object.keys(list).filter((key) => list[key] !== undefined).map((key) => {
    const text = key === "items" ? `[${items.map(encodeStored).join(",")}]` : encode(list[key]);
    return `${JSON.stringify(key)}:${text}`;
  });
  return `{${members.join(",")}}`;
}

/** The name of a value's type in the words of JSON schema. Pure. */
export function typeName(value: Json | undefined): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (isNumber(value)) return isInteger(value) ? "integer" : "number";
  return typeof value;
}
