/**
 * Go types as data: enough to decode a body as the server does, to find unknown fields and to print fields in the
 * order of the struct.
 *
 * @module
 */
import { GoTimeError, isZeroTime, parseGoTime, printSeconds, rfc3339, rfc3339Micro } from "./go-time.ts";
import { isObject, type Json, type JsonObject, setMember } from "./json.ts";
import { canonicalQuantity } from "./quantity.ts";

/** A Go type. */
export type Shape =
  | Scalar
  | ListShape
  | MapShape
  | { readonly type: "orBool" | "orList"; readonly of: Struct }
  | Struct;

/** A Go type without parts. */
export interface Scalar {
  readonly type:
    | "string"
    | "bool"
    | "int32"
    | "int64"
    | "float64"
    | "time"
    | "microTime"
    | "bytes"
    | "any"
    /** `runtime.RawExtension`: an object of any kind, owned as a whole. */
    | "raw"
    | "quantity"
    | "intOrString";
  /** Where the type has a name of its own, with its package. */
  readonly named?: string;
}

/** A Go slice. */
export interface ListShape {
  readonly type: "list";
  readonly of: Shape;
  /** `x-kubernetes-list-type`: whether field managers own it by item. @default {"atomic"} */
  readonly listType?: "atomic" | "set" | "map";
  /** `x-kubernetes-list-map-keys`, of the list type `map`. */
  readonly listMapKeys?: readonly string[];
}

/** A Go map. Its keys are texts. */
export interface MapShape {
  readonly type: "map";
  readonly of: Shape;
  /** `x-kubernetes-map-type`: whether field managers own it as a whole. @default {"granular"} */
  readonly mapType?: "atomic" | "granular";
}

/** A Go struct. */
export interface Struct {
  readonly type: "struct";
  /** With its package, as in `v1.ObjectMeta`. */
  readonly name: string;
  /** With the whole path of its package, as in `api/core/v1.Pod`: of the types that are recorded. */
  readonly identity?: string;
  readonly fields: readonly Field[];
  /** `x-kubernetes-map-type`, of the type or of the field that has it. @default {"granular"} */
  readonly mapType?: "atomic" | "granular";
}

/** A member of a struct. */
export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /**
   * `omit`: not printed when zero. `keep`: a pointer, printed when it was given. `null`: a pointer, printed as null when it was not.
   * `always`: printed, zero or not.
   */
  readonly empty: "omit" | "keep" | "null" | "always";
  /** Of a list that a strategic merge patch merges: the key of its items, `""` for texts. Other lists are replaced. */
  readonly merge?: string;
  /**
   * The `default` of OpenAPI: what a key of a list of type `map` is where an item lacks it.
   *
   * @default The zero value, where that is always printed
   */
  readonly default?: Json;
  /** Its number in protobuf, behind those of the messages that it lies in. */
  readonly wire?: readonly number[];
  /** Whether a list or map without items is stored as none: it is null where it is always printed. */
  readonly nil?: boolean;
}

/** A body does not fit its Go type. */
export class ShapeError extends Error {}

/** What decoding found. */
export interface Decoded {
  readonly value: JsonObject;
  /** Paths of members that the type does not have, in the order of the body. */
  readonly unknown: readonly string[];
}

const scalars: Record<string, string> = {
  bytes: "[]uint8",
  time: "string",
  microTime: "string",
  any: "interface {}",
  quantity: "resource.Quantity",
  intOrString: "intstr.IntOrString",
};

/** How Go prints a type. Pure. */
export function goType(shape: Shape): string {
  if (shape.type === "struct") return shape.name;
  if (shape.type === "list") return `[]${goType(shape.of)}`;
  if (shape.type === "map") return `map[string]${goType(shape.of)}`;
  if ("of" in shape) return goType(shape.of);
  return shape.named ?? scalars[shape.type] ?? shape.type;
}

const zero = (shape: Shape): Json => {
  if (shape.type === "struct") return decodeStruct(shape, {}, "", "", { unknown: [], faults: [], stored: false });
  if (shape.type === "string") return "";
  if (shape.type === "bool") return false;
  if (shape.type === "quantity") return "0";
  if (shape.type === "intOrString") return 0;
  if (shape.type === "int32" || shape.type === "int64" || shape.type === "float64") return 0;
  return null;
};

const isZero = (value: Json | undefined) =>
  value === undefined || value === null || value === "" || value === 0 || value === false ||
  (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);

const goKind = (value: Json) => Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;

