/**
 * How the items of a list are told apart.
 *
 * @module
 */
import type { ListType } from "./field-type.ts";
import { keyElement, type PathElement, valueElement } from "./path-element.ts";
import { TypedError } from "./typed-error.ts";
import { isObject, type Json } from "../types/json.ts";
import { quote } from "../types/quote.ts";

function keyed(list: ListType, item: Json): PathElement {
  if (item === null) throw new TypedError("associative list with keys may not have a null element");
  if (!isObject(item)) throw new TypedError("associative list with keys may not have non-map elements");
  const keys: [string, Json][] = [];
  for (const name of list.keys) {
    const given = Object.hasOwn(item, name) ? item[name] : list.of.map?.fields.get(name)?.default;
    // An item without one of its keys is another than those that have it.
    if (given !== undefined) keys.push([name, given]);
  }
  if (keys.length > 0) return keyElement(keys);
  const names = `[${list.keys.map(quote).join(" ")}]`;
  throw new TypedError(
    `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
  );
}

/** The path element of an item of a set or a map. Pure. @throws {TypedError} when it has none. */
export function itemElement(list: ListType, item: Json): PathElement {
  if (list.owned === "map") return keyed(list, item);
  if (isObject(item)) throw new TypedError("associative list without keys has an element that's a map type");
  if (Array.isArray(item)) throw new TypedError("not supported: associative list with lists as elements");
  if (item === null) throw new TypedError("associative list without keys has an element that's an explicit null");
  return valueElement(item);
}
