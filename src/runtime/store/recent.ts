import type { Clock } from "../../ports.ts";

/** Values by key, each of them forgotten once nobody has asked for it for a while. */
export interface Recent<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  /** How many are remembered. */
  readonly size: number;
}

/**
 * Makes an empty one. It needs no timer: there are two generations, and once `ms` milliseconds have passed the younger one
 * becomes the older one, which is dropped.
 *
 * @param ms A value is remembered for at least so long after it was last set or asked for, and for at most twice as long.
 */
export function createRecent<V>(clock: Clock, ms: number): Recent<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  let turned = clock.monotonic();

  const turn = () => {
    const passed = clock.monotonic() - turned;
    if (passed < ms) return;
    old = passed < 2 * ms ? young : new Map();
    young = new Map();
    turned += passed;
  };
  const keep = (key: string, value: V) => {
    young.set(key, value);
    old.delete(key);
  };
  return {
    get(key) {
      turn();
      const value = young.get(key);
      if (value !== undefined) return value;
      const older = old.get(key);
      if (older !== undefined) keep(key, older);
      return older;
    },
    set(key, value) {
      turn();
      keep(key, value);
    },
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
    get size() {
      turn();
      return young.size + old.size;
    },
  };
}
