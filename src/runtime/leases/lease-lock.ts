import { isAlreadyExists, isConflict, isNotFound } from "../../errors.ts";
import type { Clock, Cluster, ObjectKey } from "../../ports.ts";
import { freeLease, heldLease, type Hold, type Lease, LEASES, type NewLease, newLease } from "./lease.ts";
import { within } from "../time/limit.ts";

/** Reads and writes one lease; a write takes effect on the lease as it was seen, or not at all. */
export interface LeaseLock {
  /** @returns Undefined where there is none. */
  read(signal?: AbortSignal): Promise<Lease | undefined>;
  /**
   * Takes or renews the lease; makes it where none was seen.
   *
   * @param seen As it was read or written last.
   * @returns The lease afterwards; undefined where somebody else has written, made or deleted it meanwhile.
   */
  hold(seen: Lease | undefined, signal?: AbortSignal): Promise<Lease | undefined>;
  /** Leaves the lease to whoever comes first. @returns As {@linkcode hold} does. */
  free(seen: Lease): Promise<Lease | undefined>;
}

/** Whose lease, and what a call may take. */
export interface LeaseLockOptions {
  readonly cluster: Cluster;
  /** Of the lease when it is made. */
  readonly metadata: NewLease["metadata"];
  readonly hold: Hold;
  readonly clock: Clock;
  /** Milliseconds, for each call. */
  readonly limit: number;
}

/** Makes a lock. Does no IO. */
export function createLeaseLock({ cluster, metadata, hold, clock, limit }: LeaseLockOptions): LeaseLock {
  const key: ObjectKey = { namespace: metadata.namespace, name: metadata.name };
  const action = `Cannot keep leases "${key.namespace}/${key.name}"`;
  const call = async (
    send: (signal: AbortSignal) => Promise<Lease>,
    isRace: (error: unknown) => boolean,
    signal?: AbortSignal,
  ): Promise<Lease | undefined> => {
    try {
      return await within({ clock, ms: limit, action, signal }, send);
    } catch (error) {
      if (isRace(error)) return undefined;
      throw error;
    }
  };
  const replace = (lease: Lease, signal?: AbortSignal) =>
    call(
      (signal) => cluster.replace<Lease>(LEASES, lease, { signal }),
      (error) => isConflict(error) || isNotFound(error),
      signal,
    );
  return {
    read: (signal) => call((signal) => cluster.get<Lease>(LEASES, key, { signal }), isNotFound, signal),
    hold: (seen, signal) =>
      seen
        ? replace(heldLease(seen, hold, clock.now()), signal)
        // A 404 says that the namespace is not there.
        : call(
          (signal) => cluster.create<Lease>(LEASES, newLease(metadata, hold, clock.now()), { signal }),
          isAlreadyExists,
          signal,
        ),
    free: (seen) => replace(freeLease(seen, clock.now())),
  };
}
