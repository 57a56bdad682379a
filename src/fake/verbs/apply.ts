/**
 * PATCH of server-side apply: what is wanted of an object, by one of its managers.
 *
 * @module
 */
import { readBody } from "../http/body.ts";
import { insert } from "./create.ts";
import { emptyObject, writerOf } from "./owners.ts";
import { trackApply } from "../managed/tracking.ts";
import { checkTyped } from "../managed/validate.ts";
import { TypedError } from "../managed/typed-error.ts";
import { isTrue, type WriteOptions } from "../http/options.ts";
import { JsonSyntaxError } from "../types/parse.ts";
import { YamlSyntaxError } from "../http/yaml-body.ts";
import { checkRestorable } from "../patch/restore.ts";
import { decodedLeaf, equal, isObject, type Json, type JsonObject, withLeaves } from "../types/json.ts";
import { metaOf, withMeta } from "../types/meta.ts";
import { coerceMetadata } from "../types/metadata.ts";
import type { ResourceType } from "../types/resource.ts";
import { decodeShape, goKindOf, ShapeError } from "../types/shape.ts";
import { badRequest, conflict, notFound, plainError } from "../types/status.ts";
import { checkIdentity, checkName, checkVersionSyntax, store } from "./update.ts";
import { keyOf } from "../store/store.ts";
import type { Call, Reply } from "../store/world.ts";

interface Wanted {
  readonly object: JsonObject;
  /** Keys that come twice, as the server's YAML library words it. */
  readonly twice: readonly string[];
}

const text = (value: Json | undefined): string => typeof value === "string" ? value : "";

function readWanted(call: Call): Wanted {
  try {
    const { value, duplicates } = readBody(call.body, "application/apply-patch+yaml");
    if (value === null) return { object: {}, twice: [] };
    if (isObject(value)) return { object: withLeaves(value, decodedLeaf), twice: duplicates };
    throw new JsonSyntaxError(`json: cannot unmarshal ${goKindOf(value)} into Go value of type map[string]interface {}`);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    // What is YAML, but of no use for JSON.
    const step = error instanceof YamlSyntaxError
      ? "error converting YAML to JSON"
      : "error unmarshaling JSON: while decoding JSON";
    throw badRequest(`error decoding YAML: ${step}: ${error.message}`);
  }
}

/** How Go prints the kind of an object. */
function kindText({ apiVersion, kind }: JsonObject): string {
  const parts = text(apiVersion).split("/");
  if (parts.length > 2 || (parts.length === 1 && parts[0] === "")) return `/, Kind=${parts.length > 2 ? "" : text(kind)}`;
  const [version, group = ""] = parts.toReversed();
  return `${group}/${version}, Kind=${text(kind)}`;
}

/** How errors name an object. */
function nameOf(object: JsonObject): string {
  const { namespace, name } = isObject(object.metadata) ? object.metadata : {} as JsonObject;
  return `${text(namespace)}/${text(name)}; ${kindText(object)}`;
}

function checkWanted(type: ResourceType, wanted: JsonObject): void {
  const expected = kindText({ apiVersion: type.group === "" ? type.version : `${type.group}/${type.version}`, kind: type.kind });
  if (kindText(wanted) !== expected) throw badRequest(`invalid object type: ${kindText(wanted)}`);
  const { metadata } = wanted;
  if (isObject(metadata) && Array.isArray(metadata.managedFields)) throw badRequest("metadata.managedFields must be nil");
}

const conversionOf = (wanted: JsonObject): string => `failed to convert new object (${nameOf(wanted)}) to proper version`;

/** What was merged, in the form of the type. */
function refit(type: ResourceType, merged: JsonObject, wanted: JsonObject): JsonObject {
  if (type.custom) return type.setDefaults(withMeta(merged, coerceMetadata(merged.metadata as JsonObject)));
  try {
    checkRestorable(type.shape!, merged);
    return type.setDefaults(decodeShape(type.shape!, merged, "converted").value);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw plainError(`${conversionOf(wanted)}: unable to convert unstructured object to ${kindText(wanted)}: ${error.message}`);
  }
}

/** Whether two objects differ in who owns what, at most. Pure. */
function isSame(object: JsonObject, other: JsonObject): boolean {
  const bare = (each: JsonObject) => ({ ...each, metadata: { ...metaOf(each), managedFields: [] } });
  return equal(bare(object), bare(other));
}

/** @throws {Refusal} 500 with what is said of the object. */
function typed<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof TypedError ? plainError(`${what}${error.message}`) : error;
  }
}

/**
 * What the apply of a call makes of an object.
 *
 * @param live The object as it is; a new one's is empty, but for its kind.
 * @param unconverted Why what was merged cannot be converted, where it cannot be at all.
 * @throws {Refusal}
 */
export function appliedTo(call: Call, live: JsonObject, options: WriteOptions, unconverted?: string): JsonObject {
  const { type } = call;
  const { object: wanted, twice } = readWanted(call);
  checkWanted(type, wanted);
  const empty = emptyObject(type);
  const writer = writerOf(call, options.fieldManager);
  const { type: fields } = writer.kind;
  // Nobody owns anything: whoever has written what is there becomes the first.
  const isFirst = (metaOf(live)?.managedFields ?? []).length === 0;
  const whyNoFirst = "failed to create manager for existing fields: failed to convert";
  if (isFirst && unconverted !== undefined) {
    throw plainError(`${whyNoFirst} live object (/; ${kindText(live)}) to proper version: ${unconverted}`);
  }
  const check = (what: string) => typed(what, () => checkTyped(live, fields, { unique: false }));
  if (isFirst) check(`${whyNoFirst} new object (${nameOf(live)}) to smd typed: `);
  typed(`failed to create typed patch object (${nameOf(wanted)}): `, () => checkTyped(wanted, fields));
  if (!isFirst) check(`failed to create typed live object (${nameOf(live)}): `);
  const force = isTrue(call.query, "force");
  const merged = typed("", () => trackApply(writer, live, wanted, { force, empty }));
  if (unconverted !== undefined) throw plainError(`${conversionOf(wanted)}: ${unconverted}`);
  // What stays as it is gets no defaults either: of another version, it may have none.
  const applied = type.custom && isSame(merged, live) ? merged : refit(type, merged, wanted);
  complain(call, twice, options);
  return applied;
}

/** Handles an apply. */
export function applyObject(call: Call, options: WriteOptions): Reply {
  const { type, world, namespace, name, subresource } = call;
  checkName(name!);
  const found = world.store.collection(type.storage).get(keyOf(namespace, name!));
  if (!found && subresource !== undefined) throw notFound(type, name!);
  const live = found ? type.fromStorage(found) : emptyObject(type);
  const applied = appliedTo(call, live, options);
  if (found) {
    checkIdentity(call, metaOf(applied));
    return { code: 200, object: store(call, applied, live, options) };
  }
  const { uid, managedFields, resourceVersion, ...rest } = metaOf(applied);
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(type, name!, why);
  }
  checkIdentity(call, rest);
  checkVersionSyntax(resourceVersion);
  const metadata = options.dryRun && resourceVersion ? { ...rest, resourceVersion } : rest;
  const how = { ...options, known: { managedFields }, byUpdate: true };
  return { code: 201, object: insert(call, withMeta(applied, metadata), how) };
}

function complain(call: Call, twice: readonly string[], { fieldValidation }: WriteOptions): void {
  if (twice.length === 0 || fieldValidation === "Ignore") return;
  if (fieldValidation === "Warn") return void call.warnings.push(...twice);
  throw badRequest(
    `error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:${
      twice.map((each) => `\n  ${each}`).join("")
    }`,
  );
}
