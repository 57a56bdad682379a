import { causeText, isDenied, isNotFound } from "../../errors.ts";
import type { Clock, Cluster, Log } from "../../ports.ts";
import { sleep } from "../time/clock.ts";
import { elapsedSince, type Moment, momentOf } from "../time/elapsed.ts";
import { createLeaseLock } from "./lease-lock.ts";
import { labelsOf, type Lease, LEASES } from "./lease.ts";
import { within } from "../time/limit.ts";
import { type Peer, peerAnnotations, PHASE, phaseOf } from "./peer.ts";
import { runPeers } from "./peers.ts";
import { createTrouble } from "../log/trouble.ts";

/** Who is present, and what for. */
export interface PresenceOptions extends Peer {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Of this start of this process; the name and the holder of its lease. */
  readonly identity: string;
  /** What kind of process it is, as in `worker`. Those of one kind are peers. */
  readonly component: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends it: the lease is deleted. */
  readonly signal: AbortSignal;
  /** How long the lease lasts without a renewal, in milliseconds, whole seconds. @default {15_000} */
  readonly leaseDuration?: number;
  /**
   * How often it is renewed, in milliseconds: however long it lasts, one that somebody has deleted is soon there again.
   * @default {A third of `leaseDuration`, 5_000 at the most}
   */
  readonly renewPeriod?: number;
  /** How often all leases are read, to see who is gone, in milliseconds. @default {30_000} */
  readonly listPeriod?: number;
  /** Between 0 and 1. @default {Math.random} */
  readonly random?: () => number;
  /**
   * The lease has run out before it could be renewed: others take this process for dead now, or soon.
   *
   * @param late How late that is noticed, in milliseconds: about so long this process stood still.
   */
  readonly onLapse?: (late: number) => void;
  /** The lease was renewed after it had run out. */
  readonly onReturn?: () => void;
}

/** One process's lease, by which others see that it lives. */
export interface Presence {
  /** Resolves when the process is present, or may not be; at the latest when it has ended. */
  readonly ready: Promise<void>;
  /** Whether nobody can take this process for dead. */
  isFresh(): boolean;
  /**
   * Whether it may take on something new: its last renewal worked, and that was within two thirds of the lease's duration. What is
   * taken on with little of a lease left, by who may not get another in time, would be taken away, or has to stop at once.
   */
  isSteady(): boolean;
  /** Who else is there and takes what this process takes, by identity. */
  peers(): ReadonlyMap<string, Peer>;
  /** Tells the peers that this process takes on nothing more. What it has goes on, and its lease is renewed. */
  leave(): void;
  /** Resolves after the signal, when the lease was deleted. */
  readonly finished: Promise<void>;
}

/** How often a lease is renewed at least, in milliseconds. */
const LONGEST_PERIOD = 5_000;

/** Who has not renewed it for this part of its duration may not in time: client-go's elections give up then, 10 s of 15. */
const STEADY_PART = 2 / 3;

/** After a lost race the lease is looked at again after this at the most, in milliseconds. */
const RACE_PAUSE = 50;

/**
 * Keeps a lease of its own for this process, and knows its peers by theirs.
 *
 * **Guarantees**: peers know of each other as soon as one has made its lease, by a watch that steady renewals do not touch;
 * the lease is made again when it is gone; where leases are forbidden that is said once, with the remedy, and the process
 * is not fresh. **Assumptions**: none that safety depends on.
 */
