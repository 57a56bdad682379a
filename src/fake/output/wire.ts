/**
 * What an answer is only on the wire. Who calls the fake's function is in the place of a caller of `fetch`, which takes
 * compression away; the mounts, which have a wire, ask here. What they have in their hands already is passed on here, too:
 * reading it from the streams of Request and Response takes as long as many an answer.
 *
 * @module
 */

import { byteLength } from "../types/bytes.ts";
import type { HeaderFields } from "../types/incoming.ts";

/** How an answer is compressed. */
export interface WireForm {
  /** What each piece of a stream is: a gzip stream of its own, or a part of one that is flushed. */
  readonly each: "member" | "flush";
}

const texts = new WeakMap<Response, string>();

/** Notes the whole text of an answer, which a mount then need not read from its stream. @returns The answer. */
export function withText(response: Response, text: string): Response {
  texts.set(response, text);
  return response;
}

/** The text of an answer as it was made; nothing where it is a stream, or was made anew since. */
export const knownText = (response: Response): string | undefined => texts.get(response);

const bodies = new WeakMap<Request, Uint8Array>();

/** Notes the body of a request, which a mount has read already. @returns The request. */
export function withBody(request: Request, body: Uint8Array): Request {
  bodies.set(request, body);
  return request;
}

/** The body of a request, where a mount has read it. */
export const knownBody = (request: Request): Uint8Array | undefined => bodies.get(request);

const targets = new WeakMap<Request, string>();

/** Notes the URL of a request as it came: a `Request` takes the steps of dots out of it. @returns The request. */
export function withTarget(request: Request, href: string): Request {
  targets.set(request, href);
  return request;
}

/** The URL of a request as it came, where a mount has seen it. */
export const knownTarget = (request: Request): string | undefined => targets.get(request);

/** Bytes from which the server compresses what is no stream: `k8s.io/apiserver` defaultGzipThresholdBytes. */
const threshold = 128 * 1024;

const forms = new WeakMap<Response, WireForm>();

/** Notes how an answer is to travel. @returns The answer. */
export function sendAs(response: Response, form: WireForm): Response {
  forms.set(response, form);
  return response;
}

/** Whether a client takes gzip, as the server reads its header. Pure. */
export const acceptsGzip = (headers: HeaderFields): boolean =>
  (headers.get("accept-encoding") ?? "").split(",").some((token) => token.trim() === "gzip");

/** How an answer is to travel; nothing: as it is. */
export const wireFormOf = (response: Response): WireForm | undefined => forms.get(response);

/**
 * Whether the server would compress this body. Pure.
 *
 * @param size Bytes.
 */
export const isWorthGzip = (contentType: string | null, size: number): boolean =>
  size > threshold && /^application\/(?:json|yaml)/.test(contentType ?? "");

/** Whether the server would compress this text. Pure. */
export const isTextWorthGzip = (contentType: string | null, text: string): boolean =>
  // Most are so short that nobody need count.
  text.length * 3 > threshold && isWorthGzip(contentType, text.length > threshold ? text.length : byteLength(text));
