/**
 * The answer to who asks for OpenAPI v2: in JSON, or in protobuf.
 *
 * @module
 */
import { yaml } from "../output/yaml.ts";
import { accepts, parseAccept } from "../output/negotiate.ts";
import { contentHash } from "../types/hash.ts";
import type { Incoming } from "../types/incoming.ts";
import { encode, type Json, type JsonObject } from "../types/json.ts";
import { plain, type Source, versionTwoOf } from "./openapi-v2.ts";
import { versionTwoBytes } from "./openapi-wire.ts";

/** In protobuf: two names that are asked for, of which one is answered. */
const protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
const offered = ["application/json", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", protobuf];

/** A value as the server's YAML library writes it: in quotes that are single, but where there is nothing in them. */
const yamlOf = (value: Json): string =>
  yaml().stringify(value, { aliasDuplicateObjects: false, indentSeq: true, version: "1.1", singleQuote: true, lineWidth: 0 })
    .replace(/(^|: |- )''$/gm, '$1""');

interface Made {
  readonly of: readonly Source[];
  readonly document: JsonObject;
  readonly text: string;
  readonly hash: string;
  bytes?: Uint8Array<ArrayBuffer>;
}

/** The last one: it is large, and the same until a CRD changes. */
let last: Made | undefined;

function made(sources: readonly Source[]): Made {
  const isSame = ({ of }: Made) =>
    of.length === sources.length && of.every(({ document }, index) => document === sources[index]!.document);
  if (last && isSame(last)) return last;
  const document = versionTwoOf(sources, sources[0]!.document.info as JsonObject);
  const text = plain(encode(document));
  return last = { of: sources, document, text, hash: contentHash(text) };
}

/** Answers with the document. @param sources What it is made of, once it is asked for. */
export function versionTwo(sources: () => readonly Source[], { headers }: Incoming): Response {
  const asked = parseAccept(headers.get("accept") || "*/*");
  const found = asked.flatMap((clause) => offered.filter((media) => accepts(clause, media)))[0];
  const shared = { "cache-control": "no-cache, private", vary: "Accept" };
  if (found === undefined) return new Response(null, { status: 406, headers: shared });
  const whole = made(sources());
  const own = { ...shared, etag: `"${whole.hash}"` };
  if (headers.get("if-none-match") === own.etag) return new Response(null, { status: 304, headers: own });
  if (found === "application/json") return new Response(whole.text, { headers: { ...own, "content-type": found } });
  whole.bytes ??= versionTwoBytes(whole.document, yamlOf);
  return new Response(whole.bytes, { headers: { ...own, "content-type": protobuf } });
}
