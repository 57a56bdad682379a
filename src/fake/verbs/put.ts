/**
 * Storing an object of a type, with what it takes to show it afterwards.
 *
 * @module
 */
import type { JsonObject } from "../types/json.ts";
import type { ResourceType } from "../types/resource.ts";
import type { World } from "../store/world.ts";

/**
 * Stores the new state of an object. What has to be asked outside for that, and for its answer, is asked before: an answer that
 * cannot be had then keeps nothing from being stored.
 *
 * @param dryRun Nothing is stored.
 * @returns The object as the type shows it.
 */
export function putObject(world: World, type: ResourceType, object: JsonObject, dryRun: boolean = false): JsonObject {
  const stored = type.toStorage(object);
  type.ahead?.([stored]);
  return type.fromStorage(dryRun ? stored : world.store.put(type, stored));
}
