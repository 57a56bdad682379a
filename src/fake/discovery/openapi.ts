/**
 * OpenAPI v3: as much as clients need to find schemas and to learn that the server validates fields itself.
 *
 * @module
 */
import { serverVersion } from "./discovery.ts";
import { contentHash } from "../types/hash.ts";
import { encode, type JsonObject } from "../types/json.ts";
import { isBuiltinGroup } from "../builtin/builtin.ts";
import { recordedDocuments } from "./documents.ts";
import { pathsOf, referred } from "./openapi-operations.ts";
import { schemasOf } from "./openapi-schema.ts";
import { byBytes } from "../types/order.ts";
import type { ResourceType } from "../types/resource.ts";
import { noSuchPath, notImplemented } from "../types/status.ts";
import type { Incoming } from "../types/incoming.ts";
import type { World } from "../store/world.ts";

const byName = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.keys(object).sort(byBytes).map((name) => [name, object[name]!]));

/** The document of one group and version of custom resources. */
function documentOf(types: readonly ResourceType[]): JsonObject {
  const paths = byName(Object.assign({}, ...types.map(pathsOf)));
  const schemas: JsonObject = { ...recordedDocuments().common, ...schemasOf(types) };
  const names = referred([paths, schemasOf(types)], schemas);
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
  for (const { group, versions } of world.registry.groups().filter(({ group }) => !isBuiltinGroup(group))) {
    for (const version of versions) {
      const text = encode(documentOf(world.registry.of(group, version)));
      found.set(`apis/${group}/${version}`, { hash: contentHash(text), text: () => text });
    }
  }
  return found;
}

const versionTwoType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/**
 * OpenAPI v2 without a definition, in protobuf: kubectl falls back to it for kinds that v3 does not have, such as List,
 * and leaves the check of what it does not find there to the server.
 */
function versionTwo(accept: string): Response {
  if (!accept.includes("proto-openapi.spec.v2")) throw notImplemented("OpenAPI v2 other than in protobuf");
  const text = (field: number, value: string) => [field << 3 | 2, value.length, ...new TextEncoder().encode(value)];
  const info = [...text(1, "Kubernetes"), ...text(2, String(serverVersion.gitVersion))];
  const nothing = [0x42, 0, 0x4a, 0]; // paths and definitions
  const body = Uint8Array.from([...text(1, "2.0"), 0x12, info.length, ...info, ...nothing]);
  return new Response(body, { headers: { "cache-control": "no-cache, private", "content-type": versionTwoType } });
}

const year = 365 * 24 * 60 * 60 * 1000;

/** Answers below `/openapi`. @throws {Refusal} 404 for paths that are not there, 501 for OpenAPI v2 in JSON. */
export function openapiResponse(world: World, path: string, url: Pick<URL, "searchParams">, request: Incoming): Response {
  if (!/^\/openapi\/v[23](?:\/|$)/.test(path) || path.startsWith("/openapi/v2/")) throw noSuchPath();
  if (path === "/openapi/v2") return versionTwo(request.headers.get("accept") ?? "");
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
