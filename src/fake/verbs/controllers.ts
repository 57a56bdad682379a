/**
 * What the server and its controllers do by themselves after a write: they establish CRDs, and empty what is being
 * deleted. All of it happens at once, before the answer is sent.
 *
 * @module
 */
import { collect, isCollecting, waitingOwners } from "./collector.ts";
import { establish } from "../crd/names.ts";
import { hasCondition, specOf, statusOf, withCondition } from "../crd/crd.ts";
import { equal, type JsonObject } from "../types/json.ts";
import { metaOf, withMeta } from "../types/meta.ts";
import { withRemainder } from "./namespace-conditions.ts";
import { controllers, server, trackOwn } from "./owners.ts";
import { crdFinalizer, removeObject } from "./removal.ts";
import { checkRemembered } from "./list.ts";
import { ConversionError, type ResourceType } from "../types/resource.ts";
import { Refusal } from "../types/status.ts";
import { aggregateRoles } from "../rbac/aggregation.ts";
import { rbacGroup } from "../rbac/roles.ts";
import { nowText, type World } from "../store/world.ts";

const isCrd = (type: ResourceType) => !type.custom && type.kind === "CustomResourceDefinition";
const isClusterRole = (type: ResourceType) => !type.custom && type.group === rbacGroup && type.kind === "ClusterRole";
const isNamespace = (type: ResourceType) => !type.custom && type.kind === "Namespace";

/** Goes on after an object was written. */
export function afterWrite(world: World, type: ResourceType, object: JsonObject): void {
  if (metaOf(object).deletionTimestamp !== undefined && isCollecting(object)) {
    // What the server does by itself, it does to objects as they are stored.
    const own = world.registry.stored().find((each) => each.storage === type.storage) ?? type;
    return collect(world, own, object, (gone, last) => afterRemoval(world, gone, last));
  }
  if (isClusterRole(type)) aggregateRoles(world);
  if (isCrd(type)) afterCrd(world, type, object);
  else if (isNamespace(type) && metaOf(object).deletionTimestamp !== undefined) emptyNamespace(world, metaOf(object).name!);
}

/** Goes on after an object is gone. */
export function afterRemoval(world: World, type: ResourceType, object: JsonObject): void {
  const { namespace } = metaOf(object);
  if (isClusterRole(type)) aggregateRoles(world);
  for (const [ownerType, owner] of waitingOwners(world, object)) afterWrite(world, ownerType, owner);
  if (isCrd(type)) {
    world.registry.uninstall(metaOf(object).name!);
    world.store.renew(`${specOf(object).group}/${specOf(object).names.plural}`);
    return reconsider(world, type, object);
  }
  if (type.custom) {
    const crd = world.store.collection("apiextensions.k8s.io/customresourcedefinitions").get(`${type.plural}.${type.group}`);
    if (crd && metaOf(crd).deletionTimestamp !== undefined) emptyCrd(world, crd);
  }
  if (namespace !== undefined) {
    const found = world.store.collection("/namespaces").get(namespace);
    if (found && metaOf(found).deletionTimestamp !== undefined) emptyNamespace(world, namespace);
  }
}

/** Names that others waited for may be free. */
function reconsider(world: World, type: ResourceType, crd: JsonObject): void {
  for (const [, other] of world.store.collection(type.storage).all()) {
    if (specOf(other).group !== specOf(crd).group || metaOf(other).name === metaOf(crd).name) continue;
    if (!hasCondition(other, "NamesAccepted")) afterCrd(world, type, other);
  }
}

function afterCrd(world: World, type: ResourceType, crd: JsonObject): void {
  const storage = `${specOf(crd).group}/${specOf(crd).names.plural}`;
  const all = world.store.collection(type.storage).all().map(([, other]) => other);
  const named = establish(crd, all, nowText(world));
  const next = named === crd
    ? crd
    : world.store.put(type, trackOwn(world, type, crd, named, { manager: server, subresource: "status" }));
  if (world.registry.install(next)) world.store.renew(storage);
  if (metaOf(next).deletionTimestamp !== undefined) emptyCrd(world, next);
  if (!equal(statusOf(next).acceptedNames, statusOf(crd).acceptedNames)) reconsider(world, type, next);
}

