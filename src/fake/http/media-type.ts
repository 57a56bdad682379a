/**
 * The types of bodies, as Go's `mime.ParseMediaType` reads the header.
 *
 * @module
 */
import { Refusal } from "../types/status.ts";

/** Bodies of protobuf. */
export const protobufType = "application/vnd.kubernetes.protobuf" as const;

/** The types that an object can be sent in. */
export const bodyTypes: readonly ["application/json", "application/yaml", typeof protobufType] = [
  "application/json",
  "application/yaml",
  protobufType,
];

/** 415 with the types that would do. */
export const unsupportedMediaType = (types: readonly string[]): Refusal =>
  new Refusal(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${types.join(", ")}`,
  );

const token = "[-!#$%&'*+.^_`|~0-9A-Za-z]+";
const typed = new RegExp(`^\\s*(${token}(?:/${token})?)\\s*((?:;.*)?)$`, "s");
const parameter = new RegExp(`^\\s*;\\s*(${token})\\s*=\\s*(${token}|"(?:[^"\\\\\\r\\n]|\\\\.)*")`, "s");

/** The type that a header names, in lower case; nothing where it is malformed. Pure. */
function named(header: string): string | undefined {
  const [, type, rest] = typed.exec(header) ?? [];
  if (type === undefined) return undefined;
  let left = rest!.trim();
  const given = new Map<string, string>();
  while (left !== "" && left !== ";") {
    const [found, name, value] = parameter.exec(left) ?? [];
    if (found === undefined) return undefined;
    const [key, plain] = [name!.toLowerCase(), value!.replace(/^"(.*)"$/s, "$1")];
    // It may be said twice, but not in two ways.
    if ((given.get(key) ?? plain) !== plain) return undefined;
    given.set(key, plain);
    left = left.slice(found.length).trim();
  }
  return type.toLowerCase();
}

/** The type of the body of a write. JSON where none is named. Pure. @throws {Refusal} 415 */
export function bodyType(header: string): (typeof bodyTypes)[number] {
  if (header === "") return "application/json";
  const type = named(header);
  const found = bodyTypes.find((each) => each === type);
  if (!found) throw unsupportedMediaType(bodyTypes);
  return found;
}

/** The types of patches. */
export const patchTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

const { json, merge, strategic, apply } = patchTypes;
const builtinPatches: readonly string[] = [json, merge, strategic, apply];
const customPatches: readonly string[] = [json, merge, apply];

/** The type of a patch, without parameters. Pure. */
export function patchType(header: string): string {
  const end = header.indexOf(";");
  return end > 0 ? header.slice(0, end) : header;
}

/** Refuses patches of another type. Pure. @throws {Refusal} 415, in the words of the router where the type is built in. */
export function checkPatchType(header: string, custom: boolean): void {
  const types = custom ? customPatches : builtinPatches;
  const listed = header.split(",").map((each) => each.split(";")[0]!.trim());
  if (!custom && !listed.some((each) => types.includes(each))) {
    throw new Refusal(415, "UnsupportedMediaType", "415: Unsupported Media Type", { details: {} });
  }
  if (!types.includes(patchType(header))) throw unsupportedMediaType(types);
}
