/**
 * JSON as policies see it, whatever its schema: whole numbers are ints.
 *
 * @module
 */
import { EvaluationError, Mapping } from "../cel/language/value.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { isInteger, isNumber } from "../types/numeral.ts";

/** The value of a piece of JSON. Pure. */
export function plainValue(value: Json | undefined): unknown {
  if (isNumber(value)) return isInteger(value) ? BigInt(value) : Number(value);
  if (Array.isArray(value)) return value.map(plainValue);
  return isObject(value) ? new PlainObject(value) : value ?? null;
}

/** An object whose members are read when they are asked for. */
class PlainObject extends Mapping {
  readonly #raw: JsonObject;
  readonly #read = new Map<string, unknown>();

  constructor(raw: JsonObject) {
    super();
    this.#raw = raw;
  }

  get size(): number {
    return [...this.keys()].length;
  }
  *keys(): Iterable<string> {
    for (const key of Object.keys(this.#raw)) if (this.#raw[key] !== undefined) yield key;
  }
  find(key: unknown): unknown {
    if (typeof key !== "string" || !Object.hasOwn(this.#raw, key) || this.#raw[key] === undefined) return undefined;
    if (!this.#read.has(key)) this.#read.set(key, plainValue(this.#raw[key]));
    return this.#read.get(key);
  }
}

/** Members that are found out when they are asked for: the variables of a policy. */
export class LazyObject extends Mapping {
  readonly #make: ReadonlyMap<string, () => unknown>;
  readonly #made = new Map<string, { readonly value: unknown } | { readonly error: EvaluationError }>();

  constructor(make: ReadonlyMap<string, () => unknown>) {
    super();
    this.#make = make;
  }

  get size(): number {
    return this.#make.size;
  }
  keys(): Iterable<string> {
    return this.#make.keys();
  }
  find(key: unknown): unknown {
    const make = this.#make.get(String(key));
    if (!make) return undefined;
    let made = this.#made.get(String(key));
    if (!made) {
      try {
        made = { value: make() };
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        made = { error };
      }
      this.#made.set(String(key), made);
    }
    if ("error" in made) throw made.error;
    return made.value;
  }
}
