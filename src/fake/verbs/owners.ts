/**
 * Who owns the fields of an object after a write.
 *
 * @module
 */
import { type FieldSet, setOf } from "../managed/field-set.ts";
import type { FieldType } from "../managed/field-type.ts";
import type { Kind, Versioned } from "../managed/kind.ts";
import { fieldElement } from "../managed/path-element.ts";
import { schemaType } from "../managed/schema-type.ts";
import { shapeType } from "../managed/shape-type.ts";
import { TypedError } from "../managed/typed-error.ts";
import { trackUpdate, type Writer } from "../managed/tracking.ts";
import { checkTyped } from "../managed/validate.ts";
import type { JsonObject } from "../types/json.ts";
import { unprintable } from "../types/quote.ts";
import { ConversionError, groupVersion, type ResourceType } from "../types/resource.ts";
import { type Call, nowText, type World } from "../store/world.ts";

const fieldTypes = new WeakMap<object, FieldType>();

function fieldTypeOf(type: ResourceType): FieldType {
  // A type whose objects are converted is another one in each call.
  const known = type.schema ?? type;
  let found = fieldTypes.get(known);
  if (!found) fieldTypes.set(known, found = type.shape ? shapeType(type.shape) : schemaType(type.schema));
  return found;
}

const resetSets = new Map<string, FieldSet>();

/** What a request at that place leaves as it is, whatever it says. */
function resetOf(type: ResourceType, place: string): FieldSet {
  const hasStatus = type.subresources.some(({ name }) => name === "status");
  const standard: Readonly<Record<string, readonly string[]>> = hasStatus ? { "": ["status"], status: ["spec"] } : {};
  const reset = (type.resets ?? standard)[place] ?? [];
  const key = reset.join();
  let set = resetSets.get(key);
  if (!set) resetSets.set(key, set = setOf(...reset.map((path) => path.split(".").map(fieldElement))));
  return set;
}

function convert({ registry }: World, type: ResourceType, { object }: Versioned, apiVersion: string): Versioned | undefined {
  const [version, group = ""] = apiVersion.split("/").toReversed();
  const target = registry.version(group, version!, type.plural);
  if (!type.custom) {
    // Between groups nothing is converted, though they may show the same objects.
    if (target?.storage !== type.storage || group !== type.group) return undefined;
    return { object: target.fromStorage(type.toStorage(object)), type: fieldTypeOf(target), apiVersion };
  }
  if (!target) throw new TypedError(`request to convert CR to an invalid group/version: ${apiVersion}`);
  const fields = fieldTypeOf(target);
  // Nothing is dropped on the way: what the other version does not know makes the object none of its.
  const converted = convertedTo(type, object, apiVersion);
  checkTyped(converted, fields);
  return { object: converted, type: fields, apiVersion };
}

/** @throws {TypedError} */
function convertedTo(type: ResourceType, object: JsonObject, apiVersion: string): JsonObject {
  try {
    return type.convert!(object, apiVersion);
  } catch (error) {
    throw error instanceof ConversionError ? new TypedError(error.message) : error;
  }
}

function kindOf(world: World, type: ResourceType, subresource: string | undefined): Kind {
  const place = subresource ?? "";
  const apiVersion = groupVersion(type);
  return {
    isStruct: !type.custom,
    apiVersion,
    type: fieldTypeOf(type),
    reset: (version) => version === apiVersion || (type.custom && place !== "") ? resetOf(type, place) : resetOf(type, "none"),
    convert: (from, version) => convert(world, type, from, version),
  };
}

const nameLimit = 128;

const agents = new Map<string, string>();
const agentsKept = 100;

/** The name of the manager that a client is, which gives none: what its User-Agent begins with. Pure. */
export function managerOfAgent(userAgent: string): string {
  let name = agents.get(userAgent);
  if (name === undefined) {
    if (agents.size >= agentsKept) agents.clear();
    agents.set(userAgent, name = readAgent(userAgent));
  }
  return name;
}

function readAgent(userAgent: string): string {
  const encoder = new TextEncoder();
  let name = "";
  let size = 0;
  for (const char of userAgent.split("/")[0]!) {
    if (unprintable(char) !== undefined) continue;
    size += encoder.encode(char).length;
    if (size > nameLimit) break;
    name += char;
  }
  return name;
}

/** The writer of a request. @param manager What it calls itself. */
export const writerOf = ({ world, type, subresource, userAgent }: Call, manager: string): Writer => ({
  kind: kindOf(world, type, subresource),
  manager: manager || managerOfAgent(userAgent),
  subresource,
  now: nowText(world),
});

const empties = new WeakMap<ResourceType, JsonObject>();

/** An object of which nothing is known yet. */
export function emptyObject(type: ResourceType): JsonObject {
  let found = empties.get(type);
  if (!found) {
    const named = { apiVersion: groupVersion(type), kind: type.kind };
    empties.set(type, found = type.custom ? named : type.arrange(named));
  }
  return found;
}

/** What the API server calls itself where it writes to itself. */
export const server = "kube-apiserver";
/** What the controllers call themselves. */
export const controllers = "kube-controller-manager";

/** The state that a part of the server itself gives an object, with that part as a manager. */
export function trackOwn(
  world: World,
  type: ResourceType,
  live: JsonObject,
  next: JsonObject,
  { manager, subresource }: { readonly manager: string; readonly subresource?: string },
): JsonObject {
  // What is stored in another version is changed in that one.
  const [version, group = ""] = String(live.apiVersion ?? groupVersion(type)).split("/").toReversed();
  const own = (type.custom && world.registry.version(group, version!, type.plural)) || type;
  const writer = { kind: kindOf(world, own, subresource), manager, subresource, now: nowText(world) };
  return trackUpdate(writer, type.arrange(live), type.arrange(next));
}
