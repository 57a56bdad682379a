/**
 * JSON web tokens (RFC 7519), signed with a key that lives as long as the process: a token outlives a cluster that is restored.
 * A genuine server signs with a key pair whose public half it shows; nobody but the issuer can check these.
 *
 * @module
 */
import { isObject, type JsonObject } from "../types/json.ts";
import { hmac } from "../types/hash.ts";

let key: Uint8Array | undefined;
const keyOf = (): Uint8Array => key ??= crypto.getRandomValues(new Uint8Array(32));

const encoded = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const written = (value: JsonObject): string => encoded(new TextEncoder().encode(JSON.stringify(value)));

function read(part: string): JsonObject | undefined {
  if (!/^[\w-]+$/.test(part)) return undefined;
  try {
    const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    const value: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))));
    return isObject(value as JsonObject) ? value as JsonObject : undefined;
  } catch {
    return undefined;
  }
}

/** Makes a token of claims. */
export function sign(claims: JsonObject): string {
  const content = `${written({ alg: "HS256", typ: "JWT" })}.${written(claims)}`;
  return `${content}.${encoded(hmac(keyOf(), content))}`;
}

/** What a token says, and whether it was signed here. @returns Nothing where it is no such token. */
export function readToken(token: string): { readonly claims: JsonObject; readonly genuine: boolean } | undefined {
  const [head = "", body = "", signature, ...rest] = token.split(".");
  if (signature === undefined || rest.length > 0 || !read(head)) return undefined;
  const claims = read(body);
  return claims && { claims, genuine: encoded(hmac(keyOf(), `${head}.${body}`)) === signature };
}
