/**
 * One violation found in an object, in the words of `k8s.io/apimachinery/pkg/util/validation/field`.
 *
 * @module
 */
import { goNumber } from "./go-value.ts";
import { encode, type Json } from "./json.ts";
import { isNumber } from "./numeral.ts";
import { quote } from "./quote.ts";

/** A violation: where, of which kind, and what to say. */
export interface FieldError {
  /** Dotted path, or `<nil>` for the whole object. */
  readonly field: string;
  /** The reason of the cause in a Status, without `FieldValue`, which that of an internal error has not. */
  readonly reason:
    | "Required"
    | "Invalid"
    | "TypeInvalid"
    | "NotSupported"
    | "Forbidden"
    | "Duplicate"
    | "TooLong"
    | "TooMany"
    | "NotFound"
    | "InternalError";
  /** What follows the path. */
  readonly text: string;
}

/** Prints a value as a field error does. Pure. */
export const shown = (value: Json | undefined): string =>
  value === undefined ? "null" : typeof value === "string" ? quote(value) : isNumber(value) ? goNumber(value) : encode(value);

const withDetail = (head: string, detail: string) => detail === "" ? head : `${head}: ${detail}`;

/** A value that must be there is not. Pure. */
export const required = (field: string, detail: string = ""): FieldError => ({
  field,
  reason: "Required",
  text: withDetail("Required value", detail),
});
/** A value breaks a rule. Pure. */
export const invalid = (field: string, value: Json | undefined, detail: string): FieldError => ({
  field,
  reason: "Invalid",
  text: withDetail(`Invalid value: ${shown(value)}`, detail),
});
/** A value has the wrong type. Pure. */
export const typeInvalid = (field: string, value: Json | undefined, detail: string): FieldError => ({
  field,
  reason: "TypeInvalid",
  text: withDetail(`Invalid value: ${shown(value)}`, detail),
});
const unsupported = (field: string, value: string, supported: readonly string[]): FieldError => ({
  field,
  reason: "NotSupported",
  text: `Unsupported value: ${value}${supported.length === 0 ? "" : `: supported values: ${supported.map(quote).join(", ")}`}`,
});
/** A value is not one of those allowed. Pure. */
export const notSupported = (field: string, value: Json | undefined, supported: readonly string[]): FieldError =>
  unsupported(field, shown(value), supported);
/** A text of a type of its own, as those of enumerations are: printed as JSON. Pure. */
export const notListed = (field: string, value: Json | undefined, listed: readonly string[]): FieldError =>
  unsupported(field, value === undefined ? "null" : encode(value), listed);
/** Something must not be given. Pure. */
export const forbidden = (field: string, detail: string): FieldError => ({
  field,
  reason: "Forbidden",
  text: withDetail("Forbidden", detail),
});
/** A value is there twice. Pure. */
export const duplicate = (field: string, value: Json | undefined): FieldError => ({
  field,
  reason: "Duplicate",
  text: `Duplicate value: ${shown(value)}`,
});
/** A text is too long. Pure. @param limit Bytes. */
export const tooLong = (field: string, limit: number): FieldError => ({
  field,
  reason: "TooLong",
  text: `Too long: may not be more than ${limit} ${limit === 1 ? "byte" : "bytes"}`,
});
/** A list or map has too many members. Pure. */
export const tooMany = (field: string, count: number, limit: number): FieldError => ({
  field,
  reason: "TooMany",
  text: `Too many: ${count}: must have at most ${limit} ${limit === 1 ? "item" : "items"}`,
});
/** A value was changed that must stay. Pure. */
export const immutable = (field: string, value: Json | undefined): FieldError => invalid(field, value, "field is immutable");
