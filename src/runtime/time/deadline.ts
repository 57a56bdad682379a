import type { Clock } from "../../ports.ts";

/** A point in time that moves, and what happens when it has come. */
export interface Deadline {
  /** Looks at once whether it has come; needed only where it has come nearer. */
  check(): void;
  /** Leaves no timer behind. */
  stop(): void;
}

/**
 * Makes a deadline that is put off for nothing: its timer is set again only when it goes off too early. Begins at once.
 *
 * @param remaining How long it is until then, in milliseconds.
 * @param due It has come. Goes on afterwards, if `remaining` is above 0 then.
 */
export function createDeadline(clock: Clock, remaining: () => number, due: () => void): Deadline {
  let cancel = () => {};
  let stopped = false;
  const check = () => {
    cancel();
    if (!stopped && remaining() <= 0) due();
    const left = remaining();
    if (!stopped && left > 0) cancel = clock.setTimer(left, check);
  };
  check();
  return {
    check,
    stop() {
      stopped = true;
      cancel();
    },
  };
}
