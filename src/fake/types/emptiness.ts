/**
 * What was given, and is empty: a list without items, a map without members. Go keeps it apart from what was not given, and its JSON does
 * not show it: what is stored, owned and answered has neither, but rules and the values that refusals show do.
 *
 * @module
 */
import { equal, isObject, type Json, type JsonObject } from "./json.ts";

/** The name under which a struct has what was given empty: copies by spread have it, too, and nothing that lists members sees it. */
const empties = Symbol("given empty");

interface Noting {
  [empties]?: Readonly<Record<string, Json>>;
}

/** Notes that a member of a struct was given without anything in it. */
export function noteEmpty(struct: JsonObject, name: string, value: Json): void {
  const noting = struct as Noting;
  noting[empties] = { ...noting[empties], [name]: value };
}

/** A member of a struct as it was given: `[]` or `{}` where it was left out because it is empty. Pure. */
export const asGiven = (struct: JsonObject, name: string): Json | undefined =>
  struct[name] ?? (struct as Noting)[empties]?.[name];

/** Takes a member out of a struct, however it was given. */
export function unset(struct: JsonObject, name: string): void {
  delete struct[name];
  const noting = struct as Noting;
  const known = noting[empties];
  if (known === undefined || !Object.hasOwn(known, name)) return;
  const { [name]: _, ...rest } = known;
  noting[empties] = rest;
}

const namesIn = (struct: JsonObject): readonly string[] => [
  ...Object.keys(struct),
  ...Object.keys((struct as Noting)[empties] ?? {}),
];

/** Whether two values are the same to the letter: what was given empty is something else than what was not given. Pure. */
export function sameAsGiven(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => sameAsGiven(item, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return equal(one ?? null, other ?? null);
  return [...new Set([...namesIn(one), ...namesIn(other)])].every((name) =>
    sameAsGiven(asGiven(one, name), asGiven(other, name))
  );
}

const isNone = (value: Json | undefined): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/** Whether two values mean the same: a list without items, which some structs always have, is none. Pure. */
export function sameMeaning(one: Json | undefined, other: Json | undefined): boolean {
  if (isNone(one) || isNone(other)) return isNone(one) && isNone(other);
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => sameMeaning(item, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return equal(one, other);
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((name) => sameMeaning(one[name], other[name]));
}
