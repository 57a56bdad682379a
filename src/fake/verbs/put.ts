/**
 * Storing an object of a type, with what it takes to show it afterwards.
 *
 * @module
 */
import type { JsonObject } from "../types/json.ts";
import type { ResourceType } from "../types/resource.ts";
import type { World } from "../store/world.ts";

/** How an object is stored. */
export interface PutOptions {
  /** Nothing is stored. @default {false} */
  readonly dryRun?: boolean;
  /** Whether it is as the type decodes what it is given, but for metadata and what is taken from `old`. @default {false} */
  readonly isDecoded?: boolean | undefined;
  /** What it replaces. */
  readonly old?: JsonObject;
}

/**
 * Stores the new state of an object. What has to be asked outside for that, and for its answer, is asked before: an answer that
 * cannot be had then keeps nothing from being stored.
 *
 * @returns The object as the type shows it.
 */
export function putObject(
  world: World,
  type: ResourceType,
  object: JsonObject,
  { dryRun = false, isDecoded = false, old }: PutOptions = {},
): JsonObject {
  const stored = type.toStorage(object);
  type.ahead?.([stored]);
  if (dryRun) return type.fromStorage(stored);
  const put = world.store.put(type, stored);
  if (isDecoded) type.noteShown?.(put, old);
  return type.fromStorage(put);
}
