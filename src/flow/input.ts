/**
 * What a flow is started with, as the server will keep it. Pure.
 *
 * @module
 */

import { thrownText } from "../errors.ts";
import type { Json } from "../request-state.ts";
import { sizeOf } from "./sizes.ts";

/**
 * A value as it comes back from the server: what JSON makes of it, no null at the top (it is dropped there), and U+FFFD for
 * half a surrogate pair (Go has no such characters). Two values that are equal after this are equal on the server.
 *
 * @param what As in `Cannot start flow "order": its input`.
 * @param limit In bytes, as JSON.
 * @throws {TypeError} When it is nothing that JSON can say.
 * @throws {RangeError} When it is too large, or nested too deep.
 */
export function storedValue(value: unknown, what: string, limit: number): Json | undefined {
  let text: string | undefined;
  let stored: Json | undefined;
  try {
    text = JSON.stringify(value);
    stored = text === undefined ? undefined : wellFormed(JSON.parse(text) as Json);
  } catch (error) {
    // What says so is the stack of this process: the server would take 10,000 levels.
    if (error instanceof RangeError) throw new RangeError(`${what} is nested too deep`, { cause: error });
    throw new TypeError(`${what} is nothing that JSON can say: ${thrownText(error)}`, { cause: error });
  }
  if (text === undefined) {
    if (value === undefined) return undefined;
    throw new TypeError(`${what} is a ${typeof value}, expected what JSON can say`);
  }
  const size = sizeOf(stored);
  if (size > limit) throw new RangeError(`${what} is ${size} bytes as JSON, expected at most ${limit}`);
  return stored ?? undefined;
}

function wellFormed(value: Json): Json {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(wellFormed);
  // Not by assignment: "__proto__" is a name like others.
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toWellFormed(), wellFormed(member)]));
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/**
 * Where one value first differs from another, as a sentence: `spec.input.items[2] is 12, not 13`. Undefined where they are equal,
 * whatever the order of their members.
 */
export function differenceIn(path: string, found: Json | undefined, wanted: Json | undefined): string | undefined {
  if (found === wanted) return undefined;
  const [a, b] = [found, wanted];
  if (isComposite(a) && isComposite(b) && Array.isArray(a) === Array.isArray(b)) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const [inA, inB] = [memberOf(a, name), memberOf(b, name)];
      const difference = differenceIn(Array.isArray(a) ? `${path}[${name}]` : `${path}${memberText(name)}`, inA, inB);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return `${path} is ${valueText(a)}, not ${valueText(b)}`;
}

const isComposite = (value: Json | undefined): value is Exclude<Json, string | number | boolean | null> =>
  typeof value === "object" && value !== null;
const memberOf = (value: object, name: string): Json | undefined =>
  Object.hasOwn(value, name) ? (value as { readonly [name: string]: Json })[name] : undefined;
const memberText = (name: string): string => /^[A-Za-z_$][\w$-]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;

/** How much of a value a message shows, in characters. */
const SHOWN = 60;

function valueText(value: Json | undefined): string {
  const text = value === undefined ? "absent" : JSON.stringify(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}
