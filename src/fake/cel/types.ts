/**
 * The types that validation rules see: what a schema says, in the terms of CEL.
 *
 * @module
 */
import { isObject, type JsonObject } from "../types/json.ts";

/** What a value of a schema is to a rule. */
export type RuleType =
  | { readonly kind: "scalar"; readonly name: ScalarName }
  | { readonly kind: "list"; readonly items: RuleType; readonly listType: ListType; readonly keys: readonly string[] }
  | { readonly kind: "map"; readonly values: RuleType }
  | ObjectType;

/** A type without parts. `dyn` is an int or a string. */
export type ScalarName = "string" | "int" | "double" | "bool" | "dyn" | "bytes" | "timestamp" | "duration";

/** `x-kubernetes-list-type`. */
export type ListType = "atomic" | "set" | "map";

/** An object with known members. */
export interface ObjectType {
  readonly kind: "object";
  /** Unique within one schema, and a word that signatures may hold. */
  readonly name: string;
  /** The name that messages say. */
  readonly shown: string;
  /** By the name that rules write. */
  readonly fields: ReadonlyMap<string, Field>;
}

/** A member of an object. */
export interface Field {
  /** The name in JSON. */
  readonly key: string;
  readonly type: RuleType;
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

const scalar = (name: ScalarName): RuleType => ({ kind: "scalar", name });
const formats: Readonly<Record<string, ScalarName>> = {
  byte: "bytes",
  date: "timestamp",
  "date-time": "timestamp",
  datetime: "timestamp",
  duration: "duration",
};

/** Makes the types of one schema. */
export class TypeReader {
  /** Every object type that was made, inner ones first. */
  readonly objects: ObjectType[] = [];
  readonly #made = new Map<JsonObject, RuleType | undefined>();

  /**
   * The type of a schema, or undefined where rules cannot see its values.
   *
   * @param shown The name that messages say for an object.
   * @param isResource Whether it has apiVersion, kind and metadata of its own.
   */
  read(schema: JsonObject, shown: string, isResource: boolean): RuleType | undefined {
    if (!this.#made.has(schema)) this.#made.set(schema, this.#make(schema, shown, isResource));
    return this.#made.get(schema);
  }

  #make(schema: JsonObject, shown: string, isResource: boolean): RuleType | undefined {
    if (schema["x-kubernetes-int-or-string"] === true) return scalar("dyn");
    switch (schema.type) {
      case "string":
        return scalar((typeof schema.format === "string" && formats[schema.format]) || "string");
      case "integer":
        return scalar("int");
      case "number":
        return scalar("double");
      case "boolean":
        return scalar("bool");
      case "array": {
        const items = isObject(schema.items) && this.read(schema.items, `${shown}.@idx`, isResourceSchema(schema.items));
        const { "x-kubernetes-list-type": listType = "atomic", "x-kubernetes-list-map-keys": keys } = schema;
        return items
          ? { kind: "list", items, listType: listType as ListType, keys: Array.isArray(keys) ? keys.map(String) : [] }
          : undefined;
      }
      case "object":
        return this.#makeObject(schema, shown, isResource || isResourceSchema(schema));
      default:
        return undefined;
    }
  }

  #makeObject(schema: JsonObject, shown: string, isResource: boolean): RuleType | undefined {
    if (isObject(schema.additionalProperties)) {
      const { additionalProperties } = schema;
      const values = this.read(additionalProperties, `${shown}.@elem`, isResourceSchema(additionalProperties));
      return values && { kind: "map", values };
    }
    const fields = new Map<string, Field>();
    const properties = { ...(isObject(schema.properties) ? schema.properties : {}), ...(isResource ? resourceFields : {}) };
    for (const [key, property] of Object.entries(properties)) {
      const type = isObject(property) ? this.read(property, `${shown}.${key}`, false) : undefined;
      const name = escapeName(key);
      if (!type || name === undefined) continue;
      fields.set(name, { key, type });
      // A word of the language is understood behind a dot too.
      if (reserved.has(key) && !["true", "false", "null", "in"].includes(key)) fields.set(key, { key, type });
    }
    const type: ObjectType = { kind: "object", name: `object${this.objects.length}`, shown, fields };
    this.objects.push(type);
    return type;
  }
}

const text: JsonObject = { type: "string" };
const resourceFields: JsonObject = {
  apiVersion: text,
  kind: text,
  metadata: { type: "object", properties: { name: text, generateName: text } },
};

const isResourceSchema = (schema: JsonObject) => schema["x-kubernetes-embedded-resource"] === true;
