/**
 * One step on the way to a field, as `FieldsV1` writes it: `f:name`, `k:{"name":"x"}`, `v:"x"`, `i:0`.
 *
 * @module
 */
import { goNumber } from "../types/go-value.ts";
import { decodedLeaf, encode, isObject, type Json, type JsonObject } from "../types/json.ts";
import { type GoNumber, isNumber, readNumber } from "../types/numeral.ts";
import { byBytes } from "../types/order.ts";
import { quote } from "../types/quote.ts";

/** A step. Two are the same when their texts are. */
export type PathElement = string;

/** A text that is no path element. */
export class PathElementError extends Error {}

/** The member of that name. Pure. */
export const fieldElement = (name: string): PathElement => `f:${name}`;

/** The item of a set. Pure. */
export const valueElement = (value: Json): PathElement => `v:${encode(value)}`;

/** The item with these keys. Pure. */
export function keyElement(keys: readonly (readonly [name: string, value: Json])[]): PathElement {
  const sorted = keys.toSorted(([a], [b]) => byBytes(a, b));
  return `k:{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${encode(value)}`).join(",")}}`;
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** A number with all its digits. */
const withDigits: Reviver = (_key, value, { source }) =>
  typeof value === "number" && source !== undefined ? decodedLeaf(readNumber(source)) : value;

/** What an element says of an item; of most, all digits are within a float. */
const valueIn = (text: string): Json =>
  JSON.parse(text, /\d{16}/.test(text) ? withDigits as Parameters<JSON["parse"]>[1] : undefined);

function parsed(text: string): Json {
  try {
    return valueIn(text);
  } catch {
    throw new PathElementError(`${text} is no JSON`);
  }
}

/** The keys of an item, in their order. Pure. */
export const keysOf = (element: PathElement): (readonly [string, Json])[] =>
  Object.entries(valueIn(element.slice(2)) as JsonObject).map(([name, value]) => [name, value!] as const)
    .sort(([a], [b]) => byBytes(a, b));

/**
 * A path element as it came, in the one form that it has here. Pure.
 *
 * @returns Nothing for what a later version of Kubernetes may know.
 * @throws {PathElementError}
 */
export function readElement(text: string): PathElement | undefined {
  if (text.length < 2 || text[1] !== ":") throw new PathElementError(`${text} is no path element`);
  const rest = text.slice(2);
  switch (text[0]) {
    case "f":
      return text;
    case "v":
      return valueElement(parsed(rest));
    case "k": {
      const keys = parsed(rest);
      if (!isObject(keys)) throw new PathElementError(`${text} has no keys`);
      return keyElement(Object.entries(keys) as [string, Json][]);
    }
    case "i":
      if (!/^[+-]?\d+$/.test(rest)) throw new PathElementError(`${text} is no index`);
      return `i:${Number(rest)}`;
    default:
      return undefined;
  }
}

function shown(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(",")}]`;
  if (isObject(value)) return Object.entries(value).map(([name, member]) => `${name}=${shown(member!)}`).join("");
  return typeof value === "string" ? quote(value) : isNumber(value) ? goNumber(value) : String(value);
}

/** A path element for people: `.name`, `[name="x"]`, `[="x"]`, `[0]`. Pure. */
export function printElement(element: PathElement): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case "f":
      return `.${rest}`;
    case "k":
      return `[${keysOf(element).map(([name, value]) => `${name}=${shown(value)}`).join(",")}]`;
    case "v":
      return `[=${shown(valueIn(rest))}]`;
    default:
      return `[${rest}]`;
  }
}

const kinds = "fkvi";
const rank = (value: Json) => isNumber(value) ? 0 : typeof value === "string" ? 1 : typeof value === "boolean" ? 2 : 3;

function compareValues(a: Json, b: Json): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (isNumber(a)) return a < (b as GoNumber) ? -1 : a > (b as GoNumber) ? 1 : 0;
  if (typeof a === "string") return byBytes(a, b as string);
  return Number(a) - Number(b);
}

function compareKeys(a: PathElement, b: PathElement): number {
  const [x, y] = [keysOf(a), keysOf(b)];
  for (let at = 0; at < Math.min(x.length, y.length); at++) {
    const order = byBytes(x[at]![0], y[at]![0]) || compareValues(x[at]![1], y[at]![1]);
    if (order !== 0) return order;
  }
  return x.length - y.length;
}

/** The order of path elements: members by name, then items by their keys or values, numbers by size. Pure. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a[0] !== b[0]) return kinds.indexOf(a[0]!) - kinds.indexOf(b[0]!);
  if (a[0] === "f") return byBytes(a, b);
  if (a[0] === "k") return compareKeys(a, b);
  return compareValues(valueIn(a.slice(2)), valueIn(b.slice(2)));
}
