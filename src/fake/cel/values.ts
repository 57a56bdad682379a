/**
 * The values that validation rules see: JSON, read by its type when a rule asks for it.
 *
 * @module
 */
import { equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import type { ObjectType, RuleType, ScalarName } from "./types.ts";

/** Makes the values of one schema. */
export class ValueReader {
  readonly #classes = new Map<ObjectType, new (raw: JsonObject) => ObjectValue>();
  readonly #duration: (text: string) => unknown;

  /** @param duration Makes the language's own value of a duration's text. */
  constructor(duration: (text: string) => unknown) {
    this.#duration = duration;
  }

  /** The class of the values of an object type: each type has one, so that the language tells them apart. */
  classOf(type: ObjectType): new (raw: JsonObject) => ObjectValue {
    let found = this.#classes.get(type);
    if (!found) {
      const read = (field: RuleType, value: Json) => this.read(field, value);
      found = class extends ObjectValue {
        constructor(raw: JsonObject) {
          super(raw, type, read);
        }
      };
      this.#classes.set(type, found);
    }
    return found;
  }

  /** The value of a piece of JSON. */
  read(type: RuleType, value: Json): unknown {
    if (value === null) return null;
    switch (type.kind) {
      case "scalar":
        return this.#scalar(type.name, value);
      case "list":
        return Array.isArray(value) ? value.map((item) => this.read(type.items, item)) : [];
      case "map": {
        const map = new Map<string, unknown>();
        for (const [key, member] of Object.entries(isObject(value) ? value : {})) {
          if (member !== undefined) map.set(key, this.read(type.values, member));
        }
        return map;
      }
      case "object":
        return new (this.classOf(type))(isObject(value) ? value : {});
    }
  }

  #scalar(name: ScalarName, value: Json): unknown {
    switch (name) {
      case "int":
        return BigInt(Math.trunc(Number(value)));
      case "dyn":
        return typeof value === "number" ? BigInt(Math.trunc(value)) : value;
      case "timestamp":
        return new Date(String(value));
      case "duration":
        return this.#duration(String(value));
      case "bytes":
        return Uint8Array.from(atob(String(value)), (char) => char.charCodeAt(0));
      default:
        return value;
    }
  }
}

/** An object whose members are read when they are asked for. */
export abstract class ObjectValue extends Map<string, unknown> {
  readonly raw: JsonObject;
  readonly type: ObjectType;
  readonly #read: (type: RuleType, value: Json) => unknown;

  constructor(raw: JsonObject, type: ObjectType, read: (type: RuleType, value: Json) => unknown) {
    super();
    this.raw = raw;
    this.type = type;
    this.#read = read;
  }

  override get(name: string): unknown {
    const known = super.get(name);
    if (known !== undefined) return known;
    const field = this.type.fields.get(name);
    const value = field && Object.hasOwn(this.raw, field.key) ? this.raw[field.key] : undefined;
    // A null is as good as absent: only where the schema allows it does it come this far.
    if (field === undefined || value === undefined || value === null) return undefined;
    const read = this.#read(field.type, value);
    this.set(name, read);
    return read;
  }
}

/** Whether two pieces of JSON are equal to a rule: sets and keyed lists in any order, moments in any zone. Pure. */
export function sameValue(type: RuleType, a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined || a === null || b === null) return (a ?? null) === (b ?? null);
  switch (type.kind) {
    case "scalar":
      return type.name === "timestamp" ? Date.parse(String(a)) === Date.parse(String(b)) : equal(a, b);
    case "list": {
      if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
      if (type.listType === "atomic") return a.every((item, index) => sameValue(type.items, item, b[index]));
      return a.every((item) => b.some((other) => sameValue(type.items, item, other)));
    }
    case "map":
      return isObject(a) && isObject(b) && Object.keys(a).length === Object.keys(b).length &&
        Object.keys(a).every((key) => Object.hasOwn(b, key) && sameValue(type.values, a[key], b[key]));
    case "object": {
      if (!isObject(a) || !isObject(b)) return false;
      const types = new Map([...type.fields.values()].map((field) => [field.key, field.type]));
      return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => {
        const member = types.get(key);
        return member ? sameValue(member, a[key], b[key]) : equal(a[key], b[key]);
      });
    }
  }
}
