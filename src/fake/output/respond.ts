/**
 * From what a handler says to a Response.
 *
 * @module
 */
import type { ScalarTag } from "yaml";
import { goNumber } from "../types/go-value.ts";
import { encode, encodeList, isObject } from "../types/json.ts";
import type { Output } from "./negotiate.ts";
import type { Refusal } from "../types/status.ts";
import { warningHeaders } from "./warnings.ts";
import { withText } from "./wire.ts";
import { yaml } from "./yaml.ts";

const common = { "cache-control": "no-cache, private" };

function headersOf(contentType: string, warnings: readonly string[], more: Readonly<Record<string, string>>): HeadersInit {
  if (warnings.length === 0) return { ...common, "content-type": contentType, ...more };
  const headers = new Headers({ ...common, "content-type": contentType, ...more });
  for (const value of warningHeaders(warnings)) headers.append("warning", value);
  return headers;
}

/** What Go reads as no integer of 64 bits, it prints with an exponent. */
const float: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  identify: (value) =>
    typeof value === "number" && !Number.isSafeInteger(value) && !(Number.isInteger(value) && value > 0 && value < 2 ** 64),
  resolve: Number,
  stringify: ({ value }) => goNumber(value as number),
};

/** An object as text. Pure. */
export function print(object: unknown, output: Output): string {
  if (output.format === "yaml") {
    return yaml().stringify(object, {
      sortMapEntries: true,
      indentSeq: false,
      version: "1.1",
      lineWidth: 0,
      defaultKeyType: "PLAIN",
      customTags: (tags) => [float, ...tags],
    });
  }
  return output.pretty ? encode(object, 2) : `${isObject(object) ? encodeList(object) : encode(object)}\n`;
}

/** Answers with an object. */
export function objectResponse(
  code: number,
  object: unknown,
  output: Output,
  options: { readonly warnings?: readonly string[]; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const type = output.format === "yaml" ? "application/yaml" : "application/json";
  const text = print(object, output);
  const headers = headersOf(type, options.warnings ?? [], options.headers ?? {});
  return withText(new Response(text, { status: code, headers }), text);
}

/** Answers with a text. */
export function textResponse(code: number, text: string): Response {
  return new Response(text, {
    status: code,
    headers: headersOf("text/plain; charset=utf-8", [], { "x-content-type-options": "nosniff" }),
  });
}

/** Answers with a refusal. */
export function refusalResponse(refusal: Refusal, output: Output, warnings: readonly string[]): Response {
  if (refusal.text !== undefined) return textResponse(refusal.code, refusal.text);
  const retry = refusal.details?.retryAfterSeconds;
  const headers: Record<string, string> = typeof retry === "number" ? { "retry-after": String(retry) } : {};
  const form: Output = refusal.form === undefined ? output : { format: "json", pretty: true };
  return objectResponse(refusal.code, refusal.status, form, { warnings, headers });
}

/** Whether an answer is a stream, to be passed on piece by piece. */
export const isStream = ({ headers }: Response): boolean => headers.get("transfer-encoding") === "chunked";

/** Answers with a stream; the header tells the mounts, as it tells clients of the genuine server. */
export function streamResponse(stream: ReadableStream<Uint8Array>, contentType: string, warnings: readonly string[]): Response {
  return new Response(stream, { status: 200, headers: headersOf(contentType, warnings, { "transfer-encoding": "chunked" }) });
}
