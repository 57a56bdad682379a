/**
 * The columns of the Tables of a custom resource.
 *
 * @module
 */
import type { CrdVersion } from "./crd.ts";
import { ageOrUnknown } from "../output/age.ts";
import { evaluatePath, type Found, PlainInteger } from "../output/jsonpath.ts";
import { parsePath, type Path, PathSyntaxError } from "../output/jsonpath-parse.ts";
import { encode, type Json, type JsonObject, sorted } from "../types/json.ts";
import { goNumber } from "../types/go-value.ts";
import { type GoNumber, isNumber, settledNumber } from "../types/numeral.ts";
import type { Column } from "../types/resource.ts";

const createdText =
  "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

/** A value as a text: lists and objects as JSON. */
function textOf(value: Found): string {
  if (value instanceof PlainInteger) return String(value.value);
  if (value === null) return "<no value>";
  if (typeof value === "object") return encode(sorted(value));
  return isNumber(value) ? goNumber(value) : String(value);
}

/** A number as an int64: what is behind the point is cut. */
function integerOf(value: GoNumber): GoNumber {
  if (typeof value === "bigint") return value;
  if (Math.abs(value) < 2 ** 63) return settledNumber(Math.trunc(value));
  // Beyond 64 bits, Go gives the least of all numbers.
  return -(2n ** 63n);
}

function cellOf(type: string, value: Found | undefined, now: number): Json {
  if (value === undefined) return null;
  if (type === "string") return textOf(value);
  switch (type) {
    case "integer":
      return isNumber(value) ? integerOf(value) : null;
    case "number":
      return isNumber(value) ? Number(value) : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? ageOrUnknown(value, now) : null;
    default:
      return null;
  }
}

/** The path of a column; nothing where the server cannot read it. */
function pathOf(text: string): Path | undefined {
  try {
    return parsePath(text);
  } catch (error) {
    if (error instanceof PathSyntaxError) return undefined;
    throw error;
  }
}

/** The columns of a version, beside the name. From the first on whose path cannot be read there are none. Pure. */
export function columnsOf(version: CrdVersion): readonly Column[] {
  const given: readonly JsonObject[] = version.additionalPrinterColumns ?? [
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp", description: createdText },
  ];
  const columns: Column[] = [];
  for (const column of given) {
    const path = pathOf(String(column.jsonPath));
    if (!path) break;
    const type = String(column.type);
    columns.push({
      name: String(column.name),
      type,
      format: String(column.format ?? ""),
      description: String(column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`),
      priority: Number(column.priority ?? 0),
      cell: (object, now) => cellOf(type, evaluatePath(path, object)[0], now),
    });
  }
  return columns;
}
