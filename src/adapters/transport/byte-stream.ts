import type { ByteStream } from "./transport.ts";

/** The bytes of a web stream, as clients over fetch give them. */
export function byteStreamOf(stream: ReadableStream<Uint8Array>, code = 200): ByteStream {
  const reader = stream.getReader();
  return {
    code,
    read: async () => (await reader.read()).value,
    // A stream that is broken already rejects here with what the reader has been told, too.
    cancel: () => void reader.cancel().catch(() => {}),
  };
}
