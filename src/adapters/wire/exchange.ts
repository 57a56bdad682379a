/**
 * How the answers of a connection become what the shared layer reads: a whole text, or a stream of bytes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { AnswerHead } from "./answer-parser.ts";
import type { Channel, Exchange } from "./channel.ts";
import { type BodyStream, createBodyStream } from "../transport/body-stream.ts";
import { decodeBody, decodeStream } from "../transport/coding.ts";
import { type Answer, type ByteStream, HttpFailure, type Lifetime } from "../transport/transport.ts";

/** What is sent, and for whom. */
export interface Question {
  /** The request as it goes out. */
  readonly bytes: string;
  readonly repeatable: boolean;
  readonly life: Lifetime;
}

/** A whole answer may be this large, in bytes. Lists come in pages; a text of JavaScript holds half a gigabyte. */
const LARGEST = 2 ** 28;

/** An exchange that reads the whole answer. Failures of HTTP reject as such. */
export function textExchange(question: Question, resolve: (answer: Answer) => void, reject: (error: unknown) => void): Exchange {
  let head: AnswerHead | undefined;
  let channel: Channel | undefined;
  let size = 0;
  const chunks: Buffer[] = [];

  const exchange: Exchange = {
    ...question,
    begin: (on) => channel = on,
    head: (begun) => head = begun,
    data(bytes) {
      size += bytes.length;
      if (size > LARGEST) {
        reject(new Error(`the answer is larger than ${LARGEST / 2 ** 20} MiB`));
        return channel?.cancel(exchange);
      }
      chunks.push(bytes);
    },
    end() {
      const { code, headers } = head!;
      const coding = headers.get("content-encoding");
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      if (coding !== undefined) decodeBody(body, coding).then((plain) => finish(code, headers, textOf(plain)), reject);
      else finish(code, headers, body.toString());
    },
    fail: reject,
  };
  function finish(code: number, headers: AnswerHead["headers"], text: string): void {
    if (code < 300) return resolve({ code, text });
    reject(new HttpFailure(code, text, { retryAfter: headers.get("retry-after"), location: headers.get("location") }));
  }
  return exchange;
}

/** An exchange whose answer is read as it comes. Failures of HTTP reject as such, with their whole body. */
export function streamExchange(
  question: Question,
  resolve: (stream: ByteStream | Promise<ByteStream>) => void,
  reject: (error: unknown) => void,
): Exchange {
  const failure = textExchange(question, () => {}, reject);
  let channel: Channel | undefined;
  let body: BodyStream | undefined;
  const exchange: Exchange = {
    ...question,
    begin(on) {
      failure.begin(channel = on);
    },
    head(head) {
      if (head.code >= 300) return failure.head(head);
      body = createBodyStream(head.code, channel!, () => channel!.cancel(exchange));
      resolve(decodeStream(body, head.headers.get("content-encoding")));
    },
    data: (bytes) => (body ?? failure).data(bytes),
    end: (reusable) => (body ?? failure).end(reusable),
    fail: (error) => (body ?? failure).fail(error),
  };
  return exchange;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
