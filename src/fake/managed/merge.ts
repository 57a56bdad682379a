/**
 * Brings what is applied into the live object.
 *
 * @module
 */
import { type FieldType, type ListType, type MapType, memberType, partOf, untyped } from "./field-type.ts";
import { itemElement } from "./list-item.ts";
import type { PathElement } from "./path-element.ts";
import { isObject, type Json, type JsonObject, setMember } from "../types/json.ts";

type Maybe = Json | undefined;

function mergeMembers(map: MapType, live: JsonObject, applied: JsonObject): Maybe {
  const merged: JsonObject = {};
  for (const name of new Set([...Object.keys(live), ...Object.keys(applied)])) {
    const own = Object.hasOwn(live, name) ? live[name] : undefined;
    const other = Object.hasOwn(applied, name) ? applied[name] : undefined;
    if (own === undefined && other === undefined) continue;
    const member = mergeValues(own, other, memberType(map, name) ?? untyped);
    if (member !== undefined) setMember(merged, name, member);
  }
  return Object.keys(merged).length > 0 ? merged : undefined;
}

/** The items of a list by path element. One that is there several times stands for null. */
function indexed(list: ListType, items: readonly Json[]): { elements: PathElement[]; found: Map<PathElement, Json> } {
  const elements = items.map((item) => itemElement(list, item));
  const found = new Map<PathElement, Json>();
  elements.forEach((element, at) => found.set(element, found.has(element) ? null : items[at]!));
  return { elements, found };
}

/**
 * Items that both have come in the order in which they are applied, other applied ones between them; what only the live
 * list has stays where it is between those.
 */
function mergeItems(list: ListType, live: readonly Json[], applied: readonly Json[]): Maybe {
  const { elements: ours, found: own } = indexed(list, live);
  const { elements: theirs, found: other } = indexed(list, applied);
  const merged: Json[] = [];
  const taken = new Set<PathElement>();
  const shared = theirs.filter((element) => own.has(element));
  const take = (element: PathElement) => {
    taken.add(element);
    const item = mergeValues(own.get(element), other.get(element), list.of);
    if (item !== undefined) merged.push(item);
  };
  let [next, left, right] = [0, 0, 0];
  while (left < ours.length || right < theirs.length) {
    const mine = ours[left];
    if (mine !== undefined && right < theirs.length) {
      if (mine === theirs[right]) {
        take(mine);
        left++, right++, next++;
        continue;
      }
      if (other.has(mine) && shared[next] !== undefined && shared[next] !== mine) {
        // Shared, but not yet due.
        left++;
        continue;
      }
    }
    if (mine !== undefined) {
      if (!other.has(mine)) {
        const item = mergeValues(live[left]!, undefined, list.of);
        if (item !== undefined) merged.push(item);
        left++;
        continue;
      }
      if (taken.has(mine)) left++;
    }
    if (right < theirs.length) {
      const element = theirs[right]!;
      take(element);
      right++;
      if (shared[next] === element) next++;
    }
  }
  return merged.length > 0 ? merged : undefined;
}

function mergeValues(live: Maybe, applied: Maybe, type: FieldType): Maybe {
  const leaf = applied === undefined ? live : applied;
  switch (partOf(type, leaf)) {
    case "map": {
      const [own, other] = [isObject(live) ? live : {}, isObject(applied) ? applied : {}];
      const isBlank = Object.keys(own).length === 0 && Object.keys(other).length === 0;
      return type.map!.atomic || isBlank ? leaf : mergeMembers(type.map!, own, other);
    }
    case "list": {
      const [own, other] = [Array.isArray(live) ? live : [], Array.isArray(applied) ? applied : []];
      return type.list!.owned === "atomic" || own.length + other.length === 0 ? leaf : mergeItems(type.list!, own, other);
    }
    default:
      return leaf;
  }
}

/** An object with what is applied. Nothing is removed. Pure. @throws {TypedError} when items of a list cannot be told apart. */
export const merge = (live: JsonObject, applied: JsonObject, type: FieldType): JsonObject =>
  (mergeValues(live, applied, type) ?? {}) as JsonObject;
