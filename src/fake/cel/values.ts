/**
 * The values that rules see: JSON, read by what its schema says.
 *
 * @module
 */
import { equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { base64Fault } from "../types/base64.ts";
import { readLongDuration } from "../types/long-duration.ts";
import { fullDate, GoTimeError, parseDateTime, parseGoTime } from "../types/go-time.ts";
import { isInteger, isNumber } from "../types/numeral.ts";
import type { Declared, DeclaredList, DeclaredMap, DeclaredObject, DeclaredScalar } from "./declared.ts";
import { timestampOf } from "./library/conversions.ts";
import {
  Duration,
  EvaluationError,
  isEqual,
  type ListNature,
  Mapping,
  noOverload,
  ofSchema,
  PlainMap,
  type Timestamp,
  withNature,
} from "./language/value.ts";

/** A span as formats of schemas allow it. */
function durationOf(text: string): Duration {
  const nanos = readLongDuration(text);
  if (nanos === undefined) throw new EvaluationError(`Invalid duration ${text}: unable to parse ${text} as duration`);
  return new Duration(nanos);
}

/** A moment as formats of schemas allow it. @throws {EvaluationError} */
function momentOf(text: string, isDate: boolean): Timestamp {
  try {
    return timestampOf(isDate ? parseGoTime(text, fullDate) : parseDateTime(text), text);
  } catch (error) {
    if (!(error instanceof GoTimeError)) throw error;
    throw new EvaluationError(`Invalid ${isDate ? "date" : "date-time"} formatted string ${text}: ${error.message}`);
  }
}

/** Bytes in base64: the alphabet for URLs is read, although the format is checked by the other one. */
function bytesOf(text: string): Uint8Array {
  const fault = base64Fault(text, /[A-Za-z0-9_-]/);
  if (fault !== undefined) {
    throw new EvaluationError(`Invalid byte formatted string ${text}: illegal base64 data at input byte ${fault}`);
  }
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}

/** @throws {EvaluationError} for a number that is no int64, whole or not. */
function integerOf(value: Json, why: string): bigint {
  if (isNumber(value) && isInteger(value)) return BigInt(value);
  throw new EvaluationError(`invalid data, ${why}`);
}

/** The type that a value has in Go. */
function goType(value: Json): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (isObject(value)) return "map[string]interface {}";
  return isNumber(value) ? isInteger(value) ? "int64" : "float64" : typeof value === "boolean" ? "bool" : "string";
}

const wanted: Readonly<Record<string, readonly [type: string, ...found: string[]]>> = {
  int: ["int", "int64"],
  double: ["float", "int64", "float64"],
  bool: ["bool", "bool"],
  string: ["string", "string"],
  bytes: ["string", "string"],
  timestamp: ["string", "string"],
  duration: ["string", "string"],
};

/** What is of another type than its schema says was there before, or has a format. @throws {EvaluationError} */
function checkScalar({ name }: DeclaredScalar, value: Json): void {
  const [type, ...fitting] = wanted[name] ?? [];
  const found = goType(value);
  if (name === "dyn" && found !== "string" && !found.endsWith("64")) {
    throw new EvaluationError("invalid data, expected XIntOrString value to be either a string or integer");
  }
  if (type !== undefined && !fitting.includes(found)) throw new EvaluationError(`invalid data, expected ${type}, got ${found}`);
}

function scalarOf(type: DeclaredScalar, value: Json): unknown {
  const { name, isDate } = type;
  checkScalar(type, value);
  switch (name) {
    case "int":
      return integerOf(value, "expected int, got float64");
    case "double":
      return Number(value);
    case "dyn":
      return isNumber(value) ? integerOf(value, "expected XIntOrString value to be either a string or integer") : value;
    case "timestamp":
      return momentOf(String(value), isDate);
    case "duration":
      return durationOf(String(value));
    case "bytes":
      return bytesOf(String(value));
    default:
      return value;
  }
}

/** The value of a piece of JSON. @throws {EvaluationError} */
export function readValue(type: Declared, value: Json): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case "scalar":
      return scalarOf(type, value);
    case "list": {
      if (!Array.isArray(value)) {
        throw new EvaluationError("invalid data, expected an array for the provided schema with type=array");
      }
      const items = readItems(type, value);
      ofSchema(items, () => plainOf(value));
      return type.listType === "atomic" ? items : withNature(items, type.listType === "set" ? setNature : keyedNature(type));
    }
    case "map":
    case "object":
      if (!isObject(value)) throw new EvaluationError("invalid data, expected a map for the provided schema with type=object");
      return type.kind === "map" ? new MapValue(value, type) : new ObjectValue(value, type);
  }
}

/** JSON without a schema. */
function plainOf(value: Json): unknown {
  if (isNumber(value)) return isInteger(value) ? BigInt(value) : Number(value);
  if (Array.isArray(value)) return value.map(plainOf);
  return isObject(value) ? PlainMap.of(Object.entries(value).map(([key, member]) => [key, plainOf(member ?? null)])) : value;
}

