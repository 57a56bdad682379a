/**
 * The documents of OpenAPI: one for each version of a group in v3, one of all in v2.
 *
 * @module
 */
import { contentHash } from "../types/hash.ts";
import { encode, type JsonObject } from "../types/json.ts";
import { isBuiltinGroup } from "../builtin/builtin.ts";
import { recordedDocuments } from "./documents.ts";
import { pathsOf, referred } from "./openapi-operations.ts";
import { schemasOf, type Version } from "./openapi-schema.ts";
import type { Source } from "./openapi-v2.ts";
import { versionTwo } from "./openapi-v2-answer.ts";
import { byBytes } from "../types/order.ts";
import type { ResourceType } from "../types/resource.ts";
import { noSuchPath } from "../types/status.ts";
import type { Incoming } from "../types/incoming.ts";
import type { World } from "../store/world.ts";

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
interface Document {
  readonly hash: string;
  readonly text: () => string;
}

const texts = new Map<string, string>();

function documents(world: World): Map<string, Document> {
  const found = new Map<string, Document>();
  const recorded = recordedDocuments();
  for (const [path, document] of Object.entries(recorded.documents)) {
    const text = () => {
      if (!texts.has(path)) texts.set(path, encode(document));
      return texts.get(path)!;
    };
    found.set(path, { hash: recorded.hashes[path]!, text });
  }
  for (const { group, version, types } of customVersions(world)) {
    const text = encode(documentOf(types));
    found.set(`apis/${group}/${version}`, { hash: contentHash(text), text: () => text });
  }
  return found;
}

/** The groups of custom resources, with their versions. */
const customVersions = ({ registry }: World) =>
  registry.groups().filter(({ group }) => !isBuiltinGroup(group)).flatMap(({ group, versions }) =>
    versions.map((version) => ({ version, group, types: registry.of(group, version) }))
  );

/** What the one document of OpenAPI v2 is made of. */
const versionTwoSources = (world: World): readonly Source[] => [
  ...Object.values(recordedDocuments().documents).map((document) => ({ document, isCustom: false })),
  ...customVersions(world).map(({ types }) => ({ document: documentOf(types, 2), isCustom: true })),
];

const year = 365 * 24 * 60 * 60 * 1000;

/** Answers below `/openapi`. @throws {Refusal} 404 for paths that are not there. */
export function openapiResponse(world: World, path: string, url: Pick<URL, "searchParams">, request: Incoming): Response {
  if (!/^\/openapi\/v[23](?:\/|$)/.test(path) || path.startsWith("/openapi/v2/")) throw noSuchPath();
  if (path === "/openapi/v2") return versionTwo(() => versionTwoSources(world), request);
  const all = documents(world);
  const urlOf = (name: string, hash: string) => `/openapi/v3/${name}?hash=${hash}`;
  if (path === "/openapi/v3") {
    const paths = Object.fromEntries([...all].map(([name, { hash }]) => [name, { serverRelativeURL: urlOf(name, hash) }]));
    return new Response(encode({ paths }), {
      headers: { "cache-control": "no-cache, private", "content-type": "text/plain; charset=utf-8" },
    });
  }
  const name = path.replace(/^\/openapi\/v3\//, "");
  const document = all.get(name);
  if (!document) return new Response(null, { status: 404, headers: { "cache-control": "no-cache, private" } });
  const { hash } = document;
  const asked = url.searchParams.get("hash");
  if (asked !== null && asked !== hash) return new Response(null, { status: 301, headers: { location: urlOf(name, hash) } });
  const headers: Record<string, string> = {
    "cache-control": asked === null ? "no-cache, private" : "public, immutable",
    "content-type": "application/json",
    etag: `"${hash}"`,
    vary: "Accept",
  };
  if (asked !== null) headers.expires = new Date(world.clock.now() + year).toUTCString().replace("GMT", "UTC");
  if (request.headers.get("if-none-match") === `"${hash}"`) return new Response(null, { status: 304, headers });
  return new Response(document.text(), { headers });
}
