/**
 * What rules see of a schema: which values there are, and how many and how large they can be.
 *
 * @module
 */
import { byteLength } from "../types/bytes.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { exactly, type Span } from "./language/span.ts";
import { listOf, mapOf, structOf, type Type, types } from "./language/type.ts";

/** What a value of a schema is to a rule. */
export type Declared = DeclaredScalar | DeclaredList | DeclaredMap | DeclaredObject;

interface Sized {
  /** Characters, items or members that it can have; 0 of what has none. */
  readonly most: number;
  /** Bytes of the smallest one in JSON. */
  readonly smallest: number;
}

/** `dyn` is an int or a string. */
export type ScalarName = "string" | "int" | "double" | "bool" | "dyn" | "bytes" | "timestamp" | "duration";
/** A value without parts. */
export interface DeclaredScalar extends Sized {
  readonly kind: "scalar";
  readonly name: ScalarName;
  /** Whether a timestamp is a date alone. */
  readonly isDate: boolean;
}

/** `x-kubernetes-list-type`. */
export type ListType = "atomic" | "set" | "map";
/** A list. */
export interface DeclaredList extends Sized {
  readonly kind: "list";
  readonly items: Declared;
  /** Whether an item may be null. */
  readonly hasNulls: boolean;
  readonly listType: ListType;
  readonly keys: readonly string[];
}

/** A map with any keys. */
export interface DeclaredMap extends Sized {
  readonly kind: "map";
  readonly values: Declared;
}

/** A member of an object. */
export interface Field {
  /** The name in JSON. */
  readonly key: string;
  readonly type: Declared;
}
/** An object with known members. */
export interface DeclaredObject extends Sized {
  readonly kind: "object";
  /** By the name that rules write. */
  readonly fields: ReadonlyMap<string, Field>;
}

// What the language itself needs; as names of members they are escaped.
const reserved = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while"
    .split(" "),
);

/** The name under which a rule reaches a member, or undefined where it cannot be reached. Pure. */
export function escapeName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined;
  return name.replace(
    /__|\.|-|\//g,
    (part) => part === "__" ? "__underscores__" : part === "." ? "__dot__" : part === "-" ? "__dash__" : "__slash__",
  );
}

/** Bytes that a request can have. */
const request = 3 * 1024 * 1024;
const textMost = request - 2;

const bound = (value: unknown): number | undefined => typeof value === "number" ? Math.max(0, value) : undefined;
const scalar = (name: ScalarName, smallest: number, most = 0, isDate = false): DeclaredScalar => ({
  kind: "scalar",
  name,
  most,
  smallest,
  isDate,
});

function textOf(schema: JsonObject): DeclaredScalar {
  const length = bound(schema.maxLength);
  switch (schema.format) {
    case "byte":
      return scalar("bytes", 2, length ?? textMost);
    case "duration":
      return scalar("duration", 3, 32);
    case "date":
      return scalar("timestamp", 12, 12, true);
    case "date-time":
      return scalar("timestamp", 21, 32);
  }
  if (length !== undefined) return scalar("string", 2, length * 4);
  const { enum: values } = schema;
  if (!Array.isArray(values) || values.length === 0) return scalar("string", 2, textMost);
  const sizes = values.map((value) => typeof value === "string" ? byteLength(value) : 0);
  return scalar("string", 2, Math.max(...sizes));
}

const text: JsonObject = { type: "string" };

/** What is known of every resource, whatever its schema says. */
function asResource(properties: JsonObject): JsonObject {
  const isA = (value: unknown, type: string) => isObject(value) && value.type === type;
  const { metadata } = properties;
  const own = isObject(metadata) && isObject(metadata.properties) ? metadata.properties : {};
  const isKnown = isA(properties.kind, "string") && isA(properties.apiVersion, "string") && isA(metadata, "object") &&
    isA(own.name, "string") && isA(own.generateName, "string");
  if (isKnown) return properties;
  const meta: JsonObject = { type: "object", properties: { name: text, generateName: text } };
  return { ...properties, apiVersion: text, kind: text, metadata: meta };
}

