/**
 * Go types as data: enough to decode a body as the server does, to find unknown fields and to print fields in the
 * order of the struct.
 *
 * @module
 */
import { goMember } from "./embedded.ts";
import { noteEmpty } from "./emptiness.ts";
import { GoTimeError, isZeroTime, parseGoTime, printSeconds, rfc3339, rfc3339Micro } from "./go-time.ts";
import { decodedLeaf, isObject, type Json, type JsonObject, setMember, settledLeaf, withLeaves } from "./json.ts";
import { type GoNumber, isNumber, Numeral, settledNumber } from "./numeral.ts";
import { canonicalQuantity, quantityFault } from "./quantity.ts";

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
  /** Where the type has a name of its own, with its package. */
  readonly named?: string;
  /** `x-kubernetes-list-type`: whether field managers own it by item. @default {"atomic"} */
  readonly listType?: "atomic" | "set" | "map";
  /** `x-kubernetes-list-map-keys`, of the list type `map`. */
  readonly listMapKeys?: readonly string[];
}

/** A Go map. Its keys are texts. */
export interface MapShape {
  readonly type: "map";
  readonly of: Shape;
  /** Where the type has a name of its own, with its package, or its keys have. */
  readonly named?: string;
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

/** Times read themselves from a text, and are structs all the same where others are made of them. */
const structTimes = { time: "v1.Time", microTime: "v1.MicroTime" } as const;
const itemType = (shape: Shape): string =>
  shape.type === "time" || shape.type === "microTime" ? structTimes[shape.type] : goType(shape);

/** How Go prints a type. Pure. */
export function goType(shape: Shape): string {
  if (shape.type === "struct") return shape.name;
  if (shape.type === "list") return shape.named ?? `[]${itemType(shape.of)}`;
  if (shape.type === "map") return shape.named ?? `map[string]${itemType(shape.of)}`;
  if ("of" in shape) return goType(shape.of);
  return shape.named ?? scalars[shape.type] ?? shape.type;
}

const zero = (shape: Shape): Json => {
  if (shape.type === "struct") {
    return decodeStruct(shape, {}, "", "", { unknown: [], faults: [], stored: false, form: "written" });
  }
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

/** How Go's decoder names the kind of a JSON value. Pure. */
export const goKindOf = (value: Json): string =>
  Array.isArray(value)
    ? "array"
    : isObject(value)
    ? "object"
    : typeof value === "boolean"
    ? "bool"
    : typeof value === "string"
    ? "string"
    : "number";

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
  const text = value instanceof Numeral
    ? value.literal
    : typeof value === "string" || isNumber(value)
    ? String(value)
    : undefined;
  const written = text?.trim() ?? "";
  const canonical = canonicalQuantity(written);
  if (canonical !== undefined) return canonical;
  throw new ShapeError(quantityFault(written)!);
}

/** A number in a field of a number. What is no whole number, or is not written as one, fits no integer. */
function decodeNumber(type: "uint8" | "int32" | "int64" | "float64", given: GoNumber | Numeral, place: string, seen: Seen): Json {
  if (seen.form === "converted") return convertNumber(type, given instanceof Numeral ? given.value : given);
  // What comes by way of a map was printed on its way.
  const value = seen.form === "printed" ? settledLeaf(decodedLeaf(given)) : given;
  const literal = value instanceof Numeral ? value.literal : String(value);
  const number = Number(literal);
  if (type === "float64" ? Number.isFinite(number) : fits(type, literal, value)) {
    return type === "float64" || Number.isSafeInteger(number) ? number || 0 : value;
  }
  seen.faults.push(`json: cannot unmarshal number ${literal} into Go ${place} of type ${type}`);
  return null;
}

function fits(type: string, literal: string, value: Json): boolean {
  if (!/^-?\d+$/.test(literal)) return false;
  // What is within 64 bits was read as such.
  if (type === "int64") return typeof value === "bigint" || Number.isSafeInteger(Number(literal));
  const [least, above] = type === "uint8" ? [0, 2 ** 8] : [-(2 ** 31), 2 ** 31];
  return Number(literal) >= least && Number(literal) < above;
}

/** A number as Go converts it: the lowest bits of an integer are kept, and what is no int64 is the least of them. */
function convertNumber(type: string, value: GoNumber): Json {
  if (type === "float64") return Number(value);
  const whole = typeof value === "bigint" ? value : Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : -(2n ** 63n);
  return type === "int64" ? settledNumber(whole) : Number(type === "uint8" ? BigInt.asUintN(8, whole) : BigInt.asIntN(32, whole));
}

function misfit(shape: Shape, value: Json, struct: string, goPath: string): string {
  const place = goPath === "" ? "value" : `struct field ${struct}.${goPath}`;
  return `json: cannot unmarshal ${goKindOf(value)} into Go ${place} of type ${goType(shape)}`;
}

/** Notes that a value does not fit. Go reads on, and names the first of those that it has noted. */
function mismatch(shape: Shape, value: Json, struct: string, goPath: string, { faults }: Seen): null {
  faults.push(misfit(shape, value, struct, goPath));
  return null;
}

/** Types that read themselves end the whole with what they find wrong. */
function readItself(shape: Struct, value: JsonObject, goPath: string, path: string, { form }: Seen): JsonObject {
  const seen: Seen = { unknown: [], faults: [], stored: false, form };
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
      if (!isNumber(item) && !(item instanceof Numeral)) return Number(mismatch(uint8, item, struct, goPath, seen));
      return Number(decodeNumber("uint8", item, `struct field ${struct}.${goPath}`, seen));
    });
    return btoa(String.fromCharCode(...bytes));
  }
  if (typeof value !== "string") return mismatch({ type: "bytes" }, value, struct, goPath, seen);
  // Line breaks do not count.
  const written = /[\r\n]/.test(value) ? value.replaceAll(/[\r\n]/g, "") : value;
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(written)) return written;
  const offset = value.search(/[^A-Za-z0-9+/]/);
  seen.faults.push(`illegal base64 data at input byte ${offset === -1 ? value.length - (value.length % 4) : offset}`);
  return null;
}

