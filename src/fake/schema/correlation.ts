/**
 * What was before: the old state of each part of a value, and whether the part is still the same. What was invalid and is
 * unchanged may stay (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting).
 *
 * @module
 */
import { encode, equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { isNamed } from "./walk.ts";

/** The text of an item's keys; nothing where one is absent, or is no scalar: such an item is not followed. */
function keyText(item: Json, keys: readonly Json[]): string | undefined {
  if (!isObject(item)) return undefined;
  const values = keys.map((key) => item[String(key)]);
  const known = values.every((value) => value !== undefined && value !== null && !isObject(value) && !Array.isArray(value));
  return known ? encode(values as Json) : undefined;
}

/** Finds the old state of a list's item: items of a list of maps are followed by their keys, others not at all. Pure. */
export function formerItem(schema: JsonObject, old: Json | undefined): (item: Json) => Json | undefined {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (schema["x-kubernetes-list-type"] !== "map" || !Array.isArray(keys) || !Array.isArray(old)) return () => undefined;
  const byKey = new Map<string, Json>();
  for (const item of old) {
    const text = keyText(item, keys);
    if (text !== undefined && !byKey.has(text)) byKey.set(text, item);
  }
  return (item) => {
    const text = keyText(item, keys);
    return text === undefined ? undefined : byKey.get(text);
  };
}

/** The schema of a member that can be followed; nothing where only its name is known to be allowed. */
function followedSchema(schema: JsonObject, name: string): JsonObject | undefined {
  const own = isNamed(schema, name) ? (schema.properties as JsonObject)[name] : schema.additionalProperties;
  return isObject(own) ? own : undefined;
}

/** A value, what it was before, and its schema. */
export class Correlation {
  readonly value: Json;
  readonly old: Json;
  readonly schema: JsonObject;
  #same: boolean | undefined;
  #former: ((item: Json) => Json | undefined) | undefined;

  constructor(value: Json, old: Json, schema: JsonObject) {
    this.value = value;
    this.old = old;
    this.schema = schema;
  }

  /** Of a member; nothing where it was not there, or its schema is not known. */
  member(name: string): Correlation | undefined {
    if (!isObject(this.value) || !isObject(this.old)) return undefined;
    if (!Object.hasOwn(this.value, name) || !Object.hasOwn(this.old, name)) return undefined;
    const schema = followedSchema(this.schema, name);
    return schema && new Correlation(this.value[name]!, this.old[name]!, schema);
  }

  /** Of an item; nothing where it is not followed. */
  item(item: Json): Correlation | undefined {
    const { items } = this.schema;
    if (!isObject(items)) return undefined;
    const old = (this.#former ??= formerItem(this.schema, this.old))(item);
    return old === undefined ? undefined : new Correlation(item, old, items);
  }

  /**
   * Whether the value is what it was. Items of a list of maps may have changed their places; and what has members that the
   * schema does not know is never the same, as the genuine server does not follow these.
   */
  get same(): boolean {
    return this.#same ??= this.#compare();
  }

  #compare(): boolean {
    const { value, old, schema } = this;
    if (Array.isArray(value) && Array.isArray(old)) {
      if (value.length !== old.length) return false;
      // A list that is not followed is compared as a whole.
      if (schema["x-kubernetes-list-type"] !== "map") return equal(value, old);
      return value.every((item) => this.item(item)?.same === true);
    }
    if (!isObject(value) || !isObject(old)) return equal(value, old);
    const names = Object.keys(value);
    return names.length === Object.keys(old).length && names.every((name) => this.member(name)?.same === true);
  }
}
