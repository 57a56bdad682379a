/**
 * OpenAPI v2 in protobuf: the messages of gnostic's `openapi.v2`, of those that the API server's document has.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";

/** How a member is written: a scalar, a message, or by a function of its own. */
type Kind = "text" | "bool" | "int" | "double" | "any" | "texts" | "anys" | Writer;
type Writer = (value: Json) => Part[];
type Shape = Readonly<Record<string, readonly [field: number, kind: Kind]>>;

/** Bytes, or parts that are written one after the other. */
type Part = Uint8Array | readonly Part[];

const encoder = new TextEncoder();

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value;; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push(rest % 128 | 128);
  }
}

const sizeOf = (part: Part): number =>
  part instanceof Uint8Array ? part.length : part.reduce((sum, each) => sum + sizeOf(each), 0);

function flattened(part: Part): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeOf(part));
  let at = 0;
  const write = (each: Part): void => {
    if (each instanceof Uint8Array) {
      bytes.set(each, at);
      at += each.length;
    } else each.forEach(write);
  };
  write(part);
  return bytes;
}

/** A member of a known length: in one piece, so that nobody has to count it again. */
const framed = (field: number, part: Part): Part => {
  const body = flattened(part);
  return flattened([varint(field * 8 + 2), varint(body.length), body]);
};
const text = (field: number, value: Json): Part => framed(field, encoder.encode(String(value)));

function double(field: number, value: Json): Part {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, Number(value), true);
  return [varint(field * 8 + 1), bytes];
}

/** Writes documents. @param yaml How a value is written that has no message of its own. */
class Wire {
  readonly #yaml: (value: Json) => string;
  readonly #known = new Map<string, Part>();

  constructor(yaml: (value: Json) => string) {
    this.#yaml = yaml;
  }

  #any(value: Json): Part {
    const key = JSON.stringify(value);
    if (!this.#known.has(key)) this.#known.set(key, text(2, this.#yaml(value)));
    return this.#known.get(key)!;
  }

