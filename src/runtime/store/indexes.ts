import type { KubernetesObject } from "../../ports.ts";
import { ChurnMap, ChurnSet } from "./churn.ts";

/** Under which values an object is to be found. */
export type IndexFunction<T extends KubernetesObject> = (object: T) => Iterable<string>;

/** The keys of objects, by the values that functions give of them (client-go, `tools/cache/index.go`). */
export interface Indexes<T extends KubernetesObject> {
  /** The keys under a value; undefined where there is no index of that name. */
  keys(index: string, value: string): Iterable<string> | undefined;
  /** What stands under a key has changed. */
  replace(key: string, object: T | undefined, previous: T | undefined): void;
}

const none = new ChurnSet<string>();

/** Makes empty indexes. @returns Undefined where there are no functions: they then cost nothing. */
export function createIndexes<T extends KubernetesObject>(
  functions: Readonly<Record<string, IndexFunction<T>>>,
): Indexes<T> | undefined {
  const indexes = new Map(
    Object.entries(functions).map(([name, valuesOf]) => [name, { valuesOf, keys: new ChurnMap<string, ChurnSet<string>>() }]),
  );
  if (indexes.size === 0) return undefined;
  return {
    keys: (index, value) => indexes.has(index) ? indexes.get(index)!.keys.get(value) ?? none : undefined,
    replace(key, object, previous) {
      for (const { valuesOf, keys } of indexes.values()) {
        if (previous !== undefined) {
          for (const value of valuesOf(previous)) {
            const under = keys.get(value);
            if (under?.delete(key) && under.size === 0) keys.delete(value);
          }
        }
        if (object === undefined) continue;
        for (const value of valuesOf(object)) {
          const under = keys.get(value);
          if (under) under.add(key);
          else keys.set(value, new ChurnSet<string>().add(key));
        }
      }
    },
  };
}
