/**
 * Checks a custom resource against its schema, in the words of the genuine server.
 *
 * @module
 */
import { type FieldError, invalid, notSupported, required, tooLong, tooMany, typeInvalid } from "../types/field-error.ts";
import { hasFormat, isKnownFormat } from "./formats.ts";
import { encode, isObject, type Json, type JsonObject, typeName } from "../types/json.ts";
import { Correlation } from "./correlation.ts";
import { embeddedErrors } from "./embedded.ts";
import { duplicateItems } from "./list-type.ts";
import { isListed, numberErrors } from "./numbers.ts";
import { isInteger, isNumber, isWhole } from "../types/numeral.ts";
import { quote } from "../types/quote.ts";
import { goRegex } from "../types/re2.ts";

interface Place {
  /** The field of the errors. */
  readonly field: string;
  /** The path inside the messages, which may lack a prefix. */
  readonly path: string;
  /** Whether `x-kubernetes-int-or-string` is not looked at: the genuine server does not, where a value stands alone. */
  readonly alone?: boolean;
}

const below = (place: Place, name: string): Place => ({
  ...place,
  field: place.field === "" ? name : `${place.field}.${name}`,
  path: place.path === "" ? name : `${place.path}.${name}`,
});
const item = (place: Place, index: number): Place => ({
  ...place,
  // An item of a status that is a list itself has a dot before it.
  field: `${place.field}${place.path === "" && place.field !== "" ? "." : ""}[${index}]`,
  path: `${place.path}[${index}]`,
});

const typesOf = (schema: JsonObject): readonly string[] =>
  schema["x-kubernetes-int-or-string"] === true ? ["integer", "string"] : typeof schema.type === "string" ? [schema.type] : [];

const hasType = (value: Json, type: string) => {
  const own = typeName(value);
  if (own === type || (type === "number" && own === "integer")) return true;
  // A whole number counts as an integer whichever type it has in Go, up to 2^53.
  return type === "integer" && isNumber(value) && isWhole(value);
};

const number = (value: Json | undefined): value is number => typeof value === "number";

/** The format that a value has by itself. */
const ownFormat = (value: Json): string => !isNumber(value) ? "" : isInteger(value) ? "int64" : "float64";

const notOf = ({ field, path }: Place, wanted: string, found: string): FieldError[] => [
  typeInvalid(field, found, `${path} in body must be of type ${wanted}: "${found}"`),
];

function typeErrors(value: Json, schema: JsonObject, place: Place): FieldError[] {
  const types = place.alone && schema["x-kubernetes-int-or-string"] === true ? [] : typesOf(schema);
  if (value === null && schema.nullable === true) return [];
  const isOfType = types.some((type) => hasType(value, type));
  const { format } = schema;
  if (value !== null && typeof format === "string" && isKnownFormat(format)) {
    // Beside a format, the genuine server looks at no type of texts and lists: the format is all that a text has to have.
    const isNumeric = types.includes("number") || types.includes("integer");
    if (typeof value === "string" || Array.isArray(value)) { if (!isNumeric) return []; }
    else if (!isOfType && ownFormat(value) !== format) return notOf(place, format, ownFormat(value));
  }
  return types.length > 0 && !isOfType ? notOf(place, types.join(","), typeName(value)) : [];
}

function stringErrors(value: string, schema: JsonObject, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  const length = [...value].length;
  // Of these three only the first that does not hold is named.
  if (number(schema.maxLength) && length > schema.maxLength) errors.push(tooLong(place.field, schema.maxLength));
  else if (number(schema.minLength) && length < schema.minLength) {
    errors.push(invalid(place.field, value, `${place.path} in body should be at least ${schema.minLength} chars long`));
  } else if (typeof schema.pattern === "string" && !goRegex(schema.pattern).test(value)) {
    errors.push(invalid(place.field, value, `${place.path} in body should match '${schema.pattern}'`));
  }
  if (typeof schema.format === "string" && !hasFormat(schema.format, value)) {
    errors.push(
      typeInvalid(place.field, value, `${place.path} in body must be of type ${schema.format}: ${quote(value)}`),
    );
  }
  return errors;
}

function arrayErrors(value: Json[], schema: JsonObject, was: Correlation | undefined, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  if (isObject(schema.items)) {
    const { items } = schema;
    value.forEach((each, index) => errors.push(...validate(each, items, was?.item(each), item(place, index))));
  }
  if (number(schema.minItems) && value.length < schema.minItems) {
    errors.push(invalid(place.field, value.length, `${place.path} in body should have at least ${schema.minItems} items`));
  }
  if (number(schema.maxItems) && value.length > schema.maxItems) errors.push(tooMany(place.field, value.length, schema.maxItems));
  return errors;
}

