/**
 * What the server keeps: objects by collection, one counter of revisions over all of them, and the latest events.
 *
 * @module
 */
import { equal, type JsonObject } from "./json.ts";
import { metaOf, withMeta } from "./meta.ts";

/** One change of a collection. */
export interface StoreEvent {
  readonly revision: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** The new state; of a deletion, the last state with the revision of the deletion. */
  readonly object: JsonObject;
  /** The state before. */
  readonly previous: JsonObject | undefined;
}

/** `namespace/name`, or the name alone. Pure. */
export const keyOf = (namespace: string | undefined, name: string): string => namespace ? `${namespace}/${name}` : name;

/** The objects of one type. Stored objects are never changed, only replaced. */
export class Collection {
  readonly #objects = new Map<string, JsonObject>();
  readonly #watchers = new Set<(event: StoreEvent | undefined) => void>();
  readonly #limit: number;
  #events: StoreEvent[] = [];
  #order: string[] | undefined;
  /** Events up to this revision are forgotten. */
  floor: number;

  constructor(floor: number, limit: number) {
    this.floor = floor;
    this.#limit = limit;
  }

  /** How many objects there are. */
  get size(): number {
    return this.#objects.size;
  }

  /** The object of that key. */
  get(key: string): JsonObject | undefined {
    return this.#objects.get(key);
  }

  /** All keys, in the order of the storage. */
  keys(): readonly string[] {
    return this.#order ??= [...this.#objects.keys()].sort();
  }

  /** All objects, in the order of their keys. */
  all(): (readonly [string, JsonObject])[] {
    return this.keys().map((key) => [key, this.#objects.get(key)!] as const);
  }

  /** The objects as they were at a revision. @returns Nothing when that is forgotten. */
  at(revision: number): (readonly [string, JsonObject])[] | undefined {
    if (revision < this.floor) return undefined;
    const objects = new Map(this.#objects);
    for (const event of this.#events.toReversed()) {
      if (event.revision <= revision) break;
      const { namespace, name } = metaOf(event.object);
      const key = keyOf(namespace, name!);
      if (event.previous) objects.set(key, event.previous);
      else objects.delete(key);
    }
    return [...objects.entries()].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  }

  /** The events after a revision. The caller checks `floor` first. */
  since(revision: number): readonly StoreEvent[] {
    return this.#events.filter((event) => event.revision > revision);
  }

  /** Records a change and tells the watchers. Only the store calls this. */
  record(key: string, event: StoreEvent): void {
    if (event.type === "DELETED") this.#objects.delete(key);
    else this.#objects.set(key, event.object);
    if (event.type !== "MODIFIED") this.#order = undefined;
    this.#events.push(event);
    // Cut in one go, so that an event costs the same however long the history is.
    if (this.#events.length > this.#limit * 2) this.forget(this.#events[this.#events.length - this.#limit - 1]!.revision);
    else if (this.#events.length > this.#limit) {
      this.floor = Math.max(this.floor, this.#events[this.#events.length - this.#limit - 1]!.revision);
    }
    for (const tell of [...this.#watchers]) tell(event);
  }

  /** Forgets the events up to a revision, as compaction does. */
  forget(revision: number): void {
    this.floor = Math.max(this.floor, revision);
    this.#events = this.#events.filter((event) => event.revision > this.floor);
  }

  /** Calls back for every event, and once with nothing when the collection is gone. @returns A function that ends this. */
  watch(tell: (event: StoreEvent | undefined) => void): () => void {
    this.#watchers.add(tell);
    return () => void this.#watchers.delete(tell);
  }

  /** Ends all watches. */
  end(): void {
    for (const tell of [...this.#watchers]) tell(undefined);
    this.#watchers.clear();
  }
}

/** What the store needs to know about a type. */
export interface Stored {
  /** The name of its collection. */
  readonly storage: string;
  /** The order of members in which an object is kept. */
  arrange(object: JsonObject): JsonObject;
}

/** All collections. */
export class Store {
  readonly #collections = new Map<string, Collection>();
  readonly #limit: number;
  /** The revision of the latest write. */
  revision = 1;

  /** @param limit Events a collection remembers. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The collection of that name; made when it is asked for first. */
  collection(name: string): Collection {
    let collection = this.#collections.get(name);
    if (!collection) this.#collections.set(name, collection = new Collection(0, this.#limit));
    return collection;
  }

  /** Makes a collection that begins now: its history does not reach further back. */
  begin(name: string): void {
    if (!this.#collections.has(name)) this.#collections.set(name, new Collection(this.revision, this.#limit));
  }

  /** The names of all collections. */
  names(): readonly string[] {
    return [...this.#collections.keys()];
  }

  /** Forgets a collection and ends its watches. */
  drop(name: string): void {
    this.#collections.get(name)?.end();
    this.#collections.delete(name);
  }

  /** Writes an object. A write that changes nothing takes no revision. @returns The object as stored. */
  put(type: Stored, object: JsonObject): JsonObject {
    const collection = this.collection(type.storage);
    const meta = metaOf(object);
    const key = keyOf(meta.namespace, meta.name!);
    const previous = collection.get(key);
    if (previous) {
      const same = type.arrange(withRevision(object, metaOf(previous).resourceVersion));
      if (equal(same, previous)) return previous;
    }
    const revision = ++this.revision;
    const stored = type.arrange(withRevision(object, String(revision)));
    collection.record(key, { revision, type: previous ? "MODIFIED" : "ADDED", object: stored, previous });
    return stored;
  }

  /** Deletes an object. @returns Its last state, with the revision of the deletion. */
  remove(name: string, key: string): JsonObject | undefined {
    const collection = this.collection(name);
    const previous = collection.get(key);
    if (!previous) return undefined;
    const revision = ++this.revision;
    const object = withRevision(previous, String(revision));
    collection.record(key, { revision, type: "DELETED", object, previous });
    return object;
  }

  /** Ends all watches. */
  close(): void {
    for (const collection of this.#collections.values()) collection.end();
  }
}

/** A copy of an object with that resourceVersion. Pure. */
export function withRevision(object: JsonObject, resourceVersion: string | undefined): JsonObject {
  const { resourceVersion: _, ...rest } = metaOf(object);
  return withMeta(object, resourceVersion === undefined ? rest : { ...metaOf(object), resourceVersion });
}
