/**
 * Continue tokens: `k8s.io/apiserver/pkg/storage` continue.go.
 *
 * @module
 */
import { isObject } from "../types/json.ts";
import { JsonSyntaxError, parseJson } from "../http/parse.ts";
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

const refuse = (why: string): never => {
  throw badRequest(`invalid continue token: continue key is not valid: ${why}`);
};

/** Reads a token. Pure. @throws {Refusal} 400 when it is not one of ours. */
export function decodeContinue(token: string): Position {
  const wrong = token.search(/[^A-Za-z0-9_-]/);
  if (wrong !== -1 || token.length % 4 === 1) {
    refuse(`illegal base64 data at input byte ${wrong === -1 ? token.length - 1 : wrong}`);
  }
  const bytes = Uint8Array.from(atob(token.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  let value;
  try {
    value = parseJson(new TextDecoder().decode(bytes)).value;
  } catch (error) {
    return refuse(error instanceof JsonSyntaxError ? error.message : String(error));
  }
  if (!isObject(value) || value.v !== "meta.k8s.io/v1") {
    return refuse(`server does not recognize this encoded version ${isObject(value) ? value.v ?? "" : ""}`);
  }
  const { rv, start } = value;
  if (typeof rv !== "number" || rv === 0) return refuse("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (typeof start !== "string" || start === "") return refuse("empty start key (version meta.k8s.io/v1)");
  if (!start.startsWith("/") || start.includes("/../") || start.endsWith("/..")) return refuse(start.replace(/^\//, ""));
  return { revision: rv, start };
}
