/**
 * The removal of one object, in one step or by way of its finalizers.
 *
 * @module
 */
import { withCondition } from "../crd/crd.ts";
import type { JsonObject } from "../types/json.ts";
import { following, type GoNumber, isNumber } from "../types/numeral.ts";
import { type Meta, metaOf, timestamp, withMeta } from "../types/meta.ts";
import type { ResourceType } from "../types/resource.ts";
import { putObject } from "./put.ts";
import { keyOf, withRevision } from "../store/store.ts";
import { nowText, type World } from "../store/world.ts";

/** What became of the object. */
export interface Removal {
  readonly object: JsonObject;
  /** Whether it is gone; else it waits for its finalizers. */
  readonly gone: boolean;
  /** Whether it is answered all the same. */
  readonly shown?: boolean;
}

/** The finalizers by which the server hands an object to the garbage collector. */
export type Collecting = "foregroundDeletion" | "orphan";

const collectors: readonly string[] = ["foregroundDeletion", "orphan"] satisfies Collecting[];

/**
 * The finalizers that an object has once it is to be deleted: what is said of its dependents takes the place of what was said before. Pure.
 *
 * @param collecting Nothing is said where it is undefined; `none`: they go in the background.
 */
function finalizersAfter(before: readonly string[], collecting: Collecting | "none" | undefined): readonly string[] {
  if (collecting === undefined) return before;
  const others = before.filter((each) => !collectors.includes(each));
  const after = collecting === "none" ? others : [...others, collecting];
  return after.length === before.length && after.every((each) => before.includes(each)) ? before : after;
}

/** What becomes of dependents where a deletion says nothing of them: what is noted in the object, else what is usual. Pure. */
export const usuallyCollecting = (object: JsonObject, usual: Collecting | undefined): Collecting | undefined =>
  (metaOf(object).finalizers ?? []).some((each) => collectors.includes(each)) ? undefined : usual;

const cleanup = "customresourcecleanup.apiextensions.k8s.io";

/** A span as Go has it: in billionths of a second, of which only 64 bits are kept. */
const milliseconds = (seconds: GoNumber): number => Number(BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n) / 1_000_000n);

/** The object with the marks of deletion. */
function marked(
  world: World,
  type: ResourceType,
  object: JsonObject,
  finalizers: readonly string[],
  grace: GoNumber = 0,
): JsonObject {
  const before = metaOf(object);
  const metadata: Meta = { ...before, deletionTimestamp: timestamp(world.clock.now() + milliseconds(grace)) };
  if (finalizers.length > 0) metadata.finalizers = [...finalizers];
  if (type.kind === "Namespace" && !type.custom) {
    return withMeta({ ...object, status: { ...object.status as JsonObject, phase: "Terminating" } }, metadata);
  }
  metadata.deletionGracePeriodSeconds = grace;
  if (before.generation !== undefined) metadata.generation = following(before.generation);
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

const isPod = (type: ResourceType) => !type.custom && type.group === "" && type.kind === "Pod";

/** The seconds that a pod has to end, on its node. @param given What the request says. */
function graceOf(type: ResourceType, object: JsonObject, given: GoNumber | undefined): GoNumber {
  if (!isPod(type)) return 0;
  const { nodeName, terminationGracePeriodSeconds: own } = (object.spec ?? {}) as JsonObject;
  const { phase } = (object.status ?? {}) as JsonObject;
  if (!nodeName || phase === "Succeeded" || phase === "Failed") return 0;
  const seconds = given ?? (isNumber(own) ? own : 30);
  return seconds < 0 ? 1 : seconds;
}

/** A deletion that has begun ends sooner, never later. Pure. */
function shortened(meta: Meta, grace: GoNumber): Meta {
  const before = meta.deletionGracePeriodSeconds ?? 0;
  if (grace >= before) return meta;
  const begun = Date.parse(meta.deletionTimestamp!) - milliseconds(before);
  return { ...meta, deletionTimestamp: timestamp(begun + milliseconds(grace)), deletionGracePeriodSeconds: grace };
}

/** A pod that goes at once: it is answered with the marks of its deletion. */
function removePod(world: World, type: ResourceType, object: JsonObject, dryRun: boolean): Removal {
  const meta = metaOf(object);
  const next = meta.deletionTimestamp === undefined ? marked(world, type, object, []) : withMeta(object, shortened(meta, 0));
  if (dryRun) return { object: type.arrange(next), gone: true };
  const last = world.store.remove(type.storage, keyOf(meta.namespace, meta.name!));
  return {
    object: type.arrange(withMeta(next, { ...metaOf(next), resourceVersion: metaOf(last ?? next).resourceVersion! })),
    gone: true,
  };
}

/**
 * Deletes an object, or marks it where finalizers hold it, or a pod's time to end is not over: on its node nobody ends it here.
 *
 * @param collecting What is said of its dependents: the finalizer for these, or `none`.
 * @param given Seconds that a pod is given to end.
 */
export function removeObject(
  world: World,
  type: ResourceType,
  object: JsonObject,
  dryRun: boolean = false,
  collecting?: Collecting | "none",
  given?: GoNumber,
): Removal {
  const meta = metaOf(object);
  const grace = graceOf(type, object, given);
  const before = meta.finalizers ?? [];
  const finalizers = finalizersAfter(before, collecting);
  const waits = isEmptiedFirst(type) || finalizers.length > 0 || grace > 0;
  if (waits) {
    const goes = meta.deletionTimestamp !== undefined;
    const sooner = goes && given !== undefined ? shortened(meta, grace) : meta;
    if (goes && finalizers === before && sooner === meta) return { object, gone: false };
    const next = goes
      ? withMeta(object, { ...sooner, ...finalizers.length > 0 && { finalizers: [...finalizers] } })
      : marked(world, type, object, finalizers, grace);
    if (dryRun) return { object: type.arrange(type.custom ? putObject(world, type, next, { dryRun: true }) : next), gone: false };
    return { object: putObject(world, type, next), gone: false };
  }
  if (isPod(type)) return removePod(world, type, object, dryRun);
  // A genuine server fails here, too, where it cannot be written once more.
  if (type.custom) type.toStorage(object);
  if (dryRun && finalizers !== before) {
    // It was written without them before it would have been deleted.
    const { finalizers: _, ...rest } = meta;
    return { object: type.arrange(withMeta(object, rest)), gone: true, shown: true };
  }
  if (dryRun) return { object, gone: true };
  const last = world.store.remove(type.storage, keyOf(meta.namespace, meta.name!));
  return { object: last ? withRevision(object, metaOf(last).resourceVersion) : object, gone: true };
}

/** The finalizer that keeps a CRD until its objects are gone. */
export const crdFinalizer: string = cleanup;
