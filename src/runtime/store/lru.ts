/** Values by key, of which those are forgotten that nobody has asked for the longest. */
export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /** Forgets all of them. */
  clear(): void;
}

/**
 * Makes an empty one. There are two generations: once the younger one is full it becomes the older one, which is dropped. So nothing is moved
 * within a map for each question, which would have it made anew again and again.
 *
 * @param limit So many are remembered, those that were last set or asked for; and at most twice as many.
 */
export function createLru<V>(limit: number): Lru<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();

  const keep = (key: string, value: V) => {
    if (young.size >= limit && !young.has(key)) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const older = old.get(key);
      if (older !== undefined) keep(key, older);
      return older;
    },
    set: keep,
    clear() {
      young = new Map();
      old = new Map();
    },
  };
}
