import { CrdWatcherError } from "../../errors.ts";
import type { Clock, Cluster } from "../../ports.ts";
import { elapsedSince, type Moment } from "../time/elapsed.ts";

/** Leadership is over; the message says why. What was begun under it must not go on. */
export class LeadershipError extends CrdWatcherError {
  /** Takes a whole sentence that names the lease. */
  constructor(message: string) {
    super("leadership", message);
  }
}

/** Being the leader, for a time. */
export interface Leadership {
  /** Aborted with a `LeadershipError` when it is over, before anybody else can have it. */
  readonly signal: AbortSignal;
  /**
   * Whether it still holds, by the clocks: to be asked right before each write. After a stall (a blocked event loop, a
   * stopped process, a machine that slept) it says no before any timer has fired, and aborts the signal.
   */
  isValid(): boolean;
}

/** A leadership in the hand of who renews it. */
export interface Term extends Leadership {
  /** A renewal that was sent at this moment has taken effect. */
  renewed(sent: Moment): void;
  /** Ends it before its time. */
  end(reason: LeadershipError): void;
}

/**
 * Begins a leadership.
 *
 * @param sent When the write that took the lease was sent: nobody can have seen it earlier.
 * @param limit How long a renewal lasts, in milliseconds.
 * @param what As in `leases "shop/a"`.
 */
export function createTerm(clock: Clock, { sent, limit, what }: { sent: Moment; limit: number; what: string }): Term {
  const ending = new AbortController();
  let last = sent;
  let cancel = () => {};
  const end = (reason: LeadershipError) => {
    cancel();
    if (!ending.signal.aborted) ending.abort(reason);
  };
  const expire = () => end(new LeadershipError(`The lead of ${what} was not renewed within ${limit / 1_000} s`));
  const isValid = () => {
    if (!ending.signal.aborted && elapsedSince(clock, last) >= limit) expire();
    return !ending.signal.aborted;
  };
  const renewed = (at: Moment) => {
    if (!isValid()) return;
    last = at;
    cancel();
    cancel = clock.setTimer(Math.max(0, limit - elapsedSince(clock, at)), expire);
  };
  renewed(sent);
  return { signal: ending.signal, isValid, renewed, end };
}

/** A leadership that nothing ends but a signal: of a process that contends with nobody. */
export const unopposed = (signal: AbortSignal): Leadership => ({ signal, isValid: () => !signal.aborted });

/** The cluster, for a leader: it sends no write once the leadership is over. Such a write rejects with a `LeadershipError`. */
export function guardWrites(cluster: Cluster, leadership: Leadership): Cluster {
  const guard = <Args extends unknown[], T>(write: (...args: Args) => Promise<T>) => async (...args: Args): Promise<T> => {
    if (!leadership.isValid()) throw leadership.signal.reason;
    return await write.apply(cluster, args);
  };
  return {
    server: cluster.server,
    get: (...args) => cluster.get(...args),
    list: (...args) => cluster.list(...args),
    watch: (...args) => cluster.watch(...args),
    create: guard(cluster.create) as Cluster["create"],
    patch: guard(cluster.patch) as Cluster["patch"],
    replace: guard(cluster.replace) as Cluster["replace"],
    delete: guard(cluster.delete),
    close: () => cluster.close(),
  };
}
