/** So many values by key: where one more comes, the one is forgotten that nobody has asked for the longest. */
export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /** Forgets all of them. */
  clear(): void;
  readonly size: number;
}

/** Makes an empty one. @param limit How many it holds. */
export function createLru<V>(limit: number): Lru<V> {
  const values = new Map<string, V>(); // the first is the one that was asked for the longest ago
  return {
    get(key) {
      const value = values.get(key);
      if (value === undefined) return undefined;
      values.delete(key);
      values.set(key, value);
      return value;
    },
    set(key, value) {
      values.delete(key);
      values.set(key, value);
      if (values.size > limit) values.delete(values.keys().next().value!);
    },
    clear: () => values.clear(),
    get size() {
      return values.size;
    },
  };
}
