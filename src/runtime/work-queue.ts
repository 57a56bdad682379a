import type { Clock } from "../ports.ts";
import { type Backoff, type BackoffOptions, createBackoff } from "./backoff.ts";

/**
 * A queue of keys in which a key stands once, however often it was added, and is worked on by one taker at a time
 * (client-go, `util/workqueue`).
 */
export interface WorkQueue {
  /** Marks a key as due. While it is being worked on it becomes due again afterwards. */
  add(key: string): void;
  /** Adds the key in `ms` milliseconds, or earlier where an earlier addition is already set. */
  addAfter(key: string, ms: number): void;
  /** Adds the key after a wait that grows with each failure of this key. @returns The wait in milliseconds. */
  retry(key: string): number;
  /** Ends the failures of this key. */
  forget(key: string): void;
  /** The next key, when there is one; undefined once the queue was closed. Must be followed by `done`. */
  take(): Promise<string | undefined>;
  /** The work on a taken key has ended. */
  done(key: string): void;
  /** Ends all waits; keys that are due are dropped. */
  close(): void;
  /** Keys that are due and not yet taken. */
  readonly length: number;
}

/** Makes an empty queue. */
export function createWorkQueue({ clock, backoff }: { readonly clock: Clock; readonly backoff?: BackoffOptions }): WorkQueue {
  // Every due key is in `dirty`; it is in `ready` too unless it is in `processing`.
  const dirty = new Set<string>();
  const ready: string[] = [];
  const processing = new Set<string>();
  const takers: ((key: string | undefined) => void)[] = [];
  const timers = new Map<string, { due: number; cancel: () => void }>();
  const failures = new Map<string, Backoff>();
  let closed = false;

  const hand = () => {
    while (ready.length > 0 && takers.length > 0) {
      const key = ready.shift()!;
      dirty.delete(key);
      processing.add(key);
      takers.shift()!(key);
    }
  };

  const queue: WorkQueue = {
    add(key) {
      if (closed || dirty.has(key)) return;
      dirty.add(key);
      if (!processing.has(key)) {
        ready.push(key);
        hand();
      }
    },
    addAfter(key, ms) {
      if (closed) return;
      const due = clock.monotonic() + ms;
      const set = timers.get(key);
      if (set && set.due <= due) return;
      set?.cancel();
      const cancel = clock.setTimer(ms, () => {
        timers.delete(key);
        queue.add(key);
      });
      timers.set(key, { due, cancel });
    },
    retry(key) {
      const waits = failures.get(key) ?? createBackoff(backoff);
      failures.set(key, waits);
      const ms = waits.next();
      queue.addAfter(key, ms);
      return ms;
    },
    forget: (key) => void failures.delete(key),
    take() {
      if (closed) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        takers.push(resolve);
        hand();
      });
    },
    done(key) {
      processing.delete(key);
      if (dirty.has(key) && !closed) {
        ready.push(key);
        hand();
      }
    },
    close() {
      closed = true;
      ready.length = 0;
      dirty.clear();
      for (const { cancel } of timers.values()) cancel();
      timers.clear();
      for (const taker of takers.splice(0)) taker(undefined);
    },
    get length() {
      return ready.length;
    },
  };
  return queue;
}
