/**
 * What a schema says of numbers, as `k8s.io/kube-openapi/pkg/validation` reads it: an int64 is compared as one, with what is left of a
 * limit when it is made one, too.
 *
 * @module
 */
import { type FieldError, invalid } from "../types/field-error.ts";
import { goNumber } from "../types/go-value.ts";
import { equal, type Json, type JsonObject } from "../types/json.ts";
import { type GoNumber, isInteger, isNumber, settledNumber } from "../types/numeral.ts";

/** Whether a quotient counts as whole: Go allows a difference of a billionth. */
function isAlmostWhole(value: number): boolean {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return false;
  const whole = Math.trunc(value);
  if (value === whole) return true;
  if (whole === 0) return false;
  return Math.abs(value - whole) / (Math.abs(value) + Math.abs(whole)) < 1e-9;
}

function isMultiple(value: GoNumber, factor: GoNumber): boolean {
  if (isInteger(value)) return BigInt(value) % BigInt(factor) === 0n;
  const by = Number(factor);
  return isAlmostWhole(by < 1 ? 1 / by * Number(value) : Number(value) / by);
}

/** A limit, which is a float64, in the type of the number that it is for. */
function limitFor(value: GoNumber, given: GoNumber, { type }: JsonObject): GoNumber {
  const limit = Number(given);
  const isInt64 = Number.isInteger(limit) && Math.abs(limit) < 2 ** 63;
  // An integer whose limit is none is compared as a float64.
  if (!isInteger(value) || (type === "integer" && !isInt64)) return Number.isSafeInteger(limit) ? BigInt(limit) : limit;
  return settledNumber(BigInt(Math.trunc(limit)));
}

/** Checks a number. Pure. @param path What it is called in the words. */
export function numberErrors(
  value: GoNumber,
  schema: JsonObject,
  { field, path }: { field: string; path: string },
): FieldError[] {
  const errors: FieldError[] = [];
  const say = (text: string) => errors.push(invalid(field, value, `${path} in body ${text}`));
  const { multipleOf, minimum, maximum } = schema;
  if (isNumber(multipleOf)) {
    const factor = limitFor(value, multipleOf, schema);
    if (factor <= 0) {
      errors.push(invalid(field, factor, `factor MultipleOf declared for ${path} must be positive: ${goNumber(factor)}`));
    } else if (!isMultiple(value, factor)) say(`should be a multiple of ${goNumber(factor)}`);
  }
  if (isNumber(maximum)) {
    const limit = limitFor(value, maximum, schema);
    if (schema.exclusiveMaximum === true ? value >= limit : value > limit) {
      say(`should be less than ${schema.exclusiveMaximum === true ? "" : "or equal to "}${goNumber(limit)}`);
    }
  }
  if (isNumber(minimum)) {
    const limit = limitFor(value, minimum, schema);
    if (schema.exclusiveMinimum === true ? value <= limit : value < limit) {
      say(`should be greater than ${schema.exclusiveMinimum === true ? "" : "or equal to "}${goNumber(limit)}`);
    }
  }
  return errors;
}

/** Whether a value is the one that an enumeration names: a number is made one of that one's type first, and cut for that. Pure. */
export function isListed(value: Json, listed: Json): boolean {
  if (!isNumber(value) || !isNumber(listed)) return equal(value, listed);
  if (isInteger(listed)) return (isInteger(value) ? value : Math.trunc(Number(value))) == listed; // deno-lint-ignore eqeqeq
  return Number(value) === Number(listed);
}
