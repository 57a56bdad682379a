/**
 * What the server keeps: objects by collection, one counter of revisions over all of them, and the latest events.
 *
 * @module
 */
import { Collection, keyOf, type StoreEvent } from "./collection.ts";
import { equal, type JsonObject } from "../types/json.ts";
import { metaOf, withMeta } from "../types/meta.ts";
import { Note } from "../types/note.ts";

export { type Collection, keyOf, type StoreEvent } from "./collection.ts";

/** Hears of each change as it is made. @param event Undefined: all of it was put back to another state. */
export type Observer = (collection: string | undefined, event: StoreEvent | undefined) => void;

/** Milliseconds. */
const compactionInterval = 300_000;

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
  /** The end of the last compaction interval, and the revision that was reached by then. */
  #mark: { readonly time: number; readonly revision: number } | undefined;
  #revision = 1;
  /** The revision to which it was put back: a collection that is made later has forgotten what was before, too. */
  #floor = 0;
  readonly #awaited = new Set<{ readonly revision: number; readonly reached: () => void }>();
  readonly #observers = new Set<Observer>();

  /** @param limit Events a collection remembers. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The revision of the latest write. */
  get revision(): number {
    return this.#revision;
  }

  #reach(revision: number): number {
    this.#revision = revision;
    for (const each of this.#awaited) if (each.revision <= revision) each.reached();
    return revision;
  }

  /** Calls back, once, when a revision has been reached that is still to come. @returns A function that ends this. */
  whenReached(revision: number, reached: () => void): () => void {
    const awaited = { revision, reached: () => this.#awaited.delete(awaited) && reached() };
    this.#awaited.add(awaited);
    return () => void this.#awaited.delete(awaited);
  }

  /** Tells of each change, within the write, whatever becomes of its collection. @returns A function that ends this. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  #record(name: string, key: string, event: StoreEvent): void {
    this.collection(name).record(key, event);
    for (const tell of [...this.#observers]) tell(name, event);
  }

  /** The collection of that name; made when it is asked for first. */
  collection(name: string): Collection {
    let collection = this.#collections.get(name);
    if (!collection) this.#collections.set(name, collection = new Collection(this.#floor, this.#limit));
    return collection;
  }

  /** What makes the objects of a collection has come, changed or gone: its watches end soon, and none goes on from before. */
  renew(name: string): void {
    this.collection(name).renew(this.revision);
  }

  /** The names of all collections. */
  names(): readonly string[] {
    return [...this.#collections.keys()];
  }

  /** Writes an object. A write that changes nothing takes no revision. @returns The object as stored. */
  put(type: Stored, object: JsonObject): JsonObject {
    const collection = this.collection(type.storage);
    const meta = metaOf(object);
    const key = keyOf(meta.namespace, meta.name!);
    const previous = collection.get(key);
    const same = type.arrange(withRevision(object, previous ? metaOf(previous).resourceVersion : "0"));
    if (previous && equal(same, previous) && !isStoredShort(previous)) return previous;
    const revision = this.#reach(this.#revision + 1);
    // The version is replaced where it stands.
    const stored = withRevision(same, String(revision));
    this.#record(type.storage, key, { revision, type: previous ? "MODIFIED" : "ADDED", object: stored, previous });
    return stored;
  }

  /** Deletes an object. @returns Its last state, with the revision of the deletion. */
  remove(name: string, key: string): JsonObject | undefined {
    const collection = this.collection(name);
    const previous = collection.get(key);
    if (!previous) return undefined;
    const revision = this.#reach(this.#revision + 1);
    const object = withRevision(previous, String(revision));
    this.#record(name, key, { revision, type: "DELETED", object, previous });
    return object;
  }

  /**
   * Forgets the state of more than five to ten minutes ago, as the genuine server lets etcd do (its option
   * `--etcd-compaction-interval`). To be told the time before every write.
   *
   * @param now Milliseconds of any clock that never goes back.
   */
  age(now: number): void {
    const due = Math.floor((now - (this.#mark?.time ?? now)) / compactionInterval);
    if (this.#mark && due === 0) return;
    if (this.#mark) this.compact(due === 1 ? this.#mark.revision : this.revision);
    this.#mark = { time: (this.#mark?.time ?? now) + due * compactionInterval, revision: this.revision };
  }

  /** Forgets the states before a revision. */
  compact(revision: number): void {
    for (const collection of this.#collections.values()) collection.compact(revision);
  }

  /** Forgets all of the past: no list, continue token or watch goes on from before. Open watches do. */
  forget(): void {
    for (const collection of this.#collections.values()) collection.forget(this.revision);
  }

  /** A store that holds one collection as it was some revisions ago, or as long ago as is known. */
  before(revisions: number, name: string): Store {
    const then = new Store(this.#limit);
    const collection = this.collection(name);
    then.#revision = Math.max(1, this.revision - revisions, collection.oldest);
    then.#fill(name, collection.at(then.revision)!);
    return then;
  }

  /** A store that holds all of this one as it is now, without its history. */
  copy(): Store {
    const copy = new Store(this.#limit);
    copy.#revision = this.#revision;
    for (const [name, collection] of this.#collections) copy.#fill(name, collection.all());
    return copy;
  }

  /**
   * Puts another state in the place of this one. All watches end, and nothing is remembered from before.
   *
   * @param ready Called when it is there, before observers are told of it.
   */
  load(revision: number, collections: Readonly<Record<string, readonly JsonObject[]>>, ready: () => void): void {
    this.close();
    this.#collections.clear();
    this.#mark = undefined;
    this.#revision = this.#floor = revision;
    for (const [name, objects] of Object.entries(collections)) {
      this.#fill(name, objects.map((object) => [keyOf(metaOf(object).namespace, metaOf(object).name!), object] as const));
    }
    ready();
    this.#reach(revision);
    for (const tell of [...this.#observers]) tell(undefined, undefined);
  }

  #fill(name: string, objects: Iterable<readonly [string, JsonObject]>): void {
    const collection = new Collection(this.revision, this.#limit);
    collection.fill(objects);
    this.#collections.set(name, collection);
  }

  /** Ends all watches. */
  close(): void {
    for (const collection of this.#collections.values()) collection.end();
  }
}

const short = new Note<true>();

/** Notes that an object is stored without something that is filled in whenever it is read. */
export const noteStoredShort = (stored: JsonObject): void => short.set(stored, true);

/** Whether an object is stored without something that it shows: writing what it shows is a change. */
export const isStoredShort = (stored: JsonObject): boolean => short.of(stored) === true;

/** A copy of an object with that resourceVersion. Pure. */
export function withRevision(object: JsonObject, resourceVersion: string | undefined): JsonObject {
  if (resourceVersion !== undefined) return withMeta(object, { ...metaOf(object), resourceVersion });
  const { resourceVersion: _, ...rest } = metaOf(object);
  return withMeta(object, rest);
}
