import type { VirtualClock } from "../runtime/time/clock.ts";

/** The timers of one virtual clock, and whose they are. */
export interface Timers {
  /** The clock for an owner: what it sets is known to be its own. */
  of(owner: string): VirtualClock;
  /** When the first one is due, in milliseconds since the Unix epoch: of all, or of one owner. */
  next(owner?: string): number | undefined;
  /** In how many milliseconds those of an owner are due. */
  pending(owner: string): readonly number[];
}

/** How they are kept track of. */
export interface TimersOptions {
  /** Who has set those that were set on the clock itself. */
  readonly foreign: string;
  /** Called before a timer of anybody else runs. */
  readonly onFire: () => void;
}

/** Keeps track of the timers that are set on a clock by way of {@linkcode Timers.of}, or otherwise. */
export function createTimers(clock: VirtualClock, { foreign, onFire }: TimersOptions): Timers {
  const timers = new Set<{ readonly owner: string; readonly due: number }>();
  const dueOf = (owner: string): number[] => {
    const own = [...timers].filter((timer) => timer.owner === owner).map(({ due }) => due);
    if (owner !== foreign || clock.pending === timers.size) return own;
    const others = [...clock.due];
    for (const { due } of timers) others.splice(others.indexOf(due), 1);
    return [...own, ...others];
  };
  return {
    of: (owner) => ({
      ...clock,
      get pending() {
        return clock.pending;
      },
      get due() {
        return clock.due;
      },
      setTimer(ms, callback) {
        const timer = { owner, due: clock.now() + Math.max(0, ms) };
        timers.add(timer);
        const cancel = clock.setTimer(ms, () => {
          timers.delete(timer);
          if (owner !== foreign) onFire();
          callback();
        });
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    }),
    next(owner) {
      const due = owner === undefined ? clock.due : dueOf(owner);
      return due.length > 0 ? Math.min(...due) : undefined;
    },
    pending: (owner) => dueOf(owner).map((due) => due - clock.now()),
  };
}
