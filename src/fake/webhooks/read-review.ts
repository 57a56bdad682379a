/**
 * What a webhook answers, as the review that it ought to be.
 *
 * @module
 */
import { notRegistered, readBody } from "../http/body.ts";
import { notAnObject, withTypeMeta } from "../http/type-meta.ts";
import { JsonSyntaxError, parseJson } from "../types/parse.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { decodeShape, type Field, type Shape, ShapeError, type Struct } from "../types/shape.ts";

/** An answer is no review. The message is the server's. */
export class ReviewError extends Error {}

/** A kind of review. */
export interface ReviewForm {
  readonly group: string;
  readonly kind: string;
  /** Versions that are spoken. */
  readonly versions: readonly string[];
  readonly shape: Struct;
  /** Whether the server has another kind of that name in the version: then it is read, and cannot be converted. */
  readonly isKnown?: (kind: string, apiVersion: string) => boolean;
}

/** A struct of a review. */
export const struct = (name: string, ...fields: Field[]): Struct => ({ type: "struct", name, fields });
/** A member of one. */
export const keep = (name: string, shape: Shape): Field => ({ name, shape, empty: "keep" });
/** A text. */
export const text: Shape = { type: "string" };
/** `meta/v1 Status`. */
export const statusShape: Struct = struct(
  "v1.Status",
  keep("metadata", { type: "any" }),
  keep("status", text),
  keep("message", text),
  keep("reason", { type: "string", named: "v1.StatusReason" }),
  keep("details", { type: "any" }),
  keep("code", { type: "int32" }),
);

/** Whether a text is read as JSON, and not as YAML. Pure. */
export const isJson = (text: string): boolean => text.trimStart().startsWith("{");

/** A kind as Go prints it. Pure. */
export function kindTextOf({ apiVersion, kind }: JsonObject): string {
  const [version, group = ""] = String(apiVersion).split("/").toReversed();
  return `${group}/${version}, Kind=${kind}`;
}

/** @throws {JsonSyntaxError} */
function readText(text: string): Json {
  if (!isJson(text)) return readBody(new TextEncoder().encode(text), "application/yaml").value;
  try {
    return parseJson(text).value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new JsonSyntaxError(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

/**
 * The review in an answer.
 *
 * @param answer An object, or a text of JSON, or of YAML where that is loaded.
 * @param version In which it was asked.
 * @throws {ReviewError} In the words of the genuine server.
 */
export function readReview(answer: unknown, version: string, form: ReviewForm): JsonObject {
  const { group, versions, shape, isKnown = () => false } = form;
  try {
    const value = typeof answer === "string" ? readText(answer) : answer as Json;
    if (value === null || value === undefined) return {};
    if (!isObject(value)) throw new ReviewError(notAnObject(value));
    const named = withTypeMeta(value);
    const kind = String(named.kind ?? "");
    const apiVersion = String(named.apiVersion ?? "");
    const own = apiVersion === "" ? version : versions.find((each) => apiVersion === `${group}/${each}`);
    const converting = (from: string) => `converting (${from}) to (${version}.${form.kind}): unknown conversion`;
    if (own === undefined || (kind !== "" && kind !== form.kind)) {
      if (isKnown(kind, apiVersion)) throw new ReviewError(converting(`${apiVersion.split("/").at(-1)}.${kind}`));
      throw new ReviewError(notRegistered(kind, apiVersion));
    }
    if (own !== version) throw new ReviewError(converting(`${own}.${form.kind}`));
    return { ...decodeShape(shape, value).value, kind, apiVersion };
  } catch (error) {
    throw error instanceof ShapeError || error instanceof JsonSyntaxError ? new ReviewError(error.message) : error;
  }
}
