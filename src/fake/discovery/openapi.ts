/**
 * The documents of OpenAPI: one for each version of a group in v3, one of all in v2.
 *
 * @module
 */
import { encode } from "../types/json.ts";
import { isBuiltinGroup } from "../builtin/builtin.ts";
import { recordedDocuments } from "./documents.ts";
import { accepts, parseAccept } from "../output/negotiate.ts";
import { customDocument, type Document, olderDocument } from "./openapi-customs.ts";
import type { Source } from "./openapi-v2.ts";
import { versionTwo } from "./openapi-v2-answer.ts";
import { byBytes } from "../types/order.ts";
import { noSuchPath, notImplemented } from "../types/status.ts";
import type { Incoming } from "../types/incoming.ts";
import type { World } from "../store/world.ts";

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
  for (const { group, version, types } of customVersions(world)) found.set(`apis/${group}/${version}`, customDocument(types));
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
  ...customVersions(world).map(({ types }) => ({ document: olderDocument(types), isCustom: true })),
];

const protobuf = ["@v1.0", ".v1.0"].map((version) => `application/com.github.proto-openapi.spec.v3${version}+protobuf`);

/** What is answered to who does not take JSON; nothing, where he does. @throws {Refusal} 501 for protobuf. */
function refusedForm(accept: string): Response | undefined {
  const clauses = parseAccept(accept);
  const headers = { "cache-control": "no-cache, private" };
  if (clauses.length === 0) return new Response(null, { headers });
  if (clauses.some((clause) => accepts(clause, "application/json"))) return undefined;
  if (clauses.some((clause) => protobuf.some((media) => accepts(clause, media)))) throw notImplemented("OpenAPI v3 in protobuf");
  return new Response(null, { status: 406, headers: { ...headers, vary: "Accept" } });
}

const year = 365 * 24 * 60 * 60 * 1000;

/** Answers below `/openapi`. @throws {Refusal} 404 for paths that are not there, 501 for OpenAPI v3 in protobuf alone. */
export function openapiResponse(world: World, path: string, url: Pick<URL, "searchParams">, request: Incoming): Response {
  if (!/^\/openapi\/v[23](?:\/|$)/.test(path) || path.startsWith("/openapi/v2/")) throw noSuchPath();
  if (path === "/openapi/v2") return versionTwo(() => versionTwoSources(world), request);
  const all = documents(world);
  const urlOf = (name: string, hash: string) => `/openapi/v3/${name}?hash=${hash}`;
  if (path === "/openapi/v3") {
    const names = [...all.keys()].sort(byBytes);
    const paths = Object.fromEntries(names.map((name) => [name, { serverRelativeURL: urlOf(name, all.get(name)!.hash) }]));
    return new Response(encode({ paths }), {
      headers: { "cache-control": "no-cache, private", "content-type": "text/plain; charset=utf-8" },
    });
  }
  const name = path.replace(/^\/openapi\/v3\//, "");
  const document = all.get(name);
  if (!document) return new Response(null, { status: 404, headers: { "cache-control": "no-cache, private" } });
  const refusal = refusedForm(request.headers.get("accept") || "*/*");
  if (refusal) return refusal;
  const { hash } = document;
  const asked = url.searchParams.get("hash") || undefined;
  if (asked !== undefined && asked !== hash) {
    return new Response(null, { status: 301, headers: { location: urlOf(name, hash), "content-type": "application/json" } });
  }
  const headers: Record<string, string> = {
    "cache-control": asked === undefined ? "no-cache, private" : "public, immutable",
    "content-type": "application/json",
    etag: `"${hash}"`,
    vary: "Accept",
  };
  if (asked !== undefined) headers.expires = new Date(world.clock.now() + year).toUTCString().replace("GMT", "UTC");
  if (request.headers.get("if-none-match") === `"${hash}"`) return new Response(null, { status: 304, headers });
  return new Response(document.text(), { headers });
}
