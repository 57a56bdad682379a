/**
 * From the body of an answer to the error it stands for. The source of the shapes: `meta/v1 Status` in
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 *
 * @module
 */
import { type CrdWatcherError, NoAnswerError, SetupError, type Status, StatusError } from "../../errors.ts";
import type { Resource } from "../../ports.ts";
import { versionText } from "./path.ts";
import { limitWait, parseRetryAfter } from "./retry-after.ts";
import type { HttpFailure } from "../transport/transport.ts";

/** What was tried, for messages. */
export interface Action {
  /** As in `Cannot patch requeststates "shop/a"`. */
  readonly text: string;
  readonly resource: Resource;
  /** The server's URL. */
  readonly server: string;
}

/** Reads a `Status` that says Failure. Pure. @returns Undefined for anything else, a `Status` of success included. */
export function failureStatus(value: unknown, httpCode = 500): Status | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, status, code, reason, message, details } = value as Record<string, unknown>;
  if (kind !== "Status" || status !== "Failure") return undefined;
  const seconds = (details as { retryAfterSeconds?: unknown } | null | undefined)?.retryAfterSeconds;
  return {
    code: typeof code === "number" && code > 0 ? code : httpCode,
    reason: typeof reason === "string" ? reason : "",
    message: typeof message === "string" && message !== "" ? message : reason ? `${reason}` : `HTTP ${code ?? httpCode}`,
    ...waiting(typeof seconds === "number" ? limitWait(seconds * 1000) : undefined),
  };
}

/**
 * Parses the body of an answer that was taken for a success. Some clients resolve error bodies too.
 *
 * @throws {StatusError} when it is a `Status` of failure, or the text of one.
 * @throws {NoAnswerError} when it is nothing that an API server sends.
 */
export function parseAnswer(action: Action, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw textFailure(action, text) ?? new NoAnswerError(action.text, new Error(`the answer is not JSON: ${excerpt(text)}`));
  }
  const failure = failureStatus(value);
  if (failure) throw new StatusError(action.text, failure);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new NoAnswerError(action.text, new Error(`the answer is not an object: ${excerpt(text)}`));
  }
  return value as Record<string, unknown>;
}

/** What a person has to see where nothing else tells what is wrong with it. */
export interface Asked {
  /** Where it was asked. */
  readonly url: string;
  /** Whose credentials were sent. */
  readonly source: string | undefined;
  /** A time in milliseconds since the Unix epoch. */
  readonly now: number;
}

/** The error that an HTTP error stands for. Pure. */
export function httpError(action: Action, failure: HttpFailure, { url, source, now }: Asked): CrdWatcherError {
  const { code, body, details } = failure;
  const retryAfter = parseRetryAfter(details.retryAfter, now);
  const status = failureStatus(parseOrUndefined(body), code);
  if (status) {
    const message = code === 401 && source ? `${status.message} with the credentials of ${source}` : status.message;
    return new StatusError(action.text, { ...status, message, ...waiting(retryAfter) });
  }
  const known = textFailure(action, body, retryAfter);
  if (known) return known instanceof StatusError && known.status.code === 404 ? elsewhere(action, known, url) : known;
  const moved = details.location === undefined ? [] : [`it points to ${details.location}`];
  const message = [`HTTP ${code}`, ...moved, excerpt(body)].filter(Boolean).join(": ");
  const asked = code < 400 || code === 404 ? `${url}: ${message}` : message;
  // Without a Status this came from something in between: it does not say what the API server would have, or has, done.
  if (!MEANT_SO.has(code)) return new NoAnswerError(action.text, new Error(asked));
  return new StatusError(action.text, { code, reason: "", message: asked, ...waiting(retryAfter) });
}

/** What is meant as it is said, whoever says it: credentials, rights, the URL, the size and the number of what is sent. */
const MEANT_SO: ReadonlySet<number> = new Set([401, 403, 404, 413, 429]);

/** Where the server's URL has a path, that may be what is wrong. */
function elsewhere(action: Action, error: StatusError, url: string): StatusError {
  if (/^\/apis?\//.test(new URL(url).pathname)) return error;
  return new StatusError(action.text, { ...error.status, message: `${error.status.message} at ${url}` });
}

const waiting = (retryAfter: number | undefined) => retryAfter === undefined ? {} : { retryAfter };

/** The error behind a plain text that an API server answers in some cases; it alone tells, where a client loses the code. */
export function textFailure(
  action: Action,
  text: string,
  retryAfter?: number,
): CrdWatcherError | undefined {
  const line = text.trim();
  if (line === "404 page not found") {
    const message = `the server does not serve ${action.resource.plural} of ${versionText(action.resource)}`;
    return new StatusError(action.text, { code: 404, reason: "", message });
  }
  if (line === "Too many requests, please try again later.") {
    return new StatusError(action.text, { code: 429, reason: "TooManyRequests", message: line, retryAfter: retryAfter ?? 1000 });
  }
  if (line === "Client sent an HTTP request to an HTTPS server.") {
    return new SetupError(`${action.text}: the server at ${action.server} speaks TLS, use https:// in its URL`);
  }
  return undefined;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One line that stands for a body in a message: the title of a page, or how the text begins. Pure. */
export function excerpt(text: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1];
  const plain = (title ?? text.replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ").trim();
  return plain.length > 200 ? `${plain.slice(0, 200)}...` : plain;
}
