/**
 * The fields that a field selector may name.
 *
 * @module
 */
import { isObject, type JsonObject } from "../types/json.ts";
import type { ResourceType } from "../types/resource.ts";

/** The part of a type that differs from kind to kind. */
export type Rules = Partial<
  Pick<
    ResourceType,
    "setDefaults" | "prepareCreate" | "prepareUpdate" | "validate" | "selectable" | "unknownField" | "resets"
  >
>;

/** Reads the text at a dotted path: `""` where there is none. Pure. */
export const textAt = (path: string) => (object: JsonObject): string => {
  let at: unknown = object;
  for (const step of path.split(".")) at = isObject(at) ? at[step] : undefined;
  return at === undefined || at === null ? "" : String(at);
};

/** Fields that are read where they are named. Pure. */
export const selectable = (...fields: string[]): NonNullable<Rules["selectable"]> =>
  Object.fromEntries(fields.map((field) => [field, textAt(field)]));
