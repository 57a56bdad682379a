import type { ByteStream } from "./transport.ts";

/** A stream and its other side. */
export interface BodyStream extends ByteStream {
  /** Bytes have come. */
  data(bytes: Uint8Array): void;
  /** That was all. */
  end(): void;
  /** No more will come. What came before is read first. */
  fail(error: Error): void;
}

/** Where the bytes come from. */
export interface Source {
  pause(): void;
  resume(): void;
}

/** So much is read ahead, in bytes, before the source has to wait for the reader. */
const AHEAD = 2 ** 16;

/**
 * Makes a stream of what a source pushes, and holds the source back while nobody reads.
 *
 * @param cancel Ends the source before its time.
 */
export function createBodyStream(code: number, source: Source, cancel: () => void): BodyStream {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let paused = false;
  let over = false;
  let broken: Error | undefined;
  let reader: { resolve(bytes: Uint8Array | undefined): void; reject(error: Error): void } | undefined;

  const settle = () => {
    over = true;
    if (broken) reader?.reject(broken);
    else reader?.resolve(undefined);
    reader = undefined;
  };
  return {
    code,
    data(bytes) {
      if (over) return;
      if (reader) {
        reader.resolve(bytes);
        reader = undefined;
        return;
      }
      chunks.push(bytes);
      size += bytes.length;
      if (size < AHEAD || paused) return;
      paused = true;
      source.pause();
    },
    end: settle,
    fail(error) {
      broken = error;
      settle();
    },
    read() {
      const next = chunks.shift();
      if (next) {
        size -= next.length;
        if (paused && size < AHEAD) {
          paused = false;
          source.resume();
        }
        return Promise.resolve(next);
      }
      if (broken) return Promise.reject(broken);
      if (over) return Promise.resolve(undefined);
      return new Promise((resolve, reject) => reader = { resolve, reject });
    },
    cancel() {
      if (!over) cancel();
      chunks.length = 0;
      broken = undefined;
      settle();
    },
  };
}
