/**
 * What an adapter has to bring: a way to send one request. Everything above it (paths, paging, watch lines, errors, time
 * limits) is shared, in http.ts.
 *
 * @module
 */

/** One request to the API server. */
export interface TransportRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Begins with a slash and holds the query. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  /** The media type of `body`. */
  readonly contentType?: string;
  /** The media types that are asked for. @default {"application/json"} */
  readonly accept?: string;
  /** Ends the request, its body included. */
  readonly signal: AbortSignal;
}

/** Sends requests to one API server with one identity. */
export interface Transport {
  /** The server's URL, for messages. */
  readonly server: string;
  /** Sends a request and reads the whole answer. @throws {HttpFailure} when the server answered with an HTTP error. */
  text(request: TransportRequest): Promise<string>;
  /** Sends a request and resolves once its headers came. @throws {HttpFailure} when the server answered with an HTTP error. */
  stream(request: TransportRequest): Promise<ReadableStream<Uint8Array>>;
  /** Closes pooled connections. Calls under way have been cut before. */
  close(): Promise<void>;
}

/** The server answered with an HTTP error. Never leaves the adapters: it becomes a `StatusError` or a `NoAnswerError`. */
export class HttpFailure extends Error {
  /** The HTTP status code. */
  readonly code: number;
  /** The answer as it came: a Status in JSON, plain text, HTML, or nothing. */
  readonly body: string;
  /** The `Retry-After` header as it came. */
  readonly retryAfter: string | undefined;

  constructor(code: number, body: string, retryAfter?: string) {
    super(`HTTP ${code}`);
    this.code = code;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}
