import type { ByteStream } from "../transport/transport.ts";

/** The stream ended inside a line. */
export class PartialLineError extends Error {
  readonly rest: string;

  constructor(rest: string) {
    super("the stream ended inside a line");
    this.rest = rest;
  }
}

/** Lines of a byte stream, read one by one. */
export interface LineReader {
  /** The next line that is not blank, where it has come already. */
  poll(): string | undefined;
  /** The next line that is not blank, or undefined at the end. @throws {PartialLineError} */
  next(): Promise<string | undefined>;
  /** Ends the stream and a read that waits. */
  cancel(): void;
}

/** No object of an API server is as large, in bytes: etcd takes 1.5 MiB. */
const LONGEST = 64 * 2 ** 20;
const LINE_FEED = 0x0a;

/**
 * Splits a stream of UTF-8 at line feeds, and at nothing else: U+2028 may stand raw inside a JSON string. Each line is
 * decoded once, when it is whole.
 *
 * @param stream Must be read to its end or cancelled.
 */
export function readLines(stream: ByteStream): LineReader {
  const decoder = new TextDecoder();
  let chunk: Uint8Array = new Uint8Array();
  let at = 0;
  let begun: Uint8Array[] = []; // of the line that has not ended yet
  let length = 0;
  let cancelled = false;

  const decode = (end: Uint8Array) => {
    if (begun.length === 0) return decoder.decode(end);
    const bytes = new Uint8Array(length + end.length);
    let offset = 0;
    for (const piece of [...begun, end]) {
      bytes.set(piece, offset);
      offset += piece.length;
    }
    begun = [];
    length = 0;
    return decoder.decode(bytes);
  };
  const isBlank = (text: string) => text.trim() === "";

  function poll(): string | undefined {
    if (cancelled) return undefined;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, at);
      if (end < 0) return undefined;
      const line = decode(chunk.subarray(at, end));
      at = end + 1;
      if (!isBlank(line)) return line;
    }
  }

  return {
    poll,
    async next() {
      while (!cancelled) {
        const line = poll();
        if (line !== undefined) return line;
        if (at < chunk.length) {
          begun.push(chunk.subarray(at));
          length += chunk.length - at;
          if (length > LONGEST) throw new Error(`a line of the stream is longer than ${LONGEST / 2 ** 20} MiB`);
        }
        const next = await stream.read();
        if (next === undefined) {
          chunk = new Uint8Array();
          at = 0;
          const rest = cancelled ? "" : decode(chunk);
          if (!isBlank(rest)) throw new PartialLineError(rest);
          return undefined;
        }
        chunk = next;
        at = 0;
      }
      return undefined;
    },
    cancel() {
      cancelled = true;
      begun = [];
      stream.cancel();
    },
  };
}
