import { checkOptions, FUNCTION, type Members, numberFrom, SPAN } from "../../options.ts";

/** How waits grow from one failure to the next. All in milliseconds. */
export interface BackoffOptions {
  /** The first wait. @default {100} */
  readonly initial?: number;
  /** The longest wait. @default {10_000} */
  readonly max?: number;
  /** What each wait is multiplied by. @default {2} */
  readonly factor?: number;
  /** Between 0 and 1, spreads the waits of many clients. @default {Math.random} */
  readonly random?: () => number;
}

const OPTIONS: Members<BackoffOptions> = {
  initial: SPAN,
  max: SPAN,
  factor: numberFrom(1),
  random: FUNCTION,
};

/** @throws {TypeError | RangeError} When waits cannot grow so. @param action As in `Cannot make a queue`. */
export const checkBackoff = (action: string, options: BackoffOptions): void => checkOptions(action, options, OPTIONS, "backoff");

/** Counts failures in a row and says how long to wait after the last of them. */
export interface Backoff {
  /** The next wait, in milliseconds: between half and all of a value that grows exponentially. */
  next(): number;
  /** A success: the next wait is the first one again. */
  reset(): void;
}

/** Makes a backoff that has seen no failure yet. */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  checkBackoff("Cannot make a backoff", options);
  const { random = Math.random, ...growth } = options;
  let failures = 0;
  return {
    next: () => waitAfter(++failures, random(), growth),
    reset: () => void (failures = 0),
  };
}

/**
 * How long to wait after so many failures in a row, in milliseconds. Pure.
 *
 * @param failures From 1.
 * @param random Between 0 and 1: the wait is between half and all of a value that grows exponentially.
 */
export function waitAfter(failures: number, random: number, growth: Omit<BackoffOptions, "random"> = {}): number {
  const { initial = 100, max = 10_000, factor = 2 } = growth;
  return Math.min(max, initial * factor ** (failures - 1)) * (0.5 + random / 2);
}
