/**
 * From what a handler says to a Response.
 *
 * @module
 */
import type { ScalarTag } from "yaml";
import { goNumber } from "../types/go-value.ts";
import { encode, encodeList, isObject, type JsonObject, textOfStored, textOfWritten } from "../types/json.ts";
import { type Answer, responseOf } from "./answer.ts";
import type { Output } from "./negotiate.ts";
import { plainError, type Refusal } from "../types/status.ts";
import { warningHeaders } from "./warnings.ts";
import { forbiddenCharacter, forbiddenText, yaml } from "./yaml.ts";

const uncached = "no-cache, private";

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
      aliasDuplicateObjects: false,
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

/** How an object is answered. */
export interface ObjectOptions {
  readonly warnings?: readonly string[];
  /** How long to wait, in seconds, as a header says it. */
  readonly retryAfter?: string;
  /** Whether the object is one that is never changed: `shown` is printed again and again, `written` was perhaps told just now. */
  readonly lasting?: "shown" | "written";
}

/** Answers with an object. */
export function objectAnswer(code: number, object: unknown, output: Output, options: ObjectOptions = {}): Answer {
  const { warnings = [], retryAfter, lasting } = options;
  if (output.format === "yaml" && forbiddenCharacter.test(encode(object))) {
    // It is printed as JSON first, which is then read as YAML. What was refused stays so; what was done is done.
    return objectAnswer(code < 400 ? 500 : code, plainError(forbiddenText).status, output, options);
  }
  const type = output.format === "yaml" ? "application/yaml" : "application/json";
  const headers: Record<string, string> = { "cache-control": uncached, "content-type": type };
  if (retryAfter !== undefined) headers["retry-after"] = retryAfter;
  const isPlain = output.format === "json" && !output.pretty;
  const textOf = lasting === "shown" ? textOfStored : textOfWritten;
  const body = lasting && isPlain ? `${textOf(object as JsonObject)}\n` : print(object, output);
  return { status: code, headers, warnings: warnings.length === 0 ? warnings : warningHeaders(warnings), body };
}

/** Answers with an object. */
export const objectResponse = (code: number, object: unknown, output: Output): Response =>
  responseOf(objectAnswer(code, object, output));

/** Answers with a text. */
export function textAnswer(code: number, text: string, bare: boolean = false): Answer {
  const headers = {
    ...!bare && { "cache-control": uncached },
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
  };
  return { status: code, headers, warnings: [], body: text };
}

/** Answers with a text. */
export const textResponse = (code: number, text: string): Response => responseOf(textAnswer(code, text));

/** Answers with a refusal. */
export function refusalAnswer(refusal: Refusal, output: Output, warnings: readonly string[]): Answer {
  if (refusal.text !== undefined) return textAnswer(refusal.code, refusal.text, refusal.form === "bare");
  const retry = refusal.details?.retryAfterSeconds;
  const form: Output = refusal.form === undefined ? output : { format: "json", pretty: true };
  return objectAnswer(refusal.code, refusal.status, form, {
    warnings,
    ...typeof retry === "number" && { retryAfter: String(retry) },
  });
}

/** Whether an answer is a stream, to be passed on piece by piece. */
export const isStream = ({ headers }: Response): boolean => headers.get("transfer-encoding") === "chunked";

/** Answers with nothing. */
export const emptyAnswer = (code: number): Answer => ({
  status: code,
  headers: { "cache-control": uncached },
  warnings: [],
  body: "",
});

/** Answers with a stream; the header tells the mounts, as it tells clients of the genuine server. */
export function streamAnswer(stream: ReadableStream<Uint8Array>, contentType: string, warnings: readonly string[]): Answer {
  const headers = { "cache-control": uncached, "content-type": contentType, "transfer-encoding": "chunked" };
  return { status: 200, headers, warnings: warningHeaders(warnings), body: stream };
}
