/**
 * Waiting in a test.
 *
 * @module
 */
import { ANY_TEXT, checkOptions, checkValue, CLOCK, FUNCTION, LIMIT, type Members } from "../../options.ts";
import type { Clock } from "../../ports.ts";
import { sleep, systemClock, type VirtualClock } from "../../runtime/time/clock.ts";

/** How long to wait, and by which clock. */
export interface UntilOptions {
  /** A virtual clock is advanced; with another one real time passes. @default {systemClock} */
  readonly clock?: Clock | VirtualClock;
  /** Milliseconds of that clock. @default {60_000 of virtual time, 5_000 of real time} */
  readonly limit?: number;
  /** What is waited for, for the message: "the flow is over". @default {The text of the condition} */
  readonly what?: string;
}

const OPTIONS: Members<UntilOptions> = { clock: CLOCK, limit: LIMIT, what: ANY_TEXT };

/**
 * Lets time pass until a condition holds: at first in small steps, so that little happens after it came true, then in
 * larger ones.
 *
 * @param condition Asked again after every step. May be asynchronous; time passes while it is not settled.
 * @returns The first value of the condition that is not `undefined`, `false` or another nothing.
 * @throws {Error} When it does not hold within the limit. What the condition throws is thrown at once.
 * @throws {TypeError} When an option is unknown or none that can be.
 * @throws {RangeError} When the limit is no number of milliseconds.
 *
 * @example
 * ```ts
 * import { createVirtualClock, until } from "crd-watcher/fake";
 *
 * const clock = createVirtualClock();
 * let rung = false;
 * clock.setTimer(10_000, () => rung = true);
 * await until(() => rung, { clock, what: "the bell has rung" });
 * ```
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions = {},
): Promise<Exclude<T, undefined | null | false | 0 | "">> {
  checkValue("Cannot wait", "condition", condition, FUNCTION);
  checkOptions("Cannot wait", options, OPTIONS);
  const { clock = systemClock, what = String(condition) } = options;
  const virtual = "advance" in clock ? clock as VirtualClock : undefined;
  const { limit = virtual ? 60_000 : 5_000 } = options;
  const [first, longest] = virtual ? [50, 1_000] : [1, 50];
  const pass = (ms: number) => virtual ? virtual.advance(ms) : sleep(clock, ms);
  const started = clock.monotonic();
  await virtual?.settle();
  for (let step = first;; step = Math.min(longest, step * 1.2)) {
    let settled = false;
    const asked = Promise.resolve(condition()).finally(() => settled = true);
    asked.catch(() => {}); // it is awaited below
    if (virtual) await virtual.settle();
    const isLate = () => clock.monotonic() - started >= limit;
    for (; virtual && !settled && !isLate(); step = Math.min(longest, step * 1.2)) await pass(step);
    if (!virtual || settled) {
      const value = await asked;
      if (value) return value as Exclude<T, undefined | null | false | 0 | "">;
    }
    if (isLate()) {
      const whose = options.limit === undefined ? "no limit was given" : "the limit that was given, in milliseconds";
      throw new Error(`Waited ${limit} ms of ${virtual ? "virtual" : "real"} time in vain until ${what}: ${whose}`);
    }
    await pass(step);
  }
}
