/**
 * What was once said in annotations, as JSON, before there were members for it.
 *
 * @module
 */
import { type FieldError, invalid } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { JsonSyntaxError, parseJson } from "../../types/parse.ts";

/** An annotation, and where it stands. */
export interface Annotation {
  readonly key: string;
  readonly text: string | undefined;
  /** Where it is said that it cannot be read. */
  readonly path: string;
  /** The type in Go that it is read as. */
  readonly type: string;
}

const kindOf = (value: Json) =>
  Array.isArray(value) ? "array" : isObject(value) ? "object" : typeof value === "boolean" ? "bool" : typeof value;

/**
 * What is wrong with an annotation in JSON; nothing where it is empty. Pure.
 *
 * @param errors Judges what it says.
 * @param fits Whether it is what it has to be. What is not null and does not fit is refused.
 */
function annotatedErrors(
  { key, text, path, type }: Annotation,
  fits: (value: Json) => readonly [wrong: Json, type: string] | undefined,
  errors: (value: Json) => FieldError[],
): FieldError[] {
  if (text === undefined || text === "") return [];
  try {
    const { value } = parseJson(text);
    if (value === null) return [];
    const wrong = fits(value);
    if (!wrong) return errors(value);
    return [invalid(path, key, `json: cannot unmarshal ${kindOf(wrong[0])} into Go value of type ${wrong[1] || type}`)];
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return [invalid(path, key, error.message)];
  }
}

/** What is wrong with an annotation that is a list. Pure. @param errors Judges its items. */
export const annotatedListErrors = (
  annotation: Annotation,
  errors: (items: readonly JsonObject[]) => FieldError[],
): FieldError[] =>
  annotatedErrors(
    { ...annotation, type: `[]${annotation.type}` },
    (value) => {
      if (!Array.isArray(value)) return [value, ""];
      const wrong = value.find((item) => item !== null && !isObject(item));
      return wrong === undefined ? undefined : [wrong, annotation.type];
    },
    (value) => errors((value as Json[]).map((item) => isObject(item) ? item : {})),
  );

/** What is wrong with an annotation that is an object. Pure. @param errors Judges it. */
export const annotatedObjectErrors = (annotation: Annotation, errors: (value: JsonObject) => FieldError[]): FieldError[] =>
  annotatedErrors(
    annotation,
    (value) => isObject(value) ? undefined : [value, ""],
    (value) => errors(value as JsonObject),
  );
