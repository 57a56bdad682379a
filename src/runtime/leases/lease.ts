/**
 * Leases as client-go's elections write them: who holds what, and since when. Pure.
 *
 * The times in them are for people: nobody's clock but one's own is trusted to judge one, see {@linkcode observe}.
 *
 * @module
 */

import type { KubernetesObject, NewObject, ObjectKey, Resource } from "../../ports.ts";

/** Where leases are: https://kubernetes.io/docs/concepts/architecture/leases/ */
export const LEASES: Resource = { group: "coordination.k8s.io", version: "v1", plural: "leases" };

/** What a lease says. Any member may be missing, and there may be others, which are kept. */
export interface LeaseSpec {
  /** Empty or absent: nobody holds it. */
  readonly holderIdentity?: string;
  /** How long it lasts without a renewal. */
  readonly leaseDurationSeconds?: number;
  /** When this holder took it; RFC 3339 with six digits. */
  readonly acquireTime?: string;
  /** RFC 3339 with six digits. */
  readonly renewTime?: string;
  /** How often it went from one holder to another. */
  readonly leaseTransitions?: number;
}

/** A lease as it stands on the server. */
export interface Lease extends KubernetesObject {
  readonly spec?: LeaseSpec;
}

/** A lease on its way to the server. */
export type NewLease = NewObject & Pick<Lease, "spec"> & {
  readonly metadata: ObjectKey & { readonly annotations?: Readonly<Record<string, string>> };
};

/** A duration beyond this is nobody's plan, in milliseconds: one bad write must not pin a lease for years. */
export const LONGEST_LEASE = 600_000;

/** What a counter of the API holds. */
const INT32_MAX = 2 ** 31 - 1;

/** RFC 3339 with the six digits that the API server insists on. @param ms Milliseconds since the Unix epoch. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace("Z", "000Z");

/** The labels of a lease that a process of this library makes. @param component As in `worker`. */
export const labelsOf = (component: string): Readonly<Record<string, string>> => ({
  "app.kubernetes.io/managed-by": "crd-watcher",
  "app.kubernetes.io/component": component,
});

/** Selects the leases that have all of these labels. */
export const selectorOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(",");

/** Who holds the lease; undefined where nobody does. */
export const holderOf = (lease: Lease): string | undefined => lease.spec?.holderIdentity || undefined;

/** How long the lease lasts by its own word, in milliseconds, {@linkcode LONGEST_LEASE} at the most; 0 where it does not say. */
export function durationOf({ spec }: Lease): number {
  const seconds = spec?.leaseDurationSeconds;
  return typeof seconds === "number" && seconds > 0 ? Math.min(seconds * 1_000, LONGEST_LEASE) : 0;
}

/** The holder of a lease, and for how long. */
export interface Hold {
  readonly holder: string;
  /** Milliseconds, whole seconds. */
  readonly duration: number;
}

/** A lease that was not there, as its first holder creates it. @param now Milliseconds since the Unix epoch. */
export function newLease(metadata: NewLease["metadata"], { holder, duration }: Hold, now: number): NewLease {
  const time = microTime(now);
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata,
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: duration / 1_000,
      acquireTime: time,
      renewTime: time,
      leaseTransitions: 0,
    },
  };
}

/** The lease in the hand of another holder, or renewed by the one that it has. */
export function heldLease(lease: Lease, { holder, duration }: Hold, now: number): Lease {
  const { spec } = lease;
  const renewTime = timeUnlike(spec?.renewTime, now);
  const kept = holderOf(lease) === holder && spec?.acquireTime;
  const transitions = spec?.leaseTransitions;
  const counted = typeof transitions === "number" && transitions >= 0 && transitions < INT32_MAX ? transitions : 0;
  return written(lease, {
    ...spec,
    holderIdentity: holder,
    leaseDurationSeconds: duration / 1_000,
    acquireTime: kept || renewTime,
    renewTime,
    leaseTransitions: kept ? counted : counted + 1,
  });
}

/** The lease as its holder leaves it to whoever comes first. */
export function freeLease(lease: Lease, now: number): Lease {
  const time = timeUnlike(lease.spec?.renewTime, now);
  // What client-go leaves behind; the API server takes no duration of 0.
  return written(lease, { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1, acquireTime: time, renewTime: time });
}

/** Others judge a lease by its changes: each renewal must be one, even where the clock stands still. */
function timeUnlike(last: string | undefined, now: number): string {
  const time = microTime(now);
  return time === last ? time.replace("000Z", "001Z") : time;
}

function written(lease: Lease, spec: LeaseSpec): Lease {
  // The server keeps the managed fields that an update does not mention.
  const { managedFields: _, ...metadata } = lease.metadata as Lease["metadata"] & { managedFields?: unknown };
  return { ...lease, metadata, spec };
}
