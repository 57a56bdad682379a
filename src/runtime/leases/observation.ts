import type { Clock } from "../../ports.ts";
import { durationOf, type Lease } from "./lease.ts";

/** A lease, and when this process first saw it as it is. */
export interface Observation {
  readonly lease: Lease;
  /** Milliseconds, by the monotonic clock. */
  readonly since: number;
}

/**
 * Takes in what was seen of a lease. Pure.
 *
 * As in client-go a lease is judged by the changes that this process saw, measured on its own monotonic clock; the times
 * in it come from clocks that may be hours away.
 *
 * @param before What was seen of it last.
 * @param now Milliseconds, by the monotonic clock: not before the server sent what is seen.
 */
export function observe(before: Observation | undefined, lease: Lease, now: number): Observation {
  return before && isUnchanged(before.lease, lease) ? { lease, since: before.since } : { lease, since: now };
}

/** When the lease will have lasted without a change, in milliseconds by the monotonic clock. Pure. @param least It lasts no less. */
export const expiryOf = ({ lease, since }: Observation, least = 0): number => since + Math.max(least, durationOf(lease));

/** Whether the lease has not been renewed in time. Pure. @param grace Milliseconds that are granted beyond its duration. */
export const isExpired = (observation: Observation, now: number, grace = 0): boolean => now >= expiryOf(observation) + grace;

/** Labels, annotations and the like do not renew a lease. */
function isUnchanged(a: Lease, b: Lease): boolean {
  return a.metadata.uid === b.metadata.uid && a.spec?.holderIdentity === b.spec?.holderIdentity &&
    a.spec?.renewTime === b.spec?.renewTime && a.spec?.acquireTime === b.spec?.acquireTime &&
    a.spec?.leaseTransitions === b.spec?.leaseTransitions && a.spec?.leaseDurationSeconds === b.spec?.leaseDurationSeconds;
}

/** What one process has seen of many leases. */
export interface LeaseObserver {
  /** Takes in a lease as it was seen now. */
  see(lease: Lease): void;
  /** Takes in a whole list: leases that are not in it are forgotten. */
  seeAll(leases: readonly Lease[]): void;
  /** What was seen of a lease; undefined where it was never seen. */
  of(name: string): Observation | undefined;
  /** Whether a lease has not changed for longer than it lasts. One that was never seen has not expired. @param grace Milliseconds. */
  isExpired(name: string, grace?: number): boolean;
  /**
   * The server could not be reached: nobody may have been able to renew. All leases count as if they were seen for the first
   * time when they are seen again.
   */
  restart(): void;
}

/** Makes an observer that has seen nothing. All leases are of one namespace. @param clock Its monotonic clock measures. */
export function createLeaseObserver(clock: Clock): LeaseObserver {
  const observations = new Map<string, Observation>(); // by name
  const see = (lease: Lease) => {
    const { name } = lease.metadata;
    observations.set(name, observe(observations.get(name), lease, clock.monotonic()));
  };
  return {
    see,
    seeAll(leases) {
      const names = new Set(leases.map(({ metadata }) => metadata.name));
      for (const name of observations.keys()) if (!names.has(name)) observations.delete(name);
      leases.forEach(see);
    },
    of: (name) => observations.get(name),
    isExpired(name, grace) {
      const observation = observations.get(name);
      return observation !== undefined && isExpired(observation, clock.monotonic(), grace);
    },
    restart: () => observations.clear(),
  };
}
