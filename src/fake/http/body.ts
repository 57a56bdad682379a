/**
 * From the bytes of a body to an object of the type, with the server's complaints.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { JsonSyntaxError, parseJson } from "../types/parse.ts";
import { bodyType, protobufType } from "./media-type.ts";
import { notAnObject, parseGroupVersion, withTypeMeta } from "./type-meta.ts";
import { readYaml, YamlSyntaxError } from "./yaml-body.ts";
import { decodeProtobuf, ProtobufError } from "./protobuf.ts";
import { textOfBytes, utf8Fault } from "../types/go-utf8.ts";
import { quote } from "../types/quote.ts";
import { groupVersion, type ResourceType } from "../types/resource.ts";
import { decodeShape, ShapeError } from "../types/shape.ts";
import { objectMeta } from "../types/shapes.ts";
import { badRequest, notImplemented, Refusal } from "../types/status.ts";
import type { FieldValidation } from "./options.ts";
import type { Call } from "../store/world.ts";

const sizeLimit = 3 * 1024 * 1024;

/** 413 for a body beyond the server's limit. */
export function checkSize(body: Uint8Array): void {
  if (body.byteLength > sizeLimit) {
    throw new Refusal(413, "RequestEntityTooLarge", `Request entity too large: limit is ${sizeLimit}`);
  }
}

/** What a body holds, before it is fitted to a type. */
export interface RawBody {
  readonly value: Json;
  readonly duplicates: readonly string[];
  readonly text: string;
  /** The first number that is beyond what a float holds, as it is written. */
  readonly outOfRange?: string;
}

/** Reads a body as JSON or YAML. @throws {JsonSyntaxError} */
export function readBody(body: Uint8Array, type: string, options: { readonly typed?: boolean } = {}): RawBody {
  const text = textOfBytes(body);
  if (type === "application/yaml" || type === "application/apply-patch+yaml") {
    const fault = utf8Fault(body);
    if (fault !== undefined) throw new YamlSyntaxError(`yaml: ${fault}`);
    return { ...readYaml(text), text };
  }
  return { ...parseJson(text, { ...options, bytes: body }), text };
}