/** Times that were read of late: an object is decoded more than once on its way, and its times stay. */
const times = [new Map<string, Json>(), new Map<string, Json>()] as const;
const timesKept = 256;

function decodeTime(text: string, micro: boolean): Json {
  const known = times[micro ? 1 : 0];
  let time = known.get(text);
  if (time === undefined) {
    time = readTime(text, micro);
    if (known.size >= timesKept) known.clear();
    known.set(text, time);
  }
  return time;
}

function readTime(text: string, micro: boolean): Json {
  try {
    const time = parseGoTime(text, micro ? rfc3339Micro : rfc3339);
    if (isZeroTime(time)) return null;
    return micro ? `${printSeconds(time)}.${time.fraction}Z` : `${printSeconds(time)}Z`;
  } catch (error) {
    throw error instanceof GoTimeError ? new ShapeError(error.message) : error;
  }
}

function decodeQuantity(value: Json): Json {
  const canonical = typeof value === "string" || typeof value === "number" ? canonicalQuantity(String(value).trim()) : undefined;
  if (canonical !== undefined) return canonical;
  throw new ShapeError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

/** Half of the numbers that an integer type has. */
const halves: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63 };

function misfit(shape: Shape, value: Json, struct: string, goPath: string): string {
  const place = goPath === "" ? "value" : `struct field ${struct}.${goPath}`;
  return `json: cannot unmarshal ${goKind(value)} into Go ${place} of type ${goType(shape)}`;
}

/** Notes that a value does not fit. Go reads on, and names the first of those that it has noted. */
function mismatch(shape: Shape, value: Json, struct: string, goPath: string, { faults }: Seen): null {
  faults.push(misfit(shape, value, struct, goPath));
  return null;
}

/** Notes a number that an integer type does not have. */
function outside(type: string, value: number, struct: string, goPath: string, { faults }: Seen): null {
  faults.push(`json: cannot unmarshal number ${value} into Go struct field ${struct}.${goPath} of type ${type}`);
  return null;
}

/** Types that read themselves end the whole with what they find wrong. */
function readItself(shape: Struct, value: JsonObject, goPath: string, path: string): JsonObject {
  const seen: Seen = { unknown: [], faults: [], stored: false };
  const read = decodeStruct(shape, value, goPath, path, seen);
  checkFaults(seen);
  return read;
}

const uint8: Scalar = { type: "int32", named: "uint8" };

/** Bytes come as base64, or as a list of numbers. */
function decodeBytes(value: Json, struct: string, goPath: string, seen: Seen): Json {
  if (Array.isArray(value)) {
    const bytes = value.map((item) => {
      if (item === null) return 0;
      if (typeof item !== "number") mismatch(uint8, item, struct, goPath, seen);
      else if (Number.isInteger(item) && item >= 0 && item < 256) return item;
      else outside("uint8", item, struct, goPath, seen);
      return 0;
    });
    return btoa(String.fromCharCode(...bytes));
  }
  if (typeof value !== "string") return mismatch({ type: "bytes" }, value, struct, goPath, seen);
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) return value;
  const offset = value.search(/[^A-Za-z0-9+/]/);
  seen.faults.push(`illegal base64 data at input byte ${offset === -1 ? value.length - (value.length % 4) : offset}`);
  return null;
}

