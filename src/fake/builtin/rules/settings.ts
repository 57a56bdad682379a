/**
 * Config maps and secrets.
 *
 * @module
 */
import { type FieldError, forbidden, immutable, invalid, required, tooLong } from "../../types/field-error.ts";
import { asGiven, sameAsGiven } from "../../types/emptiness.ts";
import { equal, isObject, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { JsonSyntaxError, parseJson } from "../../types/parse.ts";
import { type Rules, selectable } from "../selectable.ts";
import { part } from "./checks.ts";
import { configKeyFaults } from "./environment.ts";
import { keyPairFault } from "./key-pairs.ts";

const sizeLimit = 1024 * 1024;
const sizeOf = (map: JsonObject | undefined, measure: (value: string) => number) =>
  Object.values(map ?? {}).reduce<number>((size, value) => size + measure(String(value)), 0);
const textSize = (text: string) => new TextEncoder().encode(text).length;
/** How many bytes a text in base64 stands for. */
const decodedSize = (text: string) => text.length / 4 * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);

const keyErrors = (field: string, map: JsonObject | undefined): FieldError[] =>
  Object.keys(map ?? {}).flatMap((key) => configKeyFaults(key).map((fault) => invalid(`${field}[${key}]`, key, fault)));

/** @param members Those that stay, each with how it is compared. */
function immutableErrors(
  object: JsonObject,
  old: JsonObject,
  members: Readonly<Record<string, typeof sameAsGiven>>,
): FieldError[] {
  if (old.immutable !== true) return [];
  const errors: FieldError[] = [];
  const text = "field is immutable when `immutable` is set";
  if (object.immutable !== true) errors.push(forbidden("immutable", text));
  for (const [member, isSame] of Object.entries(members)) {
    if (!isSame(asGiven(object, member), old[member])) errors.push(forbidden(member, text));
  }
  return errors;
}

/** Config maps. */
export const configMapRules: Rules = {
  validate(object) {
    const data = object.data as JsonObject | undefined;
    const binary = object.binaryData as JsonObject | undefined;
    const errors: FieldError[] = [];
    for (const key of Object.keys(data ?? {})) {
      errors.push(...keyErrors("data", { [key]: "" }));
      if (binary && Object.hasOwn(binary, key)) {
        errors.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"));
      }
    }
    errors.push(...keyErrors("binaryData", binary));
    if (sizeOf(data, textSize) + sizeOf(binary, decodedSize) > sizeLimit) errors.push(tooLong("[]", sizeLimit));
    return errors;
  },
  validateChange: (object, old) =>
    immutableErrors(object, old, {
      // There always is a map of texts.
      data: (data, before) => equal(data ?? {}, before ?? {}),
      binaryData: sameAsGiven,
    }),
};

const toBase64 = (text: string) => {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
};

/** `stringData` is written, never read: it goes into `data`. */
function foldStringData(object: JsonObject): JsonObject {
  const { stringData, ...rest } = object;
  const given = Object.entries((stringData ?? {}) as Record<string, string>);
  const data = {
    ...(rest.data as JsonObject | undefined),
    ...Object.fromEntries(given.map(([key, text]) => [key, toBase64(text)])),
  };
  return { ...rest, ...(given.length > 0 ? { data } : {}), type: rest.type ?? "Opaque" };
}

const requiredKeys: Record<string, readonly string[]> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

const dockerFiles: Record<string, string> = {
  "kubernetes.io/dockercfg": ".dockercfg",
  "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
};

/** Docker's files are JSON objects. */
function dockerErrors({ type, data }: JsonObject): FieldError[] {
  const key = dockerFiles[String(type)];
  const given = key === undefined ? undefined : part(data)[key];
  if (given === undefined) return [];
  const complain = (why: string) => [invalid(`data[${key}]`, "<secret contents redacted>", why)];
  const bytes = Uint8Array.from(atob(String(given)), (char) => char.charCodeAt(0));
  try {
    const { value, outOfRange } = parseJson(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), { bytes });
    if (value !== null && !isObject(value)) {
      const kind = Array.isArray(value)
        ? "array"
        : typeof value === "boolean"
        ? "bool"
        : typeof value === "string"
        ? "string"
        : "number";
      return complain(`json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`);
    }
    return outOfRange === undefined ? [] : complain(`json: cannot unmarshal number ${outOfRange} into Go value of type float64`);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return complain(error.message);
  }
}

/** Text of a key's value, each byte a character. */
const bytesOf = (data: JsonObject | undefined, key: string) => atob(String(data?.[key] ?? ""));

/** Secrets. */
export const secretRules: Rules = {
  selectable: selectable("type"),
  unknownField: (field) => `field label not supported: ${field}`,
  setDefaults: foldStringData,
  validate(object, _old, _subresource, warn) {
    const data = object.data as JsonObject | undefined;
    const errors = keyErrors("data", data);

    if (sizeOf(data, decodedSize) > sizeLimit) errors.push(tooLong("data", sizeLimit));
    for (const key of requiredKeys[String(object.type)] ?? []) {
      const isThere = object.type === "kubernetes.io/ssh-auth" ? Boolean(data?.[key]) : data?.[key] !== undefined;
      if (!isThere) errors.push(required(`data[${key}]`));
    }
    if (object.type === "kubernetes.io/basic-auth" && data?.username === undefined && data?.password === undefined) {
      errors.push(required("data[username]"), required("data[password]"));
    }
    const account = "kubernetes.io/service-account.name";
    if (object.type === "kubernetes.io/service-account-token" && !metaOf(object).annotations?.[account]) {
      errors.push(required(`metadata.annotations[${account}]`));
    }
    errors.push(...dockerErrors(object));
    if (object.type !== "kubernetes.io/tls" || errors.length > 0) return errors;
    const fault = keyPairFault(bytesOf(data, "tls.crt"), bytesOf(data, "tls.key"));
    if (fault !== undefined) warn?.(fault);
    return errors;
  },
  validateChange: (object, old) => [
    ...(object.type === old.type ? [] : [immutable("type", object.type)]),
    ...immutableErrors(object, old, { data: sameAsGiven }),
  ],
};
