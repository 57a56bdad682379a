import type { Clock } from "../../ports.ts";

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
export const nextTurn: (callback: () => void) => void =
  (globalThis as { setImmediate?: (callback: () => void) => void }).setImmediate ??
    ((callback) => setTimeout(callback, 0));

/** A clock that stands still until it is advanced. */
export interface VirtualClock extends Clock {
  /**
   * Lets `ms` milliseconds pass: timers that fall due run in order, and what they set off is let come to rest.
   *
   * @throws {RangeError} When they are negative, infinite, or no number.
   * @throws {Error} When a program never comes to rest while time stands still.
   */
  advance(ms: number): Promise<void>;
  /**
   * Lets everything that is under way come to rest without letting time pass.
   *
   * @throws {Error} When it never does.
   */
  settle(): Promise<void>;
  /**
   * Lets `ms` milliseconds pass at once, as if every process had been asleep meanwhile: timers that have fallen due run late, in their
   * order, each once, and what they set off is let come to rest. A day costs no more than a minute.
   *
   * @throws {RangeError} When they are negative, infinite, or no number.
   * @throws {Error} When a program never comes to rest while time stands still.
   */
  leap(ms: number): Promise<void>;
  /** Timers that are set and not yet due: a test that ends with some has leaked them. */
  readonly pending: number;
  /** When each of them is due, in milliseconds since the Unix epoch; in no order. */
  readonly due: readonly number[];
}

/** A program is at rest when it has not touched the clock for so many turns of the event loop: streams need a few. */
const QUIET_TURNS = 4;

/** What no program does that waits for anything: so much of it while time stands still. */
const BOUNDS = {
  /** Turns of the event loop, in a row, in which the clock was touched. */
  turns: 20_000,
  /** Timers that were set for the instant at which they were set. */
  timers: 20_000,
  /** Times the clock was read within one turn: the loop that does so lets nothing else run. A crowd reads it 100,000 times. */
  reads: 1_000_000,
};

/** The latest moment that can be told, in milliseconds since the Unix epoch. */
const LAST = 8.64e15;

/** @throws {RangeError} When time cannot pass so: it would go back, or not be known from then on. */
function checkSpan(ms: number): void {
  if (typeof ms === "number" && ms >= 0 && ms <= LAST) return;
  throw new RangeError(`Cannot advance the clock: ms is ${ms}, expected milliseconds from 0`);
}

/**
 * When `ms` milliseconds have passed: a sum that was rounded down is a moment before that, and whoever looks at the clock then and waits
 * for the rest, which is less than the clock can tell, waits for ever.
 */
function momentAfter(time: number, ms: number): number {
  const sum = time + ms;
  return sum - time < ms ? sum + 2 ** (Math.floor(Math.log2(sum)) - 52) : sum;
}

/**
 * Makes a clock for tests.
 *
 * **Guarantees**: a program that goes round and round without letting time pass does not hang its test: `advance` and
 * `settle` reject. One that does so within a single turn of the event loop is thrown at when it reads the clock.
 *
 * @param start Milliseconds since the Unix epoch. @default {Date.UTC(2026, 0, 1)}
 * @throws {RangeError} When that is no moment.
 */
export function createVirtualClock(start: number = Date.UTC(2026, 0, 1)): VirtualClock {
  if (!(typeof start === "number" && Math.abs(start) <= LAST)) {
    throw new RangeError(`Cannot make a clock: start is ${start}, expected milliseconds since 1970`);
  }
  let time = start;
  const timers = new Set<{ readonly set: number; readonly due: number; readonly callback: () => void }>();
  let touches = 0;
  let reads = 0; // in this turn of the event loop
  let stuck: Error | undefined;

  const standsStill = (what: string) =>
    new Error(`Time stands still: ${what} at ${new Date(time).toISOString()} without an end; the program waits for nothing`);

  const read = (value: number) => {
    touches++;
    if (reads++ === 0) nextTurn(() => reads = 0);
    if (reads > BOUNDS.reads) throw stuck ??= standsStill(`the clock was read ${BOUNDS.reads} times`);
    return value;
  };
  const settle = async () => {
    for (let quiet = 0, turns = 0; quiet < QUIET_TURNS; turns++) {
      const before = touches;
      await new Promise<void>(nextTurn);
      if (turns >= BOUNDS.turns) stuck ??= standsStill(`the event loop turned ${turns} times`);
      if (stuck) throw stuck;
      quiet = touches === before ? quiet + 1 : 0;
    }
  };
  const next = () => {
    let first: { readonly set: number; readonly due: number; readonly callback: () => void } | undefined;
    for (const timer of timers) if (!first || timer.due < first.due) first = timer;
    return first;
  };
  const clock: VirtualClock = {
    now: () => read(time),
    monotonic: () => read(time - start),
    setTimer(ms, callback) {
      touches++;
      const timer = { set: time, due: momentAfter(time, Math.max(0, ms)), callback };
      timers.add(timer);
      return () => {
        touches++;
        timers.delete(timer);
      };
    },
    settle,
    async advance(ms) {
      checkSpan(ms);
      const end = time + ms;
      let chained = 0;
      await settle();
      for (let timer = next(); timer && timer.due <= end; timer = next()) {
        if (timer.due > time) chained = 0;
        else if (timer.set === time && ++chained > BOUNDS.timers) {
          throw stuck = standsStill(`${BOUNDS.timers} callbacks ran`);
        }
        time = Math.max(time, timer.due);
        timers.delete(timer);
        timer.callback();
        await settle();
      }
      time = end;
    },
    async leap(ms) {
      checkSpan(ms);
      await settle();
      time += ms;
      await clock.advance(0);
    },
    get pending() {
      return timers.size;
    },
    get due() {
      return [...timers].map(({ due }) => due);
    },
  };
  return clock;
}
