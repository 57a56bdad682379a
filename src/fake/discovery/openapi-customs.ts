/**
 * The OpenAPI documents of custom resources: made when they are asked for first, and kept until a CRD changes.
 *
 * @module
 */
import { contentHash } from "../types/hash.ts";
import { encode, type JsonObject } from "../types/json.ts";
import { byBytes } from "../types/order.ts";
import type { ResourceType } from "../types/resource.ts";
import { recordedDocuments } from "./documents.ts";
import { pathsOf, referred } from "./openapi-operations.ts";
import { schemasOf, type Version } from "./openapi-schema.ts";

const byName = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.keys(object).sort(byBytes).map((name) => [name, object[name]!]));

/** The document of one group and version of custom resources. */
function documentOf(types: readonly ResourceType[], version: Version = 3): JsonObject {
  const paths = byName(Object.assign({}, ...types.map(pathsOf)));
  const own = schemasOf(types, version);
  const schemas: JsonObject = { ...recordedDocuments().common, ...own };
  const names = referred([paths, own], schemas);
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes CRD Swagger", version: "v0.1.0" },
    paths,
    components: { schemas: byName(Object.fromEntries([...names].map((name) => [name, schemas[name]!]))) },
  };
}

/** A document: what it is known by, and its text when it is asked for. */
export interface Document {
  readonly hash: string;
  readonly text: () => string;
}

/** What has been made for the types of a group and version; a changed CRD makes others of them. */
interface Made {
  readonly types: readonly ResourceType[];
  text?: { readonly text: string; readonly hash: string };
  older?: JsonObject;
}

const kept = new WeakMap<ResourceType, Made>();

function madeFor(types: readonly ResourceType[]): Made {
  const known = kept.get(types[0]!);
  if (known && known.types.length === types.length && known.types.every((type, index) => type === types[index])) return known;
  const made: Made = { types };
  kept.set(types[0]!, made);
  return made;
}

/** The document of OpenAPI v3. @param types All of a group and version. */
export function customDocument(types: readonly ResourceType[]): Document {
  const made = madeFor(types);
  if (!made.text) {
    const text = encode(documentOf(types));
    made.text = { text, hash: contentHash(text) };
  }
  const { text, hash } = made.text;
  return { hash, text: () => text };
}

/** The same, as it becomes a part of the document of OpenAPI v2. */
export const olderDocument = (types: readonly ResourceType[]): JsonObject => madeFor(types).older ??= documentOf(types, 2);
