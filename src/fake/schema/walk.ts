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

const metaMembers = ["apiVersion", "kind", "metadata"];

/** Whether a member is one that whole objects have in any case. Pure. @param root Whether the object is the resource itself. */
export const isMetaMember = (schema: JsonObject | undefined, name: string, root: boolean): boolean =>
  metaMembers.includes(name) && (root || (schema !== undefined && isEmbedded(schema)));
