/**
 * Checks that several kinds share.
 *
 * @module
 */
import { type FieldError, immutable, invalid, notListed, required } from "../../types/field-error.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { labelName } from "../../types/names.ts";

/** The value at a path. Pure. */
export function at(object: Json | undefined, ...path: readonly string[]): Json | undefined {
  let value: Json | undefined = object;
  for (const step of path) value = isObject(value) ? value[step] : undefined;
  return value ?? undefined;
}
/** The object at a path, or an empty one. Pure. */
export const part = (object: Json | undefined, ...path: readonly string[]): JsonObject => {
  const value = at(object, ...path);
  return isObject(value) ? value : {};
};
/** The objects of a list at a path. Pure. */
export const each = (object: Json | undefined, ...path: readonly string[]): readonly JsonObject[] => {
  const value = at(object, ...path);
  return Array.isArray(value) ? value.filter(isObject) : [];
};
/** Whether nothing is said. Pure. */
export const isUnset = (value: Json | undefined): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** Members that are numbers must not be negative. Pure. */
export const notNegative = (object: JsonObject, path: string, ...names: readonly string[]): FieldError[] =>
  names.flatMap((name) => {
    const value = object[name];
    return isNumber(value) && value < 0 ? [invalid(`${path}.${name}`, value, "must be greater than or equal to 0")] : [];
  });

/** A member must be one of some texts. Pure. */
export const oneOf = (object: JsonObject, path: string, name: string, ...allowed: readonly string[]): FieldError[] =>
  isUnset(object[name]) || allowed.includes(String(object[name])) ? [] : [notListed(`${path}.${name}`, object[name], allowed)];

/** Members must stay as they are. Pure. */
export const unchanged = (object: JsonObject, old: JsonObject, ...names: readonly string[]): FieldError[] =>
  names.filter((name) => !equal(object[name] ?? null, old[name] ?? null)).map((name) => immutable(name, object[name]));

/** A port's number. Pure. */
export const portErrors = (port: Json | undefined, path: string): FieldError[] =>
  typeof port === "number" && (port < 1 || port > 65535) ? [invalid(path, port, "must be between 1 and 65535, inclusive")] : [];

/** A DNS label that must be there. Pure. */
export const labelErrors = (name: Json | undefined, path: string): FieldError[] =>
  isUnset(name) ? [required(path)] : labelName(String(name)).map((fault) => invalid(path, name, fault));

/** The transport protocols. */
export const protocols: readonly string[] = ["SCTP", "TCP", "UDP"];

/** A count, or a share as `50%`. Pure. */
export function countOrShareErrors(value: Json | undefined, path: string): FieldError[] {
  if (typeof value === "number") return value < 0 ? [invalid(path, value, "must be greater than or equal to 0")] : [];
  if (typeof value !== "string" || /^[0-9]+%$/.test(value)) return [];
  return [
    invalid(
      path,
      value,
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ),
  ];
}

/** A share is at most all. Pure. */
export const overallErrors = (value: Json | undefined, path: string): FieldError[] =>
  typeof value === "string" && /^[0-9]+%$/.test(value) && parseInt(value) > 100
    ? [invalid(path, value, "must not be greater than 100%")]
    : [];
