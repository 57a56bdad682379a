import type { Clock, Health, KubernetesObject, Log, Metrics, Reader, Resource, Selection } from "../../ports.ts";
import { type Cache, CONTROLLER_INDEX, createCache, type OverlaidCache } from "./cache.ts";
import { controllerOf } from "../objects/owner.ts";
import { type ReflectorHealth, runReflector } from "../reflector/reflector.ts";
import { keyOf, type StoreEvent } from "../store/store.ts";
import { compareVersions } from "../store/version.ts";

/** A kind of objects that a controller follows: the one that it is for, one that it owns, or one that it looks at. */
export interface WatchedKind {
  readonly resource: Resource;
  readonly cache: OverlaidCache<KubernetesObject>;
  /** Resolves when the first list is known; rejects when the signal came first. */
  readonly synced: Promise<void>;
  readonly finished: Promise<void>;
  /** Whether the first list is known: what comes before that was there already. */
  readonly isSynced: boolean;
  readonly health: () => ReflectorHealth;
  /** Whether the cache shows an object at all, at whatever version. */
  holds(object: KubernetesObject): boolean;
  /** Whether the cache shows this version of an object, or something newer. */
  shows(object: KubernetesObject): boolean;
  /** Whether the objects that it follows may be in this namespace. */
  covers(namespace: string | undefined): boolean;
}

/** What to follow, and whom to tell. */
export interface WatchedKindOptions extends Selection {
  readonly resource: Resource;
  /** Its objects are looked up by their controller. */
  readonly owned: boolean;
  readonly cluster: Reader;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics | undefined;
  readonly health: Health | undefined;
  readonly signal: AbortSignal;
  readonly onEvent: (kind: WatchedKind, event: StoreEvent<KubernetesObject>) => void;
  readonly onProgress: (kind: WatchedKind, version: string) => void;
}

/** Follows a kind. */
export function watchKind(options: WatchedKindOptions): WatchedKind {
  const { resource, owned, onEvent, onProgress, namespace, labelSelector, fieldSelector } = options;
  const { cluster, clock, log, metrics, health, signal } = options;
  const reflector = runReflector<KubernetesObject>({
    ...{ cluster, resource, clock, log, metrics, health, signal, namespace, labelSelector, fieldSelector },
    indexes: owned ? { [CONTROLLER_INDEX]: uidOfController } : {},
    onEvent: (event) => onEvent(kind, event),
    onProgress: (version) => onProgress(kind, version),
  });
  const { store } = reflector;
  const cache = createCache(store);
  const kind: WatchedKind = {
    resource,
    cache,
    synced: reflector.synced,
    finished: reflector.finished,
    health: reflector.health,
    get isSynced() {
      return reflector.version !== "";
    },
    holds: (object) => store.get(keyOf(object))?.metadata.uid === object.metadata.uid,
    shows(object) {
      const { metadata } = object;
      const version = metadata.resourceVersion ?? "";
      const stored = store.get(keyOf(object));
      if (stored?.metadata.uid === metadata.uid) return compareVersions(stored!.metadata.resourceVersion ?? "", version) >= 0;
      // It may have come and gone already.
      return compareVersions(reflector.version, version) >= 0;
    },
    covers: (of) => namespace === undefined || namespace === of,
  };
  return kind;
}

/** The cache of a kind, typed as its objects are: the caller knows what they are. */
export const typed = <T extends KubernetesObject>(kind: WatchedKind): Cache<T> => kind.cache as unknown as Cache<T>;

const NONE: readonly string[] = [];
const uidOfController = (object: KubernetesObject): readonly string[] => {
  const reference = controllerOf(object);
  return reference ? [reference.uid] : NONE;
};
