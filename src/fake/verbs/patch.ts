/**
 * PATCH: JSON patch, merge patch, strategic merge patch; apply is handled elsewhere.
 *
 * @module
 */
import {
  checkSize,
  duplicateComplaint,
  fit,
  goKindOf,
  type Incoming,
  mediaType,
  outOfRangeComplaint,
  type RawBody,
  unknownComplaint,
  unsupportedMediaType,
} from "../http/body.ts";
import { invalid } from "../types/field-error.ts";
import { goPrint } from "../types/go-value.ts";
import { encode, isObject, type Json, type JsonObject, sorted } from "../types/json.ts";
import { jsonPatch, JsonPatchError, type Operation } from "../patch/json-patch.ts";
import { mergePatch } from "../patch/merge-patch.ts";
import { metaOf } from "../types/meta.ts";
import { type FieldValidation, writeOptions } from "../http/options.ts";
import { JsonSyntaxError, parseJson } from "../http/parse.ts";
import { groupVersion } from "../types/resource.ts";
import { checkRestorable } from "../patch/restore.ts";
import { decodeShape, ShapeError } from "../types/shape.ts";
import { badRequest, internalError, Refusal, unprocessable } from "../types/status.ts";
import { strategicMerge } from "../patch/strategic-merge.ts";
import { applyObject } from "./apply.ts";
import { writerOf } from "./owners.ts";
import { trackUpdate } from "../managed/tracking.ts";
import { checkIdentity, existing, store } from "./update.ts";
import type { Call, Reply } from "../store/world.ts";

const jsonType = "application/json-patch+json";
const mergeType = "application/merge-patch+json";
const strategicType = "application/strategic-merge-patch+json";
/** The media type of server-side apply. */
export const applyType = "application/apply-patch+yaml";
const customTypes = [jsonType, mergeType, applyType];
const operationLimit = 10_000;

function checkType(call: Call, media: string): void {
  if (media === jsonType || media === mergeType || media === applyType || (media === strategicType && !call.type.custom)) return;
  if (call.type.custom) throw unsupportedMediaType(customTypes);
  throw new Refusal(415, "UnsupportedMediaType", "415: Unsupported Media Type", { details: {} });
}

const decodeError = (why: string) => badRequest(`error decoding patch: ${why}`);

function readPatch(call: Call, media: string): RawBody {
  const text = new TextDecoder().decode(call.body);
  try {
    const parsed = parseJson(text);
    if (parsed.outOfRange !== undefined && media !== strategicType) {
      const where = media === jsonType ? "struct field jsonPatchOp.value" : "value";
      throw new JsonSyntaxError(outOfRangeComplaint(parsed.outOfRange, where));
    }
    return { ...parsed, text };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw media === strategicType ? badRequest(error.message) : decodeError(error.message);
  }
}

function readOperations(value: Json): readonly Operation[] {
  if (value === null) return [];
  if (!Array.isArray(value)) {
    throw decodeError(`json: cannot unmarshal ${goKindOf(value)} into Go value of type []handlers.jsonPatchOp`);
  }
  if (value.length > operationLimit) {
    throw new Refusal(
      413,
      "RequestEntityTooLarge",
      `Request entity too large: The allowed maximum operations in a JSON patch is ${operationLimit}, got ${value.length}`,
    );
  }
  for (const operation of value) {
    if (!isObject(operation)) {
      throw decodeError(`json: cannot unmarshal ${goKindOf(operation)} into Go value of type handlers.jsonPatchOp`);
    }
  }
  return value as Operation[];
}

function apply(media: string, target: JsonObject, patch: Json): JsonObject {
  if (media === mergeType) {
    if (patch === null) throw badRequest("Invalid JSON Patch");
    if (!isObject(patch)) {
      throw decodeError(`json: cannot unmarshal ${goKindOf(patch)} into Go value of type map[string]interface {}`);
    }
    return mergePatch(target, patch);
  }
  try {
    const patched = jsonPatch(target, readOperations(patch));
    return isObject(patched) ? patched : {};
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    throw new Refusal(422, "Invalid", "the server rejected our request due to an error in our request", { details: {} });
  }
}

/** 422 with the patched object, or with a strategic patch itself: what the server says when the outcome does not fit. */
function undecodable(text: string, why: string): Refusal {
  return unprocessable({ group: "", plural: "" }, "", [invalid("patch", text, why)]);
}

