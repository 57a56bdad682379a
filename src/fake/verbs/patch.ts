/**
 * PATCH: JSON patch, merge patch, strategic merge patch; apply is handled elsewhere.
 *
 * @module
 */
import {
  checkSize,
  duplicateComplaint,
  fitRaw,
  type Incoming,
  inReadingOrder,
  outOfRangeComplaint,
  type RawBody,
  unknownComplaint,
} from "../http/body.ts";
import { patchType, patchTypes } from "../http/media-type.ts";
import { notAnObject, withTypeMeta } from "../http/type-meta.ts";
import { invalid } from "../types/field-error.ts";
import { goPrint } from "../types/go-value.ts";
import { clone, decodedLeaf, encode, inOrder, isObject, type Json, type JsonObject, sorted, withLeaves } from "../types/json.ts";
import { jsonPatch, JsonPatchError, type Operation } from "../patch/json-patch.ts";
import { mergePatch } from "../patch/merge-patch.ts";
import { metaOf } from "../types/meta.ts";
import { type FieldValidation, writeOptions } from "../http/options.ts";
import { type AsWritten, JsonSyntaxError, parseJson, written } from "../types/parse.ts";
import { groupVersion } from "../types/resource.ts";
import { textOfBytes } from "../types/go-utf8.ts";
import { byBytes } from "../types/order.ts";
import { quote } from "../types/quote.ts";
import { WrittenParts } from "../patch/track.ts";
import { checkRestorable } from "../patch/restore.ts";
import { decodeShape, goKindOf, ShapeError } from "../types/shape.ts";
import { badRequest, internalError, Refusal, unprocessable } from "../types/status.ts";
import { strategicMerge } from "../patch/strategic-merge.ts";
import { applyObject } from "./apply.ts";
import { writerOf } from "./owners.ts";
import { trackUpdate } from "../managed/tracking.ts";
import { checkIdentity, existing, store, unchangedShared } from "./update.ts";
import type { Call, Reply } from "../store/world.ts";

const { json: jsonType, merge: mergeType, strategic: strategicType, apply: applyType } = patchTypes;
const operationLimit = 10_000;

const decodeError = (why: string) => badRequest(`error decoding patch: ${why}`);

/** A patch that was read. */
interface RawPatch extends RawBody {
  /** How its values are written. */
  readonly twice: AsWritten;
}

function readPatch(call: Call, media: string, validation: FieldValidation): RawPatch {
  const text = textOfBytes(call.body);
  try {
    const twice: AsWritten = new Map();
    const parsed = parseJson(text, { bytes: call.body, ...media === jsonType && { twice } });
    if (parsed.outOfRange !== undefined) {
      const where = media === jsonType ? "struct field jsonPatchOp.value" : "value";
      throw new JsonSyntaxError(outOfRangeComplaint(parsed.outOfRange, where));
    }
    return { ...parsed, text, twice };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    // Whether fields are known is found out first, but for who ignores them: then the patch's own library reads it.
    if (validation === "Ignore" && media === mergeType) throw badRequest("Invalid JSON Patch");
    throw media === strategicType || validation === "Ignore" ? badRequest(error.message) : decodeError(error.message);
  }
}

function readOperations(value: Json, validation: FieldValidation): readonly Operation[] {
  if (value === null) return [];
  if (!Array.isArray(value)) {
    if (validation === "Ignore") {
      throw badRequest(`json: cannot unmarshal ${goKindOf(value)} into Go value of type jsonpatch.Patch`);
    }
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
    if (operation === null) continue;
    if (!isObject(operation)) {
      if (validation === "Ignore") {
        throw badRequest(`json: cannot unmarshal ${goKindOf(operation)} into Go value of type jsonpatch.Operation`);
      }
      throw decodeError(`json: cannot unmarshal ${goKindOf(operation)} into Go value of type handlers.jsonPatchOp`);
    }
    // Who ignores fields is not told of their types either: what they say cannot be done then.
    for (const member of validation === "Ignore" ? [] : texts) {
      const given = operation[member];
      if (given === undefined || given === null || typeof given === "string") continue;
      throw decodeError(`json: cannot unmarshal ${goKindOf(given)} into Go struct field jsonPatchOp.${member} of type string`);
    }
  }
  return value as Operation[];
}

const texts = ["op", "from", "path"];

/** What is said of the members of operations. */
function operationComplaints({ value, duplicates, text }: RawBody): string[] {
  if (!Array.isArray(value)) return [];
  const unknown = value.flatMap((operation, index) =>
    isObject(operation)
      ? Object.keys(operation).filter((key) => ![...texts, "value"].includes(key)).map((key) => `[${index}].${key}`)
      : []
  );
  return inReadingOrder(text, duplicates, unknown.map((path) => `unknown field ${quote(path)}`)).map((complaint) =>
    `json patch ${complaint}`
  );
}

/** Whether it matters how texts are written: tests compare them so. */
const isCompared = (text: string): boolean => text.includes('"test"') && /[\\<>&\u2028\u2029]/.test(text);

const settledText = <V extends Json | undefined>(value: V): V => typeof value === "string" ? written(value) as V : value;

/** The operations with the texts in their values as they are written, where that matters. */
function withTexts(operations: readonly Operation[], text: string): readonly Operation[] {
  if (!isCompared(text)) return operations;
  const { value } = parseJson(text, { asWritten: true });
  return operations.map((operation, index) => {
    const raw = (value as Json[])[index];
    return isObject(raw) && Object.hasOwn(operation ?? {}, "value") ? { ...operation, value: raw.value! } : operation;
  });
}

