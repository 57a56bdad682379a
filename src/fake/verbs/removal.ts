/**
 * The removal of one object, in one step or by way of its finalizers.
 *
 * @module
 */
import { withCondition } from "../crd/crd.ts";
import type { JsonObject } from "../types/json.ts";
import { type Meta, metaOf, withMeta } from "../types/meta.ts";
import type { ResourceType } from "../types/resource.ts";
import { keyOf } from "../store/store.ts";
import { nowText, type World } from "../store/world.ts";

/** What became of the object. */
export interface Removal {
  readonly object: JsonObject;
  /** Whether it is gone; else it waits for its finalizers. */
  readonly gone: boolean;
}

/** The finalizers by which the server hands an object to the garbage collector. */
export type Collecting = "foregroundDeletion" | "orphan";

const cleanup = "customresourcecleanup.apiextensions.k8s.io";

/** The object with the marks of deletion. */
function marked(world: World, type: ResourceType, object: JsonObject, finalizer: Collecting | undefined): JsonObject {
  const before = metaOf(object);
  const metadata: Meta = { ...before, deletionTimestamp: nowText(world) };
  if (finalizer) metadata.finalizers = [...(before.finalizers ?? []).filter((each) => each !== finalizer), finalizer];
  if (type.kind === "Namespace" && !type.custom) {
    return withMeta({ ...object, status: { ...object.status as JsonObject, phase: "Terminating" } }, metadata);
  }
  metadata.deletionGracePeriodSeconds = 0;
  if (before.generation !== undefined) metadata.generation = before.generation + 1;
  if (type.kind !== "CustomResourceDefinition" || type.custom) return withMeta(object, metadata);
  delete metadata.deletionGracePeriodSeconds;
  metadata.finalizers = [...metadata.finalizers ?? [], cleanup];
  if (before.generation !== undefined) metadata.generation = before.generation;
  return withCondition(
    withMeta(object, metadata),
    "Terminating",
    "True",
    "InstanceDeletionPending",
    "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    nowText(world),
  );
}

/** Whether objects of a type go only after what they contain. Pure. */
export const isEmptiedFirst = (type: ResourceType): boolean =>
  !type.custom && (type.kind === "Namespace" || type.kind === "CustomResourceDefinition");

/**
 * Deletes an object, or marks it where finalizers hold it.
 *
 * @param collecting The finalizer that its deletion adds, where its dependents matter.
 */
export function removeObject(
  world: World,
  type: ResourceType,
  object: JsonObject,
  dryRun: boolean = false,
  collecting?: Collecting,
): Removal {
  const meta = metaOf(object);
  const waits = isEmptiedFirst(type) || collecting !== undefined || (meta.finalizers ?? []).length > 0;
  if (waits) {
    if (meta.deletionTimestamp !== undefined) return { object, gone: false };
    const next = marked(world, type, object, collecting);
    if (dryRun) return { object: type.arrange(next), gone: false };
    return { object: type.fromStorage(world.store.put(type, type.toStorage(next))), gone: false };
  }
  if (dryRun) return { object, gone: true };
  const last = world.store.remove(type.storage, keyOf(meta.namespace, meta.name!));
  return { object: last ? type.fromStorage(last) : object, gone: true };
}

/** The finalizer that keeps a CRD until its objects are gone. */
export const crdFinalizer: string = cleanup;
