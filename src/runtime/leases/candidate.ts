import type { Clock, Cluster, Log, ObjectKey } from "../../ports.ts";
import { sleep } from "../time/clock.ts";
import { type Moment, momentOf } from "../time/elapsed.ts";
import type { LeaseLock } from "./lease-lock.ts";
import { createLeaseWatch, type LeaseWatch } from "./lease-watch.ts";
import { holderOf, type Lease } from "./lease.ts";
import { expiryOf, type Observation, observe } from "./observation.ts";
import type { Trouble } from "../log/trouble.ts";
import { compareVersions } from "../store/version.ts";

/** A lease in this candidate's hand, and when the write was sent that put it there. */
export interface Held {
  readonly lease: Lease;
  readonly sent: Moment;
}

/** Waits for a lease. */
export interface Candidate {
  /** Resolves when this candidate has the lease; with undefined when the signal came first. */
  acquire(): Promise<Held | undefined>;
}

/** Who wants which lease. */
export interface CandidateOptions {
  readonly cluster: Cluster;
  readonly key: ObjectKey;
  readonly lock: LeaseLock;
  readonly identity: string;
  /** Milliseconds. A lease that does not say how long it lasts, or less, lasts as long. */
  readonly leaseDuration: number;
  /** Milliseconds. */
  readonly retryPeriod: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly trouble: Trouble;
  readonly signal: AbortSignal;
  readonly random: () => number;
}

/** client-go waits up to 1.2 periods longer, so that candidates do not ask in step. */
export const JITTER = 1.2;

/** After a lost race the lease is looked at again after this at the most, in milliseconds. */
export const RACE_PAUSE = 50;

/**
 * Makes a candidate. It asks now and then as client-go does, and watches meanwhile, so that a lease that is given back is
 * taken at once, and an orphaned one when its time is over.
 */
export function createCandidate(options: CandidateOptions): Candidate {
  const { cluster, key, lock, identity, leaseDuration, retryPeriod, clock, log, trouble, signal, random } = options;
  const what = `leases "${key.namespace}/${key.name}"`;
  let observation: Observation | undefined;
  let told: string | undefined; // the leader that was last reported

  /** When this candidate may take the lease, by the monotonic clock. To who has seen it a deleted one lasts as well. */
  function freeAt(lease: Lease | undefined): number {
    const holder = lease ? holderOf(lease) : observation && holderOf(observation.lease);
    return holder === undefined || holder === identity ? 0 : expiryOf(observation!, leaseDuration);
  }

  /** Looks once, and takes the lease if it may. @returns How long to wait before the next look, in milliseconds. */
  async function look(watch: LeaseWatch): Promise<Held | number> {
    const lease = await lock.read(signal);
    if (lease) observation = observe(observation, lease, clock.monotonic());
    const due = freeAt(lease) - clock.monotonic();
    if (due <= 0) {
      const sent = momentOf(clock);
      const held = await lock.hold(lease, signal);
      trouble.over();
      if (!held) return RACE_PAUSE * random();
      observation = undefined;
      told = undefined;
      return { lease: held, sent };
    }
    trouble.over();
    const leader = holderOf(observation!.lease);
    if (leader !== told) log.info(`Waiting to lead by ${what}: its holder is ${leader}`);
    told = leader;
    if (lease) watch.follow(lease);
    return Math.min(retryPeriod * (1 + JITTER * random()), due + retryPeriod * random() / 10);
  }

  return {
    async acquire() {
      let wake = () => {};
      const watch = createLeaseWatch({
        cluster,
        key,
        clock,
        onChange(lease) {
          const seen = observation?.lease;
          if (lease && seen && seen.metadata.uid === lease.metadata.uid) {
            // A watch may lag behind what was read.
            if (compareVersions(lease.metadata.resourceVersion!, seen.metadata.resourceVersion!) <= 0) return;
            observation = observe(observation, lease, clock.monotonic());
            if (holderOf(lease) === holderOf(seen)) return;
          }
          wake();
        },
      });
      const interrupt = () => wake();
      signal.addEventListener("abort", interrupt);
      try {
        while (!signal.aborted) {
          const waking = new AbortController();
          wake = () => waking.abort();
          let wait: number;
          try {
            const found = await look(watch);
            if (typeof found !== "number") return found;
            wait = found;
          } catch (error) {
            if (signal.aborted) return undefined;
            wait = Math.min(Math.max(trouble.met(error), retryPeriod / 4), leaseDuration) * (1 + random());
          }
          await sleep(clock, wait, waking.signal).catch(() => {});
        }
        return undefined;
      } finally {
        signal.removeEventListener("abort", interrupt);
        await watch.stop();
      }
    },
  };
}
