/**
 * The compression of answers, for the mounts that have a wire.
 *
 * @module
 */
import { constants, createGzip, gzipSync } from "node:zlib";
import { acceptsGzip, isTextWorthGzip, isWorthGzip, knownText, wireFormOf } from "../output/wire.ts";
import type { HeaderFields } from "../types/incoming.ts";

const level = constants.Z_BEST_SPEED;

const gzipped = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes, { level }));

function mark(headers: Headers): Headers {
  headers.set("content-encoding", "gzip");
  headers.append("vary", "Accept-Encoding");
  return headers;
}

/**
 * Compresses what is no stream: where it was said so, and long answers, as the server does for clients that accept it.
 *
 * @returns The answer to be sent: another one, or the given one as it is.
 */
export async function compressed(request: HeaderFields, response: Response): Promise<Response> {
  const forced = wireFormOf(response) !== undefined;
  if (!response.body || (!forced && !acceptsGzip(request))) return response;
  const body = new Uint8Array(await response.arrayBuffer());
  const { status } = response;
  const headers = new Headers(response.headers);
  if (!forced && !isWorthGzip(headers.get("content-type"), body.byteLength)) return new Response(body, { status, headers });
  return new Response(gzipped(body), { status, headers: mark(headers) });
}

/** The text of an answer that travels as it is, where it is known without reading it. */
export function plainText(request: HeaderFields, response: Response): string | undefined {
  const text = wireFormOf(response) ? undefined : knownText(response);
  return text !== undefined && acceptsGzip(request) && isTextWorthGzip(response.headers.get("content-type"), text)
    ? undefined
    : text;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** One gzip stream that is written and read piece by piece. */
function flushing(): (piece: Uint8Array | undefined) => Promise<Uint8Array> {
  const gzip = createGzip({ level });
  const chunks: Uint8Array[] = [];
  let fail: (error: Error) => void = () => {};
  gzip.on("data", (chunk: Uint8Array) => chunks.push(chunk)).on("error", (error) => fail(error));
  return (piece) =>
    new Promise((resolve, reject) => {
      fail = reject;
      const done = () => resolve(joined(chunks.splice(0)));
      if (piece) gzip.write(piece, () => gzip.flush(constants.Z_SYNC_FLUSH, done));
      else gzip.once("end", done).end();
    });
}

/** Compresses a stream, where it was said so: each piece so that it can be read when it comes. */
export function compressedStream(response: Response): Response {
  const form = wireFormOf(response);
  if (!form || !response.body) return response;
  const reader = response.body.getReader();
  const flushed = form.each === "flush" ? flushing() : undefined;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (value) controller.enqueue(flushed ? await flushed(value) : gzipped(value));
      if (!done) return;
      if (flushed) controller.enqueue(await flushed(undefined));
      controller.close();
    },
    cancel: () => reader.cancel(),
    // None in advance: a stream that breaks would take it along.
  }, { highWaterMark: 0 });
  return new Response(stream, { status: response.status, headers: mark(new Headers(response.headers)) });
}
