/**
 * The way from a value to its members, along a structural schema.
 *
 * @module
 */
import { isObject, type JsonObject } from "../types/json.ts";

/** Parts of a value that are known to be as their schema makes them: they are another object's, too, and not gone through again. */
export type Fit = ReadonlySet<unknown> | undefined;

/** The path of a member. Pure. */
export const member = (path: string, name: string): string => path === "" ? name : `${path}.${name}`;

/** The path of an item. Pure. */
export const index = (path: string, at: number): string => `${path}[${at}]`;

/** The path of a member whose name no schema names. Pure. */
export const key = (path: string, name: string): string => `${path}[${name}]`;

/** Whether the schema names this member. Pure. */
export const isNamed = (schema: JsonObject, name: string): boolean =>
  isObject(schema.properties) && Object.hasOwn(schema.properties, name);

/**
 * What is known of a member. Pure.
 *
 * @returns Its schema; nothing where it may be there, whatever it is; false where it may not.
 */
export function memberSchema(schema: JsonObject | undefined, name: string): JsonObject | undefined | false {
  if (schema && isNamed(schema, name)) {
    const own = (schema.properties as JsonObject)[name];
    return isObject(own) ? own : undefined;
  }
  const additional = schema?.additionalProperties;
  return additional === undefined ? false : isObject(additional) ? additional : undefined;
}

/** Whether a schema stands for whole objects, with a kind and metadata of their own. Pure. */
export const isEmbedded = (schema: JsonObject): boolean => schema["x-kubernetes-embedded-resource"] === true;

/**
 * Whether something holds of a schema, or of one inside of it: what does nowhere need not be looked for in any value.
 *
 * @param holds Pure.
 * @returns A function that finds it out once for each schema.
 */
export function somewhere(holds: (schema: JsonObject) => boolean): (schema: JsonObject) => boolean {
  const known = new WeakMap<JsonObject, boolean>();
  const isIn = (schema: JsonObject): boolean => {
    let found = known.get(schema);
    if (found === undefined) {
      const properties = isObject(schema.properties) ? Object.values(schema.properties) : [];
      const below = [...properties, schema.items, schema.additionalProperties];
      known.set(schema, found = holds(schema) || below.some((part) => isObject(part) && isIn(part)));
    }
    return found;
  };
  return isIn;
}

const metaMembers = ["apiVersion", "kind", "metadata"];

/** Whether a member is one that whole objects have in any case. Pure. @param root Whether the object is the resource itself. */
export const isMetaMember = (schema: JsonObject | undefined, name: string, root: boolean): boolean =>
  metaMembers.includes(name) && (root || (schema !== undefined && isEmbedded(schema)));
