/**
 * `admission.k8s.io AdmissionReview`: what a webhook is sent, and what it answers.
 *
 * @module
 */
import { checkTypeMeta, readBody, typeMetaText } from "../http/body.ts";
import { JsonSyntaxError, parseJson } from "../http/parse.ts";
import { decodeShape, type Field, goKindOf, type Shape, ShapeError, type Struct } from "../types/shape.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { quote } from "../types/quote.ts";
import { Refusal } from "../types/status.ts";
import type { AdmissionReview } from "../types/webhook.ts";

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

const struct = (name: string, ...fields: Field[]): Struct => ({ type: "struct", name, fields });
const keep = (name: string, shape: Shape): Field => ({ name, shape, empty: "keep" });
const text: Shape = { type: "string" };
const texts: Shape = { type: "map", of: text };
const status = struct(
  "v1.Status",
  keep("metadata", { type: "any" }),
  keep("status", text),
  keep("message", text),
  keep("reason", { type: "string", named: "v1.StatusReason" }),
  keep("details", { type: "any" }),
  keep("code", { type: "int32" }),
);
const response = struct(
  "AdmissionResponse",
  keep("uid", { type: "string", named: "types.UID" }),
  keep("allowed", { type: "bool" }),
  keep("status", status),
  keep("patch", { type: "bytes" }),
  keep("patchType", { type: "string", named: "v1.PatchType" }),
  keep("auditAnnotations", texts),
  keep("warnings", { type: "list", of: text }),
);
const shape = struct("AdmissionReview", keep("request", { type: "any" }), keep("response", response));

/** What is sent. Pure. */
export const reviewOf = (version: string, request: AdmissionReview["request"]): AdmissionReview => ({
  kind: "AdmissionReview",
  apiVersion: `${group}/${version}`,
  request,
});

/** Whether a text is read as JSON, and not as YAML. Pure. */
export const isJson = (text: string): boolean => text.trimStart().startsWith("{");

/** @throws {JsonSyntaxError} */
function readText(text: string): Json {
  if (!isJson(text)) return readBody(new TextEncoder().encode(text), "application/yaml").value;
  try {
    return parseJson(text).value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new JsonSyntaxError(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

/** The object in an answer. @throws {CallError} */
function decoded(answer: unknown, version: string): JsonObject {
  const failed = (why: string) => new CallError(`failed to call webhook: ${why}`);
  let value: Json = answer as Json;
  try {
    if (typeof answer === "string") value = readText(answer);
    if (value === null || value === undefined) return {};
    if (!isObject(value)) {
      throw failed(
        `couldn't get version/kind; json parse error: json: cannot unmarshal ${
          goKindOf(value)
        } into Go value of type ${typeMetaText}`,
      );
    }
    checkTypeMeta(value);
    const { kind = "", apiVersion = "" } = value;
    const isKnown = apiVersion === "" || reviewVersions.some((each) => apiVersion === `${group}/${each}`);
    if (!isKnown || (kind !== "" && kind !== "AdmissionReview")) {
      throw failed(
        `no kind ${quote(String(kind))} is registered for version ${
          quote(String(apiVersion))
        } in scheme "pkg/runtime/scheme.go:111"`,
      );
    }
    const other = reviewVersions.find((each) => each !== version);
    if (apiVersion === `${group}/${other}`) {
      throw failed(`converting (${other}.AdmissionReview) to (${version}.AdmissionReview): unknown conversion`);
    }
    const found = decodeShape(shape, value).value;
    return { ...found, kind, apiVersion };
  } catch (error) {
    if (error instanceof ShapeError || error instanceof JsonSyntaxError) throw failed(error.message);
    throw error;
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
    const [own, of = ""] = String(apiVersion ?? "").split("/").toReversed();
    const got = `${of}/${own}, Kind=${kind ?? ""}`;
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
