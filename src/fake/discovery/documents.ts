/**
 * The OpenAPI documents that were recorded, unpacked when they are asked for first.
 *
 * @module
 */
import { openapi } from "../builtin/data/openapi.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { inflate } from "./inflate.ts";

/** What was recorded. */
export interface Recorded {
  /** By path below `/openapi/v3/`. Parts are shared: not to be changed. */
  readonly documents: Readonly<Record<string, JsonObject>>;
  readonly hashes: Readonly<Record<string, string>>;
  /** The schemas to which custom resources refer, as their documents have them. */
  readonly common: JsonObject;
}

/** Puts the parts back in their places: each refers to earlier ones only. */
function whole(value: Json, parts: readonly Json[]): Json {
  if (Array.isArray(value)) return value.map((item) => whole(item, parts));
  if (!isObject(value)) return value;
  if (typeof value.$ === "number") return parts[value.$]!;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, whole(member!, parts)]));
}

/** Where custom resources know schemas from: of their metadata, and of their scale. */
const sources = [
  ["apis/apiextensions.k8s.io/v1", "io.k8s.apimachinery."],
  ["apis/apps/v1", "io.k8s.api.autoscaling.v1."],
] as const;

/** Groups that the server knows and its client library does not: the documents of custom resources are made of what that one knows. */
const unknownToClients = ["admission.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "imagepolicy.k8s.io"];
const kindsMember = "x-kubernetes-group-version-kind";

function commonIn(documents: Readonly<Record<string, JsonObject>>): JsonObject {
  const found: JsonObject = {};
  for (const [path, prefix] of sources) {
    const { schemas } = documents[path]!.components as { schemas: Record<string, JsonObject> };
    for (const [name, schema] of Object.entries(schemas)) {
      if (!name.startsWith(prefix)) continue;
      const kinds = schema[kindsMember] as { group: string }[] | undefined;
      const known = kinds?.filter(({ group }) => !unknownToClients.includes(group));
      found[name] = known ? { ...schema, [kindsMember]: known } : schema;
    }
  }
  return found;
}

function unpack(): Recorded {
  const bytes = Uint8Array.from(atob(openapi), (char) => char.charCodeAt(0));
  const packed = JSON.parse(new TextDecoder().decode(inflate(bytes))) as {
    parts: Json[];
    documents: JsonObject;
    hashes: Record<string, string>;
  };
  const parts: Json[] = [];
  for (const part of packed.parts) parts.push(whole(part, parts));
  const documents = whole(packed.documents, parts) as Record<string, JsonObject>;
  return { documents, hashes: packed.hashes, common: commonIn(documents) };
}

let unpacked: Recorded | undefined;

/** The documents of the built-in groups. */
export const recordedDocuments = (): Recorded => unpacked ??= unpack();
