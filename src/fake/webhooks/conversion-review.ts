/**
 * `apiextensions.k8s.io ConversionReview`: what a conversion webhook is sent, and what it answers.
 *
 * @module
 */
import { encode, isObject, type Json, type JsonObject } from "../types/json.ts";
import { annotationErrors, labelErrors } from "../types/metadata.ts";
import type { FieldError } from "../types/field-error.ts";
import { type Meta, metaOf } from "../types/meta.ts";
import { isNumber } from "../types/numeral.ts";
import { quote } from "../types/quote.ts";
import { ConversionError } from "../types/resource.ts";
import { goKindOf, type Shape } from "../types/shape.ts";
import type { ConversionReview } from "../types/webhook.ts";
import { keep, kindTextOf, readReview, ReviewError, type ReviewForm, statusShape, struct } from "./read-review.ts";

const group = "apiextensions.k8s.io";
/** Versions that are spoken. */
export const conversionVersions: readonly string[] = ["v1", "v1beta1"];

const raw: Shape = { type: "any", named: "runtime.RawExtension" };
const form: ReviewForm = {
  group,
  kind: "ConversionReview",
  versions: conversionVersions,
  shape: struct(
    "ConversionReview",
    keep("request", { type: "any" }),
    keep(
      "response",
      struct(
        "v1.ConversionResponse",
        keep("uid", { type: "string", named: "types.UID" }),
        keep("convertedObjects", { type: "list", of: raw }),
        keep("result", statusShape),
      ),
    ),
  ),
  isKnown: (kind, apiVersion) =>
    (apiVersion === "v1" && kind === "Status") ||
    (conversionVersions.some((each) => apiVersion === `${group}/${each}`) &&
      ["CustomResourceDefinition", "CustomResourceDefinitionList", "Status"].includes(kind)),
};

/** What is sent about one object: a genuine server sends each on its own. Pure. */
export const conversionReviewOf = (
  version: string,
  uid: string,
  desiredAPIVersion: string,
  object: unknown,
): ConversionReview => ({
  kind: "ConversionReview",
  apiVersion: `${group}/${version}`,
  request: { uid, desiredAPIVersion, objects: [object] },
  response: { uid: "", convertedObjects: null, result: { metadata: {} } },
});

/** The objects in an answer. @throws {ReviewError} */
function objectsIn(answer: unknown, version: string, uid: string): readonly Json[] {
  const { apiVersion = "", kind = "", response } = readReview(answer, version, form);
  if (version === "v1") {
    const expected = `${group}/v1, Kind=ConversionReview`;
    const got = kindTextOf({ apiVersion, kind });
    if (got !== expected) throw new ReviewError(`expected webhook response of ${expected}, got ${got}`);
  }
  if (!isObject(response)) throw new ReviewError("no response provided");
  const given = String(response.uid ?? "");
  if (version === "v1" && given !== uid) throw new ReviewError(`expected response.uid=${quote(uid)}, got ${quote(given)}`);
  const { status = "", message = "" } = isObject(response.result) ? response.result : {};
  if (status !== "Success") {
    throw new ReviewError(message !== "" ? String(message) : `response.result.status was '${status}', not 'Success'`);
  }
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : [];
}

/** An object as Go's unstructured decoder takes it. @throws {ConversionError} */
function asObject(value: Json): JsonObject {
  if (value === null) throw new ConversionError("unexpected end of JSON input");
  if (!isObject(value)) {
    throw new ConversionError(`json: cannot unmarshal ${goKindOf(value)} into Go value of type map[string]interface {}`);
  }
  if (!value.kind) throw new ConversionError(`Object 'Kind' is missing in '${encode(value)}'`);
  return value;
}

const goTypeOf = (value: Json): string =>
  value === null
    ? "<nil>"
    : Array.isArray(value)
    ? "[]interface {}"
    : typeof value === "object" && !isNumber(value)
    ? "map[string]interface {}"
    : typeof value === "boolean"
    ? "bool"
    : typeof value === "string"
    ? "string"
    : Number.isInteger(Number(value))
    ? "int64"
    : "float64";

