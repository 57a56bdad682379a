/**
 * Drops what the schema of a custom resource does not know.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";

const preserves = (schema: JsonObject) => schema["x-kubernetes-preserve-unknown-fields"] === true;
const child = (value: Json | undefined): JsonObject | undefined => isObject(value) ? value : undefined;

const rootMembers = ["apiVersion", "kind", "metadata"];

function prune(value: Json, schema: JsonObject, path: string, root: boolean, pruned: string[]): void {
  if (Array.isArray(value)) {
    const items = child(schema.items);
    value.forEach((item, index) =>
      prune(item, items ?? {}, `${path}[${index}]`, false, items || !preserves(schema) ? pruned : [])
    );
    return;
  }
  if (!isObject(value)) return;
  const properties = child(schema.properties) ?? {};
  const additional = schema.additionalProperties;
  const embedded = root || schema["x-kubernetes-embedded-resource"] === true;
  for (const [key, member] of Object.entries(value)) {
    if (embedded && rootMembers.includes(key)) continue;
    const memberPath = path === "" ? key : `${path}.${key}`;
    const known = child(properties[key]);
    if (Object.hasOwn(properties, key) && known) prune(member!, known, memberPath, false, pruned);
    else if (isObject(additional)) prune(member!, additional, memberPath, false, pruned);
    else if (additional === true || preserves(schema)) continue;
    else {
      delete value[key];
      pruned.push(memberPath);
    }
  }
}

/**
 * Removes unknown members from an object, in place.
 *
 * @returns Their paths.
 */
export function pruneUnknown(object: JsonObject, schema: JsonObject): string[] {
  const pruned: string[] = [];
  prune(object, schema, "", true, pruned);
  return pruned;
}
