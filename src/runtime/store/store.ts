import { checkOptions, FUNCTION, type Members, OBJECT } from "../../options.ts";
import type { KubernetesObject, ObjectKey } from "../../ports.ts";
import { createIndexes, type IndexFunction } from "./indexes.ts";
import { createLru } from "./lru.ts";
import { isSame } from "./same.ts";
import { compareVersions } from "./version.ts";
import { ChurnMap } from "./churn.ts";

/** A change of the store, seen once and in order. */
export type StoreEvent<T> =
  | { readonly type: "ADDED"; readonly object: T }
  | { readonly type: "MODIFIED" | "DELETED"; readonly object: T; readonly previous: T };

/** The key of an object: `namespace/name`, or the name alone where there is no namespace. */
export const keyOf = ({ metadata }: { readonly metadata: ObjectKey }): string =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;

/** What a store keeps beside its objects. */
export interface StoreOptions<T extends KubernetesObject> {
  /** By name: under which values of an index an object is to be found. They must be pure and must not throw. @default {None} */
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
}

/** The objects that a watch has shown, at the newest version of each. */
export interface Store<T extends KubernetesObject> {
  /** The object with this key, as it was last seen. Shared with everybody: not to be changed. */
  get(key: string): T | undefined;
  /** The keys of all objects. */
  keys(): IterableIterator<string>;
  /** How many objects there are. */
  readonly size: number;
  /** The objects that an index has under a value. @throws {TypeError} When there is no such index. */
  by(index: string, value: string): T[];
  /** Takes in one version of an object. An older one than the store holds changes nothing. */
  put(object: T): StoreEvent<T>[];
  /** Takes an object out. */
  remove(object: T): StoreEvent<T>[];
  /** Takes in a whole list: see {@linkcode Listing}. */
  replace(objects: readonly T[]): StoreEvent<T>[];
  /** Begins to take in a list piece by piece. */
  listing(): Listing<T>;
}

/**
 * A list on its way into a store. It is right whatever the store holds: what it does not name is removed at its end, and an
 * object that was re-created is removed before it is added. So is one that went back, as after a restore of the storage:
 * everybody who remembers a version of it has to forget that.
 */
export interface Listing<T extends KubernetesObject> {
  /** Takes in some of the objects. */
  take(objects: readonly T[]): StoreEvent<T>[];
  /** All objects have been taken in. What was put meanwhile from elsewhere is removed, too. */
  end(): StoreEvent<T>[];
}

/** Of so many objects that were removed it is known at which version. */
const REMOVED = 1_000;

const STORE: Members<StoreOptions<KubernetesObject>> = {
  indexes: {
    expected: "functions by name",
    fits: (value) => OBJECT.fits(value) && Object.values(value as object).every((each) => FUNCTION.fits(each)),
  },
};

/** Makes an empty store. @throws {TypeError} When an option is unknown, or an index is no function. */
export function createStore<T extends KubernetesObject>(options: StoreOptions<T> = {}): Store<T> {
  checkOptions("Cannot make a store", options, STORE);
  const { indexes: functions = {} } = options;
  const objects = new ChurnMap<string, T>();
  const indexes = createIndexes(functions);
  const removed = createLru<string>(REMOVED); // by uid: the version at which it was. What a watch shows of it late was before that
  const versionOf = (object: T) => object.metadata.resourceVersion ?? "";

  const set = (key: string, object: T, previous: T | undefined) => {
    objects.set(key, object);
    indexes?.replace(key, object, previous);
  };
  const remove = (object: T): StoreEvent<T>[] => {
    const key = keyOf(object);
    const previous = objects.get(key);
    if (!previous || previous.metadata.uid !== object.metadata.uid) return [];
    objects.delete(key);
    indexes?.replace(key, undefined, previous);
    removed.set(object.metadata.uid!, versionOf(object));
    return [{ type: "DELETED", object, previous }];
  };
  const anew = (key: string, object: T, previous: T): StoreEvent<T>[] => {
    set(key, object, previous);
    return [{ type: "DELETED", object: previous, previous }, { type: "ADDED", object }];
  };
  const put = (object: T, key = keyOf(object), previous = objects.get(key)): StoreEvent<T>[] => {
    if (previous === undefined) {
      const end = removed.get(object.metadata.uid!);
      if (end !== undefined && compareVersions(versionOf(object), end) <= 0) return [];
      set(key, object, undefined);
      return [{ type: "ADDED", object }];
    }
    if (previous.metadata.uid !== object.metadata.uid) return anew(key, object, previous);
    if (compareVersions(versionOf(object), versionOf(previous)) <= 0) return [];
    set(key, object, previous);
    return [{ type: "MODIFIED", object, previous }];
  };
  /** Storage that was put back gives versions out again: an equal one may stand for other content. */
  const wentBack = (object: T, previous: T): boolean => {
    const order = compareVersions(versionOf(object), versionOf(previous));
    return order < 0 || order === 0 && !isSame(object, previous);
  };
  const store: Store<T> = {
    get: (key) => objects.get(key),
    *keys() {
      for (const key of objects.keys()) if (objects.has(key)) yield key; // who waits meanwhile is not shown what has gone
    },
    get size() {
      return objects.size;
    },
    by(index, value) {
      const keys = indexes?.keys(index, value);
      if (!keys) throw new TypeError(`Cannot look into the index "${index}": the store has ${indexNames(functions)}`);
      return Array.from(keys, (key) => objects.get(key)!);
    },
    put: (object) => put(object),
    remove,
    replace(list) {
      const listing = store.listing();
      return [...listing.take(list), ...listing.end()];
    },
    listing() {
      const named = new Set<string>();
      removed.clear(); // a list is what there is: it may be that of a storage which was put back to before
      return {
        take(list) {
          const events: StoreEvent<T>[] = [];
          for (const object of list) {
            const key = keyOf(object);
            named.add(key);
            const previous = objects.get(key);
            events.push(...previous && wentBack(object, previous) ? anew(key, object, previous) : put(object, key, previous));
          }
          return events;
        },
        end() {
          const gone = [...objects].filter(([key]) => !named.has(key));
          return gone.flatMap(([, object]) => remove(object));
        },
      };
    },
  };
  return store;
}

const indexNames = (functions: object): string =>
  Object.keys(functions).length > 0 ? `"${Object.keys(functions).join('", "')}"` : "none";
