/**
 * Whether the defaults of a schema fit it.
 *
 * @module
 */
import { checkRules } from "../cel/check.ts";
import { rulesOf } from "../cel/rules.ts";
import { type FieldError, invalid } from "../types/field-error.ts";
import { clone, encode, equal, isObject, type Json, type JsonObject, sorted } from "../types/json.ts";
import { EmbeddedError, embeddedErrors, fitEmbedded } from "../schema/embedded.ts";
import { pruneUnknown } from "../schema/prune.ts";
import { validateValue } from "../schema/validate.ts";
import { isEmbedded, isMetaMember } from "../schema/walk.ts";

/** The way from the object whose kind or metadata a schema describes to the place of a value. */
interface Surrounding {
  readonly schema: JsonObject;
  readonly steps: readonly (string | number)[];
}

/** An object that has a value at a place, and its kind. */
function around({ steps }: Surrounding, value: Json): JsonObject {
  const built = steps.reduceRight<Json>((inner, step) => typeof step === "number" ? [inner] : { [step]: inner }, value);
  return { apiVersion: "validation/v1", kind: "Validation", ...built as JsonObject };
}

/**
 * What is wrong with the kind and metadata of a whole object, and of those inside of it.
 *
 * @param outer Has the object as its only member: what is embedded is looked for below an object. It is fitted in place.
 */
function wholeErrors(outer: JsonObject, schema: JsonObject): readonly FieldError[] {
  const outerSchema: JsonObject = { properties: { [Object.keys(outer)[0]!]: schema } };
  try {
    fitEmbedded(outer, outerSchema);
  } catch (error) {
    if (error instanceof EmbeddedError) return [error.fault];
    throw error;
  }
  return embeddedErrors(outer, outerSchema);
}

/** What the validation rules find wrong with a value, as if it replaced itself, and as if it were new. @param path Of the schema. */
function ruleErrors(value: Json, schema: JsonObject, path: string): FieldError[] {
  if (!encode(schema).includes(`"x-kubernetes-validations":`)) return [];
  const outer: JsonObject = { type: "object", properties: { default: schema } };
  const { root, unsupported } = rulesOf(outer);
  if (!root || unsupported.length > 0) return [];
  const object: JsonObject = { default: value };
  const check = (old: JsonObject | undefined) => checkRules(object, outer, { old, errors: [] });
  const changed = check(object);
  return (changed.length > 0 ? changed : check(undefined)).map((error) => ({ ...error, field: `${path}.${error.field}` }));
}

/** What the schema of a value, and its validation rules, find wrong with it. */
function valueErrors(value: Json, schema: JsonObject, path: string): FieldError[] {
  const at = `${path}.default`;
  const errors = validateValue(value, schema).map((error) => {
    const isOwn = error.field === "" || error.field === "<nil>";
    return { ...error, field: isOwn ? at : `${at}.${error.field}` };
  });
  return errors.length > 0 ? errors : ruleErrors(value, schema, path);
}

/** Of a part of the kind or the metadata: the object that it makes must be one. */
function metaErrors(schema: JsonObject, value: Json, path: string, surrounding: Surrounding): FieldError[] {
  const object = around(surrounding, value);
  const errors = wholeErrors({ x: object }, { ...surrounding.schema, "x-kubernetes-embedded-resource": true })
    .map((error) => `${error.field.replace(/^x\.?/, "")}: ${error.text}`);
  if (errors.length === 0) return valueErrors(value, schema, path);
  const all = errors.length === 1 ? errors[0] : `[${[...new Set(errors)].join(", ")}]`;
  return [invalid(`${path}.default`, sorted(value), `must result in valid metadata: ${all}`)];
}

function ownErrors(schema: JsonObject, path: string, surrounding: Surrounding | undefined): FieldError[] {
  const value = schema.default;
  if (value === undefined) return [];
  const at = `${path}.default`;
  if (surrounding) return metaErrors(schema, value, path, surrounding);
  const pruned = clone(value);
  pruneUnknown(pruned, schema, { root: isEmbedded(schema) });
  const errors = equal(pruned, value) ? [] : [invalid(at, sorted(value), "must not have unknown fields")];
  const outer = { default: clone(value) };
  const whole = wholeErrors(outer, schema).map((error) => ({ ...error, field: `${path}.${error.field}` }));
  if (whole.length > 0) return [...errors, ...whole];
  // As on the genuine server, what no metadata has goes from the default itself.
  if (!equal(outer.default, value)) schema.default = outer.default;
  return [...errors, ...valueErrors(outer.default, schema, path)];
}

/** Defaults of members without a name are not looked at, as on the genuine server. */
function errorsIn(schema: JsonObject, path: string, given: Surrounding | undefined, isRoot: boolean): FieldError[] {
  const whole = isRoot || isEmbedded(schema);
  const surrounding = whole ? undefined : given;
  const errors = ownErrors(isRoot ? { ...schema, "x-kubernetes-embedded-resource": true } : schema, path, surrounding);
  const beyond = (step: string | number) => surrounding && { ...surrounding, steps: [...surrounding.steps, step] };
  if (isObject(schema.items)) errors.push(...errorsIn(schema.items, `${path}.items`, beyond(0), false));
  for (const [name, property] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
    if (!isObject(property)) continue;
    const inMeta = whole && isMetaMember(schema, name, true);
    errors.push(...errorsIn(property, `${path}.properties[${name}]`, inMeta ? { schema, steps: [name] } : beyond(name), false));
  }
  return errors;
}

/** Checks the defaults of a schema that is structural, and fits the metadata in them, in place. */
export const defaultErrors = (schema: JsonObject, path: string): readonly FieldError[] => errorsIn(schema, path, undefined, true);