function decodeValue(shape: Shape, value: Json, struct: string, goPath: string, path: string, seen: Seen): Json {
  if (value === null) return value;
  if (shape.type === "any" || shape.type === "raw") return anything(value, seen.stored);
  switch (shape.type) {
    case "struct":
      return isObject(value) ? decodeStruct(shape, value, goPath, path, seen) : mismatch(shape, value, struct, goPath, seen);
    case "orBool":
      // These two decode themselves, and tell nobody of unknown members.
      if (typeof value === "boolean") return value;
      if (!isObject(value)) throw new ShapeError("boolean or JSON schema expected");
      return readItself(shape.of, value, goPath, path, seen);
    case "orList": {
      const one = (item: Json) => {
        if (!isObject(item)) throw new ShapeError(misfit(shape.of, item, struct, goPath));
        return readItself(shape.of, item, goPath, path, seen);
      };
      return Array.isArray(value) ? value.map(one) : isObject(value) ? one(value) : [];
    }
    case "list":
      if (!Array.isArray(value)) return mismatch(shape, value, struct, goPath, seen);
      // Entries that are frozen were decoded before; a patch may have moved them elsewhere.
      if (Object.isFrozen(value) && goType(shape.of) === "v1.ManagedFieldsEntry") return value;
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
      // Where it is converted, it is printed for that, and nobody tells it where it stands.
      return seen.form === "converted"
        ? decodeAlone({ type: "int32" }, value, struct, "", { ...seen, form: "printed" })
        : decodeAlone({ type: "int32" }, value, struct, goPath, seen);
    default:
      if (!isNumber(value) && !(value instanceof Numeral)) return mismatch(shape, value, struct, goPath, seen);
      return decodeNumber(shape.type, value, goPath === "" ? "value" : `struct field ${struct}.${goPath}`, seen);
  }
}