/** The items of a list. One that is of another type, and was there before its type, is an error for who asks for it, and for nobody else. */
function readItems({ items: type, hasNulls }: DeclaredList, list: readonly Json[]): unknown[] {
  const items: unknown[] = [];
  for (const [at, item] of list.entries()) {
    try {
      if (item === null && !hasNulls) throw new EvaluationError("invalid data, got null for schema with nullable=false");
      items.push(readValue(type, item));
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      const get = () => {
        throw error;
      };
      Object.defineProperty(items, at, { get, enumerable: true, configurable: true });
    }
  }
  return items;
}

const has = (list: readonly unknown[], item: unknown) => list.some((other) => isEqual(other, item));

/** Equal in any order, joined without doubles. */
const setNature: ListNature = {
  equal: (list, other) => list.length === other.length && other.every((item) => has(list, item)),
  join(list, other) {
    const all = [...list];
    for (const item of other) if (!has(all, item)) all.push(item);
    return withNature(all, setNature);
  },
};

/** Equal in any order; of two items with the same keys the second is taken, at the place of the first. */
function keyedNature({ keys }: DeclaredList): ListNature {
  const keyOf = (item: unknown) => keys.map((key) => item instanceof Mapping ? item.find(key) : undefined);
  const find = (list: readonly unknown[], item: unknown) => {
    const wanted = keyOf(item);
    return list.findIndex((other) => keyOf(other).every((part, at) => isEqual(part, wanted[at])));
  };
  const nature: ListNature = {
    equal: (list, other) =>
      list.length === other.length && other.every((item) => {
        const at = find(list, item);
        return at >= 0 && isEqual(list[at], item);
      }),
    join(list, other) {
      const all = [...list];
      for (const item of other) {
        const at = find(all, item);
        if (at < 0) all.push(item);
        else all[at] = item;
      }
      return withNature(all, nature);
    },
  };
  return nature;
}

/** A map whose values are read when they are asked for. */
class MapValue extends Mapping {
  override readonly isOfSchema = true;
  readonly #raw: JsonObject;
  readonly #type: DeclaredMap;
  #read: Map<string, unknown> | undefined;
  #bare: PlainMap | undefined;

  constructor(raw: JsonObject, type: DeclaredMap) {
    super();
    this.#raw = raw;
    this.#type = type;
  }

  override bare(): Mapping {
    return this.#bare ??= plainOf(this.#raw) as PlainMap;
  }

  get size(): number {
    return Object.keys(this.#raw).length;
  }
  keys(): Iterable<unknown> {
    return Object.keys(this.#raw);
  }
  find(key: unknown): unknown {
    if (typeof key !== "string") throw noOverload();
    if (!Object.hasOwn(this.#raw, key)) return undefined;
    const known = this.#read ??= new Map();
    if (!known.has(key)) known.set(key, readValue(this.#type.values, this.#raw[key] ?? null));
    return known.get(key);
  }
}

/** An object whose members are read when they are asked for. */
class ObjectValue extends Mapping {
  override readonly isOfSchema = true;
  readonly #raw: JsonObject;
  readonly #type: DeclaredObject;
  #read: Map<string, unknown> | undefined;
  #bare: PlainMap | undefined;

  constructor(raw: JsonObject, type: DeclaredObject) {
    super();
    this.#raw = raw;
    this.#type = type;
  }

  override bare(): Mapping {
    return this.#bare ??= plainOf(this.#raw) as PlainMap;
  }

  get size(): number {
    return Object.keys(this.#raw).length;
  }
  *keys(): Iterable<unknown> {
    for (const [name, { key }] of this.#type.fields) if (Object.hasOwn(this.#raw, key)) yield name;
  }
  find(name: unknown): unknown {
    if (typeof name !== "string") return undefined;
    const known = this.#read?.get(name);
    if (known !== undefined) return known;
    const field = this.#type.fields.get(name) ?? this.#type.fields.get(`__${name}__`);
    const value = field && Object.hasOwn(this.#raw, field.key) ? this.#raw[field.key] : undefined;
    // A null is as good as absent: only where the schema allows it does it come this far.
    if (!field || value === undefined || value === null) return undefined;
    const read = readValue(field.type, value);
    (this.#read ??= new Map()).set(name, read);
    return read;
  }

  override equals(other: Mapping): boolean {
    if (!super.equals(other)) return false;
    if (!(other instanceof ObjectValue)) return true;
    // What the schema does not know is compared as it is.
    const known = new Set([...this.#type.fields.values()].map(({ key }) => key));
    return Object.keys(this.#raw).every((key) =>
      known.has(key) || !Object.hasOwn(other.#raw, key) || equal(this.#raw[key], other.#raw[key])
    );
  }
}
