/**
 * JSON patch, RFC 6902, with the server's leniences: a member that is absent can be replaced, copies as null and tests
 * equal to null; an operation without a value adds null; indexes may be negative or begin with zeros; what stands before
 * the first slash of a path does not count.
 *
 * @module
 */
import { equal, isObject, type Json, type JsonObject, setMember } from "../types/json.ts";
import { type Track, untracked } from "./track.ts";

/** An operation as it came. */
export interface Operation extends JsonObject {
  op?: string;
  path?: string;
  from?: string;
}

/** An operation cannot be applied. */
export class JsonPatchError extends Error {}

const fail = (why: string): never => {
  throw new JsonPatchError(why);
};

type Container = JsonObject | Json[];

function steps(path: string): string[] {
  if (path === "") return [];
  if (!path.includes("/")) fail(`path ${path} has no slash`);
  return path.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

const isContainer = (value: Json | undefined): value is Container => Array.isArray(value) || isObject(value);

/** An index into a list. Negative ones count from the end, as the server's library allows. */
function indexOf(list: readonly Json[], step: string, extra: number): number {
  if (!/^[+-]?\d+$/.test(step)) return fail(`"${step}" is no index`);
  const index = Number(step);
  const size = list.length + extra;
  if (index >= size || index < -size) return fail(`index ${step} is out of range`);
  return index < 0 ? index + size : index;
}

function member(container: Container, step: string): Json | undefined {
  if (Array.isArray(container)) return step === "-" ? fail("nothing is at the end") : container[indexOf(container, step, 0)];
  return Object.hasOwn(container, step) ? container[step] : undefined;
}

/** A container that can be changed: what is frozen is copied, one level deep, into its place. */
function opened(parent: Container, step: string, next: Container): Container {
  if (!Object.isFrozen(next)) return next;
  const copy = Array.isArray(next) ? [...next] : { ...next };
  if (Array.isArray(parent)) parent[indexOf(parent, step, 0)] = copy;
  else setMember(parent, step, copy);
  return copy;
}

/** Where the last step of a path leads from. @param op Of the operation. */
function parentOf(document: Container, path: readonly string[], op: string, track: Track): Container {
  let at: Container = document;
  track.open(at);
  for (const step of path.slice(0, -1)) {
    const next = member(at, step);
    if (!isContainer(next)) {
      return fail(`${op} operation does not apply: doc is missing path: "/${path.join("/")}": missing value`);
    }
    at = opened(at, step, next);
    track.open(at);
  }
  return at;
}

function read(document: Container, path: string, op: string, track: Track): Json | undefined {
  const way = steps(path);
  if (way.length === 0) return document;
  return member(parentOf(document, way, op, track), way.at(-1)!);
}

function add(document: Container, path: string, value: Json, track: Track): Container {
  const way = steps(path);
  if (way.length === 0) return fail("nothing is added to where the document is: it is replaced");
  const parent = parentOf(document, way, "add", track);
  const last = way.at(-1)!;
  if (!Array.isArray(parent)) setMember(parent, last, value);
  else if (last === "-") parent.push(value);
  else parent.splice(indexOf(parent, last, 1), 0, value);
  return document;
}

function replace(document: Container, path: string, value: Json, track: Track): Container {
  const way = steps(path);
  if (way.length === 0) return isContainer(value) ? value : fail("the document must stay an object");
  const parent = parentOf(document, way, "replace", track);
  const last = way.at(-1)!;
  if (Array.isArray(parent)) parent[indexOf(parent, last, 0)] = value;
  else setMember(parent, last, value);
  return document;
}

function remove(document: Container, path: string, track: Track): Container {
  const way = steps(path);
  if (way.length === 0) return fail("the document cannot be removed");
  const parent = parentOf(document, way, "remove", track);
  const last = way.at(-1)!;
  if (Array.isArray(parent)) parent.splice(indexOf(parent, last, 0), 1);
  else if (Object.hasOwn(parent, last)) delete parent[last];
  else fail(`error in remove for path: '${path}': Unable to remove nonexistent key: ${last}: missing value`);
  return document;
}

/** Whether a value is what it is tested to be: to find out it is read through and through. */
function passes(found: Json, value: Json, track: Track): boolean {
  track.openAll(found);
  return equal(found, value);
}

function applyOne(document: Container, operation: Operation | null, track: Track): Container {
  if (operation === null) return fail("no operation");
  const { op, path, from } = operation;
  const value = track.copy(operation.value ?? null);
  if (typeof path !== "string") return fail(`${op} operation failed to decode path: missing value`);
  switch (op) {
    case "add":
      return add(document, path, value, track);
    case "replace":
      return replace(document, path, value, track);
    case "remove":
      return remove(document, path, track);
    case "test":
      return passes(read(document, path, op, track) ?? null, value, track)
        ? document
        : fail(`testing value ${path} failed: test failed`);
    case "move":
    case "copy": {
      if (typeof from !== "string") return fail(`${op} operation failed to decode from: missing value`);
      if (from === "") return fail(`${op} operation does not apply: the document is no member of itself`);
      const found = read(document, from, op, track);
      if (found === undefined && op === "move") {
        const key = from.split("/").at(-1);
        return fail(`error in move for path: '${key}': Unable to remove nonexistent key: ${key}: missing value`);
      }
      const moved = track.copy(found ?? null);
      return add(op === "move" ? remove(document, from, track) : document, path, moved, track);
    }
    default:
      return fail(`Unexpected kind: ${op ?? "unknown"}`);
  }
}

/**
 * Applies operations to a copy of an object. Pure, but for the track.
 *
 * @param track Hears of what is read into on the way, and knows how values are written.
 * @throws {JsonPatchError} when one cannot be applied.
 */
export function jsonPatch(target: JsonObject, operations: readonly (Operation | null)[], track: Track = untracked): Json {
  return operations.reduce<Container>((document, operation) => applyOne(document, operation, track), track.copy(target));
}
