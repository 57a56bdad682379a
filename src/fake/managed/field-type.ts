/**
 * What fields are, for those who own them: scalars, lists and maps, each owned as a whole or by part.
 *
 * @module
 */
import { isObject, type Json } from "../types/json.ts";

/** What a scalar may be. */
export type Scalar = "string" | "numeric" | "boolean" | "untyped";

/** The type of a list. */
export interface ListType {
  readonly of: FieldType;
  /** `atomic`: owned as a whole. `set`: by value. `map`: by the keys of the items. */
  readonly owned: "atomic" | "set" | "map";
  readonly keys: readonly string[];
}

/** A member that a type names. */
export interface NamedField {
  readonly type: FieldType;
  readonly default?: Json;
}

/** The type of a map or a struct. */
export interface MapType {
  readonly atomic: boolean;
  readonly fields: ReadonlyMap<string, NamedField>;
  /** What other members are; none may be there where it is not set. */
  readonly rest?: FieldType;
}

/** A type: any of these that it names. */
export interface FieldType {
  readonly scalar?: Scalar;
  readonly list?: ListType;
  readonly map?: MapType;
}

type Open = { -readonly [key in keyof FieldType]: FieldType[key] };

const noFields: ReadonlyMap<string, NamedField> = new Map();

/** Whatever there is, owned as a whole. */
export const untyped: FieldType = (() => {
  const type: Open = { scalar: "untyped" };
  type.list = { of: type, owned: "atomic", keys: [] };
  type.map = { atomic: true, fields: noFields, rest: type };
  return type;
})();

/** Whatever there is, maps owned by member. */
export const deduced: FieldType = (() => {
  const type: Open = { scalar: "untyped" };
  type.list = { of: untyped, owned: "atomic", keys: [] };
  type.map = { atomic: false, fields: noFields, rest: type };
  return type;
})();

/** Which part of a type is meant. */
export type Part = "map" | "scalar" | "list";

/** Which part of its type a value is of. Null, and what does not fit, is taken as the first that the type has. Pure. */
export function partOf(type: FieldType, value: Json | undefined): Part {
  if (value !== null && value !== undefined) {
    if (Array.isArray(value)) {
      if (type.list) return "list";
    } else if (isObject(value)) {
      if (type.map) return "map";
    } else if (type.scalar) return "scalar";
  }
  return type.map ? "map" : type.scalar ? "scalar" : "list";
}

/** What a member is. Pure. @returns Nothing where it may not be there. */
export const memberType = (map: MapType, name: string): FieldType | undefined => map.fields.get(name)?.type ?? map.rest;
