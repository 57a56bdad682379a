/**
 * The errors that a caller may want to catch. The guards test a brand instead of the class, because an npm and a JSR
 * copy of this library can meet in one process.
 *
 * @module
 */

import { GRANT } from "./text.ts";

/** What kind of error it is; the same in every copy of this library. */
export type ErrorKind =
  | "status"
  | "no-answer"
  | "flow-definition"
  | "request-state"
  | "setup"
  | "leadership"
  | "retry-after"
  | "never-retry"
  | "job-aborted";

/** The base of all errors of this library. */
export class CrdWatcherError extends Error {
  /** The brand that the guards test. */
  readonly crdWatcher: ErrorKind;

  /** Makes an error of the given kind. */
  constructor(kind: ErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.crdWatcher = kind;
  }

  /** The name of the class. */
  override get name(): string {
    return this.constructor.name;
  }
}

/** The body of a refusal: `meta/v1 Status`, as far as it is read here. */
export interface Status {
  /** The HTTP status code. */
  readonly code: number;
  /** CamelCase, for machines: `NotFound`, `Conflict`, ... `""` where the server gave none. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
  /** How long the server asks to wait, in milliseconds; at most five minutes, whatever it says. */
  readonly retryAfter?: number;
}

/** RBAC's words for it. What else is forbidden (a quota, a webhook, a namespace that is being deleted) says itself what is wrong. */
const lacksRight = ({ code, message }: Status): boolean => code === 403 && /\bcannot \w+ resource\b/.test(message);

/** The API server refused: what was asked did not happen. */
export class StatusError extends CrdWatcherError {
  /** What the server answered. */
  readonly status: Status;

  /**
   * Says what was tried, what the server said and, where a right is missing, what to do.
   *
   * @param action As in `Cannot patch requeststates "shop/a"`.
   */
  constructor(action: string, status: Status) {
    super("status", `${action}: ${status.message}${lacksRight(status) ? `: ${GRANT}` : ""}`);
    this.status = status;
  }
}

/** No answer came, or none that says what happened: a write may have landed. */
export class NoAnswerError extends CrdWatcherError {
  /** Says what was tried, and what the connection ended with. */
  constructor(action: string, cause: unknown) {
    super("no-answer", `${action}: ${causeText(cause)}`, { cause });
  }
}

/** A flow's definition is wrong. All its faults are listed. */
export class FlowDefinitionError extends CrdWatcherError {
  /** Each fault as a clause of its own. */
  readonly faults: readonly string[];

  /** Names the flow and all that is wrong with it. */
  constructor(flow: string, faults: readonly string[]) {
    super("flow-definition", `Flow "${flow}" is not valid: ${faults.join("; ")}`);
    this.faults = faults;
  }
}

/** A RequestState cannot be driven: its content breaks the protocol, or it is not there any more. */
export class RequestStateError extends CrdWatcherError {
  /** Takes a whole sentence that names the request. */
  constructor(message: string) {
    super("request-state", message);
  }
}

/**
 * Thrown by a handler that wants to be called again: a poll that has found nothing yet, a service that asks to come back. It is not
 * counted as a failure; only the deadline of the flow ends it.
 *
 * @example
 * ```ts
 * import { RetryAfterError } from "crd-watcher";
 *
 * const poll = async () => {
 *   throw new RetryAfterError(60_000, "the report is not ready yet");
 * };
 * ```
 */
export class RetryAfterError extends CrdWatcherError {
  /** Milliseconds from the report of this attempt to the next one. */
  readonly retryAfter: number;

  /**
   * Says when, and why.
   *
   * @param ms Milliseconds until the next attempt.
   * @throws {RangeError} When they are negative, no number, or more than 68 years.
   */
  constructor(ms: number, message = `It asks to be tried again in ${ms / 1_000} s`, options?: ErrorOptions) {
    if (!(ms >= 0 && ms <= (2 ** 31 - 1) * 1_000)) {
      throw new RangeError(`Cannot retry after ${ms} ms, expected milliseconds from 0`);
    }
    super("retry-after", message, options);
    this.retryAfter = ms;
  }
}

/** Thrown by a handler that need not be called again: what it was given will not get better. */
export class NeverRetryError extends CrdWatcherError {
  /** Says why, for people. */
  constructor(message: string, options?: ErrorOptions) {
    super("never-retry", message, options);
  }
}

/** What surrounds the program is not as it must be: a kubeconfig, a permission, a client library. */
export class SetupError extends CrdWatcherError {
  /** Takes a whole sentence that names the remedy. */
  constructor(message: string, options?: ErrorOptions) {
    super("setup", message, options);
  }
}

/** The brand; what is looked at may throw. */
function kindOf(error: unknown): ErrorKind | undefined {
  try {
    return error instanceof Error ? (error as Partial<CrdWatcherError>).crdWatcher : undefined;
  } catch {
    return undefined;
  }
}

/** Whether this library made the error, so that its message can stand alone. */
export const isCrdWatcherError = (error: unknown): error is CrdWatcherError => kindOf(error) !== undefined;
/** Whether the API server refused. */
export const isStatus = (error: unknown): error is StatusError =>
  kindOf(error) === "status" && holdsStatus(read(error, "status"));
