/**
 * The objects of one type, with the latest events.
 *
 * @module
 */
import type { JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";

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

/** An object and its place: whoever goes through all of them looks none up. */
interface Entry {
  readonly key: string;
  object: JsonObject;
}

/** The objects of one type. Stored objects are never changed, only replaced. */
export class Collection {
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Map<(event: StoreEvent | undefined) => void, () => void>();
  readonly #limit: number;
  #events: StoreEvent[] = [];
  /** In the order of the keys. */
  #order: readonly Entry[] | undefined;
  /** Events up to this revision are forgotten. */
  floor: number;
  /** States before this revision are forgotten, though events may be left of them. */
  #compacted = 0;
  /** No watch goes on from before this revision, though states and events may be known. */
  #renewed = 0;

  constructor(floor: number, limit: number) {
    this.floor = floor;
    this.#limit = limit;
  }

  /** How many objects there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** The oldest revision whose state is known. */
  get oldest(): number {
    return Math.max(this.floor, this.#compacted);
  }

  /** The oldest revision that a watch may go on from. */
  get watched(): number {
    return Math.max(this.floor, this.#renewed);
  }

  /** The object of that key. */
  get(key: string): JsonObject | undefined {
    return this.#entries.get(key)?.object;
  }

  #sorted(): readonly Entry[] {
    return this.#order ??= [...this.#entries.values()].sort((a, b) => a.key < b.key ? -1 : 1);
  }

  /** All keys, in the order of the storage. */
  keys(): readonly string[] {
    return this.#sorted().map(({ key }) => key);
  }

  /** All objects, in the order of their keys. */
  all(): (readonly [string, JsonObject])[] {
    return this.#sorted().map(({ key, object }) => [key, object] as const);
  }

  /** The objects as they were at a revision. @returns Nothing when that is forgotten. */
  at(revision: number): (readonly [string, JsonObject])[] | undefined {
    if (revision < this.oldest) return undefined;
    const objects = new Map(this.all());
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

  #set(key: string, object: JsonObject): void {
    const entry = this.#entries.get(key);
    if (entry) entry.object = object;
    else {
      this.#entries.set(key, { key, object });
      this.#order = undefined;
    }
  }

  #remove(key: string): void {
    this.#entries.delete(key);
    this.#order = undefined;
  }

  /** Records a change and tells the watchers. Only the store calls this. */
  record(key: string, event: StoreEvent): void {
    if (event.type === "DELETED") this.#remove(key);
    else this.#set(key, event.object);
    this.#events.push(event);
    // Cut in one go, so that an event costs the same however long the history is.
    if (this.#events.length > this.#limit * 2) this.forget(this.#events[this.#events.length - this.#limit - 1]!.revision);
    else if (this.#events.length > this.#limit) {
      this.floor = Math.max(this.floor, this.#events[this.#events.length - this.#limit - 1]!.revision);
    }
    for (const tell of [...this.#watchers.keys()]) tell(event);
  }

  /** Forgets the events up to a revision, as compaction does. */
  forget(revision: number): void {
    this.floor = Math.max(this.floor, revision);
    this.#events = this.#events.filter((event) => event.revision > this.floor);
  }

  /** Forgets the states before a revision. Watches still go on from older ones: the server has them in its own memory. */
  compact(revision: number): void {
    this.#compacted = Math.max(this.#compacted, revision);
  }

  /** Puts objects in the place of all others. Only the store calls this. */
  fill(objects: Iterable<readonly [string, JsonObject]>): void {
    for (const [key, object] of objects) this.#set(key, object);
  }

  /**
   * Calls back for every event, and once with nothing when the collection is gone.
   *
   * @param renewed Called when what makes the objects has changed: whoever watches should begin anew.
   * @returns A function that ends this.
   */
  watch(tell: (event: StoreEvent | undefined) => void, renewed: () => void): () => void {
    this.#watchers.set(tell, renewed);
    return () => void this.#watchers.delete(tell);
  }

  /** What makes the objects has changed: watches go on from this revision only. */
  renew(revision: number): void {
    this.#renewed = Math.max(this.#renewed, revision);
    for (const renewed of [...this.#watchers.values()]) renewed();
  }

  /** Ends all watches. */
  end(): void {
    for (const tell of [...this.#watchers.keys()]) tell(undefined);
    this.#watchers.clear();
  }
}
