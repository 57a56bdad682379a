/**
 * `admission.k8s.io AdmissionReview`: what a webhook is sent, and what it answers.
 *
 * @module
 */
import { isObject, type JsonObject } from "../types/json.ts";
import { quote } from "../types/quote.ts";
import { Refusal } from "../types/status.ts";
import type { AdmissionReview } from "../types/webhook.ts";
import { keep, kindTextOf, readReview, ReviewError, type ReviewForm, statusShape, struct, text } from "./read-review.ts";

/** Versions that are spoken, the one that is preferred first. */
export const reviewVersions: readonly string[] = ["v1", "v1beta1"];

const group = "admission.k8s.io";

/** A webhook did not answer, or not as it should. */
export class CallError extends Error {}

/** What a webhook says of a write. */
export interface Verdict {
  readonly allowed: boolean;
  readonly status: JsonObject;
  /** The text of a JSON patch. */
  readonly patch: string | undefined;
  /** Of the patch. */
  readonly patchType: string;
  readonly warnings: readonly string[];
}

const response = struct(
  "AdmissionResponse",
  keep("uid", { type: "string", named: "types.UID" }),
  keep("allowed", { type: "bool" }),
  keep("status", statusShape),
  keep("patch", { type: "bytes" }),
  keep("patchType", { type: "string", named: "v1.PatchType" }),
  keep("auditAnnotations", { type: "map", of: text }),
  keep("warnings", { type: "list", of: text }),
);
const shape = struct("AdmissionReview", keep("request", { type: "any" }), keep("response", response));

/** What is sent. Pure. */
export const reviewOf = (version: string, request: AdmissionReview["request"]): AdmissionReview => ({
  kind: "AdmissionReview",
  apiVersion: `${group}/${version}`,
  request,
});

const form: ReviewForm = { group, kind: "AdmissionReview", versions: reviewVersions, shape };

/** The object in an answer. @throws {CallError} */
function decoded(answer: unknown, version: string): JsonObject {
  try {
    return readReview(answer, version, form);
  } catch (error) {
    throw error instanceof ReviewError ? new CallError(`failed to call webhook: ${error.message}`) : error;
  }
}

/**
 * Reads an answer.
 *
 * @param answer An object, or a text of JSON, or of YAML where that is loaded.
 * @param uid Of the request.
 * @throws {CallError} In the words of the genuine server.
 */
export function verdictOf(answer: unknown, version: string, uid: string, isMutating: boolean): Verdict {
  const { apiVersion, kind, response } = decoded(answer, version);
  const refuse = (why: string) => new CallError(`received invalid webhook response: ${why}`);
  if (!isObject(response)) throw refuse("webhook response was absent");
  if (version === "v1") {
    const expected = `${group}/v1, Kind=AdmissionReview`;
    const got = kindTextOf({ apiVersion: apiVersion ?? "", kind: kind ?? "" });
    if (got !== expected) throw refuse(`expected webhook response of ${expected}, got ${got}`);
    if ((response.uid ?? "") !== uid) {
      throw refuse(`expected response.uid=${quote(uid)}, got ${quote(String(response.uid ?? ""))}`);
    }
  }
  const patch = typeof response.patch === "string" && response.patch !== "" ? decodeText(response.patch) : undefined;
  const type = response.patchType === undefined || response.patchType === "" ? undefined : String(response.patchType);
  if (!isMutating && patch !== undefined) throw refuse("validating webhook may not return response.patch");
  if (!isMutating && type !== undefined) throw refuse("validating webhook may not return response.patchType");
  if (version === "v1" && isMutating) {
    if (patch !== undefined && type === undefined) throw refuse("webhook returned response.patch but not response.patchType");
    if (patch === undefined && type !== undefined) throw refuse("webhook returned response.patchType but not response.patch");
  }
  return {
    allowed: response.allowed === true,
    status: isObject(response.status) ? response.status : {},
    patch,
    patchType: type ?? "JSONPatch",
    warnings: Array.isArray(response.warnings) ? response.warnings.map(String) : [],
  };
}

const decodeText = (base64: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));

const firstRefusal = 400;

/** What a client is told whose write a webhook has denied. Pure. */
export function denialOf(webhook: string, { status: given }: Verdict): Refusal {
  const { message, reason, code, details, metadata } = given;
  const denied = `admission webhook ${quote(webhook)} denied the request`;
  const why = message || reason;
  return new Refusal(
    Math.max(typeof code === "number" ? code : 0, firstRefusal),
    typeof reason === "string" ? reason : "",
    why ? `${denied}: ${why}` : `${denied} without explanation`,
    {
      ...(isObject(details) ? { details } : {}),
      ...(isObject(metadata) ? { metadata } : {}),
      ...(typeof given.status === "string" && !["", "Success"].includes(given.status) ? { outcome: given.status } : {}),
    },
  );
}
