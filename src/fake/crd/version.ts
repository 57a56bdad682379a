/**
 * The checks of what one version of a CRD says beside its schema, or all of them.
 *
 * @module
 */
import { byteLength } from "../types/bytes.ts";
import type { CrdVersion } from "./crd.ts";
import { type FieldError, invalid, required } from "../types/field-error.ts";
import { encode, type Json, type JsonObject } from "../types/json.ts";
import { unprintable } from "../types/quote.ts";

const columnTypes = ["boolean", "date", "integer", "number", "string"];
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

/** A pointer of Go: its text is printed as JSON. */
const pointer = (field: string, value: Json | undefined, why: string): FieldError => ({
  field,
  reason: "Invalid",
  text: `Invalid value: ${encode(value ?? null)}: ${why}`,
});

function deprecationFaults({ deprecated, deprecationWarning: text }: CrdVersion): readonly string[] {
  if (text === undefined || text === null) return [];
  if (deprecated !== true) return ["can only be set for deprecated versions"];
  const faults: string[] = [];
  if (byteLength(text) > 256) faults.push("must be <= 256 characters long");
  if (text === "") faults.push("must not be an empty string");
  const hidden = unprintable(text);
  if (hidden !== undefined) {
    const at = byteLength(text.slice(0, hidden));
    faults.push(`must only contain printable UTF-8 characters; non-printable character found at index ${at}`);
  }
  return faults;
}

/** Checks what clients of a deprecated version are told. Pure. */
export const deprecationErrors = (version: CrdVersion, path: string): FieldError[] =>
  deprecationFaults(version).map((fault) => pointer(`${path}.deprecationWarning`, version.deprecationWarning, fault));

/** Checks the columns of a version. Pure. */
export function columnErrors(columns: readonly JsonObject[], path: string): FieldError[] {
  return columns.flatMap((column, index) => {
    const at = `${path}[${index}]`;
    const errors: FieldError[] = [];
    const [type, format, jsonPath] = [String(column.type), String(column.format ?? ""), String(column.jsonPath)];
    if (column.name === "") errors.push(required(`${at}.name`));
    const types = `must be one of ${columnTypes.join(",")}`;
    if (type === "") errors.push(required(`${at}.type`, types));
    else if (!columnTypes.includes(type)) errors.push(invalid(`${at}.type`, type, types));
    if (format !== "" && !columnFormats.includes(format)) {
      errors.push(invalid(`${at}.format`, format, `must be one of ${columnFormats.join(",")}`));
    }
    if (jsonPath === "") errors.push(required(`${at}.JSONPath`));
    else errors.push(...pathErrors(jsonPath, `${at}.JSONPath`));
    return errors;
  });
}

const pathErrors = (path: string, field: string): FieldError[] =>
  path.startsWith(".") ? [] : [invalid(field, path, "must be a simple json path starting with .")];

/** Checks the subresources of a version. Pure. */
export function subresourceErrors(subresources: CrdVersion["subresources"], path: string): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const errors: FieldError[] = [];
  const check = (member: string, below: readonly string[], why: string) => {
    const own = String(scale[member] ?? "");
    const field = `${path}.scale.${member}`;
    const wrong = pathErrors(own, field);
    if (wrong.length > 0) errors.push(...wrong);
    else if (!below.some((start) => own.startsWith(start))) {
      // The selector's path is a pointer in Go.
      errors.push((member === "labelSelectorPath" ? pointer : invalid)(field, own, `should be a json path under ${why}`));
    }
  };
  for (const [member, start] of [["specReplicasPath", ".spec"], ["statusReplicasPath", ".status"]] as const) {
    if (scale[member] === "") errors.push(required(`${path}.scale.${member}`));
    else check(member, [`${start}.`], start);
  }
  const selector = scale.labelSelectorPath;
  if (typeof selector === "string" && selector !== "") {
    check("labelSelectorPath", [".spec.", ".status."], "either .spec or .status");
  }
  return errors;
}
