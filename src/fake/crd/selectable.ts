/**
 * Fields of a custom resource that field selectors may name.
 *
 * @module
 */
import { duplicate, type FieldError, invalid, required, tooMany } from "../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";

const most = 8;

/** Why a path leads nowhere. */
class PathFault extends Error {}

/** What a path leads to. */
interface Found {
  /** The path in one form, however it was written. */
  readonly path: string;
  readonly first: string;
  /** Nothing where nothing is known. */
  readonly schema: JsonObject | undefined;
}

/** `.`, `[`, `]`, what stands between them, and texts in single quotes. */
function tokensOf(path: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < path.length;) {
    const rest = path.slice(at);
    const [token] = (rest.startsWith("'") ? /^'(?:[^]*?[^\\])??'(?!$(?<!'))|^[^]*/ : /^[.[\]]|^[^.[\]]+/).exec(rest)!;
    tokens.push(token);
    at += token.length;
  }
  return tokens;
}

/** The names of members, one inside of the other, that a path consists of. Pure. */
export const memberNames = (path: string): readonly string[] => tokensOf(path).filter((_, at) => at % 2 === 1);

/** Follows a path of member names. @throws {PathFault} */
function follow(path: string, root: JsonObject): Found {
  const tokens = tokensOf(path);
  let schema: JsonObject | undefined = root;
  let found = "", first = "";
  for (let at = 0; at < tokens.length; at += 2) {
    const [sign, name] = [tokens[at]!, tokens[at + 1]];
    if (sign === "[") throw new PathFault("array notation is not allowed");
    if (sign !== ".") throw new PathFault(`expected [ or . but got: ${sign}`);
    if (name === undefined) throw new PathFault("unexpected end of JSON path");
    const properties: JsonObject | undefined = isObject(schema?.properties) && Object.keys(schema.properties).length > 0
      ? schema.properties
      : undefined;
    const additional: Json | undefined = schema?.additionalProperties;
    if (properties ? !Object.hasOwn(properties, name) : additional === undefined) {
      throw new PathFault("does not refer to a valid field");
    }
    const next: Json | undefined = properties ? properties[name] : additional;
    schema = isObject(next) ? next : undefined;
    found += properties ? `.${name}` : `[${name}]`;
    if (at === 0) first = name;
  }
  return { path: found, first, schema };
}

/** Checks the selectable fields of a version. Pure. */
export function selectableErrors(fields: readonly { jsonPath: string }[], schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  fields.forEach(({ jsonPath }, index) => {
    const at = `${path}[${index}].jsonPath`;
    if (jsonPath === "") return void errors.push(required(at));
    let found: Found;
    try {
      found = follow(jsonPath, schema);
    } catch (error) {
      if (!(error instanceof PathFault)) throw error;
      return void errors.push(invalid(at, jsonPath, `is an invalid path: ${error.message}`));
    }
    if (found.first === "metadata") errors.push(invalid(at, jsonPath, "must not point to fields in metadata"));
    if (!["string", "boolean", "integer"].includes(String(found.schema?.type))) {
      const why =
        "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
      errors.push(invalid(at, jsonPath, why));
    }
    if (seen.has(found.path)) errors.push(duplicate(at, jsonPath));
    seen.add(found.path);
  });
  if (seen.size > most) errors.push(tooMany(path, seen.size, most));
  return errors;
}
