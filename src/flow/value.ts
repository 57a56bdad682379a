/**
 * What users hand over to be kept on a request: the input of a flow, the outputs of its jobs, the data of its signals. Pure.
 *
 * @module
 */

import { thrownText } from "../errors.ts";
import type { Json } from "../request-state.ts";
import { stepText } from "./difference.ts";
import { sizeOf } from "./sizes.ts";

/** A value as the server will keep it; or what is wrong with it, as what is said of it, with the remedy. */
export type Kept =
  | { readonly value: Json | undefined; readonly fault?: undefined }
  | { readonly value?: undefined; readonly fault: string };

/**
 * A value as it comes back from the server. Two values that are equal after this are equal there.
 *
 * What has another form in JSON, and nothing else, is brought into that form: `undefined` (a member is absent, an item null), -0, whatever
 * has a `toJSON`, as a `Date` has; and half a surrogate pair becomes U+FFFD, because the server knows no such characters. All else that JSON
 * cannot say would become something else in silence (NaN null, a Map an empty object, the instance of a class a part of it): it is
 * refused.
 *
 * @param name What it is, for the path in the message: `input` in `input.items[2] is NaN`.
 */
export function keptValue(value: unknown, name: string): Kept {
  try {
    return { value: keep(value, { name, steps: [], around: new Set() }) };
  } catch (error) {
    if (error instanceof Unkept) return { fault: error.message };
    // What says so is the stack of this process: the server would take 10,000 levels.
    if (error instanceof RangeError && /call stack/.test(error.message)) return { fault: "is nested too deep" };
    return { fault: `is nothing that JSON can say: ${thrownText(error)}` }; // thrown by a getter, a toJSON, a Proxy
  }
}

/**
 * A value that a caller hands over, as it comes back from the server, where a null at the top is dropped.
 *
 * @param action As in `Cannot start flow "order"`.
 * @param limit In bytes, as JSON.
 * @throws {TypeError} When JSON cannot say it.
 * @throws {RangeError} When it is too large.
 */
export function storedValue(value: unknown, action: string, name: "input" | "data", limit: number): Json | undefined {
  const kept = keptValue(value, name);
  if (kept.fault !== undefined) throw new TypeError(`${action}: its ${name} ${kept.fault}`);
  const size = sizeOf(kept.value);
  if (size > limit) throw new RangeError(`${action}: its ${name} is ${size} bytes as JSON, expected at most ${limit}`);
  return kept.value ?? undefined;
}

/** Says of a value that it is not kept; the message is a clause of its own. */
class Unkept extends Error {}

/** Where in a value something stands. */
interface Place {
  readonly name: string;
  readonly steps: (string | number)[];
  /** What it is a part of. */
  readonly around: Set<object>;
}

function keep(given: unknown, place: Place): Json | undefined {
  const value = inJson(given, place);
  switch (typeof value) {
    case "undefined":
    case "boolean":
      return value;
    case "string":
      return value.toWellFormed();
    case "number":
      if (!Number.isFinite(value)) throw unkept(place, String(value), "use null or a text for it");
      return value + 0; // -0 is 0
    case "object":
      return value === null ? null : keepParts(value, place);
    default:
      throw unkept(place, nameOf(value));
  }
}

function keepParts(value: object, place: Place): Json {
  const { around } = place;
  if (around.has(value)) throw unkept(place, "what it is a part of itself");
  around.add(value);
  const kept = Array.isArray(value) ? keepItems(value, place) : keepMembers(value, place);
  around.delete(value);
  return kept;
}

function keepItems(list: readonly unknown[], place: Place): Json {
  const items: Json[] = [];
  for (let index = 0; index < list.length; index++) {
    place.steps.push(index);
    items.push(keep(list[index], place) ?? null); // holes, too
    place.steps.pop();
  }
  return items;
}

function keepMembers(object: object, place: Place): Json {
  if (!isPlain(object)) throw unkept(place, nameOf(object));
  const symbol = Object.getOwnPropertySymbols(object).find((each) => Object.prototype.propertyIsEnumerable.call(object, each));
  if (symbol !== undefined) throw unkept(place, `an object with a member ${String(symbol)}`, "use a text as its name");
  const members: [string, Json][] = [];
  for (const [member, part] of Object.entries(object)) {
    place.steps.push(member);
    const own = keep(part, place);
    place.steps.pop();
    if (own !== undefined) members.push([member.toWellFormed(), own]);
  }
  return Object.fromEntries(members); // not by assignment: "__proto__" is a name like others
}

/** What stands for a value in JSON, by its own word. */
function inJson(value: unknown, place: Place): unknown {
  const isAsked = typeof value === "object" && value !== null || typeof value === "bigint" || typeof value === "function";
  const { toJSON } = isAsked ? value as { toJSON?: unknown } : {};
  if (typeof toJSON !== "function") return value;
  const { steps } = place;
  const said: unknown = toJSON.call(value, String(steps.at(-1) ?? ""));
  // A date that is none says null.
  if (said === null && Object.prototype.toString.call(value) === "[object Date]") throw unkept(place, "an invalid Date");
  return said;
}

/** Whether all of an object is in its members: it was made by `{}`, also in another realm, or without a prototype. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A value in words: `a Map`, `a function`, `a bigint`. */
export function nameOf(value: unknown): string {
  const name = typeof value === "object" ? classOf(value as object) || "object without a name" : typeof value;
  return `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}`;
}

/** A generator has no class, but a tag. */
const classOf = (value: object): string =>
  value.constructor?.name || Object.prototype.toString.call(value).slice("[object ".length, -1).replace(/^Object$/, "");

function unkept(
  { name, steps }: Place,
  what: string,
  remedy = "give its content as plain objects, lists, texts and numbers",
): Unkept {
  return new Unkept(`is nothing that JSON can say: ${name}${steps.map(stepText).join("")} is ${what}; ${remedy}`);
}
