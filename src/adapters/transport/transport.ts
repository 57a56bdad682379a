/**
 * What an adapter has to bring: a way to send one request. Everything above it (paths, paging, watch lines, errors, time
 * limits, the second try with new credentials) is shared, in http.ts.
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
}

/**
 * How long somebody waits for an answer. An `AbortSignal` with its listeners would cost as much as the request; a
 * transport that needs one makes it with `signalOf`.
 */
export interface Lifetime {
  /** Whether the request has been given up. */
  readonly over: boolean;
  /** Calls back once when the request is given up, at once where it has been. Takes the place of the callback before. */
  whenOver(callback: () => void): void;
}

/** A whole answer of success. */
export interface Answer {
  /** The HTTP status code. */
  readonly code: number;
  readonly text: string;
}

/** The body of an answer of success, as it comes. One reader, one read at a time. */
export interface ByteStream {
  /** The HTTP status code. */
  readonly code: number;
  /** The next bytes, or undefined at the end. Rejects when the connection breaks. */
  read(): Promise<Uint8Array | undefined>;
  /** Ends the stream; a read that waits resolves with undefined. */
  cancel(): void;
}

/** Sends requests to one API server with one identity. */
export interface Transport {
  /** The server's URL without a slash at its end, for messages. */
  readonly server: string;
  /** Whose credentials go with each request, for messages, as in `the user "u" in /home/me/.kube/config`. */
  readonly source?: string;
  /** Sends a request and reads the whole answer. @throws {HttpFailure} when the server answered with an HTTP error. */
  text(request: TransportRequest, life: Lifetime): Promise<Answer>;
  /**
   * Sends a request and resolves once its headers came. From then on whoever reads the stream cancels it.
   *
   * @throws {HttpFailure} when the server answered with an HTTP error.
   */
  stream(request: TransportRequest, life: Lifetime): Promise<ByteStream>;
  /** Closes pooled connections. Calls under way have been cut before. */
  close(): Promise<void>;
}

/** What more is known about an HTTP error. */
export interface FailureDetails {
  /** The `Retry-After` header as it came. */
  readonly retryAfter?: string;
  /** The `Location` header as it came. */
  readonly location?: string;
  /** Of a 401: gets other credentials. @returns Whether a second try makes sense. */
  readonly renew?: () => boolean | Promise<boolean>;
}

/** The server answered with an HTTP error. Never leaves the adapters: it becomes a `StatusError` or a `NoAnswerError`. */
export class HttpFailure extends Error {
  /** The HTTP status code. */
  readonly code: number;
  /** The answer as it came: a Status in JSON, plain text, HTML, or nothing. */
  readonly body: string;
  readonly details: FailureDetails;

  constructor(code: number, body: string, details: FailureDetails = {}) {
    super(`HTTP ${code}`);
    this.code = code;
    this.body = body;
    this.details = details;
  }
}

/** An `AbortSignal` that is aborted when nobody waits any more, for clients that take nothing else. */
export function signalOf(life: Lifetime): AbortSignal {
  const controller = new AbortController();
  life.whenOver(() => controller.abort());
  return controller.signal;
}