/** Whether no definite answer came, so that a write may have landed. */
export const isNoAnswer = (error: unknown): error is NoAnswerError => kindOf(error) === "no-answer";
/** 404: the object, its namespace, or its resource is not there. */
export const isNotFound = (error: unknown): error is StatusError => isStatus(error) && error.status.code === 404;
/**
 * 404, and it is the API server that says so: the object or its namespace is not there. A 404 without that says only that nobody
 * knew the path who was asked: something in between, or a server that does not serve the resource now.
 */
export const isAbsent = (error: unknown): error is StatusError => isNotFound(error) && error.status.reason === "NotFound";
/** 409, reason Conflict: the object has moved on since it was read. */
export const isConflict = (error: unknown): error is StatusError => isStatus(error) && error.status.reason === "Conflict";
/** 409, reason AlreadyExists. */
export const isAlreadyExists = (error: unknown): error is StatusError =>
  isStatus(error) && error.status.reason === "AlreadyExists";
/** 410, reason Expired or, from older servers, Gone: the resourceVersion is too old to go on from. */
export const isExpired = (error: unknown): error is StatusError =>
  isStatus(error) && (error.status.code === 410 || /^(Expired|Gone)$/.test(error.status.reason));
/** A handler wants to be called again, in so many milliseconds; undefined where it was another error. */
export function retryAfterOf(error: unknown): number | undefined {
  const ms = kindOf(error) === "retry-after" ? read(error, "retryAfter") : undefined;
  return typeof ms === "number" && ms >= 0 ? ms : undefined;
}
/** A handler need not be called again. */
export const isNeverRetry = (error: unknown): error is NeverRetryError => kindOf(error) === "never-retry";
/** 401 or 403: other credentials or other rights are needed. */
export const isDenied = (error: unknown): error is StatusError =>
  isStatus(error) && (error.status.code === 401 || error.status.code === 403);

function holdsStatus(status: unknown): boolean {
  return typeof read(status, "code") === "number" && typeof read(status, "reason") === "string" &&
    typeof read(status, "message") === "string";
}

/** One link of a chain of causes, as far as it can be read: what is no text, or throws when it is looked at, is absent. */
export interface Cause {
  /** As in `TypeError`. */
  readonly name?: string;
  /** For people; never empty. */
  readonly message?: string;
  /** As in `ECONNREFUSED`. */
  readonly code?: string;
}

/**
 * What was thrown and what caused it, outermost first, at most eight of them. Anything may be thrown, even what throws when
 * it is looked at: a getter, a Proxy. This never throws.
 */
export function causesOf(thrown: unknown): Cause[] {
  const causes: Cause[] = [];
  for (let at = thrown; causes.length < 8 && (causes.length === 0 || at !== undefined && at !== null);) {
    const text = (member: string) => {
      const value = read(at, member);
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    causes.push({ name: text("name"), message: isComposite(at) ? text("message") : print(at), code: text("code") });
    at = read(at, "cause") ?? read(read(at, "errors"), 0);
  }
  return causes;
}

/** The text of anything that was thrown, as it says itself. Never empty, never throws. */
export function thrownText(thrown: unknown): string {
  const [{ message, code, name } = {}] = causesOf(thrown);
  // The brand of our own errors is nobody's message.
  const isShown = isComposite(thrown) && kindOf(thrown) === undefined;
  return message ?? code ?? (isShown ? jsonOf(thrown) : undefined) ?? name ?? NO_TEXT;
}

/**
 * The innermost message of a chain of causes: `fetch failed` says nothing, `connect ECONNREFUSED 127.0.0.1:1` does. Never
 * empty, never throws.
 */
export function causeText(thrown: unknown): string {
  const told = causesOf(thrown).findLast(({ message, code }) => message !== undefined || code !== undefined);
  return told ? told.message ?? told.code! : thrownText(thrown);
}

/** What an error says itself and, where that does not say it already, what caused it. Never empty, never throws. */
export function wholeText(thrown: unknown): string {
  const [own, innermost] = [thrownText(thrown), causeText(thrown)];
  return own.includes(innermost) ? own : `${own}: ${innermost}`;
}

const NO_TEXT = "something that has no text was thrown";

const isComposite = (value: unknown): value is object =>
  typeof value === "object" && value !== null || typeof value === "function";

function read(value: unknown, member: string | number): unknown {
  try {
    return isComposite(value) ? (value as Record<string | number, unknown>)[member] : undefined;
  } catch {
    return undefined;
  }
}

/** A text that says something, or nothing at all. */
const print = (value: unknown): string | undefined => String(value) || undefined;

/** What is thrown without a message may still say something: `{"status": 503}`. */
function jsonOf(value: object): string | undefined {
  try {
    const text = JSON.stringify(value);
    return text === undefined || text === "{}" || text === "[]" ? undefined : text.slice(0, 500);
  } catch {
    return undefined;
  }
}

// Every entry of the package loads this file: whoever has too old a runtime hears it here, and not from whatever fails first.
if (typeof Promise.withResolvers !== "function") {
  throw new SetupError("crd-watcher needs Node 22.19, Deno 2.5 or a newer one: this runtime has no Promise.withResolvers");
}
