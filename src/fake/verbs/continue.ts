/**
 * Continue tokens: `k8s.io/apiserver/pkg/storage` continue.go.
 *
 * @module
 */
import { goNumber } from "../types/go-value.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { isInteger, isNumber } from "../types/numeral.ts";
import { goKindOf } from "../types/shape.ts";
import { JsonSyntaxError, parseJson } from "../types/parse.ts";
import { badRequest } from "../types/status.ts";

/** Where a list goes on. */
export interface Position {
  /** The revision of the first page; -1: whatever is now. */
  readonly revision: number;
  /** The first key of the next page, as seen from the listed prefix. */
  readonly start: string;
}

/** Writes a token. Pure. */
export function encodeContinue(position: Position): string {
  const text = JSON.stringify({ v: "meta.k8s.io/v1", rv: position.revision, start: position.start });
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Members as Go finds them, which does not look at the case. */
const anyCase = (value: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toLowerCase(), member]));

const refuse = (why: string): never => {
  throw badRequest(`invalid continue token: continue key is not valid: ${why}`);
};

/** Reads a token. Pure. @throws {Refusal} 400 when it is not one of ours. */
export function decodeContinue(token: string): Position {
  // Line breaks do not count; what is wrong with the padding is found where it begins.
  const wrong = token.search(/[^A-Za-z0-9_\n\r-]/);
  const written = token.replaceAll(/[\r\n]/g, "");
  if (wrong !== -1 || written.length % 4 === 1) {
    refuse(`illegal base64 data at input byte ${wrong === -1 ? token.length - 1 : wrong}`);
  }
  const bytes = Uint8Array.from(atob(written.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  let value;
  try {
    value = parseJson(new TextDecoder().decode(bytes)).value;
  } catch (error) {
    return refuse(error instanceof JsonSyntaxError ? error.message : String(error));
  }
  if (value !== null && !isObject(value)) {
    return refuse(`json: cannot unmarshal ${goKindOf(value)} into Go value of type storage.continueToken`);
  }
  const { v = "", rv = 0, start = "" } = anyCase(value ?? {});
  const fields: readonly (readonly [name: string, value: Json, type: string, fits: boolean])[] = [
    ["v", v, "string", typeof v === "string"],
    ["rv", rv, "int64", isNumber(rv) && isInteger(rv)],
    ["start", start, "string", typeof start === "string"],
  ];
  for (const [name, given, goType, fits] of fields) {
    if (fits || given === null) continue;
    const shown = isNumber(given) && goType === "int64" ? `number ${goNumber(given)}` : goKindOf(given);
    return refuse(`json: cannot unmarshal ${shown} into Go struct field continueToken.${name} of type ${goType}`);
  }
  if (v !== "meta.k8s.io/v1") return refuse(`server does not recognize this encoded version ${v ?? ""}`);
  const revision = Number(rv);
  if (revision === 0) return refuse("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (start === "" || start === null) return refuse("encoded start key empty (version meta.k8s.io/v1)");
  const key = start as string;
  // It is made a path, and must still be what it was.
  const rooted = key.startsWith("/") ? key : `/${key}`;
  if (rooted.includes("/../") || rooted.endsWith("/..") || rooted.includes("//")) return refuse(key.replace(/^\//, ""));
  return { revision, start: rooted };
}
