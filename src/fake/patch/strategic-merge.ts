/**
 * Strategic merge patch: a merge patch that knows which lists are merged, by which key.
 *
 * The rules are those of the Kubernetes page "Update API objects in place using kubectl patch"; the refusals are those
 * of the genuine server.
 *
 * @module
 */
import { checkOrder, inOrder, noMergeKey, partition } from "./element-order.ts";
import { goKindName, goPrint, goText, goTypeName } from "../types/go-value.ts";
import { clone, equal, isObject, type Json, type JsonObject, setMember } from "../types/json.ts";
import { quote } from "../types/quote.ts";
import type { Field, Shape, Struct } from "../types/shape.ts";
import { badRequest, notImplemented, plainError } from "../types/status.ts";

const orderPrefix = "$setElementOrder";
const deletionPrefix = "$deleteFromPrimitiveList";

const badDirective = (directive: Json | undefined, patch: JsonObject) =>
  plainError(`unknown patch type: ${goText(directive)} in map: ${goPrint(patch)}`);

/** Takes the nulls out of a value that is new, where they mean nothing. */
function discardNulls(value: Json): void {
  if (Array.isArray(value)) value.forEach(discardNulls);
  if (!isObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    if (member === null || member === undefined) delete value[key];
    else discardNulls(member);
  }
}

const hasDirective = (value: Json | undefined) => isObject(value) && Object.hasOwn(value, "$patch");

/** Takes out of a value the objects that have a directive. */
function dropDirectives(value: Json): void {
  if (Array.isArray(value)) {
    for (let at = value.length - 1; at >= 0; at--) if (hasDirective(value[at])) value.splice(at, 1);
    value.forEach(dropDirectives);
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (hasDirective(member)) delete value[key];
      else dropDirectives(member!);
    }
  }
}

/** A value that is new: what is said in the patch changes with it. */
function added(value: Json): Json | undefined {
  if (hasDirective(value)) return undefined;
  discardNulls(value);
  dropDirectives(value);
  return clone(value);
}

function fieldOf(shape: Shape | undefined, key: string): Field {
  if (shape?.type !== "struct") {
    throw plainError(`merging an object in json but data type is not struct, instead is: ${shape?.type ?? "interface"}`);
  }
  const found = shape.fields.find((field) => field.name === key);
  if (found) return found;
  const struct = shape.name.slice(shape.name.indexOf(".") + 1);
  throw plainError(`unable to find api field in struct ${struct} for the json field ${quote(key)}`);
}

/** The field that a directive such as `$setElementOrder/finalizers` is about. */
function subject(directive: string, prefix: string, what: string): string {
  const [first, ...rest] = directive.split("/");
  if (first !== prefix || rest.length === 0) throw badRequest(`invalid patch format of ${what}`);
  return rest.join("/");
}

/** What the patch's `$retainKeys` does not name goes. */
function retainKeys(original: JsonObject, patch: JsonObject): void {
  const { $retainKeys: keys } = patch;
  delete patch.$retainKeys;
  if (keys === undefined) return;
  const fail = () => badRequest("invalid patch format of retainKeys");
  if (!Array.isArray(keys)) throw fail();
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(deletionPrefix) || key.startsWith(orderPrefix)) continue;
    if (!keys.includes(key)) throw fail();
  }
  for (const key of Object.keys(original)) if (!keys.includes(key)) delete original[key];
}

function asList(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  throw plainError(`expected a []interface {}, but received a ${goTypeName(value)}`);
}

/** Merges the lists that come with an order, and takes them out of the patch. */
function mergeOrdered(original: JsonObject, patch: JsonObject, shape: Shape | undefined): void {
  for (const directive of Object.keys(patch).filter((key) => key.startsWith(orderPrefix)).sort()) {
    const order = asList(patch[directive]!);
    delete patch[directive];
    const key = subject(directive, orderPrefix, "setElementOrder list");
    const before = Object.hasOwn(original, key) ? asList(original[key]!) : undefined;
    const given = Object.hasOwn(patch, key) ? asList(patch[key]!) : undefined;
    const field = fieldOf(shape, key);
    const by = field.merge ?? "";
    if (by === "" && order.some(isObject)) throw notImplemented(`${directive}, on which the genuine server breaks`);
    checkOrder(given ?? [], order, by);
    if (!before && !given) continue;
    const merged = !given ? before! : before ? mergeList(before, given, field, false) : added(given) as Json[];
    const [patched, others] = partition(merged, order, by);
    setMember(original, key, inOrder(patched, others, order, before ?? [], by));
    delete patch[key];
  }
}

