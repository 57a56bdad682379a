/**
 * The order of a merged list: `$setElementOrder`, and where items that only the server has stay.
 *
 * @module
 */
import { goPrint } from "../types/go-value.ts";
import { equal, isObject, type Json } from "../types/json.ts";
import { plainError, type Refusal } from "../types/status.ts";

/** The merge key of an item; an item that is no object is its own. */
const identity = (item: Json, key: string): Json | undefined => key !== "" && isObject(item) ? item[key] : item;

const indexOf = (list: readonly Json[], item: Json, key: string): number => {
  const wanted = identity(item, key);
  return list.findIndex((each) => equal(identity(each, key), wanted));
};

/** Refuses an object without its merge key, in Go's words. */
export const noMergeKey = (item: Json, key: string): Refusal =>
  plainError(`map: ${goPrint(item)} does not contain declared merge key: ${key}`);

const isDeletion = (item: Json) => isObject(item) && item.$patch === "delete";

/** Splits a list into what another list names and what it does not. @throws {Refusal} for an item without its key. */
export function partition(list: readonly Json[], named: readonly Json[], key: string): [Json[], Json[]] {
  if (key !== "") {
    const odd = named.findIndex((item) => !isObject(item));
    if (odd >= 0) throw plainError(`value for key ${odd} is not a map`);
    for (const item of [...list, ...named]) if (!isObject(item) || item[key] === undefined) throw noMergeKey(item, key);
  }
  const inside = list.filter((item) => indexOf(named, item, key) >= 0);
  return [inside, list.filter((item) => indexOf(named, item, key) < 0)];
}

/** Go's stable sort over few items. An item that the order does not name goes before any other. */
function sortBy(list: readonly Json[], order: readonly Json[], key: string): Json[] {
  const items = [...list];
  const isLess = (a: Json, b: Json) => {
    const [left, right] = [indexOf(order, a, key), indexOf(order, b, key)];
    return left < 0 || right < 0 || left < right;
  };
  for (let end = 1; end < items.length; end++) {
    for (let at = end; at > 0 && isLess(items[at]!, items[at - 1]!); at--) {
      [items[at - 1], items[at]] = [items[at]!, items[at - 1]!];
    }
  }
  return items;
}

/** Brings items of the patch and items that only the server has into one list. Pure. */
export function inOrder(
  patched: readonly Json[],
  others: readonly Json[],
  patchOrder: readonly Json[],
  serverOrder: readonly Json[],
  key: string,
): Json[] {
  const right = sortBy(patched, patchOrder, key);
  const left = sortBy(others, serverOrder, key);
  const all: Json[] = [];
  while (left.length > 0 && right.length > 0) {
    const [l, r] = [indexOf(serverOrder, left[0]!, key), indexOf(serverOrder, right[0]!, key)];
    all.push(l >= 0 && r >= 0 && l < r ? left.shift()! : right.shift()!);
  }
  return [...all, ...left, ...right];
}

/** Checks that a list of a patch keeps to its `$setElementOrder`. @throws {Refusal} 500, as the genuine server says it. */
export function checkOrder(list: readonly Json[], order: readonly Json[], key: string): void {
  if (list.length === 0 || order.length === 0) return;
  const kept = list.filter((item) => !isDeletion(item));
  let at = 0;
  for (const item of order) {
    if (kept[at] !== undefined && equal(identity(kept[at]!, key), identity(item, key))) at++;
  }
  if (at >= kept.length) return;
  throw plainError(
    `The order in patch list:\n${goPrint([...list])}\n doesn't match $setElementOrder list:\n${goPrint([...order])}\n`,
  );
}