export function runPresence(options: PresenceOptions): Presence {
  const { cluster, namespace, identity, component, clock, log, signal, random = Math.random, leaseDuration = 15_000 } = options;
  const {
    renewPeriod = Math.min(leaseDuration / 3, LONGEST_PERIOD),
    listPeriod = 30_000,
    onLapse = () => {},
    onReturn = () => {},
  } = options;
  const key = { namespace, name: identity };
  const labels = labelsOf(component);
  const metadata = { ...key, labels: { ...labels, [PHASE]: "joining" }, annotations: peerAnnotations(options) };
  const lock = createLeaseLock({
    cluster,
    metadata,
    hold: { holder: identity, duration: leaseDuration },
    clock,
    limit: renewPeriod,
  });
  const trouble = createTrouble(log, {
    what: `keep leases "${namespace}/${identity}", without which this process takes on nothing`,
    rights: `get, list, watch, create, update and delete of leases in "${namespace}" to this user`,
  });
  const peers = runPeers({
    ...{ cluster, namespace, labels, self: identity, takes: options.takes, clock, log, signal, random, listPeriod },
  });
  const ready = Promise.withResolvers<void>();
  let renewed: Moment | undefined; // when the last renewal that took effect was sent
  let denied = false; // leases are forbidden
  let failing = false; // the last renewal has failed
  let leaving = false;
  let lapsed = false;
  let cancelTimer = () => {};
  let wake = () => {};

  const isWithin = (ms: number) => renewed !== undefined && elapsedSince(clock, renewed) < ms;
  const isFresh = () => isWithin(leaseDuration);

  const lapse = (sent: Moment) => {
    if (lapsed) return;
    lapsed = true;
    onLapse(elapsedSince(clock, sent) - leaseDuration);
  };

  const watchTime = (sent: Moment) => {
    cancelTimer = clock.setTimer(Math.max(1, leaseDuration - elapsedSince(clock, sent)), () => {
      if (isFresh()) watchTime(sent);
      else lapse(sent);
    });
  };

  /** Notes a renewal that took effect. */
  function note(sent: Moment): void {
    // Who was stalled sees only now that it had run out meanwhile.
    if (renewed && !isFresh()) lapse(renewed);
    renewed = sent;
    cancelTimer();
    watchTime(sent);
    if (!lapsed) return;
    lapsed = false;
    onReturn();
  }

  /** The lease as the next renewal leaves it: the peers have heard what there was to hear, and find it by its labels. */
  const settled = (lease: Lease): Lease => {
    const { [PHASE]: _, ...others } = { ...lease.metadata.labels, ...labels };
    return { ...lease, metadata: { ...lease.metadata, labels: leaving ? { ...others, [PHASE]: "leaving" } : others } };
  };

  /** Makes or renews the lease. @param seen As it was last seen; undefined where it is not known. */
  async function renew(seen: Lease | undefined): Promise<Lease | undefined> {
    const found = seen ?? await lock.read(signal);
    const sent = momentOf(clock);
    const held = await lock.hold(found && settled(found), signal);
    if (held) note(sent);
    return held;
  }

  async function keep(): Promise<void> {
    let lease: Lease | undefined;
    while (!signal.aborted) {
      const waking = new AbortController();
      wake = () => waking.abort();
      let wait = renewPeriod * (0.9 + random() / 5);
      try {
        const before = lease;
        lease = await renew(before);
        if (!lease) wait = RACE_PAUSE * random(); // it is not as it was: look
        denied = failing = false;
        trouble.over();
      } catch (error) {
        if (signal.aborted) return;
        lease = undefined;
        failing = true;
        denied = isDenied(error);
        wait = Math.min(Math.max(trouble.met(error), renewPeriod / 5), renewPeriod) * (0.5 + random());
        peers.unreachable();
      }
      if (denied || lease) ready.resolve();
      if (leaving && lease && phaseOf(lease) !== "leaving") wait = 0;
      await sleep(clock, wait, waking.signal).catch(() => {});
    }
  }

  /** Deletes the lease; its name is nobody else's. Where that fails it runs out, and is removed by and by. */
  async function remove(): Promise<void> {
    try {
      const action = `Cannot delete leases "${namespace}/${identity}"`;
      await within({ clock, ms: renewPeriod, action }, (signal) => cluster.delete(LEASES, key, { signal }));
    } catch (error) {
      // A right does not come back by itself.
      const level = isDenied(error) ? "warn" : "debug";
      if (!isNotFound(error)) log[level](`The lease of ${identity} stays behind: ${causeText(error)}`);
    }
  }

  async function run(): Promise<void> {
    const end = () => wake();
    signal.addEventListener("abort", end, { once: true });
    await keep();
    cancelTimer();
    signal.removeEventListener("abort", end);
    ready.resolve();
    if (!denied) await remove();
    await peers.finished;
  }
  return {
    ready: ready.promise,
    isFresh,
    isSteady: () => !failing && isWithin(leaseDuration * STEADY_PART),
    peers: peers.known,
    leave() {
      leaving = true;
      wake();
    },
    finished: run(),
  };
}