function checkElements(before: readonly Json[], patch: readonly Json[]): string {
  const kinds = new Set([...before, ...patch].map(goKindName));
  if (kinds.size > 1) throw plainError(`list element types are not identical: ${goPrint([[...before], [...patch]])}`);
  const [kind] = kinds;
  if (kind === "slice") throw plainError("lists of lists are not supported");
  return kind ?? "";
}

/** The items of a patch that are no directives, and what is left of the list. */
function applyDirectives(before: readonly Json[], patch: readonly Json[], key: string): [Json[], Json[]] {
  const rest: Json[] = [];
  let kept = [...before];
  let replaced = false;
  for (const item of patch as JsonObject[]) {
    if (item.$patch === undefined) rest.push(item);
    else if (item.$patch === "replace") replaced = true;
    else if (item.$patch === "merge") throw plainError("merging lists cannot yet be specified in the patch");
    else if (item.$patch !== "delete") throw badDirective(item.$patch, item);
    else if (item[key] === undefined) throw noMergeKey(item, key);
    else kept = kept.filter((each) => !equal((each as JsonObject)[key], item[key]));
  }
  return replaced ? [rest, []] : [kept, rest];
}

const withoutRepetition = (list: readonly Json[]): Json[] =>
  list.filter((item, index) => list.findIndex((each) => equal(each, item)) === index);

function mergeList(before: readonly Json[], patch: readonly Json[], field: Field, deleting: boolean): Json[] {
  if (field.merge === undefined && !deleting) return [...patch];
  if (before.length + patch.length === 0) return [];
  const key = field.merge ?? "";
  const kind = checkElements(before, patch);
  if (kind !== "map") {
    if (deleting) return before.filter((item) => !patch.includes(item));
    const [patched, others] = partition(withoutRepetition([...before, ...patch]), patch, "");
    return inOrder(patched, others, patch, before, "");
  }
  if (key === "") throw plainError(`cannot merge lists without merge key for ${field.name}`);
  const [merged, rest] = applyDirectives(before, patch, key);
  const shape = field.shape.type === "list" ? field.shape.of : undefined;
  const start = [...merged];
  for (const item of rest as JsonObject[]) {
    if (item[key] === undefined) throw noMergeKey(item, key);
    const at = merged.findIndex((each) => equal((each as JsonObject)[key], item[key]));
    if (at >= 0) merged[at] = mergeObject(merged[at] as JsonObject, item, shape);
    else merged.push(item);
  }
  const [patched, others] = partition(merged, rest, key);
  return inOrder(patched, others, rest, start, key);
}

function mergeMember(original: JsonObject, key: string, value: Json, shape: Shape | undefined, deleting: boolean): void {
  if (value === null) return void delete original[key];
  const before = Object.hasOwn(original, key) ? original[key] : undefined;
  const kind = goKindName(value);
  if (before === undefined || goKindName(before) !== kind) {
    if (deleting) return;
    const kept = added(value);
    if (kept === undefined) delete original[key];
    else setMember(original, key, kept);
  } else if (isObject(value)) {
    setMember(original, key, mergeObject(before as JsonObject, value, fieldOf(shape, key).shape));
  } else if (Array.isArray(value)) {
    setMember(original, key, mergeList(before as Json[], value, fieldOf(shape, key), deleting));
  } else setMember(original, key, value);
}

function mergeObject(target: JsonObject, patch: JsonObject, shape: Shape | undefined): JsonObject {
  const directive = patch.$patch;
  if (directive === "replace") {
    delete patch.$patch;
    return patch;
  }
  if (directive === "delete") return {};
  if (directive !== undefined) throw badDirective(directive, patch);
  const original = { ...target };
  retainKeys(original, patch);
  mergeOrdered(original, patch, shape);
  for (const key of Object.keys(patch).sort()) {
    const deleting = key.startsWith(deletionPrefix);
    const name = deleting ? subject(key, deletionPrefix, "primitive list") : key;
    mergeMember(original, name, patch[key]!, shape, deleting);
  }
  return original;
}

/**
 * Applies a strategic merge patch to an object of a built-in type.
 *
 * @param patch Is used up: what is carried out of it is taken out. What the server says of a patch it says of what is left.
 * @throws {Refusal} 400, 500
 */
export const strategicMerge = (target: JsonObject, patch: JsonObject, shape: Struct): JsonObject =>
  mergeObject(target, patch, shape);