const messageOf = (errors: readonly FieldError[]): string => {
  const all = [...new Set(errors.map(({ field, text }) => `${field}: ${text}`))];
  return all.length === 1 ? all[0]! : `[${all.join(", ")}]`;
};

/** @throws {ReviewError} */
function checkTexts(name: "labels" | "annotations", given: JsonObject, before: JsonObject): void {
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === "string") continue;
    throw new ReviewError(`metadata.${name}[${key}] must be a string, but is ${goTypeOf(value!)} in converted object`);
  }
  const keys = Object.keys(given);
  if (keys.length === Object.keys(before).length && keys.every((key) => given[key] === before[key])) return;
  const texts = given as Record<string, string>;
  const errors = name === "labels" ? labelErrors(texts, "metadata") : annotationErrors(texts, "metadata.annotation");
  if (errors.length > 0) throw new ReviewError(messageOf(errors));
}

/** The metadata after a conversion: labels and annotations may be others, the rest is what it was. @throws {ReviewError} */
function restoredMeta(original: JsonObject, converted: JsonObject): Meta {
  const { metadata: given } = converted;
  if (given === undefined) throw new ReviewError("missing metadata in converted object");
  if (!isObject(given)) throw new ReviewError(`invalid metadata of type ${goTypeOf(given)} in converted object`);
  const metadata = { ...metaOf(original) } as JsonObject;
  for (const name of ["labels", "annotations"] as const) {
    const value = given[name];
    const before = isObject(metadata[name]) ? metadata[name] : {};
    delete metadata[name];
    if (value === undefined || value === null) continue;
    if (!isObject(value)) throw new ReviewError(`invalid metadata.${name} of type ${goTypeOf(value)} in converted object`);
    checkTexts(name, value, before);
    metadata[name] = value;
  }
  return metadata as Meta;
}

/**
 * The converted object in an answer.
 *
 * @param original What was sent.
 * @param answer An object, or a text of JSON, or of YAML where that is loaded.
 * @param version Of the review that was sent.
 * @param uid Of the request.
 * @throws {ConversionError} In the words of the genuine server.
 */
export function convertedIn(
  original: JsonObject,
  answer: unknown,
  { version, uid, desired }: { readonly version: string; readonly uid: string; readonly desired: string },
): JsonObject {
  const webhook = `conversion webhook for ${kindTextOf(original)}`;
  const saying = <T>(what: string, action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw error instanceof ReviewError ? new ConversionError(`${webhook} ${what}: ${error.message}`) : error;
    }
  };
  const objects = saying("failed", () => objectsIn(answer, version, uid));
  if (objects.length !== 1) throw new ConversionError(`${webhook} returned ${objects.length} objects, expected 1`);
  const object = asObject(objects[0]!);
  const refuse = (why: string) => new ConversionError(`${webhook} returned invalid object${why}`);
  const [apiVersion, kind] = [object.apiVersion ?? "", object.kind];
  if (apiVersion !== desired) {
    throw refuse(` at index 0: invalid groupVersion (expected ${desired}, received ${apiVersion})`);
  }
  if (kind !== original.kind) throw refuse(` at index 0: invalid kind (expected ${original.kind}, received ${kind})`);
  const meta: JsonObject = isObject(object.metadata) ? object.metadata : {};
  const was = isObject(original.metadata) ? original.metadata : {};
  for (const [name, shown] of [["name", "name"], ["namespace", "namespace"], ["uid", "UID"]] as const) {
    const [before, now] = [was[name] ?? "", typeof meta[name] === "string" ? meta[name] : ""];
    if (before !== now) throw refuse(`: must have the same ${shown}: ${before} != ${now}`);
  }
  const metadata = saying("returned invalid metadata", () => restoredMeta(original, object));
  return { ...object, metadata: metadata as JsonObject };
}
