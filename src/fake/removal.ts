/**
 * The removal of one object, in one step or by way of its finalizers.
 *
 * @module
 */
import { withCondition } from "./crd.ts";
import type { JsonObject } from "./json.ts";
import { type Meta, metaOf, withMeta } from "./meta.ts";
import type { ResourceType } from "./resource.ts";
import { keyOf } from "./store.ts";
import { nowText, type World } from "./world.ts";

/** What became of the object. */
export interface Removal {
  readonly object: JsonObject;
  /** Whether it is gone; else it waits for its finalizers. */
  readonly gone: boolean;
}

const cleanup = "customresourcecleanup.apiextensions.k8s.io";

/** The object with the marks of deletion. */
function marked(world: World, type: ResourceType, object: JsonObject): JsonObject {
  const before = metaOf(object);
  const metadata: Meta = { ...before, deletionTimestamp: nowText(world) };
  if (type.kind === "Namespace" && !type.custom) {
    return withMeta({ ...object, status: { ...object.status as JsonObject, phase: "Terminating" } }, metadata);
  }
  metadata.deletionGracePeriodSeconds = 0;
  if (before.generation !== undefined) metadata.generation = before.generation + 1;
  if (type.kind !== "CustomResourceDefinition" || type.custom) return withMeta(object, metadata);
  delete metadata.deletionGracePeriodSeconds;
  metadata.finalizers = [...before.finalizers ?? [], cleanup];
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

/** Deletes an object, or marks it where finalizers hold it. */
export function removeObject(world: World, type: ResourceType, object: JsonObject, dryRun: boolean = false): Removal {
  const meta = metaOf(object);
  const waits = isEmptiedFirst(type) || (meta.finalizers ?? []).length > 0;
  if (waits) {
    if (meta.deletionTimestamp !== undefined) return { object, gone: false };
    const next = marked(world, type, object);
    if (dryRun) return { object: type.arrange(next), gone: false };
    return { object: type.fromStorage(world.store.put(type, type.toStorage(next))), gone: false };
  }
  if (dryRun) return { object, gone: true };
  const last = world.store.remove(type.storage, keyOf(meta.namespace, meta.name!));
  return { object: last ? type.fromStorage(last) : object, gone: true };
}

/** The finalizer that keeps a CRD until its objects are gone. */
export const crdFinalizer: string = cleanup;