/** Fits what came out of a patch to the type. */
function refit(call: Call, patched: JsonObject, validation: FieldValidation, patch: Json, twice: readonly string[]): JsonObject {
  const { type, world } = call;
  const arranged = type.custom ? sorted(patched) : touched(patched, patch);
  const printed = () => encode(arranged);
  if (type.custom) {
    if ((patched.kind ?? "") === "") throw undecodable(printed(), `Object 'Kind' is missing in '${printed()}'`);
    if ((patched.apiVersion ?? "") === "") {
      throw internalError("Object 'apiVersion' is missing in 'object has no apiVersion field'");
    }
  }
  let incoming: Incoming;
  try {
    incoming = fit(type, arranged, world.registry.all());
  } catch (error) {
    throw error instanceof ShapeError ? undecodable(printed(), error.message) : error;
  }
  const complaints = [...twice.map(duplicateComplaint), ...incoming.complaints];
  if (complaints.length > 0 && validation === "Strict") {
    throw undecodable(printed(), `strict decoding error: ${complaints.join(", ")}`);
  }
  if (validation === "Warn") call.warnings.push(...complaints);
  return incoming.type === type ? incoming.object : type.fromStorage(incoming.type.toStorage(incoming.object));
}

/** Applies a strategic merge patch, and fits what came out to the type: it is converted, not decoded. */
function applyStrategic(call: Call, old: JsonObject, { value, duplicates }: RawBody, validation: FieldValidation): JsonObject {
  const { type } = call;
  if (value !== null && !isObject(value)) {
    throw badRequest(`json: cannot unmarshal ${goKindOf(value)} into Go value of type map[string]interface {}`);
  }
  const shape = type.shape!;
  const patch = value ?? {};
  try {
    const patched = strategicMerge(old, patch, shape);
    checkRestorable(shape, patched);
    const { value: object, unknown } = decodeShape(shape, patched);
    const complaints = [
      ...duplicates.map(duplicateComplaint),
      ...unknown.map(unknownComplaint),
    ];
    if (complaints.length > 0 && validation === "Strict") {
      throw undecodable(goPrint(patch), `strict decoding error: ${complaints.join(", ")}`);
    }
    if (validation === "Warn") call.warnings.push(...complaints);
    return type.setDefaults({ ...object, kind: type.kind, apiVersion: groupVersion(type), metadata: object.metadata ?? {} });
  } catch (error) {
    throw error instanceof ShapeError ? undecodable(goPrint(patch), error.message) : error;
  }
}

/** What a patch has touched are Go maps, printed in alphabetic order; the rest is as it was stored. */
const touched = (object: JsonObject, patch: Json): JsonObject =>
  Object.fromEntries(
    Object.entries(object).sort(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => {
      const part = isObject(patch) ? patch[key] : undefined;
      return [key, isObject(value) && isObject(part) ? touched(value, part) : value];
    }),
  );

/** The new state that a patch makes of an object. */
function patchedObject(call: Call, media: string, old: JsonObject, patch: RawBody, validation: FieldValidation): JsonObject {
  if (media === strategicType) return applyStrategic(call, old, patch, validation);
  const patched = apply(media, old, patch.value);
  return refit(call, patched, validation, patch.value, media === mergeType ? patch.duplicates : []);
}

/** The new state that the patch of a call makes of what it is about, in whatever form. @throws {Refusal} */
export function patchedFrom(call: Call, media: string, old: JsonObject, validation: FieldValidation): JsonObject {
  checkType(call, media);
  return patchedObject(call, media, old, readPatch(call, media), validation);
}

/** Handles a PATCH. */
export function patchObject(call: Call): Reply {
  const media = mediaType(call.contentType);
  checkType(call, media);
  const options = writeOptions(call.query, "PatchOptions", media);
  if (media === applyType) return applyObject(call, options);
  checkSize(call.body);
  // Whether the patch can be read is asked where there is something to be patched.
  const old = existing(call);
  const patch = readPatch(call, media);
  const next = patchedObject(call, media, old, patch, options.fieldValidation);
  checkIdentity(call, metaOf(next));
  const tracked = trackUpdate(writerOf(call, options.fieldManager), old, next);
  return { code: 200, object: store(call, tracked, old, options.dryRun) };
}
