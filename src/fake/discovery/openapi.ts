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
import { reference, schemaName, schemasOf } from "./openapi-schema.ts";
import { groupVersion, type ResourceType } from "../types/resource.ts";
import { noSuchPath, notImplemented } from "../types/status.ts";
import type { Incoming } from "../types/incoming.ts";
import type { World } from "../store/world.ts";

const parameter = (name: string, type: string = "string"): JsonObject => ({
  name,
  in: "query",
  schema: { type, uniqueItems: true },
});

const writeParameters = ["dryRun", "fieldManager", "fieldValidation"].map((name) => parameter(name));
const listParameters = [
  parameter("allowWatchBookmarks", "boolean"),
  ...["continue", "fieldSelector", "labelSelector"].map((name) => parameter(name)),
  parameter("limit", "integer"),
  ...["resourceVersion", "resourceVersionMatch"].map((name) => parameter(name)),
  parameter("sendInitialEvents", "boolean"),
  parameter("timeoutSeconds", "integer"),
  parameter("watch", "boolean"),
];
const deleteParameters = [
  parameter("dryRun"),
  parameter("gracePeriodSeconds", "integer"),
  parameter("orphanDependents", "boolean"),
  parameter("propagationPolicy"),
];

const content = (schema: string): JsonObject => ({
  "application/json": { schema: reference(schema) },
  "application/yaml": { schema: reference(schema) },
});

interface Action {
  readonly action: string;
  readonly parameters: readonly JsonObject[];
  /** The schema of the answer. */
  readonly answer: string;
  readonly body?: JsonObject;
}

function operation(type: ResourceType, { action, parameters, answer, body }: Action, path: string): JsonObject {
  const { group, version, kind } = type;
  return {
    tags: [`${group.replace(/\.(\w)/g, (_, letter: string) => letter.toUpperCase())}_${version}`],
    description: `${action} ${kind}`,
    operationId: `${action}${path.replace(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    parameters: [...parameters],
    ...(body ? { requestBody: { content: body, required: true } } : {}),
    responses: { "200": { description: "OK", content: content(answer) }, "401": { description: "Unauthorized" } },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": { group, version, kind },
  };
}

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";

function patchBody(): JsonObject {
  const types = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];
  return Object.fromEntries(types.map((each) => [each, { schema: reference(`${meta}.Patch`) }]));
}

function pathsOf(type: ResourceType): JsonObject {
  const base = `/apis/${groupVersion(type)}`;
  const collection = type.namespaced ? `${base}/namespaces/{namespace}/${type.plural}` : `${base}/${type.plural}`;
  const one = `${collection}/{name}`;
  const own = schemaName(type);
  const list = schemaName(type, type.listKind);
  const read: Action = { action: "get", parameters: [], answer: own };
  const write = (action: string, body: JsonObject): Action => ({ action, parameters: writeParameters, answer: own, body });
  const patch = write("patch", patchBody());
  const patchOperation = { ...patch, parameters: [...writeParameters, parameter("force", "boolean")] };
  const named = (path: string): JsonObject => ({
    get: operation(type, read, path),
    put: operation(type, write("put", content(own)), path),
    patch: operation(type, patchOperation, path),
  });
  const lists: Action = { action: "list", parameters: listParameters, answer: list };
  const paths: JsonObject = {
    [collection]: {
      get: operation(type, lists, collection),
      post: operation(type, write("post", content(own)), collection),
      delete: operation(type, {
        action: "deletecollection",
        parameters: [...listParameters, ...deleteParameters],
        answer: `${meta}.Status`,
      }, collection),
    },
    [one]: {
      ...named(one),
      delete: operation(type, { action: "delete", parameters: deleteParameters, answer: `${meta}.Status` }, one),
    },
  };
  if (type.namespaced) paths[`${base}/${type.plural}`] = { get: operation(type, lists, `${base}/${type.plural}`) };
  for (const { name } of type.subresources) if (name === "status") paths[`${one}/status`] = named(`${one}/status`);
  return paths;
}

/** The document of one group and version of custom resources. */
function documentOf(types: readonly ResourceType[], schemas: JsonObject): JsonObject {
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes CRD Swagger", version: "v0.1.0" },
    paths: Object.assign({}, ...types.map(pathsOf)),
    components: { schemas: schemasOf(types, schemas) },
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
      const text = encode(documentOf(world.registry.of(group, version), recorded.meta));
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
