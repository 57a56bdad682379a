/**
 * How the answers of a connection become what the shared layer reads: a whole text, or a stream of bytes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { AnswerHead } from "./answer-parser.ts";
import type { Channel, Exchange } from "./channel.ts";
import { type BodyStream, createBodyStream } from "../transport/body-stream.ts";
import { decodeBody, decodeStream, LARGEST, tooLarge } from "../transport/coding.ts";
import { type Answer, type ByteStream, HttpFailure, type Lifetime } from "../transport/transport.ts";

/** What is sent, and for whom. */
export interface Question {
  /** The request as it goes out. */
  readonly bytes: string;
  readonly repeatable: boolean;
  readonly life: Lifetime;
}

/** An exchange that reads the whole answer. Failures of HTTP reject as such. A class, because there is one for each call. */
class TextExchange implements Exchange {
  readonly bytes: string;
  repeatable: boolean;
  readonly life: Lifetime;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #head: AnswerHead | undefined;
  #channel: Channel | undefined;

  constructor({ bytes, repeatable, life }: Question, resolve: (answer: Answer) => void, reject: (error: unknown) => void) {
    this.bytes = bytes;
    this.repeatable = repeatable;
    this.life = life;
    this.#resolve = resolve;
    this.#reject = reject;
  }
  begin(channel: Channel): void {
    this.#channel = channel;
  }
  head(head: AnswerHead): void {
    this.#head = head;
  }
  data(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#size > LARGEST) {
      this.#reject(tooLarge(LARGEST));
      this.#channel?.cancel(this);
      return;
    }
    this.#chunks.push(bytes);
  }
  end(): void {
    const coding = this.#head!.headers.get("content-encoding");
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    if (coding === undefined) this.#finish(body.toString());
    else decodeBody(body, coding, LARGEST).then((plain) => this.#finish(textOf(plain)), this.#reject);
  }
  fail(error: Error): void {
    this.#reject(error);
  }

  #finish(text: string): void {
    const { code, headers } = this.#head!;
    if (code < 300) return this.#resolve({ code, text });
    this.#reject(new HttpFailure(code, text, { retryAfter: headers.get("retry-after"), location: headers.get("location") }));
  }
}

/** Makes one. */
export const textExchange = (
  question: Question,
  resolve: (answer: Answer) => void,
  reject: (error: unknown) => void,
): Exchange => new TextExchange(question, resolve, reject);

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
      // What nobody can read is not read on: the connection would stay open for as long as the server speaks.
      resolve(
        decodeStream(body, head.headers.get("content-encoding")).catch((error) => {
          channel!.cancel(exchange);
          throw error;
        }),
      );
    },
    data: (bytes) => (body ?? failure).data(bytes),
    end: (reusable) => (body ?? failure).end(reusable),
    fail: (error) => (body ?? failure).fail(error),
  };
  return exchange;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
