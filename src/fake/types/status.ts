/**
 * Refusals of the API server: `meta/v1 Status` bodies, in the words of
 * `k8s.io/apimachinery/pkg/api/errors`.
 *
 * @module
 */
import { quote } from "./quote.ts";
import type { FieldError } from "./field-error.ts";
import type { JsonObject } from "./json.ts";

/** What a refusal names: a group and a plural, or a kind where the server says the kind. */
export interface Subject {
  readonly group: string;
  readonly plural: string;
}

/** Ends the handling of a request with a Status, or with a plain text where `text` is given. */
export class Refusal extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: JsonObject | undefined;
  readonly text: string | undefined;
  /** The `metadata` of the Status: a list that expired carries a continue token there. */
  readonly metadata: JsonObject;
  /**
   * How it is printed, where not as the request asks: in lines, before that is clear; a text alone, without the server's headers, before the
   * server itself is asked.
   */
  readonly form: "lines" | "bare" | undefined;
  /** The `status` of the Status. */
  readonly outcome: string;

  constructor(
    code: number,
    reason: string,
    message: string,
    options: {
      readonly details?: JsonObject;
      readonly text?: string;
      readonly metadata?: JsonObject;
      readonly form?: "lines" | "bare";
      readonly outcome?: string;
    } = {},
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = options.details;
    this.text = options.text;
    this.metadata = options.metadata ?? {};
    this.form = options.form;
    this.outcome = options.outcome ?? "Failure";
  }

  /** The body. */
  get status(): JsonObject {
    const status: JsonObject = {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.metadata,
      status: this.outcome,
      message: this.message,
    };
    if (this.reason !== "") status.reason = this.reason;
    if (this.details !== undefined) status.details = this.details;
    status.code = this.code;
    return status;
  }
}

/** `foos.example.com`, or `pods` in the core group. Pure. */
export const qualified = (subject: Subject): string =>
  subject.group === "" ? subject.plural : `${subject.plural}.${subject.group}`;

const detailsOf = (subject: Subject, name: string, more: JsonObject = {}): JsonObject => {
  const details: JsonObject = {};
  if (name !== "") details.name = name;
  if (subject.group !== "") details.group = subject.group;
  details.kind = subject.plural;
  return Object.assign(details, more);
};

/** 404 for an object. */
export const notFound = (subject: Subject, name: string): Refusal =>
  new Refusal(404, "NotFound", `${qualified(subject)} ${quote(name)} not found`, { details: detailsOf(subject, name) });

/** 404 for a path below a built-in group. */
export const noSuchResource = (): Refusal =>
  new Refusal(404, "NotFound", "the server could not find the requested resource", { details: {} });

/** 404 for any other path: a plain text. */
export const noSuchPath = (): Refusal => new Refusal(404, "NotFound", "", { text: "404 page not found\n" });

/** 409 for a name that is taken. */
export const alreadyExists = (
  subject: Subject,
  name: string,
  options: { terminating?: boolean; generated?: boolean } = {},
): Refusal => {
  const message = `${options.terminating ? "object is being deleted: " : ""}${qualified(subject)} ${quote(name)} already exists`;
  if (!options.generated) return new Refusal(409, "AlreadyExists", message, { details: detailsOf(subject, name) });
  return new Refusal(409, "AlreadyExists", `${message}, the server was not able to generate a unique name for the object`, {
    details: detailsOf(subject, name, { retryAfterSeconds: 1 }),
  });
};

/** 409: the object is not as the caller believed. */
export const conflict = (subject: Subject, name: string, why: string): Refusal =>
  new Refusal(409, "Conflict", `Operation cannot be fulfilled on ${qualified(subject)} ${quote(name)}: ${why}`, {
    details: detailsOf(subject, name),
  });

/** 409: the resourceVersion is not the current one. */
export const modified = (subject: Subject, name: string): Refusal =>
  conflict(subject, name, "the object has been modified; please apply your changes to the latest version and try again");

/** 400. */
export const badRequest = (message: string): Refusal => new Refusal(400, "BadRequest", message);

/** 500 without a reason: what a plain Go error becomes. */
export const plainError = (message: string): Refusal => new Refusal(500, "", message);

/** 500 with a reason. */
export const internalError = (message: string): Refusal =>
  new Refusal(500, "InternalError", `Internal error occurred: ${message}`, { details: { causes: [{ message }] } });

/** 403 by the server's own rules, not by authorization. */
export const forbiddenBecause = (subject: Subject, name: string, why: string, more: JsonObject = {}): Refusal =>
  new Refusal(403, "Forbidden", `${qualified(subject)}${name === "" ? "" : ` ${quote(name)}`} is forbidden: ${why}`, {
    details: detailsOf(subject, name, more),
  });

/** What somebody may not do, in the words of authorization. */
export interface Withheld {
  readonly verb: string;
  readonly group?: string | undefined;
  readonly resource?: string | undefined;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** 403: somebody may not do something. Pure. @param reason What else is known of that. */
export function mayNot(user: string, withheld: Withheld, reason?: string): Refusal {
  const { verb, group = "", resource = "", subresource, namespace, name = "" } = withheld;
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace !== undefined ? `in the namespace ${quote(namespace)}` : "at the cluster scope";
  const why = `User ${quote(user)} cannot ${verb} resource ${quote(whole)} in API group ${quote(group)} ${where}`;
  return forbiddenBecause({ group, plural: resource }, name, reason === undefined ? why : `${why}: ${reason}`);
}

/** 405. */
export const methodNotAllowed = (): Refusal =>
  new Refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", { details: {} });

/** 405 for a custom resource. */
export const notSupportedOn = (subject: Subject, verb: string): Refusal =>
  new Refusal(405, "MethodNotAllowed", `${verb} is not supported on resources of kind "${qualified(subject)}"`, {
    details: detailsOf(subject, ""),
  });

/** 422. Equal errors are said once in the message and listed each in the causes, as the genuine server does. */
export const unprocessable = (kind: Subject, name: string, errors: readonly FieldError[]): Refusal => {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.text}`))];
  const what = kind.plural === "" && kind.group === "" ? "" : qualified(kind);
  const details: JsonObject = {};
  if (name !== "") details.name = name;
  if (kind.group !== "") details.group = kind.group;
  if (kind.plural !== "") details.kind = kind.plural;
  details.causes = errors.map((error) => ({
    reason: error.reason === "InternalError" ? error.reason : `FieldValue${error.reason}`,
    message: error.text,
    field: error.field,
  }));
  return new Refusal(
    422,
    "Invalid",
    `${what} ${quote(name)} is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`}`,
    {
      details,
    },
  );
};

/** 410: the version to go on from is gone. */
export const expired = (message: string, metadata?: JsonObject): Refusal => new Refusal(410, "Expired", message, { metadata });

/** 429: what the server remembers of a resource is not there yet. */
export const notRemembered = (why: string): Refusal =>
  new Refusal(429, "TooManyRequests", `storage is (re)initializing: ${why}`, { details: { retryAfterSeconds: 1 } });

/** 504: the version asked for is not reached yet. */
export const tooLargeVersion = (asked: string, current: string): Refusal =>
  new Refusal(504, "Timeout", `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });

/** 501: this fake cannot do what the genuine server would. */
export const notImplemented = (what: string): Refusal =>
  new Refusal(501, "NotImplemented", `the fake API server does not implement ${what}`, { details: {} });
