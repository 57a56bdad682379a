/**
 * What the garbage collector does for an object that is deleted in the foreground or whose dependents become orphans.
 * What is deleted in the background, `garbage.ts` follows.
 *
 * @module
 */
import type { JsonObject } from "../types/json.ts";
import { metaOf, type OwnerReference, withMeta } from "../types/meta.ts";
import { controllers, trackOwn } from "./owners.ts";
import { removeObject } from "./removal.ts";
import { groupVersion, type ResourceType } from "../types/resource.ts";
import { keyOf } from "../store/store.ts";
import type { World } from "../store/world.ts";

const has = (object: JsonObject, finalizer: string) => metaOf(object).finalizers?.includes(finalizer) === true;

/** Whether an object waits for the garbage collector. Pure. */
export const isCollecting = (object: JsonObject): boolean => has(object, "foregroundDeletion") || has(object, "orphan");

type Owned = readonly [type: ResourceType, object: JsonObject, reference: OwnerReference];

function dependentsOf(world: World, uid: string | undefined): Owned[] {
  const found: Owned[] = [];
  for (const type of world.registry.stored()) {
    for (const [, object] of world.store.collection(type.storage).all()) {
      const reference = metaOf(object).ownerReferences?.find((each) => each.uid === uid);
      if (reference) found.push([type, object, reference]);
    }
  }
  return found;
}

function ownerOf(world: World, object: JsonObject, reference: OwnerReference): [ResourceType, JsonObject] | undefined {
  const served = world.registry.all().find((type) => type.kind === reference.kind && groupVersion(type) === reference.apiVersion);
  const type = world.registry.stored().find((each) => each.storage === served?.storage);
  if (!type) return undefined;
  const owner = world.store.collection(type.storage).get(
    keyOf(type.namespaced ? metaOf(object).namespace : undefined, reference.name),
  );
  return owner && metaOf(owner).uid === reference.uid ? [type, owner] : undefined;
}

/** The owners of an object that wait for it to be gone. */
export function waitingOwners(world: World, object: JsonObject): [ResourceType, JsonObject][] {
  const owners = (metaOf(object).ownerReferences ?? []).map((reference) => ownerOf(world, object, reference));
  return owners.filter((owner) => owner !== undefined && has(owner[1], "foregroundDeletion")) as [ResourceType, JsonObject][];
}

const isSolid = (owner: [ResourceType, JsonObject] | undefined) =>
  owner !== undefined && metaOf(owner[1]).deletionTimestamp === undefined;

function disown(world: World, [type, object]: Owned, uid: string | undefined): void {
  const ownerReferences = metaOf(object).ownerReferences!.filter((each) => each.uid !== uid);
  const next = withMeta(object, { ...metaOf(object), ownerReferences });
  world.store.put(type, trackOwn(world, type, object, next, { manager: controllers }));
}

/** Goes on with an object that waits for the garbage collector. @param gone Is told of what is gone. */
export function collect(
  world: World,
  type: ResourceType,
  object: JsonObject,
  gone: (type: ResourceType, object: JsonObject) => void,
): void {
  const { uid, namespace, name } = metaOf(object);
  const key = keyOf(namespace, name!);
  for (const owned of dependentsOf(world, uid)) {
    const [ownedType, dependent] = owned;
    const others = metaOf(dependent).ownerReferences!.filter((each) => each.uid !== uid);
    const kept = has(object, "orphan") || others.some((each) => isSolid(ownerOf(world, dependent, each)));
    if (kept) disown(world, owned, uid);
    else if (metaOf(dependent).deletionTimestamp === undefined) {
      const removal = removeObject(world, ownedType, dependent, false, "foregroundDeletion");
      collect(world, ownedType, removal.object, gone);
    }
  }
  const stored = world.store.collection(type.storage).get(key);
  if (!stored || metaOf(stored).uid !== uid || !isCollecting(stored)) return;
  const waits = has(stored, "foregroundDeletion") &&
    dependentsOf(world, uid).some(([, , reference]) => reference.blockOwnerDeletion === true);
  if (waits) return;
  const finalizers = metaOf(stored).finalizers!.filter((each) => each !== "foregroundDeletion" && each !== "orphan");
  const next = withMeta(stored, { ...metaOf(stored), finalizers });
  const released = world.store.put(type, trackOwn(world, type, stored, next, { manager: controllers }));
  if (finalizers.length > 0) return;
  world.store.remove(type.storage, key);
  gone(type, type.fromStorage(released));
}
