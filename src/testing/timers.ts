import type { VirtualClock } from "../runtime/clock.ts";

/** The timers of one virtual clock, and whose they are. */
export interface Timers {
  /** The clock for an owner: what it sets is known to be its own. */
  of(owner: string): VirtualClock;
  /** When the first one is due, in milliseconds since the Unix epoch: of all, or of one owner. */
  next(owner?: string): number | undefined;
  /** In how many milliseconds those of an owner are due. */
  pending(owner: string): readonly number[];
}

/** Keeps track of the timers that are set on a clock by way of {@linkcode Timers.of}. */
export function createTimers(clock: VirtualClock): Timers {
  const timers = new Set<{ readonly owner: string; readonly due: number }>();
  return {
    of: (owner) => ({
      ...clock,
      get pending() {
        return clock.pending;
      },
      setTimer(ms, callback) {
        const timer = { owner, due: clock.now() + Math.max(0, ms) };
        timers.add(timer);
        const cancel = clock.setTimer(ms, () => {
          timers.delete(timer);
          callback();
        });
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    }),
    next(owner) {
      let first: number | undefined;
      for (const timer of timers) {
        if ((owner === undefined || timer.owner === owner) && !(timer.due >= (first ?? Infinity))) first = timer.due;
      }
      return first;
    },
    pending: (owner) => [...timers].filter((timer) => timer.owner === owner).map(({ due }) => due - clock.now()),
  };
}
