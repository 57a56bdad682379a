import type { KubernetesObject } from "../../ports.ts";
import { controllerOf } from "../objects/owner.ts";
import { keyOf, type Store } from "../store/store.ts";
import { compareVersions } from "../store/version.ts";
import { ChurnMap } from "../store/churn.ts";

/**
 * The objects of one kind, as reconcile reads them: a hint, never an authority. What is read is shared with everybody and
 * not to be changed.
 */
export interface Cache<T extends KubernetesObject> {
  /** The object with this key. */
  get(key: string): T | undefined;
  /** The keys of all objects. */
  keys(): Iterable<string>;
  /** How many objects there are. */
  readonly size: number;
  /** The objects that this one controls, by their controller reference. */
  ownedBy(owner: KubernetesObject): T[];
}

/** A cache with what was read beside it. */
export interface OverlaidCache<T extends KubernetesObject> extends Cache<T> {
  /** The server has shown this, which the store does not show yet. */
  overlay(object: T): void;
  /** The server has no object with this key, at this version. */
  overlayGone(key: string, version: string): void;
  /** The store has a newer view of this object, or has seen it go. */
  uncover(object: T, gone: boolean): void;
  /** The store shows everything up to this version. */
  uncoverUpTo(version: string): void;
}

/** The index of a store that its cache needs: by the uid of the controller. */
export const CONTROLLER_INDEX = "controller";

/**
 * Makes the view of a store, with objects over it that were read from the server because the store fell behind.
 *
 * @param store Indexed by `CONTROLLER_INDEX`, where `ownedBy` is to be used.
 */
export function createCache<T extends KubernetesObject>(store: Store<T>): OverlaidCache<T> {
  const over = new ChurnMap<string, { readonly object?: T; readonly version: string }>();
  const get = (key: string) => {
    const covered = over.size > 0 ? over.get(key) : undefined;
    return covered ? covered.object : store.get(key);
  };
  return {
    get,
    *keys() {
      for (const key of store.keys()) if (!over.has(key)) yield key;
      for (const [key, { object }] of over) if (object) yield key;
    },
    get size() {
      let size = store.size;
      for (const [key, { object }] of over) size += Number(object !== undefined) - Number(store.get(key) !== undefined);
      return size;
    },
    ownedBy(owner) {
      const uid = owner.metadata.uid!;
      const stored = store.by(CONTROLLER_INDEX, uid);
      if (over.size === 0) return stored;
      const covering = [...over.values()].flatMap(({ object }) => object && controllerOf(object)?.uid === uid ? [object] : []);
      return [...stored.filter((object) => !over.has(keyOf(object))), ...covering];
    },
    overlay: (object) => void over.set(keyOf(object), { object, version: object.metadata.resourceVersion ?? "" }),
    overlayGone: (key, version) => void over.set(key, { version }),
    uncover(object, gone) {
      if (over.size === 0) return;
      const key = keyOf(object);
      const covered = over.get(key);
      if (covered && (gone || compareVersions(object.metadata.resourceVersion ?? "", covered.version) >= 0)) over.delete(key);
    },
    uncoverUpTo(version) {
      for (const [key, covered] of over) if (compareVersions(version, covered.version) >= 0) over.delete(key);
    },
  };
}