const isEmbedded = (schema: JsonObject) => schema["x-kubernetes-embedded-resource"] === true;

/** What a schema says to rules, or undefined where they cannot see its values. Pure. @param isResource Whether it has a kind of its own. */
export function declare(schema: JsonObject, isResource: boolean = isEmbedded(schema)): Declared | undefined {
  if (schema["x-kubernetes-int-or-string"] === true) {
    const length = bound(schema.maxLength);
    return scalar("dyn", 1, length === undefined ? textMost : length * 4);
  }
  switch (isResource ? "object" : schema.type) {
    case "string":
      return textOf(schema);
    case "integer":
      return scalar("int", 1);
    case "number":
      return scalar("double", 1);
    case "boolean":
      return scalar("bool", 4);
    case "array": {
      const items = isObject(schema.items) ? declare(schema.items) : undefined;
      if (!items) return undefined;
      const { "x-kubernetes-list-type": listType = "atomic", "x-kubernetes-list-map-keys": keys } = schema;
      return {
        kind: "list",
        items,
        hasNulls: isObject(schema.items) && schema.items.nullable === true,
        listType: listType as ListType,
        keys: Array.isArray(keys) ? keys.map(String) : [],
        most: bound(schema.maxItems) ?? Math.floor((request - 2) / (items.smallest + 1)),
        smallest: 2,
      };
    }
    case "object":
      return declareObject(schema, isResource);
    default:
      return undefined;
  }
}

function declareObject(schema: JsonObject, isResource: boolean): Declared | undefined {
  if (isObject(schema.additionalProperties)) {
    const values = declare(schema.additionalProperties);
    if (!values) return undefined;
    const most = bound(schema.maxProperties) ?? Math.floor((request - 2) / (values.smallest + 6));
    return { kind: "map", values, most, smallest: 2 };
  }
  const own = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const fields = new Map<string, Field>();
  let smallest = 2;
  for (const [key, property] of Object.entries(isResource ? asResource(own) : own)) {
    const type = isObject(property) ? declare(property) : undefined;
    if (!type) continue;
    const name = escapeName(key);
    if (name !== undefined) fields.set(name, { key, type });
    const isDefaulted = isObject(property) && property.default !== undefined;
    if (required.includes(key) && !isDefaulted) smallest += byteLength(key) + type.smallest + 4;
  }
  return { kind: "object", fields, most: 0, smallest };
}

/** The type that the language checks. Pure. @param name The name of the value that a rule stands at. */
export function typeOf(declared: Declared, name: string): Type {
  switch (declared.kind) {
    case "scalar":
      return types[declared.name];
    case "list":
      return listOf(typeOf(declared.items, `${name}.@idx`));
    case "map":
      return mapOf(types.string, typeOf(declared.values, `${name}.@elem`));
    case "object": {
      const fields = new Map<string, Type>();
      for (const [field, { key, type }] of declared.fields) {
        const member = typeOf(type, `${name}.${field}`);
        fields.set(field, member);
        // A word of the language is understood behind a dot too.
        if (reserved.has(key)) fields.set(key, member);
      }
      return structOf(name, name, fields);
    }
  }
}

/** The size of what is at a path of an expression. Pure. @param path Begins with the variable. */
export function sizeAt(declared: Declared, path: readonly string[]): Span | undefined {
  let here: Declared | undefined = declared;
  for (const step of path.slice(1)) {
    if (step === "@items") here = here.kind === "list" ? here.items : here.kind === "map" ? here.values : undefined;
    else if (step === "@values") here = here.kind === "map" ? here.values : here.kind === "list" ? here.items : undefined;
    else if (step === "@keys") {
      if (here.kind !== "map") return undefined;
      // Keys have no bound of their own.
      here = scalar("string", 2);
    } else here = here.kind === "object" ? here.fields.get(step)?.type : undefined;
    if (!here) return undefined;
  }
  return { ...exactly(here.most), min: 0 };
}

/** How often a value can be in one request, where nothing else bounds it. Pure. */
export const mostOften = (declared: Declared): number => Math.floor(request / (declared.smallest + 1));
