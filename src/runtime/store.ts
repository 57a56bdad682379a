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
   * Takes in a whole list, which is right whatever the store holds: what it does not name is removed, a re-created
   * object is removed first, and an older version counts, too.
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
  const set = (object: T, isNews: (previous: T) => boolean): StoreEvent<T>[] => {
    const key = keyOf(object);
    const previous = objects.get(key);
    if (previous && previous.metadata.uid !== object.metadata.uid) return [...remove(previous), ...set(object, isNews)];
    if (previous && !isNews(previous)) return [];
    objects.set(key, object);
    return [previous ? { type: "MODIFIED", object, previous } : { type: "ADDED", object }];
  };
  return {
    get: (key) => objects.get(key),
    keys: () => objects.keys(),
    get size() {
      return objects.size;
    },
    put: (object) => set(object, (previous) => compareVersions(versionOf(object), versionOf(previous)) > 0),
    remove,
    replace(list) {
      const listed = new Set(list.map(keyOf));
      const gone = [...objects.values()].filter((object) => !listed.has(keyOf(object)));
      const differs = (object: T) => (previous: T) => versionOf(object) !== versionOf(previous);
      return [...gone.flatMap(remove), ...list.flatMap((object) => set(object, differs(object)))];
    },
  };
}
