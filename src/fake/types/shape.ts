/**
 * Go types as data: enough to decode a body as the server does, to find unknown fields and to print fields in the
 * order of the struct.
 *
 * @module
 */
import { isObject, type Json, type JsonObject, setMember } from "./json.ts";

/** A Go type. */
export type Shape =
  | { readonly type: "string" | "bool" | "int32" | "int64" | "float64" | "time" | "microTime" | "bytes" | "any" }
  | { readonly type: "list" | "map"; readonly of: Shape }
  | { readonly type: "orBool"; readonly of: Struct }
  | Struct;

/** A Go struct. */
export interface Struct {
  readonly type: "struct";
  /** With its package, as in `v1.ObjectMeta`. */
  readonly name: string;
  readonly fields: readonly Field[];
}

/** A member of a struct. */
export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /** `omit`: not printed when zero. `keep`: a pointer, printed when it was given. `always`: printed, zero or not. */
  readonly empty: "omit" | "keep" | "always";
  /** Of a list that a strategic merge patch merges: the key of its items, `""` for texts. Other lists are replaced. */
  readonly merge?: string;
}

/** A body does not fit its Go type. */
export class ShapeError extends Error {}

/** What decoding found. */
export interface Decoded {
  readonly value: JsonObject;
  /** Paths of members that the type does not have, in the order of the body. */
  readonly unknown: readonly string[];
}

const scalars: Record<string, string> = { bytes: "[]uint8", time: "string", microTime: "string", any: "interface {}" };

/** How Go prints a type. Pure. */
export function goType(shape: Shape): string {
  if (shape.type === "struct") return shape.name;
  if (shape.type === "list") return `[]${goType(shape.of)}`;
  if (shape.type === "map") return `map[string]${goType(shape.of)}`;
  if (shape.type === "orBool") return "bool";
  return scalars[shape.type] ?? shape.type;
}

const zero = (shape: Shape): Json => {
  if (shape.type === "struct") return decodeStruct(shape, {}, "", "", []);
  if (shape.type === "string") return "";
  if (shape.type === "bool") return false;
  if (shape.type === "int32" || shape.type === "int64" || shape.type === "float64") return 0;
  return null;
};

const isZero = (value: Json | undefined) =>
  value === undefined || value === null || value === "" || value === 0 || value === false ||
  (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);

const goKind = (value: Json) => Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;

const pad = (value: number, width: number) => String(value).padStart(width, "0");

/** Reads RFC 3339. Pure. @returns Seconds since the epoch and the microseconds' digits, or nothing. */
function readTime(text: string): { seconds: number; fraction: string } | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const ms = match ? Date.parse(`${match[1]}${match[3]}`) : NaN;
  return Number.isNaN(ms) ? undefined : { seconds: Math.floor(ms / 1000), fraction: match![2] ?? "" };
}

function decodeTime(text: string, micro: boolean): Json {
  if (text === "") return null;
  const time = readTime(text);
  const layout = micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
  if (!time) {
    throw new ShapeError(`parsing time ${JSON.stringify(text)} as "${layout}": cannot parse ${JSON.stringify(text)} as "2006"`);
  }
  const date = new Date(time.seconds * 1000);
  const whole = `${pad(date.getUTCFullYear(), 4)}-${date.toISOString().slice(5, 19)}`;
  if (!micro) return `${whole}Z`;
  if (time.fraction.length !== 6) {
    const rest = time.fraction.length < 6 ? text.slice(19) : text.slice(26);
    const expected = time.fraction.length < 6 ? ".000000" : "Z07:00";
    throw new ShapeError(
      `parsing time ${JSON.stringify(text)} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${expected}"`,
    );
  }
  return `${whole}.${time.fraction}Z`;
}

function decodeValue(shape: Shape, value: Json, struct: string, goPath: string, path: string, unknown: string[]): Json {
  if (value === null || shape.type === "any") return value;
  const mismatch = (type: Shape = shape): never => {
    const place = goPath === "" ? "value" : `struct field ${struct}.${goPath}`;
    throw new ShapeError(`json: cannot unmarshal ${goKind(value)} into Go ${place} of type ${goType(type)}`);
  };
  switch (shape.type) {
    case "struct":
      return isObject(value) ? decodeStruct(shape, value, goPath, path, unknown) : mismatch();
    case "orBool":
      if (typeof value === "boolean") return value;
      return isObject(value) ? decodeStruct(shape.of, value, goPath, path, unknown) : mismatch();
    case "list":
      if (!Array.isArray(value)) return mismatch();
      return value.map((item, index) => {
        if (item === null) return zero(shape.of);
        return decodeValue(shape.of, item, struct, goPath, `${path}[${index}]`, unknown);
      });
    case "map": {
      if (!isObject(value)) return mismatch();
      const map: JsonObject = {};
      for (const key of Object.keys(value).sort()) {
        const item = value[key]!;
        setMember(
          map,
          key,
          item === null ? zero(shape.of) : decodeValue(shape.of, item, struct, goPath, `${path}.${key}`, unknown),
        );
      }
      return map;
    }
    case "string":
      return typeof value === "string" ? value : mismatch();
    case "bool":
      return typeof value === "boolean" ? value : mismatch();
    case "bytes":
      if (typeof value !== "string") return mismatch({ type: "string" });
      if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) {
        const offset = value.search(/[^A-Za-z0-9+/]/);
        throw new ShapeError(`illegal base64 data at input byte ${offset === -1 ? value.length - (value.length % 4) : offset}`);
      }
      return value;
    case "time":
    case "microTime":
      return typeof value === "string" ? decodeTime(value, shape.type === "microTime") : mismatch();
    case "float64":
      return typeof value === "number" ? value : mismatch();
    default:
      if (typeof value !== "number") return mismatch();
      if (!Number.isInteger(value)) {
        throw new ShapeError(
          `json: cannot unmarshal number ${value} into Go struct field ${struct}.${goPath} of type ${shape.type}`,
        );
      }
      return value;
  }
}

function decodeStruct(shape: Struct, value: JsonObject, goPath: string, path: string, unknown: string[]): JsonObject {
  const struct = shape.name.slice(shape.name.indexOf(".") + 1);
  const known = new Map(shape.fields.map((field) => [field.name, field]));
  const found: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    const field = known.get(key);
    const memberPath = path === "" ? key : `${path}.${key}`;
    if (!field) unknown.push(memberPath);
    else found[key] = decodeValue(field.shape, member!, struct, goPath === "" ? key : `${goPath}.${key}`, memberPath, unknown);
  }
  const result: JsonObject = {};
  for (const field of shape.fields) {
    const member = found[field.name];
    if (field.empty === "always") result[field.name] = member ?? zero(field.shape);
    else if (field.empty === "keep" ? member !== undefined && member !== null : !isZero(member)) result[field.name] = member;
  }
  return result;
}

/** Decodes an object into a Go type: known fields in the struct's order, zero values left out. Pure. @throws {ShapeError} */
export function decodeShape(shape: Struct, value: JsonObject): Decoded {
  const unknown: string[] = [];
  return { value: decodeStruct(shape, value, "", "", unknown), unknown };
}
