import type { KubernetesObject } from "../ports.ts";
import { compareVersions } from "./version.ts";

/** A change of the store, seen once and in order. */
export type StoreEvent<T> =
  | { readonly type: "ADDED"; readonly object: T }
  | { readonly type: "MODIFIED" | "DELETED"; readonly object: T; readonly previous: T };

/** The key of an object: `namespace/name`, or the name alone where there is no namespace. */
export const keyOf = ({ metadata }: KubernetesObject): string =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;

/** The objects that a watch has shown, at the newest version of each. */
export interface Store<T extends KubernetesObject> {
  get(key: string): T | undefined;
  keys(): IterableIterator<string>;
  readonly size: number;
  /** Takes in one version of an object. An older one than the store holds changes nothing. */
  put(object: T): StoreEvent<T>[];
  /** Takes an object out. */
  remove(object: T): StoreEvent<T>[];
  /**
   * Takes in a whole list, which is right whatever the store holds: what it does not name is removed, and an object that
   * was re-created is removed first. So is one that went back, as after a restore of the storage: everybody who remembers
   * a version of it has to forget that.
   */
  replace(objects: readonly T[]): StoreEvent<T>[];
}

/** Makes an empty store. */
export function createStore<T extends KubernetesObject>(): Store<T> {
  const objects = new Map<string, T>();
  const versionOf = (object: T) => object.metadata.resourceVersion ?? "0";

  const remove = (object: T): StoreEvent<T>[] => {
    const key = keyOf(object);
    const previous = objects.get(key);
    if (!previous || previous.metadata.uid !== object.metadata.uid) return [];
    objects.delete(key);
    return [{ type: "DELETED", object, previous }];
  };
  const anew = (object: T): StoreEvent<T>[] => {
    const removed = remove(objects.get(keyOf(object))!);
    objects.set(keyOf(object), object);
    return [...removed, { type: "ADDED", object }];
  };
  const put = (object: T): StoreEvent<T>[] => {
    const key = keyOf(object);
    const previous = objects.get(key);
    if (previous && previous.metadata.uid !== object.metadata.uid) return anew(object);
    if (previous && compareVersions(versionOf(object), versionOf(previous)) <= 0) return [];
    objects.set(key, object);
    return [previous ? { type: "MODIFIED", object, previous } : { type: "ADDED", object }];
  };
  /** Storage that was put back gives versions out again: an equal one may stand for other content. */
  const wentBack = (object: T): boolean => {
    const previous = objects.get(keyOf(object));
    if (!previous) return false;
    const order = compareVersions(versionOf(object), versionOf(previous));
    return order < 0 || order === 0 && JSON.stringify(object) !== JSON.stringify(previous);
  };
  return {
    get: (key) => objects.get(key),
    keys: () => objects.keys(),
    get size() {
      return objects.size;
    },
    put,
    remove,
    replace(list) {
      const listed = new Set(list.map(keyOf));
      const gone = [...objects.values()].filter((object) => !listed.has(keyOf(object)));
      return [...gone.flatMap(remove), ...list.flatMap((object) => wentBack(object) ? anew(object) : put(object))];
    },
  };
}