/** A value in a type that reads itself. @throws {ShapeError} */
function decodeAlone(shape: Shape, value: Json, struct: string, goPath: string, { form }: Seen): Json {
  const seen: Seen = { unknown: [], faults: [], stored: false, form };
  const read = decodeValue(shape, value, struct, goPath, "", seen);
  checkFaults(seen);
  return read;
}

function readLeaf<T extends Json | undefined>(leaf: T): T {
  if (leaf instanceof Numeral && !Number.isFinite(Number(leaf.literal))) {
    throw new ShapeError(`json: cannot unmarshal number ${leaf.literal} into Go value of type float64`);
  }
  return decodedLeaf(leaf);
}

/** A value of any form. */
const anything = (value: Json, stored: boolean): Json => withLeaves(value, stored ? settledLeaf : readLeaf);

const places = new WeakMap<readonly Field[], ReadonlyMap<string, number>>();

/** The place of each field, by its name. */
function placesOf({ fields }: Struct): ReadonlyMap<string, number> {
  let found = places.get(fields);
  if (!found) places.set(fields, found = new Map(fields.map(({ name }, place) => [name, place])));
  return found;
}

function decodeStruct(shape: Struct, value: JsonObject, goPath: string, path: string, seen: Seen): JsonObject {
  const { fields } = shape;
  const struct = shape.name.slice(shape.name.indexOf(".") + 1);
  const places = placesOf(shape);
  const found: (Json | undefined)[] = Array(fields.length);
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    const place = places.get(key);
    const memberPath = path === "" ? key : `${path}.${key}`;
    if (place === undefined) seen.unknown.push(memberPath);
    else {
      const field = fields[place]!;
      const goKey = goMember(struct, field);
      found[place] = decodeValue(
        field.shape,
        member,
        struct,
        goPath === "" ? goKey : `${goPath}.${goKey}`,
        memberPath,
        seen,
      );
    }
  }
  const result: JsonObject = {};
  for (let place = 0; place < fields.length; place++) {
    const field = fields[place]!;
    const member = found[place];
    if (field.empty === "always") {
      result[field.name] = field.nil && seen.stored && isZero(member) ? null : member ?? zero(field.shape);
    } else if (field.empty === "null") result[field.name] = member ?? null;
    else if (member === undefined) continue;
    else if (field.empty === "keep" ? member !== null : !isZero(member)) result[field.name] = member;
    else if (!seen.stored && typeof member === "object" && member !== null) noteEmpty(result, field.name, member);
  }
  return result;
}

/**
 * What the numbers of an object are: as somebody wrote them; printed by Go, as those of a map are; or converted from
 * such, without being printed.
 */
type Form = "written" | "printed" | "converted";

/** What is noted on the way, and whether the object is one that was stored. */
interface Seen {
  readonly unknown: string[];
  /** What does not fit: all but what types find that read themselves. */
  readonly faults: string[];
  readonly stored: boolean;
  readonly form: Form;
}

function checkFaults({ faults }: Seen): void {
  if (faults.length > 0) throw new ShapeError(faults[0]!);
}

/**
 * Decodes an object into a Go type: known fields in the struct's order, zero values left out. Pure.
 *
 * @throws {ShapeError} With the first fault that ends Go's reading (a time, a quantity), else with the first of the others.
 */
export function decodeShape(shape: Struct, value: JsonObject, form: Form = "written"): Decoded {
  const seen: Seen = { unknown: [], faults: [], stored: false, form };
  const decoded = decodeStruct(shape, value, "", "", seen);
  checkFaults(seen);
  return { value: decoded, unknown: seen.unknown };
}

/** An object as it comes out of the storage: there is no list without items in it. Pure. @throws {ShapeError} */
export function storedShape(shape: Struct, value: JsonObject): JsonObject {
  const seen: Seen = { unknown: [], faults: [], stored: true, form: "written" };
  const decoded = decodeStruct(shape, value, "", "", seen);
  checkFaults(seen);
  return decoded;
}
