/**
 * Other resourceVersions than the server's: in answers, and back in requests.
 *
 * @module
 */
import { isStream } from "../output/respond.ts";
import { parseJson } from "../types/parse.ts";
import { encode, isObject, type Json, type JsonObject } from "../types/json.ts";

type Renumber = (version: string) => string;

// None, and "any": neither is a version.
const isNamed = (version: Json | undefined): version is string =>
  typeof version === "string" && version !== "" && version !== "0";

function inMetadata(object: Json | undefined, to: Renumber): void {
  if (!isObject(object) || !isObject(object.metadata)) return;
  const { metadata } = object;
  if (isNamed(metadata.resourceVersion)) metadata.resourceVersion = to(metadata.resourceVersion);
}

/** Renumbers an object, a list, a Table or the event of a watch, in place. */
function renumber(value: Json, to: Renumber): void {
  if (!isObject(value)) return;
  inMetadata(value, to);
  inMetadata(value.object, to);
  for (const list of [value.items, value.rows, isObject(value.object) ? value.object.rows : undefined]) {
    for (const item of Array.isArray(list) ? list : []) {
      inMetadata(item, to);
      if (isObject(item)) inMetadata(item.object, to);
    }
  }
}

function inText(text: string, to: Renumber): string {
  let value: Json;
  try {
    ({ value } = parseJson(text));
  } catch {
    // No JSON, no version: what a proxy says, or YAML, which programs do not ask for.
    return text;
  }
  renumber(value, to);
  return encode(value);
}

/** An answer with other versions than the server's. Each chunk of a stream is one line. */
export async function renumbered(response: Response, to: Renumber): Promise<Response> {
  if (!response.body) return response;
  if (!isStream(response)) {
    const { status, headers } = response;
    return new Response(`${inText(await response.text(), to)}\n`, { status, headers });
  }
  const reader = response.body.getReader();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      controller.enqueue(new TextEncoder().encode(`${inText(new TextDecoder().decode(value), to)}\n`));
    },
    cancel: () => reader.cancel(),
  }, { highWaterMark: 0 });
  return new Response(stream, response);
}

const isVersionPath = (path: Json | undefined) => path === "/metadata/resourceVersion";

/** The body of a request with the server's versions: of an object, a patch of either form, the options of a deletion. Pure. */
export function bodyMeant(body: Uint8Array, to: Renumber): Uint8Array {
  let value: Json;
  try {
    ({ value } = parseJson(new TextDecoder().decode(body)));
  } catch {
    return body;
  }
  inMetadata(value, to);
  if (isObject(value) && isObject(value.preconditions)) inMetadata({ metadata: value.preconditions }, to);
  for (const operation of (Array.isArray(value) ? value : []) as JsonObject[]) {
    if (isVersionPath(operation?.path) && isNamed(operation.value)) operation.value = to(operation.value);
  }
  return new TextEncoder().encode(encode(value));
}

/** The query of a request with the server's versions. Pure. */
export function queryMeant(query: URLSearchParams, to: Renumber): URLSearchParams {
  const meant = new URLSearchParams(query);
  const version = query.get("resourceVersion") ?? undefined;
  if (isNamed(version)) meant.set("resourceVersion", to(version));
  return meant;
}