/** Why the objects of a type cannot be listed. */
function unlisted(world: World, type: ResourceType): string | undefined {
  try {
    checkRemembered({ type, world });
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

/** Deletes the objects of a CRD, and the CRD once there are none. Objects of which nobody waits for the end stay where they are stored. */
function emptyCrd(world: World, crd: JsonObject): void {
  const type = world.registry.builtin("CustomResourceDefinition");
  const name = metaOf(crd).name!;
  const custom = world.registry.storageOf(name);
  const collection = world.store.collection(`${specOf(crd).group}/${specOf(crd).names.plural}`);
  // What is not served holds nothing up.
  const holds = () => custom !== undefined && (metaOf(crd).finalizers ?? []).includes(crdFinalizer) && collection.size > 0;
  if (custom && holds()) {
    const fault = unlisted(world, custom);
    const [reason, message] = fault === undefined
      ? ["InstanceDeletionInProgress", "CustomResource deletion is in progress"]
      : ["InstanceDeletionFailed", `could not list instances: ${fault}`];
    const next = withCondition(crd, "Terminating", "True", reason!, message!, nowText(world));
    world.store.put(type, trackOwn(world, type, crd, next, { manager: server, subresource: "status" }));
    if (fault !== undefined) return;
    for (const [, object] of collection.all()) removeObject(world, custom, object);
  }
  const stored = world.store.collection(type.storage).get(name);
  if (!stored || holds()) return;
  const finalizers = (metaOf(stored).finalizers ?? []).filter((finalizer) => finalizer !== crdFinalizer);
  const done = withCondition(
    stored,
    "Terminating",
    "False",
    "InstanceDeletionCompleted",
    "removed all instances",
    nowText(world),
  );
  const released = world.store.put(type, withMeta(done, { ...metaOf(done), finalizers }));
  // Somebody else keeps it: it is served as before.
  if (finalizers.length > 0) return void world.registry.install(released);
  world.store.remove(type.storage, name);
  afterRemoval(world, type, released);
}

/** Deletes an object. @returns What stays: it has finalizers, or cannot be read. */
function removed(world: World, type: ResourceType, object: JsonObject): JsonObject | undefined {
  try {
    const removal = removeObject(world, type, object);
    return removal.gone ? undefined : removal.object;
  } catch (error) {
    if (error instanceof ConversionError) return object;
    throw error;
  }
}

/** Deletes what a namespace holds, and the namespace once it is empty. */
function emptyNamespace(world: World, name: string): void {
  const type = world.registry.builtin("Namespace");
  const left: JsonObject[] = [];
  const kinds: ResourceType[] = [];
  for (const stored of world.registry.stored()) {
    if (!stored.namespaced) continue;
    for (const [, object] of world.store.collection(stored.storage).all()) {
      if (metaOf(object).namespace !== name) continue;
      const remainder = removed(world, stored, object);
      if (!remainder) continue;
      left.push(remainder);
      kinds.push(stored);
    }
  }
  const namespace = world.store.collection(type.storage).get(name);
  if (!namespace) return;
  if (left.length > 0) {
    const next = withRemainder(namespace, left, kinds, nowText(world));
    const writer = { manager: controllers, subresource: "status" };
    return void world.store.put(type, trackOwn(world, type, namespace, next, writer));
  }
  const { spec } = namespace as { spec?: { finalizers?: string[] } };
  const others = (spec?.finalizers ?? []).filter((finalizer) => finalizer !== "kubernetes");
  world.store.put(type, { ...namespace, spec: { finalizers: others } });
  if (others.length === 0 && (metaOf(namespace).finalizers ?? []).length === 0) world.store.remove(type.storage, name);
}
