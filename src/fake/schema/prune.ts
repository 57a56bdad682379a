/**
 * Drops what the schema of a custom resource does not know.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { byBytes } from "../types/order.ts";
import { type Fit, index, isMetaMember, member, memberSchema } from "./walk.ts";

const preserves = (schema: JsonObject) => schema["x-kubernetes-preserve-unknown-fields"] === true;
const itemsOf = (schema: JsonObject | undefined) => isObject(schema?.items) ? schema.items : undefined;

/** What is below a value: where nothing is known (no schema), no object keeps a member. */
class Pruner {
  readonly pruned: string[] = [];
  readonly #fit: Fit;

  constructor(fit: Fit) {
    this.#fit = fit;
  }

  prune(value: Json, schema: JsonObject | undefined, path: string, root: boolean = false): void {
    if (typeof value !== "object" || value === null || this.#fit?.has(value)) return;
    if (schema && preserves(schema)) return this.#keep(value, schema, path, root);
    if (Array.isArray(value)) {
      const items = itemsOf(schema);
      value.forEach((item, at) => this.prune(item, items, index(path, at)));
      return;
    }
    if (!isObject(value)) return;
    for (const [key, own] of Object.entries(value)) {
      if (isMetaMember(schema, key, root)) continue;
      const known = memberSchema(schema, key);
      if (known === false) {
        delete value[key];
        this.pruned.push(member(path, key));
      } else this.prune(own!, known, member(path, key));
    }
  }

  /** A value that keeps what is not known. What is known below it is not preserved by that alone, but for items of items. */
  #keep(value: Json, schema: JsonObject | undefined, path: string, root: boolean = false): void {
    if (!schema) return;
    if (Array.isArray(value)) {
      const items = itemsOf(schema);
      value.forEach((item, at) => this.#keep(item, items, index(path, at)));
      return;
    }
    if (!isObject(value)) return;
    for (const [key, own] of Object.entries(value)) {
      const known = isMetaMember(schema, key, root) ? false : memberSchema(schema, key);
      if (known !== false) this.prune(own!, known, member(path, key));
    }
  }
}

/**
 * Removes unknown members from a value, in place. A member that preserves unknown fields keeps what is in it, arrays
 * and what they hold included; `additionalProperties: true` keeps texts and numbers only, as on the genuine server.
 *
 * @param options `root`: whether the value has the apiVersion, kind and metadata of an object. `fit`: parts where nothing is unknown.
 * @returns Their paths, in alphabetic order.
 */
export function pruneUnknown(
  value: Json,
  schema: JsonObject,
  { root = true, fit }: { readonly root?: boolean; readonly fit?: Fit } = {},
): string[] {
  const pruner = new Pruner(fit);
  pruner.prune(value, schema, "", root);
  return pruner.pruned.sort(byBytes);
}
