import type { Clock } from "../../ports.ts";

/** Something that may not wait for ever. */
export interface Expiring {
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
  // All limits are equal, so that they fall due in the order in which they were added.
  const due = new Map<Expiring, number>();
  let cancel: (() => void) | undefined;

  const expire = () => {
    cancel = undefined;
    const now = clock.monotonic();
    for (const [item, time] of due) {
      if (time > now) {
        cancel ??= clock.setTimer(time - now, expire);
        return;
      }
      due.delete(item);
      item.expire();
    }
  };
  return {
    add(item) {
      due.set(item, clock.monotonic() + limit);
      cancel ??= clock.setTimer(limit, expire);
    },
    delete(item) {
      if (!due.delete(item) || due.size > 0) return;
      cancel?.();
      cancel = undefined;
    },
  };
}