function decodeValue(shape: Shape, value: Json, struct: string, goPath: string, path: string, seen: Seen): Json {
  if (value === null || shape.type === "any" || shape.type === "raw") return value;
  switch (shape.type) {
    case "struct":
      return isObject(value) ? decodeStruct(shape, value, goPath, path, seen) : mismatch(shape, value, struct, goPath, seen);
    case "orBool":
      // These two decode themselves, and tell nobody of unknown members.
      if (typeof value === "boolean") return value;
      if (!isObject(value)) throw new ShapeError("boolean or JSON schema expected");
      return readItself(shape.of, value, goPath, path);
    case "orList": {
      const one = (item: Json) => {
        if (!isObject(item)) throw new ShapeError(misfit(shape.of, item, struct, goPath));
        return readItself(shape.of, item, goPath, path);
      };
      return Array.isArray(value) ? value.map(one) : isObject(value) ? one(value) : [];
    }
    case "list":
      if (!Array.isArray(value)) return mismatch(shape, value, struct, goPath, seen);
      // What is frozen was decoded before.
      if (Object.isFrozen(value)) return value;
      return value.map((item, index) => {
        if (item === null) return zero(shape.of);
        return decodeValue(shape.of, item, struct, goPath, `${path}[${index}]`, seen);
      });
    case "map": {
      if (!isObject(value)) return mismatch(shape, value, struct, goPath, seen);
      const entries = Object.entries(value).map(([key, item]) => {
        if (item === null) return [key, shape.of.type === "bytes" ? "" : zero(shape.of)] as const;
        return [key, decodeValue(shape.of, item!, struct, goPath, `${path}.${key}`, seen)] as const;
      });
      const map: JsonObject = {};
      for (const [key, item] of entries.sort(([a], [b]) => a < b ? -1 : 1)) setMember(map, key, item);
      return map;
    }
    case "string":
      return typeof value === "string" ? value : mismatch(shape, value, struct, goPath, seen);
    case "bool":
      return typeof value === "boolean" ? value : mismatch(shape, value, struct, goPath, seen);
    case "bytes":
      return decodeBytes(value, struct, goPath, seen);
    case "time":
    case "microTime":
      if (typeof value !== "string") throw new ShapeError(misfit(shape, value, struct, goPath));
      return decodeTime(value, shape.type === "microTime");
    case "quantity":
      return decodeQuantity(value);
    case "intOrString":
      if (typeof value === "string") return value;
      return decodeAlone({ type: "int32" }, value, struct, goPath);
    case "float64":
      return typeof value === "number" ? value : mismatch(shape, value, struct, goPath, seen);
    default:
      if (typeof value !== "number") return mismatch(shape, value, struct, goPath, seen);
      if (!Number.isInteger(value) || value < -halves[shape.type]! || value >= halves[shape.type]!) {
        return outside(shape.type, value, struct, goPath, seen);
      }
      return value;
  }
}

/** A value in a type that reads itself. @throws {ShapeError} */
function decodeAlone(shape: Shape, value: Json, struct: string, goPath: string): Json {
  const seen: Seen = { unknown: [], faults: [], stored: false };
  const read = decodeValue(shape, value, struct, goPath, "", seen);
  checkFaults(seen);
  return read;
}

const byName = new WeakMap<readonly Field[], ReadonlyMap<string, Field>>();

function knownFields({ fields }: Struct): ReadonlyMap<string, Field> {
  let known = byName.get(fields);
  if (!known) byName.set(fields, known = new Map(fields.map((field) => [field.name, field])));
  return known;
}

function decodeStruct(shape: Struct, value: JsonObject, goPath: string, path: string, seen: Seen): JsonObject {
  const struct = shape.name.slice(shape.name.indexOf(".") + 1);
  const known = knownFields(shape);
  const found: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const field = known.get(key);
    const memberPath = path === "" ? key : `${path}.${key}`;
    if (!field) seen.unknown.push(memberPath);
    else found[key] = decodeValue(field.shape, member, struct, goPath === "" ? key : `${goPath}.${key}`, memberPath, seen);
  }
  const result: JsonObject = {};
  for (const field of shape.fields) {
    const member = found[field.name];
    if (field.empty === "always") {
      result[field.name] = field.nil && seen.stored && isZero(member) ? null : member ?? zero(field.shape);
    } else if (field.empty === "null") result[field.name] = member ?? null;
    else if (field.empty === "keep" ? member !== undefined && member !== null : !isZero(member)) result[field.name] = member;
  }
  return result;
}

/** What is noted on the way, and whether the object is one that was stored. */
interface Seen {
  readonly unknown: string[];
  /** What does not fit: all but what types find that read themselves. */
  readonly faults: string[];
  readonly stored: boolean;
}

function checkFaults({ faults }: Seen): void {
  if (faults.length > 0) throw new ShapeError(faults[0]!);
}

/**
 * Decodes an object into a Go type: known fields in the struct's order, zero values left out. Pure.
 *
 * @throws {ShapeError} With the first fault that ends Go's reading (a time, a quantity), else with the first of the others.
 */
export function decodeShape(shape: Struct, value: JsonObject): Decoded {
  const seen: Seen = { unknown: [], faults: [], stored: false };
  const decoded = decodeStruct(shape, value, "", "", seen);
  checkFaults(seen);
  return { value: decoded, unknown: seen.unknown };
}

/** An object as it comes out of the storage: there is no list without items in it. Pure. @throws {ShapeError} */
export function storedShape(shape: Struct, value: JsonObject): JsonObject {
  const seen: Seen = { unknown: [], faults: [], stored: true };
  const decoded = decodeStruct(shape, value, "", "", seen);
  checkFaults(seen);
  return decoded;
}
