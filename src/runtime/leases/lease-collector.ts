import { causeText, isConflict, isDenied, isNotFound } from "../../errors.ts";
import type { Clock, Cluster, Log } from "../../ports.ts";
import { sleep } from "../time/clock.ts";
import { type Lease, LEASES, selectorOf } from "./lease.ts";
import { createLeaseObserver } from "./observation.ts";

/** Whose leases are collected, and until when. */
export interface LeaseCollectorOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Only leases with all of these labels. */
  readonly labels: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Between 0 and 1. @default {Math.random} */
  readonly random?: () => number;
}

/** How often all leases are read, in milliseconds. */
const PERIOD = 60_000;

/** How long a lease is left after it has run out, in milliseconds: who was cut off for a while finds it as it was. */
const GRACE = 300_000;

/**
 * Deletes the leases of processes that have died without a word, some minutes after they ran out; a process that lives after
 * all makes its lease again. Deletes nothing that it has not itself seen unchanged for so long, while the server answered.
 *
 * @returns Resolves after the signal, or where the rights for it are missing.
 */
export async function runLeaseCollector(options: LeaseCollectorOptions): Promise<void> {
  const { cluster, namespace, labels, clock, log, signal, random = Math.random } = options;
  const labelSelector = selectorOf(labels);
  const observer = createLeaseObserver(clock);

  async function collect({ metadata }: Lease): Promise<void> {
    const { name, uid, resourceVersion } = metadata;
    try {
      await cluster.delete(LEASES, { namespace, name }, { preconditions: { uid, resourceVersion }, signal });
      log.info(`Deleted the lease of ${name}, which has ended without a word`);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  while (!signal.aborted) {
    try {
      const { items } = await cluster.list<Lease>(LEASES, { namespace, labelSelector, signal });
      observer.seeAll(items);
      for (const lease of items) if (observer.isExpired(lease.metadata.name, GRACE)) await collect(lease);
    } catch (error) {
      if (signal.aborted) return;
      observer.restart();
      log.debug(`Cannot collect leases in "${namespace}": ${causeText(error)}`);
      if (isDenied(error)) {
        return log.warn(`The leases of processes that died stay: grant list and delete of leases in "${namespace}" to this user`);
      }
    }
    await sleep(clock, PERIOD * (0.9 + random() / 5), signal).catch(() => {});
  }
}
