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
  /** The next line that is not blank, or undefined at the end. @throws {PartialLineError} */
  next(): Promise<string | undefined>;
  /** Ends the stream and a read that waits. */
  cancel(): void;
}

/**
 * Splits a stream of UTF-8 at line feeds, and at nothing else: U+2028 may stand raw inside a JSON string.
 *
 * @param stream Is locked from now on, and must be read to its end or cancelled.
 */
export function readLines(stream: ReadableStream<Uint8Array>): LineReader {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let lines: string[] = [];
  let at = 0;
  let rest = "";
  let cancelled = false;
  return {
    async next() {
      while (true) {
        while (at < lines.length) {
          const line = lines[at++]!;
          if (line.trim() !== "") return line;
        }
        const { done, value } = await reader.read();
        if (cancelled) return undefined;
        const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
        if (done) {
          const left = rest + text;
          rest = "";
          if (left.trim() !== "") throw new PartialLineError(left);
          return undefined;
        }
        lines = text.split("\n");
        lines[0] = rest + lines[0]!;
        rest = lines.pop()!;
        at = 0;
      }
    },
    cancel() {
      cancelled = true;
      lines = [];
      // A stream that is broken already rejects here with what the reader has been told, too.
      reader.cancel().catch(() => {});
    },
  };
}
