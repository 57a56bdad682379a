/**
 * What is written by hand for a kind, and the fields that a field selector may name.
 *
 * @module
 */
import { isObject, type JsonObject } from "../types/json.ts";
import type { ResourceType } from "../types/resource.ts";

/** How the objects of another version's collection are shown here, and stored there. */
export interface View {
  /** The apiVersion and the plural under which they are stored. */
  readonly of: string;
  readonly fromStorage: (object: JsonObject) => JsonObject;
  readonly toStorage: (object: JsonObject) => JsonObject;
}

/** The part of a type that is written by hand. */
export interface Rules extends
  Partial<
    Pick<
      ResourceType,
      | "deprecation"
      | "setDefaults"
      | "admit"
      | "confirm"
      | "prepareCreate"
      | "prepareUpdate"
      | "whenRead"
      | "validate"
      | "validateChange"
      | "metadataLast"
      | "nameRule"
      | "selectable"
      | "unknownField"
    >
  > {
  /** Whether a new object may come with a status, although that is a subresource. */
  readonly keepsStatus?: boolean;
  /** Whether a list or a map that is given empty, where there was none, makes another generation. */
  readonly emptyCounts?: boolean;
  readonly view?: View;
}

/** Reads the text at a dotted path: `""` where there is none. Pure. */
export const textAt = (path: string) => (object: JsonObject): string => {
  let at: unknown = object;
  for (const step of path.split(".")) at = isObject(at) ? at[step] : undefined;
  return at === undefined || at === null ? "" : String(at);
};

/** Fields that are read where they are named. Pure. */
export const selectable = (...fields: string[]): NonNullable<Rules["selectable"]> =>
  Object.fromEntries(fields.map((field) => [field, textAt(field)]));
