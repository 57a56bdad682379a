/**
 * Bodies in Kubernetes' protobuf, which typed Go clients send for built-in types. Answers are never in protobuf: all
 * clients take JSON as well.
 *
 * @module
 */
import { decodedLeaf, type Json, type JsonObject, setMember, withLeaves } from "../types/json.ts";
import { settledNumber } from "../types/numeral.ts";
import { parseJson } from "../types/parse.ts";
import type { Shape, Struct } from "../types/shape.ts";
import { bool, int64, keep, list, omit, string, struct, uid } from "../types/shapes.ts";
import { wireFields } from "./wire-fields.ts";

/** A body is not what its media type says, or holds a type that is not known here. */
export class ProtobufError extends Error {}

/** `meta/v1 DeleteOptions`. */
export const deleteOptionsShape: Struct = struct(
  "v1.DeleteOptions",
  keep("gracePeriodSeconds", int64),
  keep("preconditions", struct("v1.Preconditions", keep("uid", uid), keep("resourceVersion"))),
  keep("orphanDependents", bool),
  keep("propagationPolicy", { type: "string", named: "v1.DeletionPropagation" }),
  omit("dryRun", list(string)),
);

type Value = bigint | Uint8Array;

const text = (value: Value | undefined) => value instanceof Uint8Array ? new TextDecoder().decode(value) : "";

/** Reads a message into its fields. */
function fields(bytes: Uint8Array): Map<number, Value[]> {
  const found = new Map<number, Value[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new ProtobufError("unexpected EOF");
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (size: number): Uint8Array => {
    if (at + size > bytes.length) throw new ProtobufError("unexpected EOF");
    return bytes.subarray(at, at += size);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    const value = wire === 0 ? varint() : wire === 2 ? take(Number(varint())) : take(wire === 1 ? 8 : wire === 5 ? 4 : NaN);
    found.set(tag >>> 3, [...found.get(tag >>> 3) ?? [], value]);
  }
  return found;
}

function timeOf(bytes: Uint8Array, micro: boolean): Json {
  const message = fields(bytes);
  const seconds = BigInt.asIntN(64, (message.get(1)?.[0] ?? 0n) as bigint);
  const nanos = Number(message.get(2)?.[0] ?? 0n);
  if (seconds === 0n && nanos === 0 && message.size === 0) return null;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return micro ? `${whole}.${String(Math.trunc(nanos / 1000)).padStart(6, "0")}Z` : `${whole}Z`;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function one(shape: Shape, value: Value): Json {
  if (shape.type === "float64" && value instanceof Uint8Array) return new DataView(value.slice().buffer).getFloat64(0, true);
  if (!(value instanceof Uint8Array)) return shape.type === "bool" ? value !== 0n : settledNumber(BigInt.asIntN(64, value));
  switch (shape.type) {
    case "struct":
      return decodeMessage(shape, value);
    case "time":
    case "microTime":
      return timeOf(value, shape.type === "microTime");
    case "bytes":
      return base64(value);
    case "quantity":
      return text(fields(value).get(1)?.[0]) || "0";
    case "intOrString": {
      const [kind, number, string] = [1, 2, 3].map((field) => fields(value).get(field)?.[0]);
      return kind === 1n ? text(string) : Number(BigInt.asIntN(32, (number ?? 0n) as bigint));
    }
    case "any":
    case "raw":
      return parseRaw(text(fields(value).get(1)?.[0]));
    case "list":
      // A list in a map is a message of its own.
      return (fields(value).get(1) ?? []).map((item) => one(shape.of, item));
    default:
      return text(value);
  }
}

/** What a type that is not known here is in JSON: it travels as text. */
const parseRaw = (raw: string): Json => raw === "" ? null : withLeaves(parseJson(raw).value, decodedLeaf);

/** The values of a field, which may lie in messages inside of a message. */
function valuesAt(message: Map<number, Value[]>, [first, ...rest]: readonly number[]): Value[] | undefined {
  const values = message.get(first!);
  if (rest.length === 0 || !values) return values;
  const inner = values.at(-1);
  return inner instanceof Uint8Array ? valuesAt(fields(inner), rest) : undefined;
}

function decodeMessage(shape: Struct, bytes: Uint8Array): JsonObject {
  const numbers = wireFields[shape.name];
  if (!numbers && shape.identity === undefined) throw new ProtobufError(`${shape.name} is not known here`);
  const message = fields(bytes);
  const object: JsonObject = {};
  for (const field of shape.fields) {
    const values = valuesAt(message, field.wire ?? [numbers?.[field.name] ?? 0]);
    if (!values) continue;
    const { shape: of } = field;
    if (of.type === "list") object[field.name] = values.map((value) => one(of.of, value));
    else if (of.type === "map") {
      const map: JsonObject = {};
      for (const value of values) {
        const entry = fields(value as Uint8Array);
        setMember(map, text(entry.get(1)?.[0]), one(of.of, entry.get(2)?.[0] ?? new Uint8Array()));
      }
      object[field.name] = map;
    } else object[field.name] = one(of, values.at(-1)!);
  }
  return object;
}

const magic = [0x6b, 0x38, 0x73, 0x00];

/** Decodes a body: the envelope `runtime.Unknown` and the message in it. Pure. @throws {ProtobufError} */
export function decodeProtobuf(shape: Struct, body: Uint8Array): JsonObject {
  if (body.byteLength === 0) throw new ProtobufError("empty data");
  if (magic.some((byte, index) => body[index] !== byte)) {
    throw new ProtobufError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  }
  const envelope = fields(body.subarray(4));
  const typeMeta = fields((envelope.get(1)?.[0] ?? new Uint8Array()) as Uint8Array);
  const raw = envelope.get(2)?.[0];
  const object = raw instanceof Uint8Array ? decodeMessage(shape, raw) : {};
  return { kind: text(typeMeta.get(2)?.[0]), apiVersion: text(typeMeta.get(1)?.[0]), ...object };
}