  #member(field: number, kind: Kind, value: Json): Part[] {
    if (typeof kind === "function") return kind(value).map((part) => framed(field, part));
    switch (kind) {
      case "text":
        return value === "" ? [] : [text(field, value)];
      case "texts":
        return (value as Json[]).map((each) => text(field, each));
      case "bool":
        return value === true ? [[varint(field * 8), varint(1)]] : [];
      case "int":
        return Number(value) === 0 ? [] : [[varint(field * 8), varint(Number(value))]];
      case "double":
        return Number(value) === 0 ? [] : [double(field, value)];
      case "any":
        return [framed(field, this.#any(value))];
      case "anys":
        return (value as Json[]).map((each) => framed(field, this.#any(each)));
    }
  }

  /** A message: its members by their numbers; what its shape does not know and begins with `x-`, behind all. */
  #message(shape: Shape, value: JsonObject, extensions: number): Part {
    const parts = Object.entries(shape).sort(([, [one]], [, [other]]) => one - other).flatMap(([name, [field, kind]]) =>
      value[name] === undefined ? [] : this.#member(field, kind, value[name])
    );
    const said = Object.entries(value).filter(([name]) => name.startsWith("x-"));
    return [...parts, ...said.map(([name, each]) => framed(extensions, [text(1, name), framed(2, this.#any(each!))]))];
  }

  readonly #named = (of: (value: JsonObject) => Part): Writer => (value) =>
    Object.entries(value as JsonObject).map(([name, each]) => [text(1, name), framed(2, of(each as JsonObject))]);
  readonly #inside = (writer: Writer, field: number = 1): Writer => (value) => [writer(value).map((part) => framed(field, part))];
  readonly #schema = (value: JsonObject): Part => this.#message(this.#schemaShape, value, 31);
  readonly #one = (of: (value: JsonObject) => Part): Writer => (value) => [of(value as JsonObject)];
  readonly #list = (of: (value: JsonObject) => Part): Writer => (value) => (value as JsonObject[]).map(of);

  readonly #schemaShape: Shape = {
    $ref: [1, "text"],
    format: [2, "text"],
    title: [3, "text"],
    description: [4, "text"],
    default: [5, "any"],
    multipleOf: [6, "double"],
    maximum: [7, "double"],
    exclusiveMaximum: [8, "bool"],
    minimum: [9, "double"],
    exclusiveMinimum: [10, "bool"],
    maxLength: [11, "int"],
    minLength: [12, "int"],
    pattern: [13, "text"],
    maxItems: [14, "int"],
    minItems: [15, "int"],
    uniqueItems: [16, "bool"],
    maxProperties: [17, "int"],
    minProperties: [18, "int"],
    required: [19, "texts"],
    enum: [20, "anys"],
    additionalProperties: [
      21,
      (value) => [isObject(value) ? framed(1, this.#schema(value)) : [varint(16), varint(value === true ? 1 : 0)]],
    ],
    type: [22, (value) => [text(1, value)]],
    items: [23, (value) => [framed(1, this.#schema(value as JsonObject))]],
    properties: [25, (value) => this.#inside(this.#named(this.#schema))(value)],
  };

  readonly #reference = (value: JsonObject): Part => text(1, value.$ref!);

  /** Members of a parameter that is no body: those in queries have one more, so that later ones have other numbers. */
  #plainParameter(value: JsonObject): Part {
    const isQuery = value.in === "query";
    const type = isQuery ? 6 : 5;
    const shape: Shape = {
      required: [1, "bool"],
      in: [2, "text"],
      description: [3, "text"],
      name: [4, "text"],
      type: [type, "text"],
      uniqueItems: [isQuery ? 20 : 19, "bool"],
    };
    return framed(isQuery ? 3 : 4, this.#message(shape, value, type + 17));
  }

  readonly #parameter = (value: JsonObject): Part => {
    if (value.in !== "body") return framed(2, this.#plainParameter(value));
    const shape: Shape = {
      description: [1, "text"],
      name: [2, "text"],
      in: [3, "text"],
      required: [4, "bool"],
      schema: [5, this.#one(this.#schema)],
    };
    return framed(1, this.#message(shape, value, 6));
  };

  readonly #parameterItem = (value: JsonObject): Part =>
    value.$ref === undefined ? framed(1, this.#parameter(value)) : framed(2, this.#reference(value));

  readonly #response = (value: JsonObject): Part => {
    const shape: Shape = { description: [1, "text"], schema: [2, this.#inside(this.#one(this.#schema))] };
    return framed(1, this.#message(shape, value, 5));
  };

  readonly #operation = (value: JsonObject): Part => {
    const shape: Shape = {
      tags: [1, "texts"],
      description: [3, "text"],
      operationId: [5, "text"],
      produces: [6, "texts"],
      consumes: [7, "texts"],
      parameters: [8, this.#list(this.#parameterItem)],
      responses: [9, this.#inside(this.#named(this.#response))],
      schemes: [10, "texts"],
    };
    return this.#message(shape, value, 13);
  };

  readonly #path = (value: JsonObject): Part => {
    const methods = ["get", "put", "post", "delete", "options", "head", "patch"];
    const operation = this.#one(this.#operation);
    const shape: Shape = {
      ...Object.fromEntries(methods.map((method, index) => [method, [index + 2, operation] as const])),
      parameters: [9, this.#list(this.#parameterItem)],
    };
    return this.#message(shape, value, 10);
  };

  readonly #securityDefinition = (value: JsonObject): Part => {
    const shape: Shape = { type: [1, "text"], name: [2, "text"], in: [3, "text"], description: [4, "text"] };
    return framed(2, this.#message(shape, value, 5));
  };

  document(value: JsonObject): Part {
    const shape: Shape = {
      swagger: [1, "text"],
      info: [2, this.#one((info) => this.#message({ title: [1, "text"], version: [2, "text"] }, info, 7))],
      paths: [8, this.#inside(this.#named(this.#path), 2)],
      definitions: [9, this.#inside(this.#named(this.#schema))],
      parameters: [10, this.#inside(this.#named(this.#parameter))],
      security: [12, this.#list((each) => this.#inside(this.#named(() => []))(each))],
      securityDefinitions: [13, this.#inside(this.#named(this.#securityDefinition))],
    };
    return this.#message(shape, value, 16);
  }
}

/**
 * A document of OpenAPI v2 in protobuf. Pure.
 *
 * @param yaml How a value is written that has no message of its own.
 */
export const versionTwoBytes = (document: JsonObject, yaml: (value: Json) => string): Uint8Array<ArrayBuffer> =>
  flattened(new Wire(yaml).document(document));