function fromProtobuf(type: ResourceType, body: Uint8Array): RawBody {
  // The genuine server breaks on a custom resource in protobuf, and few CRDs are written by typed clients.
  if (type.custom || type.kind === "CustomResourceDefinition") throw notImplemented(`bodies of ${type.kind} in ${protobufType}`);
  return { value: decodeProtobuf(type.shape!, body), duplicates: [], text: "" };
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The beginning of a body, as an error shows it. Pure. */
function summary(bytes: Uint8Array): string {
  if (bytes.length === 0) return "<empty>";
  const head = bytes.slice(0, 30);
  const shown = bytes[0] === 123 ? new TextDecoder().decode(head) : hex(head);
  return bytes.length > 30 ? `${shown} ...` : shown;
}

const unrecognized = (kind: string, why: string, body: Uint8Array) =>
  badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(body)})`);

/** An object that came in a body, and what is to be said about its fields. */
export interface Incoming {
  readonly object: JsonObject;
  /** What it was read as: the type itself, or another version of the same objects. */
  readonly type: ResourceType;
  /** `duplicate field "..."` and `unknown field "..."`. */
  readonly complaints: readonly string[];
}

/** What is said of a number beyond what a float holds. Pure. */
export const outOfRangeComplaint = (number: string, where = "value"): string =>
  `json: cannot unmarshal number ${number} into Go ${where} of type float64`;

/** What is said of members that come twice. Pure. */
export const duplicateComplaint = (path: string): string => `duplicate field ${quote(path)}`;

/** What is said of an unknown member where an object was converted, not decoded: its name as it is. Pure. */
export const unknownComplaint = (path: string): string => `unknown field "${path}"`;

function recognize(type: ResourceType, { value, text }: RawBody, body: Uint8Array, validation: FieldValidation): JsonObject {
  if (value === null && !type.custom) return {};
  if (value === null) {
    const why = `Object 'Kind' is missing in '${text}'`;
    throw validation === "Ignore" ? unhandled(type, {}, why) : unrecognized(type.kind, why, body);
  }
  if (!isObject(value)) throw unrecognized(type.kind, notAnObject(value), body);
  let named: JsonObject;
  try {
    named = withTypeMeta(value);
  } catch (error) {
    throw error instanceof ShapeError ? unrecognized(type.kind, error.message, body) : error;
  }
  // A custom resource is of the kind that it has where it is looked for.
  if (!type.custom) return named;
  if ((value.kind ?? "") !== "") return value;
  const why = `Object 'Kind' is missing in '${text}'`;
  if (validation === "Ignore") throw unhandled(type, value, why);
  throw unrecognized(type.kind, why, body);
}

/** Refuses an object that was recognized, and is none of the type. */
function unhandled(type: ResourceType, { apiVersion, kind }: JsonObject, why: string): Refusal {
  const given = String(apiVersion || (type.custom && kind ? "" : groupVersion(type)));
  return badRequest(
    `${kind || type.kind} in version ${quote(given.split("/").at(-1)!)} cannot be handled as a ${type.kind}: ${why}`,
  );
}

function duplicateComplaints(paths: readonly string[]): string[] {
  if (!paths[0]?.startsWith("line ")) return paths.map(duplicateComplaint);
  return [`${yamlErrors}${paths.map((each) => `\n  ${each}`).join("")}`];
}

/** Whether a Go type has no such member, or none around it: then it does not notice either that it comes twice. */
const isBelowUnknown = (path: string, complaints: readonly string[]): boolean =>
  [...path.matchAll(/[.[]|$/g)].some(({ index }) => complaints.includes(`unknown field ${quote(path.slice(0, index))}`));

/**
 * What is said of members, in the order in which they are read: of one that is not known, that it is not, and nothing of what is in it.
 * Pure.
 */
export function inReadingOrder(text: string, duplicates: readonly string[], complaints: readonly string[]): readonly string[] {
  const said: string[] = [];
  const seen = new Set<string>();
  const twice = duplicates.filter((path) => !isBelowUnknown(path, complaints)).map(duplicateComplaint);
  parseJson(text, {
    member(path) {
      const isTwice = seen.has(path);
      seen.add(path);
      const complaint = isTwice ? duplicateComplaint(path) : `unknown field ${quote(path)}`;
      if ((isTwice ? twice : complaints).includes(complaint) && !said.includes(complaint)) said.push(complaint);
    },
  });
  return said;
}

/** All that is said of members. A Go type says it as it comes to them; else those that come twice are named before those that there are not. */
function allComplaints(type: ResourceType, { duplicates, text }: RawBody, { complaints }: Incoming): readonly string[] {
  if (type.custom || duplicates.length === 0 || complaints.length === 0 || duplicates[0]!.startsWith("line ")) {
    return [...duplicateComplaints(duplicates), ...complaints];
  }
  return inReadingOrder(text, duplicates, complaints);
}

const yamlErrors = "yaml: unmarshal errors:";
const yamlLines = (text: string) => text.split("\n  ").slice(1);

/** What is said of a kind that Go has no type for. Pure. */
export const notRegistered = (kind: string, version: string): string =>
  `no kind ${quote(kind)} is registered for version ${quote(version)} in scheme "pkg/runtime/scheme.go:111"`;

/** What is said of a group without a version. Pure. */
export const noVersion = (text: string): string => `Object 'apiVersion' is missing in '${text}'`;

const versionMismatch = (given: string, type: ResourceType) =>
  badRequest(`the API version in the data (${given}) does not match the expected API version (${groupVersion(type)})`);

/** Whether Go has a type of that name: of an object, of a list, or one of those that every version has. */
function isRegistered(kind: string, version: string, types: readonly ResourceType[]): boolean {
  if (unversioned.includes(kind)) return true;
  const own = types.filter((each) => !each.custom && groupVersion(each) === version);
  if (own.some((each) => each.kind === kind || each.listKind === kind)) return true;
  return own.length > 0 && everywhere.includes(kind) || version === "v1" && kind === "List";
}

const everywhere = ["WatchEvent", "ListOptions", "GetOptions", "DeleteOptions", "CreateOptions", "UpdateOptions", "PatchOptions"];
/** Those that are the same in whatever version. */
const unversioned = ["Status", "APIVersions", "APIGroup", "APIGroupList", "APIResourceList"];

/** The kinds of options and answers that have a Go type of their own in a version of `meta.k8s.io`. Pure. */
export const isMetaKind = (kind: string, version: string): boolean =>
  unversioned.includes(kind) || (["v1", "meta.k8s.io/v1"].includes(version) && everywhere.includes(kind)) ||
  (version === "meta.k8s.io/v1" && ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"].includes(kind));

/**
 * The type that a body says it is of. A built-in type takes a body without kind and apiVersion, but none with another's;
 * one of another version of the same objects is read first, and then refused.
 */
function typeOf(type: ResourceType, value: JsonObject, siblings: readonly ResourceType[], text: () => string): ResourceType {
  const kind = String(value.kind || type.kind);
  const version = parseGroupVersion(String(value.apiVersion ?? "")) || groupVersion(type);
  if (type.custom || (kind === type.kind && version === groupVersion(type))) return type;
  // A scale is kept where its workload is, and is none of its versions.
  const own = kind === type.kind &&
    siblings.find((each) => each.storage === type.storage && each.kind === kind && groupVersion(each) === version);
  if (own) return own;
  if (version.endsWith("/")) throw new ShapeError(noVersion(text()));
  if (isRegistered(kind, version, siblings)) {
    // It is read as what it says it is, before it is found out that it is of no use here.
    siblings.find((each) => !each.custom && each.kind === kind && groupVersion(each) === version)?.decode(value);
    const internal = type.group === "" ? "core" : type.group.split(".")[0];
    const goVersion = unversioned.includes(kind) ? "v1" : version.split("/").at(-1);
    throw new ShapeError(`converting (${goVersion}.${kind}) to (${internal}.${type.kind}): unknown conversion`);
  }
  if (kind === type.kind && type.otherVersions?.includes(version)) throw versionMismatch(version, type);
  throw new ShapeError(notRegistered(kind, version));
}

/** Refuses an object of another version. @throws {Refusal} 400 */
function checkVersion(type: ResourceType, object: JsonObject): void {
  const version = parseGroupVersion(String(object.apiVersion ?? ""));
  if (version !== groupVersion(type) && (type.custom || version !== "")) throw versionMismatch(version, type);
}

const isOwn = (type: ResourceType, { apiVersion, kind }: JsonObject) => kind === type.kind && apiVersion === groupVersion(type);

/**
 * A built-in type without a version is read as the server has it inside: only what `metadata` holds has names in JSON
 * there, and beside the others.
 */
function internal(type: ResourceType, { apiVersion: _a, kind: _k, ...members }: JsonObject): Incoming {
  const { value: metadata, unknown } = decodeShape(objectMeta, members);
  return {
    object: { kind: type.kind, apiVersion: groupVersion(type), metadata },
    type,
    complaints: unknown.map(unknownComplaint),
  };
}

/** How an object came. */
interface Arrival {
  /** How it is written in JSON. */
  readonly text: () => string;
  /** Whether it came out of a patch, which may have taken its version away. @default {false} */
  readonly patched?: boolean;
  /** What was patched. */
  readonly like?: JsonObject;
}

/** Fits JSON to the type. @throws {ShapeError} when it does not, with the words of Go's decoder. */
export function fit(type: ResourceType, value: JsonObject, siblings: readonly ResourceType[], arrival: Arrival): Incoming {
  if (arrival.patched && !type.custom && parseGroupVersion(String(value.apiVersion ?? "")) === "") return internal(type, value);
  const own = typeOf(type, value, siblings, arrival.text);
  if (own.custom && !isOwn(own, value)) {
    const [group, version] = parseGroupVersion(String(value.apiVersion ?? "")).split("/");
    const meant = siblings.find((each) => each.custom && each.storage === own.storage && each.version === version);
    // Nothing is known of the fields of another kind; those of another version are its own.
    const { unknown } = value.kind === own.kind && group === own.group && version !== undefined
      ? (meant ?? own).decode(value)
      : { unknown: own.decode(value).unknown.filter((path) => path.startsWith("metadata.")) };
    return { object: own.decode(value).object, type: own, complaints: unknown.map(unknownComplaint) };
  }
  const { object, unknown } = own.decode(value, own === type ? arrival.like : undefined);
  return {
    object,
    type: own,
    complaints: unknown.map(type.custom ? unknownComplaint : (path) => `unknown field ${quote(path)}`),
  };
}

/** Fits what was read of a text to the type, and gathers what is to be said of its members. @throws {ShapeError} */
export function fitRaw(
  type: ResourceType,
  raw: RawBody & { readonly value: JsonObject },
  siblings: readonly ResourceType[],
  arrival: Arrival,
): Incoming {
  const { value, duplicates, text } = raw;
  // What is written first of a member that comes twice is read, too, and may not fit.
  if (!type.custom && duplicates.length > 0 && !duplicates[0]!.startsWith("line ")) {
    const { value: first } = parseJson(text, { firstStays: true });
    const named = { kind: value.kind, apiVersion: value.apiVersion };
    if (isObject(first)) fit(type, { ...first, ...named }, siblings, arrival);
  }
  const incoming = fit(type, value, siblings, arrival);
  return { ...incoming, complaints: allComplaints(type, raw, incoming) };
}

/**
 * Says what is to be said about fields: as warnings, or by refusing, which names kind and version as the body does.
 *
 * @throws {Refusal} 400 under `Strict`.
 */
export function complain(call: Pick<Call, "warnings">, incoming: Incoming, validation: FieldValidation): void {
  const { complaints } = incoming;
  if (complaints.length === 0 || validation === "Ignore") return;
  if (validation === "Warn") {
    return void call.warnings.push(...complaints.flatMap((text) => text.startsWith(yamlErrors) ? yamlLines(text) : [text]));
  }
  const { type, object } = incoming;
  const kind = String(object.kind || type.kind);
  const version = parseGroupVersion(String(object.apiVersion ?? "")).split("/").at(-1) || type.version;
  throw badRequest(
    `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${complaints.join(", ")}`,
  );
}

/** Looks at the form of a body before anything else is looked at. @throws {Refusal} 413, 415 */
export function checkBody({ body, contentType }: Pick<Call, "body" | "contentType">): void {
  bodyType(contentType);
  checkSize(body);
}

/** What is to be known to read a body. */
type Decoding = Pick<Call, "type" | "body" | "contentType" | "world" | "warnings">;

/** Reads the object in the body of a POST or PUT. @throws {Refusal} */
export function decodeObject(call: Decoding, validation: FieldValidation): JsonObject {
  const { type, body } = call;
  const media = bodyType(call.contentType);
  let raw: RawBody;
  try {
    raw = media === protobufType ? fromProtobuf(type, body) : readBody(body, media, { typed: !type.custom });
  } catch (error) {
    if (error instanceof ProtobufError) {
      throw unrecognized(type.kind, error.message, body);
    }
    if (!(error instanceof JsonSyntaxError)) throw error;
    const why = error instanceof YamlSyntaxError
      ? error.message
      : `couldn't get version/kind; json parse error: ${error.message}`;
    throw unrecognized(type.kind, why, body);
  }
  const value = recognize(type, raw, body, validation);
  let incoming: Incoming;
  try {
    if (type.custom && value.apiVersion === null) {
      throw new ShapeError(".apiVersion accessor error: <nil> is of the type <nil>, expected string");
    }
    if (type.custom && raw.outOfRange !== undefined) throw new ShapeError(outOfRangeComplaint(raw.outOfRange));
    incoming = fitRaw(type, { ...raw, value }, call.world.registry.readable(), { text: () => raw.text });
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw unhandled(type, value, error.message);
  }
  complain(call, incoming, validation);
  checkVersion(type, incoming.object);
  return { ...incoming.object, kind: incoming.object.kind ?? type.kind, apiVersion: groupVersion(type) };
}
