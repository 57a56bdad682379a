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
  /** The schemas of `meta/v1`, to which custom resources refer. */
  readonly meta: JsonObject;
}

/** Puts the parts back in their places: each refers to earlier ones only. */
function whole(value: Json, parts: readonly Json[]): Json {
  if (Array.isArray(value)) return value.map((item) => whole(item, parts));
  if (!isObject(value)) return value;
  if (typeof value.$ === "number") return parts[value.$]!;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, whole(member!, parts)]));
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
  const { schemas } = documents["apis/apiextensions.k8s.io/v1"]!.components as { schemas: JsonObject };
  const meta = Object.entries(schemas).filter(([name]) => name.startsWith("io.k8s.apimachinery."));
  return { documents, hashes: packed.hashes, meta: Object.fromEntries(meta) };
}

let unpacked: Recorded | undefined;

/** The documents of the built-in groups. */
export const recordedDocuments = (): Recorded => unpacked ??= unpack();
