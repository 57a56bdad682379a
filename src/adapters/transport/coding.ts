/**
 * Answers that come compressed. This library never asks for it: an API server then compresses nothing, but something in
 * between may. A stream may be compressed as one piece that is flushed after each event, or each event by itself.
 *
 * @module
 */
import { createBodyStream } from "./body-stream.ts";
import type { ByteStream } from "./transport.ts";

/** Loaded by the first answer that is compressed. */
const zlib = () => import("node:zlib");

/**
 * Undoes the `Content-Encoding` of a whole body. A little that is compressed may be more than a text can hold.
 *
 * @param limit How large it may become, in bytes.
 * @throws {Error} when the coding is unknown, the body is not of that kind, or it is too large.
 */
export async function decodeBody(body: Uint8Array, coding: string | undefined, limit: number): Promise<Uint8Array> {
  const kind = kindOf(coding);
  if (kind === undefined || body.length === 0) return body;
  const { gunzip, inflate } = await zlib();
  return await new Promise((resolve, reject) =>
    (kind === "gzip" ? gunzip : inflate)(body, { maxOutputLength: limit }, (error, result) => {
      if (!error) resolve(result);
      else reject("code" in error && error.code === "ERR_BUFFER_TOO_LARGE" ? tooLarge(limit) : error);
    })
  );
}

/** A whole answer may be this large, in bytes. Lists come in pages; a text of JavaScript holds half a gigabyte. */
export const LARGEST: number = 2 ** 28;

/** What an answer is refused with that is larger. */
export const tooLarge = (limit: number): Error => new Error(`the answer is larger than ${limit / 2 ** 20} MiB`);

/**
 * Undoes the `Content-Encoding` of a stream; what is compressed by itself comes out by itself, at once.
 *
 * @throws {Error} when the coding is unknown.
 */
export async function decodeStream(stream: ByteStream, coding: string | undefined): Promise<ByteStream> {
  const kind = kindOf(coding);
  if (kind === undefined) return stream;
  const { createGunzip, createInflate } = await zlib();
  const decoder = kind === "gzip" ? createGunzip() : createInflate();
  const body = createBodyStream(stream.code, decoder, () => {
    stream.cancel();
    decoder.destroy();
  });
  decoder.on("data", body.data).on("end", body.end).on("error", (error) => {
    stream.cancel();
    body.fail(error);
  });

  const drained = () => new Promise<void>((resolve) => void decoder.once("drain", resolve).once("close", resolve));
  const pump = async () => {
    for (let chunk = await stream.read(); chunk !== undefined && !decoder.destroyed; chunk = await stream.read()) {
      if (!decoder.write(chunk)) await drained();
    }
    if (!decoder.destroyed) decoder.end();
  };
  pump().catch((error) => void decoder.destroy(error));
  return body;
}

/**
 * Undoes gzip where it is still there: a `Content-Encoding` does not tell, once a fetch of the platform may have undone it
 * already. Neither JSON nor a page of text begins like gzip.
 */
export const decodeGzip = async (body: Uint8Array): Promise<Uint8Array> =>
  body[0] === GZIP ? await decodeBody(body, "gzip", LARGEST) : body;

/** The same for a stream, from its first bytes on. */
export function decodeGzipStream(stream: ByteStream): ByteStream {
  let decoded: ByteStream | undefined;
  let cancelled = false;
  const begin = async (): Promise<ByteStream> => {
    let first = await stream.read();
    while (first?.length === 0) first = await stream.read();
    const again: ByteStream = {
      ...stream,
      read() {
        const bytes = first;
        first = undefined;
        return bytes ? Promise.resolve(bytes) : stream.read();
      },
    };
    return first?.[0] === GZIP ? await decodeStream(again, "gzip") : again;
  };
  return {
    code: stream.code,
    async read() {
      decoded ??= await begin();
      return cancelled ? undefined : await decoded.read();
    },
    cancel() {
      cancelled = true;
      stream.cancel();
      decoded?.cancel();
    },
  };
}

/** The first byte of what gzip makes (RFC 1952). */
const GZIP = 0x1f;

function kindOf(coding: string | undefined): "gzip" | "deflate" | undefined {
  switch (coding?.trim().toLowerCase() ?? "") {
    case "":
    case "identity":
      return undefined;
    case "gzip":
    case "x-gzip":
      return "gzip";
    case "deflate":
      return "deflate";
  }
  throw new Error(`the answer comes as "${coding}", which nobody asked for`);
}