function objectErrors(value: JsonObject, schema: JsonObject, was: Correlation | undefined, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  const count = Object.keys(value).length;
  if (number(schema.minProperties) && count < schema.minProperties) {
    errors.push(invalid(place.field, count, `${place.path} in body should have at least ${schema.minProperties} properties`));
  }
  if (number(schema.maxProperties) && count > schema.maxProperties) {
    errors.push(tooMany(place.field, count, schema.maxProperties));
  }
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const [key, member] of Object.entries(value)) {
    const own = Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties;
    if (!isObject(own)) continue;
    const before = was?.member(key);
    if (before?.same) continue;
    const at = below(place, key);
    // Members that the schema does not name have a dot before them, even where nothing is before that.
    const path = Object.hasOwn(properties, key) ? at.path : `${place.path}.${key}`;
    errors.push(...validate(member!, own, before, { ...at, path }));
  }
  for (const name of Array.isArray(schema.required) ? schema.required : []) {
    if (value[String(name)] === undefined) errors.push(required(below(place, String(name)).field));
  }
  return errors;
}

const isCombined = ({ anyOf, oneOf, allOf, not }: JsonObject): boolean => (anyOf ?? oneOf ?? allOf ?? not) !== undefined;

function combinedErrors(value: Json, schema: JsonObject, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  const say = (text: string) => errors.push(invalid("<nil>", "", `"${place.path}" ${text}`));
  const list = (name: string) => (Array.isArray(schema[name]) ? schema[name] : []).filter(isObject);
  const failures = (name: string) => list(name).map((each) => validate(value, each, undefined, place));
  const best = (found: FieldError[][]) => found.reduce((a, b) => b.length < a.length ? b : a, found[0] ?? []);
  const anyOf = failures("anyOf");
  if (anyOf.length > 0 && anyOf.every((found) => found.length > 0)) {
    say("must validate at least one schema (anyOf)");
    errors.push(...best(anyOf));
  }
  const oneOf = failures("oneOf");
  const valid = oneOf.filter((found) => found.length === 0).length;
  if (oneOf.length > 0 && valid !== 1) {
    say(
      `must validate one and only one schema (oneOf). ${valid === 0 ? "Found none valid" : `Found ${valid} valid alternatives`}`,
    );
    if (valid === 0) errors.push(...best(oneOf));
  }
  const allOf = failures("allOf");
  const failed = allOf.filter((found) => found.length > 0);
  errors.push(...failed.flat());
  if (failed.length > 0) {
    say(`must validate all the schemas (allOf)${failed.length === allOf.length ? ". None validated" : ""}`);
  }
  if (isObject(schema.not) && validate(value, schema.not, undefined, place).length === 0) {
    say("must not validate the schema (not)");
  }
  return errors;
}

/** @param was What it was before, where that is known: what is invalid already may stay as it is. */
function validate(value: Json, schema: JsonObject, was: Correlation | undefined, place: Place): FieldError[] {
  if (was?.same) return [];
  const errors = typeErrors(value, schema, place);
  if (value !== null) {
    if (isCombined(schema)) errors.push(...combinedErrors(value, schema, place));
    if (typeof value === "string") errors.push(...stringErrors(value, schema, place));
    else if (isNumber(value)) errors.push(...numberErrors(value, schema, place));
    else if (Array.isArray(value)) errors.push(...arrayErrors(value, schema, was, place));
  }
  if (
    Array.isArray(schema.enum) && !schema.enum.some((each) => isListed(value, each)) &&
    !(value === null && schema.nullable === true)
  ) {
    errors.push(
      notSupported(place.field, value, schema.enum.map((each) => typeof each === "string" ? each : encode(each))),
    );
  }
  if (isObject(value)) errors.push(...objectErrors(value, schema, was, place));
  return errors;
}

/** What is found wrong in two ways is said once. */
const once = (errors: readonly FieldError[]): FieldError[] =>
  errors.filter((error, at) => errors.findIndex(({ field, text }) => field === error.field && text === error.text) === at);

const withoutMetadata = ({ metadata: _, ...rest }: JsonObject): JsonObject => rest;

const root: Place = { field: "", path: "" };

/** Checks a value that stands alone, such as a default. Pure. */
export const validateValue = (value: Json, schema: JsonObject): readonly FieldError[] =>
  once(validate(value, schema, undefined, { ...root, alone: true }));

/** Checks everything but `metadata`. Pure. @param old What it replaces: what was invalid there may stay. @param more What is said after the schema itself. */
export function validateCustom(
  object: JsonObject,
  schema: JsonObject,
  old: JsonObject | undefined,
  subresource: string | undefined,
  more: readonly FieldError[] = [],
): readonly FieldError[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const rest = withoutMetadata(object);
  // A list that has an item twice already may have more of them.
  const repeated = old && duplicateItems(withoutMetadata(old), schema).length > 0 ? [] : duplicateItems(rest, schema);
  if (subresource === "status") {
    const own = properties.status;
    if (object.status === undefined || !isObject(own)) return [...more, ...repeated];
    const was = old?.status === undefined ? undefined : new Correlation(object.status, old.status, own);
    // The server names the path relative to the status here.
    return [...once(validate(object.status, own, was, { field: "status", path: "" })), ...more, ...repeated];
  }
  const was = old && new Correlation(object, old, schema);
  return [...once(validate(rest, schema, was, root)), ...more, ...embeddedErrors(rest, schema), ...repeated];
}