function apply(
  media: string,
  target: JsonObject,
  { value: patch, text }: RawBody,
  validation: FieldValidation,
  parts: WrittenParts,
): Json {
  if (media === mergeType) {
    if (patch === null) throw badRequest("Invalid JSON Patch");
    if (!isObject(patch) && validation === "Ignore") {
      if (Array.isArray(patch)) return patch;
      throw badRequest("Invalid JSON Patch");
    }
    if (!isObject(patch)) {
      throw decodeError(`json: cannot unmarshal ${goKindOf(patch)} into Go value of type map[string]interface {}`);
    }
    return mergePatch(target, patch);
  }
  try {
    const patched = jsonPatch(target, withTexts(readOperations(patch, validation), text), parts);
    return isCompared(text) ? withLeaves(patched, settledText) : patched;
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    throw new Refusal(422, "Invalid", "the server rejected our request due to an error in our request", { details: {} });
  }
}

/** 422 with the patched object, or with a strategic patch itself: what the server says when the outcome does not fit. */
function undecodable(text: string, why: string): Refusal {
  return unprocessable({ group: "", plural: "" }, "", [invalid("patch", text, why)]);
}

/** What is known of a patch once it was applied. */
interface Patching {
  readonly patch: Json;
  /** What is said of its own members. */
  readonly said: readonly string[];
  readonly parts: WrittenParts;
}

/** Fits what came out of a patch to the type. */
function refit(
  call: Call,
  old: JsonObject,
  patched: Json,
  validation: FieldValidation,
  { patch, said, parts }: Patching,
): JsonObject {
  const { type, world } = call;
  if (!isObject(patched)) throw undecodable(encode(patched), notAnObject(patched));
  const arranged = Array.isArray(patch) ? parts.arranged(patched) : type.custom ? inOrder(patched) : touched(patched, patch);
  const printed = () => parts.print(arranged);
  try {
    withTypeMeta(arranged);
  } catch (error) {
    throw error instanceof ShapeError ? undecodable(printed(), error.message) : error;
  }
  if (type.custom) {
    if ((patched.kind ?? "") === "") throw undecodable(printed(), `Object 'Kind' is missing in '${printed()}'`);
    // Without a version behind the group, it is none.
    if (/^(?:[^/]*\/)?$/.test(String(patched.apiVersion ?? ""))) {
      throw internalError("Object 'apiVersion' is missing in 'object has no apiVersion field'");
    }
  }
  let incoming: Incoming;
  try {
    const raw: RawBody = parts.isTwice(arranged)
      ? { ...parseJson(printed(), { typed: !type.custom }), text: printed() }
      : { value: arranged, duplicates: [], text: "" };
    const value = raw.value as JsonObject;
    incoming = fitRaw(type, { ...raw, value: type.custom ? value : withTypeMeta(value) }, world.registry.readable(), {
      text: printed,
      patched: true,
      like: old,
    });
  } catch (error) {
    throw error instanceof ShapeError ? undecodable(printed(), error.message) : error;
  }
  const complaints = [...said, ...incoming.complaints];
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
  const patch = clone(withLeaves(value ?? {}, decodedLeaf));
  try {
    const patched = strategicMerge(old, patch, shape);
    checkRestorable(shape, patched);
    const { value: object, unknown } = decodeShape(shape, patched, "converted");
    const complaints = [
      ...duplicates.map(duplicateComplaint),
      ...[...unknown].sort(byBytes).map(unknownComplaint),
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
      if (Array.isArray(value) && Array.isArray(part)) return [key, sorted(value)];
      return [key, isObject(value) && isObject(part) ? touched(value, part) : value];
    }),
  );

/** The new state that a patch makes of an object. */
function patchedObject(call: Call, media: string, old: JsonObject, patch: RawPatch, validation: FieldValidation): JsonObject {
  if (media === strategicType) return applyStrategic(call, old, patch, validation);
  const parts = new WrittenParts(patch.twice);
  const patched = apply(media, old, patch, validation, parts);
  const said = media === mergeType ? patch.duplicates.map(duplicateComplaint) : operationComplaints(patch);
  return refit(call, old, patched, validation, { patch: patch.value, said, parts });
}

/** The new state that the patch of a call makes of what it is about, in whatever form. @throws {Refusal} */
export function patchedFrom(call: Call, media: string, old: JsonObject, validation: FieldValidation): JsonObject {
  return patchedObject(call, media, old, readPatch(call, media, validation), validation);
}

/** Handles a PATCH. */
export function patchObject(call: Call): Reply {
  const media = patchType(call.contentType);
  checkSize(call.body);
  const options = writeOptions(call.query, "PatchOptions", media);
  if (media === applyType) return applyObject(call, options);
  // Whether the patch can be read is asked where there is something to be patched.
  const old = existing(call);
  const patch = readPatch(call, media, options.fieldValidation);
  const next = unchangedShared(call.type, patchedObject(call, media, old, patch, options.fieldValidation), old);
  checkIdentity(call, metaOf(next));
  const tracked = trackUpdate(writerOf(call, options.fieldManager), old, next);
  return { code: 200, object: store(call, tracked, old, { ...options, isDecoded: true }), isStored: true };
}
