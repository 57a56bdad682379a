/** Deletions beyond the size of a map after which it is made anew. */
const SLACK = 8;

/**
 * A map for what comes and goes, by the hundred a second and all day. It does what a `Map` does; but what is deleted while it is iterated may
 * still come up.
 *
 * A `Map` of V8 that has outgrown its table links that to the next one, with all that stood in it then. Where the table had become old, all
 * that ever came after it is kept until all memory is collected: of each flow of a worker 43 KB survived, calls included, and 5 do now
 * (docs/decisions/0033-what-keeps-the-dead-alive.md). This one is copied before that happens, and leads from nowhere to anywhere.
 */
export class ChurnMap<K, V> {
  #map = new Map<K, V>();
  #deleted = 0;

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): this {
    this.#map.set(key, value);
    return this;
  }

  delete(key: K): boolean {
    if (!this.#map.delete(key)) return false;
    if (++this.#deleted > SLACK + this.#map.size) {
      this.#deleted = 0;
      this.#map = new Map(this.#map);
    }
    return true;
  }

  clear(): void {
    this.#map = new Map();
    this.#deleted = 0;
  }

  keys(): MapIterator<K> {
    return this.#map.keys();
  }

  values(): MapIterator<V> {
    return this.#map.values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#map[Symbol.iterator]();
  }
}

/** A set for what comes and goes: see {@linkcode ChurnMap}. */
export class ChurnSet<T> {
  readonly #map = new ChurnMap<T, true>();

  get size(): number {
    return this.#map.size;
  }

  has(item: T): boolean {
    return this.#map.has(item);
  }

  add(item: T): this {
    this.#map.set(item, true);
    return this;
  }

  delete(item: T): boolean {
    return this.#map.delete(item);
  }

  [Symbol.iterator](): MapIterator<T> {
    return this.#map.keys();
  }
}
