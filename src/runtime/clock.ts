import type { Clock } from "../ports.ts";

/** What timers of the platform can hold, in milliseconds: 24 days. Longer ones would fire at once. */
const LONGEST = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, LONGEST));
    return () => clearTimeout(timer);
  },
};

/** Waits. @param ms Milliseconds. Rejects with the signal's reason when `signal` is aborted, and leaves no timer. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = clock.setTimer(ms, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** Calls back in the next turn of the event loop: at once where the platform can, within a millisecond or so elsewhere. */
const nextTurn: (callback: () => void) => void = (globalThis as { setImmediate?: (callback: () => void) => void }).setImmediate ??
  ((callback) => setTimeout(callback, 0));

/** A clock that stands still until it is advanced. */
export interface VirtualClock extends Clock {
  /** Lets `ms` milliseconds pass: timers that fall due run in order, and what they set off is let come to rest. */
  advance(ms: number): Promise<void>;
  /** Lets everything that is under way come to rest without letting time pass. */
  settle(): Promise<void>;
  /** Timers that are set and not yet due: a test that ends with some has leaked them. */
  readonly pending: number;
}

/**
 * Makes a clock for tests.
 *
 * @param start Milliseconds since the Unix epoch. @default {Date.UTC(2026, 0, 1)}
 */
export function createVirtualClock(start: number = Date.UTC(2026, 0, 1)): VirtualClock {
  let time = start;
  const timers = new Set<{ due: number; callback: () => void }>();
  // A turn of the event loop runs every microtask; streams of the platform need a few turns.
  const settle = async () => {
    for (let turn = 0; turn < 4; turn++) await new Promise<void>(nextTurn);
  };
  const next = () => {
    let first: { due: number; callback: () => void } | undefined;
    for (const timer of timers) if (!first || timer.due < first.due) first = timer;
    return first;
  };
  return {
    now: () => time,
    monotonic: () => time - start,
    setTimer(ms, callback) {
      const timer = { due: time + Math.max(0, ms), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    settle,
    async advance(ms) {
      const end = time + ms;
      await settle();
      for (let timer = next(); timer && timer.due <= end; timer = next()) {
        time = Math.max(time, timer.due);
        timers.delete(timer);
        timer.callback();
        await settle();
      }
      time = end;
    },
    get pending() {
      return timers.size;
    },
  };
}
