/**
 * How often a job is tried, and how long it rests between two attempts.
 *
 * @module
 */

/** When a job is tried again. What is left out is as by default. */
export interface RetryPolicy {
  /** So many failures end it: 3 are three attempts, 1 is no second one. @default {3} */
  readonly limit: number;
  /** So many lost workers end it, so that a job that kills its workers is not passed on for ever. @default {3} */
  readonly lostLimit: number;
  /** Milliseconds: the longest rest after the first failure. @default {1_000} */
  readonly initial: number;
  /** By what the longest rest grows with each failure. @default {2} */
  readonly factor: number;
  /** Milliseconds: no rest is longer. @default {100_000} */
  readonly max: number;
  /** Names of errors (`error.name`) after which no attempt is made. @default {[]} */
  readonly nonRetryable: readonly string[];
}

/** What holds where a job says nothing. */
export const RETRY_DEFAULTS: RetryPolicy = Object.freeze({
  limit: 3,
  lostLimit: 3,
  initial: 1_000,
  factor: 2,
  max: 100_000,
  nonRetryable: Object.freeze([]),
});

/**
 * How long to rest after a failure, in milliseconds: anything up to the longest rest ("full jitter"), so that flows that
 * failed together do not come back together. Pure.
 *
 * @param failures How many there were, this one included.
 * @param lot From 0 up to 1: where between no rest and the longest.
 */
export const restAfter = ({ initial, factor, max }: RetryPolicy, failures: number, lot: number): number =>
  initial === 0 ? 0 : Math.min(max, initial * factor ** (failures - 1)) * lot; // 0 times infinity is no number
