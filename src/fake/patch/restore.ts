/**
 * What the server says when a merged object does not fit its Go type. Other than with a body, the object is not decoded
 * from JSON then, and the words are others.
 *
 * @module
 */
import { goKindName } from "../types/go-value.ts";
import { isObject, type Json } from "../types/json.ts";
import { decodeShape, goKindOf, type Shape, ShapeError } from "../types/shape.ts";

const goScalars: Readonly<Record<string, string>> = { float64: "float64", int32: "int32", int64: "int64", bool: "bool" };

function restoreScalar(shape: Shape, value: Json): void {
  const wanted = goScalars[shape.type] ?? "string";
  const given = goKindName(value);
  if (given === wanted) return;
  const number = (kind: string) => ["int32", "int64", "float64"].includes(kind);
  if (number(wanted) && number(given) && (wanted === "float64" || Number.isInteger(Number(value)))) return;
  if (number(given) && (number(wanted) || (wanted === "string" && given === "int64"))) {
    throw new ShapeError(`cannot convert ${given} to ${wanted}`);
  }
  throw new ShapeError(`unrecognized type: ${wanted}`);
}

function restoreTime(shape: Shape, value: Json): void {
  if (typeof value !== "string") {
    throw new ShapeError(`json: cannot unmarshal ${goKindOf(value)} into Go value of type string`);
  }
  decodeShape({ type: "struct", name: "v1.Time", fields: [{ name: "time", shape, empty: "omit" }] }, { time: value });
}

/** Checks a value against a Go type, members in the order of the struct. Pure. @throws {ShapeError} */
export function checkRestorable(shape: Shape, value: Json | undefined): void {
  if (value === null || value === undefined || ["any", "raw", "orBool", "orList"].includes(shape.type)) return;
  switch (shape.type) {
    case "struct":
      if (!isObject(value)) throw new ShapeError(`cannot restore struct from: ${goKindName(value)}`);
      for (const field of shape.fields) {
        if (Object.hasOwn(value, field.name)) checkRestorable(field.shape, value[field.name]);
      }
      return;
    case "map":
      if (!isObject(value)) throw new ShapeError(`cannot restore map from ${goKindName(value)}`);
      for (const key of Object.keys(value).sort()) checkRestorable(shape.of, value[key]);
      return;
    case "list":
      if (!Array.isArray(value)) throw new ShapeError(`cannot restore slice from ${goKindName(value)}`);
      for (const item of value) checkRestorable(shape.of, item);
      return;
    case "bytes":
      if (typeof value !== "string") throw new ShapeError(`cannot restore slice from ${goKindName(value)}`);
      try {
        decodeShape({ type: "struct", name: "v1.Bytes", fields: [{ name: "bytes", shape, empty: "omit" }] }, { bytes: value });
      } catch (error) {
        throw error instanceof ShapeError ? new ShapeError(`error decoding from json: ${error.message}`) : error;
      }
      return;
    case "quantity":
    case "intOrString":
    case "orList":
      // They read themselves, whatever it is.
      return;
    case "time":
    case "microTime":
      return restoreTime(shape, value);
    default:
      restoreScalar(shape, value);
  }
}
