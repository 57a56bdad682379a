import type { Clock } from "../../ports.ts";
import { createLinkedList, type Linked } from "./linked-list.ts";

/** Something that may not wait for ever. */
export interface Expiring extends Linked<Expiring> {
  /** When its time is over, by the monotonic clock; set by what it is added to. */
  due?: number;
  /** Called when its time is over. */
  expire(): void;
}

/** Time limits of equal length. One timer serves them all, and there is none while nothing waits. */
export interface Deadlines {
  /** From now on the time counts. */
  add(item: Expiring): void;
  /** It is done, or needs no limit any more. */
  delete(item: Expiring): void;
}

/** @param limit How long each may take, in milliseconds. */
export function createDeadlines(clock: Clock, limit: number): Deadlines {
  const waiting = createLinkedList<Expiring>(); // all limits are equal, so they fall due in the order in which they were added
  let cancel: (() => void) | undefined;

  const expire = () => {
    cancel = undefined;
    const now = clock.monotonic();
    for (let item = waiting.first; item; item = waiting.first) {
      const left = item.due! - now;
      if (left > 0) {
        cancel ??= clock.setTimer(left, expire);
        return;
      }
      waiting.delete(item);
      item.expire();
    }
  };
  return {
    add(item) {
      item.due = clock.monotonic() + limit;
      waiting.add(item);
      cancel ??= clock.setTimer(limit, expire);
    },
    delete(item) {
      if (!waiting.delete(item) || waiting.first) return;
      cancel?.();
      cancel = undefined;
    },
  };
}
