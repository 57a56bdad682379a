/**
 * What the server reads of every body first: of which kind and version it says it is.
 *
 * @module
 */
import type { Json, JsonObject } from "../types/json.ts";
import { goKindOf, ShapeError } from "../types/shape.ts";

/** The Go type that every body is read into first, as an error shows it. */
export const typeMetaText =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** What the server says of a value that should be an object. Pure. */
export const notAnObject = (value: Json): string =>
  `couldn't get version/kind; json parse error: json: cannot unmarshal ${goKindOf(value)} into Go value of type ${typeMetaText}`;

/** Group and version of a text, as it is read: a slash before a version alone does not count. @throws {ShapeError} when it is none. */
export function parseGroupVersion(text: string): string {
  if (text === "" || text === "/") return "";
  if (text.split("/").length > 2) throw new ShapeError(`unexpected GroupVersion string: ${text}`);
  return text.startsWith("/") ? text.slice(1) : text;
}

// As Go folds them: the Kelvin sign is a k, and the long s an s.
const members = [["apiVersion", /^apiVersion$/iu], ["kind", /^kind$/iu]] as const;

/**
 * An object with the kind and the version that are read of it: Go does not look at the case of names, and what it reads last stays, unless
 * that is null. Members that are written otherwise are left to whoever knows none of that name. Pure.
 *
 * @throws {ShapeError} Where one of them is no text, or the version is none.
 */
export function withTypeMeta(value: JsonObject): JsonObject {
  const read: JsonObject = {};
  for (const [name, given] of Object.entries(value)) {
    const [member] = members.find(([, folded]) => folded.test(name)) ?? [];
    if (member === undefined || given === undefined || given === null) continue;
    if (typeof given !== "string") {
      throw new ShapeError(
        `couldn't get version/kind; json parse error: json: cannot unmarshal ${
          goKindOf(given)
        } into Go struct field .${member} of type string`,
      );
    }
    read[member] = given;
  }
  parseGroupVersion(String(read.apiVersion ?? ""));
  return members.every(([name]) => read[name] === undefined || read[name] === value[name]) ? value : { ...value, ...read };
}
