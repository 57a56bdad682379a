/**
 * Where two values of JSON differ, for people. Pure.
 *
 * @module
 */

import type { Json } from "../request-state.ts";

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
      const difference = differenceIn(`${path}${stepText(Array.isArray(a) ? Number(name) : name)}`, inA, inB);
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

/** One step of a path, as it is written in a program: `.items`, `[2]`, `["a b"]`. @param step A name, or an index. */
export const stepText = (step: string | number): string =>
  typeof step === "number" ? `[${step}]` : /^[A-Za-z_$][\w$-]*$/.test(step) ? `.${step}` : `[${cut(JSON.stringify(step))}]`;

/** How much of a value, or of a name, a message shows, in characters. */
const SHOWN = 60;

const cut = (text: string): string => text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;

const valueText = (value: Json | undefined): string => value === undefined ? "absent" : cut(JSON.stringify(value));
