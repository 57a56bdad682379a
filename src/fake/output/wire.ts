/**
 * What an answer is only on the wire. Who calls the fake's function is in the place of a caller of `fetch`, which takes
 * compression away; the mounts, which have a wire, ask here.
 *
 * @module
 */

/** How an answer is compressed. */
export interface WireForm {
  /** What each piece of a stream is: a gzip stream of its own, or a part of one that is flushed. */
  readonly each: "member" | "flush";
}

/** Bytes from which the server compresses what is no stream: `k8s.io/apiserver` defaultGzipThresholdBytes. */
const threshold = 128 * 1024;

const forms = new WeakMap<Response, WireForm>();

/** Notes how an answer is to travel. @returns The answer. */
export function sendAs(response: Response, form: WireForm): Response {
  forms.set(response, form);
  return response;
}

/** Whether a client takes gzip, as the server reads its header. Pure. */
export const acceptsGzip = (headers: Headers): boolean =>
  (headers.get("accept-encoding") ?? "").split(",").some((token) => token.trim() === "gzip");

/** How an answer is to travel; nothing: as it is. */
export const wireFormOf = (response: Response): WireForm | undefined => forms.get(response);

/**
 * Whether the server would compress this body. Pure.
 *
 * @param size Bytes.
 */
export const isWorthGzip = ({ headers }: Response, size: number): boolean =>
  size > threshold && /^application\/(?:json|yaml)/.test(headers.get("content-type") ?? "");
