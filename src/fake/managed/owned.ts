/**
 * The fields that an object names: what its applier owns.
 *
 * @module
 */
import { emptySet, type FieldSet, FieldSetBuilder, members, nodeOf, parents } from "./field-set.ts";
import { type FieldType, memberType, partOf, untyped } from "./field-type.ts";
import { itemElement } from "./list-item.ts";
import { fieldElement, type PathElement } from "./path-element.ts";
import { isObject, type Json } from "../types/json.ts";

function collect(value: Json, type: FieldType, path: readonly PathElement[], into: FieldSetBuilder): void {
  const part = partOf(type, value);
  if (part === "scalar") return into.add(path);
  if (part === "list") {
    const list = type.list!;
    if (list.owned === "atomic") return into.add(path);
    if (!Array.isArray(value)) return;
    const elements = value.map((item) => itemElement(list, item));
    const count = new Map<PathElement, number>();
    for (const element of elements) count.set(element, (count.get(element) ?? 0) + 1);
    elements.forEach((element, at) => {
      const place = [...path, element];
      // What is there several times is owned as one.
      if (count.get(element) === 1) collect(value[at]!, list.of, place, into);
      into.add(place);
    });
    return;
  }
  const map = type.map!;
  if (map.atomic) return into.add(path);
  for (const [name, member] of Object.entries(isObject(value) ? value : {})) {
    if (member === undefined) continue;
    const place = [...path, fieldElement(name)];
    collect(member, memberType(map, name) ?? untyped, place, into);
    const isBlank = member === null || (isObject(member) && Object.keys(member).length === 0);
    if (isBlank || !map.fields.has(name)) into.add(place);
  }
}

/** All leaves and items of an object. Pure. @throws {TypedError} when items of a list cannot be told apart. */
export function fieldsOf(object: Json, type: FieldType): FieldSet {
  const into = new FieldSetBuilder();
  collect(object, type, [], into);
  return into.build();
}

const nothing: FieldType = {};

function typeBelow(type: FieldType, element: PathElement): FieldType {
  if (element[0] === "f") return (type.map && memberType(type.map, element.slice(2))) ?? nothing;
  return element[0] === "k" ? type.list?.of ?? nothing : nothing;
}

/** A set with the members that the type names, where something below them is in it. Pure. */
export function withNamed(set: FieldSet, type: FieldType, isMember: boolean = false): FieldSet {
  const kids = new Map<PathElement, FieldSet>();
  const own = new Set(members(set));
  const deep = new Set(parents(set));
  for (const element of Object.keys(set)) {
    if (element === ".") continue;
    const named = own.has(element) || type.map?.fields.has(element.slice(2)) === true && element[0] === "f";
    kids.set(element, deep.has(element) ? withNamed(set[element]!, typeBelow(type, element), named) : set[element]!);
  }
  return nodeOf(isMember, [...kids]) ?? emptySet;
}
