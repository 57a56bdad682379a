import type { Clock } from "../../ports.ts";

/** A point in time, by both clocks of this process. */
export interface Moment {
  /** Milliseconds, by the monotonic clock. */
  readonly monotonic: number;
  /** Milliseconds since the Unix epoch. */
  readonly wall: number;
}

/** Now. */
export const momentOf = (clock: Clock): Moment => ({ monotonic: clock.monotonic(), wall: clock.now() });

/**
 * How long ago a moment was, in milliseconds: for what must not last longer than promised.
 *
 * The monotonic clock of Linux and macOS stands still while the machine sleeps, the wall clock may be set; the longer of
 * both is never too short unless both happen at once.
 */
export const elapsedSince = (clock: Clock, moment: Moment): number =>
  Math.max(clock.monotonic() - moment.monotonic, clock.now() - moment.wall);
