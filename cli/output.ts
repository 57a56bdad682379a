import { writeSync } from "node:fs";
import process from "node:process";
import { causeText } from "../src/errors.ts";

/** Where a text goes. */
export type Stream = "stdout" | "stderr";

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

/** There is no reader, and there will be none. */
const GONE: ReadonlySet<unknown> = new Set(["EPIPE", "ECONNRESET", "EBADF"]);

/** How long text is gathered after a write, in milliseconds: soon enough for an eye, and few writes of a busy worker. */
const GATHER = 40;
/** How much waits for a reader that does not read, in characters; what comes on top is left out. */
const LIMIT = 16 * 2 ** 20;
/** How often it is looked whether the reader reads again, in milliseconds. */
const PAUSE = 10;
/** How long the end of the process may take when nobody reads, in milliseconds. */
const PATIENCE = 1_000;

/** Texts on their way out, in order; neighbours of one stream are one. */
const waiting: { readonly stream: Stream; text: string; bytes?: Uint8Array }[] = [];
let length = 0; // of all texts
let leftOut = 0; // texts that were too much
let tellLoss = (sentence: string): void => write("stderr", `${sentence}\n`);
let due = false; // a flush is on its way
let lastFlush = -Infinity;
const closed = new Set<Stream>();
const lost = new Map<Stream, string>(); // why
const whenClosed: ((stream: Stream) => void)[] = [];
const whenEmpty: (() => void)[] = [];

/**
 * Writes text: at once where nothing was written lately, else together with all that comes within 40 ms. A write of its own for
 * each line of a busy worker costs 5 % of its time.
 *
 * The order is kept across both streams. A reader that is slow is waited for without holding up the program. What waits when
 * the process exits is written then, however it exits.
 */
export function write(stream: Stream, text: string): void {
  if (closed.has(stream)) return;
  if (length > LIMIT) return void leftOut++;
  const last = waiting.at(-1);
  if (last?.stream === stream && !last.bytes) last.text += text;
  else waiting.push({ stream, text });
  length += text.length;
  if (due) return;
  due = true;
  const early = lastFlush + GATHER - performance.now();
  if (early > 0) setTimeout(flush, early);
  else setImmediate(flush);
}

/** Writes what waits, now. Resolves when everything is written, or nobody is there to read it. */
export function written(): Promise<void> {
  return writeWaiting() ? Promise.resolve() : new Promise((resolve) => whenEmpty.push(resolve));
}

/** Has what was left out told in another form. */
export const onLeftOut = (tell: (sentence: string) => void): void => void (tellLoss = tell);

/** Why something that was written to a stream is lost, as the last time; undefined where nothing is. */
export const lossOf = (stream: Stream): string | undefined => lost.get(stream);

/** Calls back when the reader of a stream has gone; what is written to it then is dropped. */
export function onClosed(callback: (stream: Stream) => void): void {
  whenClosed.push(callback);
}

function flush(): void {
  lastFlush = performance.now();
  due = !writeWaiting();
  if (due) setTimeout(flush, PAUSE);
}

/** Writes as much as is taken. @returns Whether that was all. */
function writeWaiting(): boolean {
  for (let first = waiting[0]; first; first = waiting[0]) {
    // Node makes a pipe one that does not block when the stream is first looked at; Deno's writes wait for the reader.
    void process[first.stream];
    try {
      const bytes = first.bytes ??= new TextEncoder().encode(first.text);
      const count = writeSync(DESCRIPTORS[first.stream], bytes);
      if (count < bytes.length) {
        first.bytes = bytes.subarray(count);
        continue;
      }
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === "EAGAIN") return false;
      // What a full disk does not take is lost; the next text may find room.
      if (GONE.has(code)) close(first.stream);
      else lost.set(first.stream, causeText(error));
    }
    if (waiting[0] === first) {
      waiting.shift();
      length -= first.text.length;
    }
  }
  if (leftOut > 0) {
    const text = `${leftOut} writes were left out, because nobody read`;
    leftOut = 0;
    tellLoss(text);
  }
  for (const resolve of whenEmpty.splice(0)) resolve();
  return waiting.length === 0;
}

function close(stream: Stream): void {
  if (closed.has(stream)) return;
  closed.add(stream);
  for (const callback of whenClosed) callback(stream);
}

process.on("exit", () => {
  for (let waited = 0; !writeWaiting() && waited < PATIENCE; waited += PAUSE) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
  }
});
