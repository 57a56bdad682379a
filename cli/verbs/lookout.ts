import type { Clock } from "../../mod.ts";

/** How often it is looked, in milliseconds. */
const LOOK = 5_000;

/** Looks now and then at what no watch shows. */
export interface Lookout {
  /** At once; from then on again and again. */
  now(): void;
  end(): void;
}

/** How it looks. */
export interface LookoutOptions<T> {
  readonly clock: Clock;
  /** It is shown beside the rest: where it rejects, the rest is there all the same. */
  readonly look: () => Promise<T>;
  /** Not called any more after the end. */
  readonly tell: (seen: T) => void;
}

/** Makes one that has not looked yet. */
export function createLookout<T>({ clock, look, tell }: LookoutOptions<T>): Lookout {
  let cancel = () => {};
  let ended = false;
  const now = () => {
    cancel();
    if (ended) return;
    cancel = clock.setTimer(LOOK, now);
    look().then((seen) => !ended && tell(seen), () => {});
  };
  return {
    now,
    end() {
      ended = true;
      cancel();
    },
  };
}
