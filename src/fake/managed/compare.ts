/**
 * What differs between two states of an object, as sets of fields.
 *
 * @module
 */
import { type FieldSet, FieldSetBuilder } from "./field-set.ts";
import { type FieldType, type ListType, type MapType, memberType, type Part, partOf, untyped } from "./field-type.ts";
import { itemElement } from "./list-item.ts";
import { fieldElement, type PathElement } from "./path-element.ts";
import { alike, equal, isObject, type Json, type JsonObject } from "../types/json.ts";

/** The differences. No field is in more than one of these. */
export interface Comparison {
  readonly removed: FieldSet;
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

const isBlankMap = (value: Json | undefined) => !isObject(value) || Object.keys(value).length === 0;
const isBlankList = (value: Json | undefined) => !Array.isArray(value) || value.length === 0;

type Items = Map<PathElement, Json[]>;

function itemsOf(list: ListType, value: Json | undefined): Items {
  const items: Items = new Map();
  for (const item of Array.isArray(value) ? value : []) {
    const element = itemElement(list, item);
    const same = items.get(element);
    if (same) same.push(item);
    else items.set(element, [item]);
  }
  return items;
}

class Comparer {
  readonly removed = new FieldSetBuilder();
  readonly modified = new FieldSetBuilder();
  readonly added = new FieldSetBuilder();
  readonly #path: PathElement[] = [];

  compare(before: Json | undefined, after: Json | undefined, type: FieldType): void {
    if (before === after) return;
    const part = partOf(type, after === undefined ? before : after);
    const other = before === undefined || after === undefined ? part : partOf(type, before);
    if (other !== part) this.#part(other, before, after, type);
    if (this.#part(part, before, after, type)) return;
    if (before === undefined) this.added.add(this.#path);
    else if (after === undefined) this.removed.add(this.#path);
  }

  /** @returns Whether it is a leaf: a scalar, or what is owned as one. */
  #part(part: Part, before: Json | undefined, after: Json | undefined, type: FieldType): boolean {
    const { list, map } = type;
    if (part === "map" && !map!.atomic && !(isBlankMap(before) && isBlankMap(after))) {
      this.#members(before, after, map!);
      return false;
    }
    if (part === "list" && list!.owned !== "atomic" && !(isBlankList(before) && isBlankList(after))) {
      this.#items(before, after, list!);
      return false;
    }
    if (before === undefined) this.added.add(this.#path);
    else if (after === undefined) this.removed.add(this.#path);
    else if (!equal(before, after, alike)) this.modified.add(this.#path);
    return true;
  }

  #below(element: PathElement, before: Json | undefined, after: Json | undefined, type: FieldType): void {
    this.#path.push(element);
    this.compare(before, after, type);
    this.#path.pop();
  }

  #members(before: Json | undefined, after: Json | undefined, map: MapType): void {
    const [a, b]: JsonObject[] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
    const known = (name: string) => memberType(map, name) ?? untyped;
    for (const name of Object.keys(a!)) {
      const [own, other] = [a![name], Object.hasOwn(b!, name) ? b![name] : undefined];
      if (own !== other) this.#below(fieldElement(name), own, other, known(name));
    }
    for (const name of Object.keys(b!)) {
      if (!Object.hasOwn(a!, name) && b![name] !== undefined) this.#below(fieldElement(name), undefined, b![name], known(name));
    }
  }

  #items(before: Json | undefined, after: Json | undefined, list: ListType): void {
    const [a, b] = [itemsOf(list, before), itemsOf(list, after)];
    for (const element of new Set([...a.keys(), ...b.keys()])) {
      const [was, is] = [a.get(element) ?? [], b.get(element) ?? []];
      const place = [...this.#path, element];
      if (was.length <= 1 && is.length <= 1) this.#below(element, was[0], is[0], list.of);
      else if (was.length > 1 && is.length > 1) {
        if (!equal(was, is, alike)) this.modified.add(place);
      } else if (was.length > 1) {
        if (is.length > 0) this.#below(element, undefined, is[0], list.of);
        this.removed.add(place);
      } else {
        if (was.length > 0) this.#below(element, was[0], undefined, list.of);
        this.added.add(place);
      }
    }
  }
}

/** Compares two states of an object. Pure. @throws {TypedError} when items of a list cannot be told apart. */
export function compare(before: JsonObject, after: JsonObject, type: FieldType): Comparison {
  const comparer = new Comparer();
  comparer.compare(before, after, type);
  return { removed: comparer.removed.build(), modified: comparer.modified.build(), added: comparer.added.build() };
}
