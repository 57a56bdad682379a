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
