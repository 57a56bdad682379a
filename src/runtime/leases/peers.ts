import { causeText } from "../../errors.ts";
import type { Clock, Cluster, Log } from "../../ports.ts";
import { sleep } from "../time/clock.ts";
import { durationOf, type Lease, LEASES, selectorOf } from "./lease.ts";
import { silentLog } from "../log/log.ts";
import { createLeaseObserver } from "./observation.ts";
import { type Peer, peerOf, PHASE, phaseOf } from "./peer.ts";
import { runReflector } from "../reflector/reflector.ts";

/** Whom to look for. */
export interface PeersOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** What all leases of peers are labelled with. */
  readonly labels: Readonly<Record<string, string>>;
  /** The name of the own lease. */
  readonly self: string;
  /** Who takes nothing of it is no peer. */
  readonly takes: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Milliseconds. */
  readonly listPeriod: number;
}

/** Who else is there. */
export interface Peers {
  /** By identity. */
  known(): ReadonlyMap<string, Peer>;
  /** The server could not be reached: who did not renew meanwhile may live. */
  unreachable(): void;
  readonly finished: Promise<void>;
}

/** Beyond its duration a lease is given this, in milliseconds, until its process is taken for dead. */
const GRACE = 5_000;

/**
 * Whether a lease has run out by the word of its holder. Clocks may be hours apart, so that only who is yet to be seen to renew it is judged
 * by it: where it is wrong, as much is tried in vain until the next look.
 */
const isSilent = (lease: Lease, now: number): boolean =>
  now - Date.parse(lease.spec?.renewTime ?? "") > durationOf(lease) + GRACE;

/**
 * Looks for the peers of a process by their leases: who joins or leaves is seen by a watch at once, who has died by reading
 * all leases now and then. What goes wrong is tried again in silence: without peers a process only tries in vain more often. A right that
 * is missing is said once, because it does not come back by itself.
 */
export function runPeers(options: PeersOptions): Peers {
  const { cluster, namespace, labels, self, takes, clock, log, signal, random, listPeriod } = options;
  const selector = selectorOf(labels);
  const observer = createLeaseObserver(clock);
  let left: ReadonlyMap<string, string | undefined> | undefined; // by name: the renewal that was found of who had died before
  let peers = new Map<string, Peer>(); // replaced, never emptied: somebody may be reading it

  const note = (lease: Lease) => {
    const { name } = lease.metadata;
    const peer = peerOf(lease);
    const counts = name !== self && phaseOf(lease) !== "leaving" && peer.takes.some((name) => takes.includes(name));
    const isLeft = left?.has(name) && left.get(name) === lease.spec?.renewTime;
    if (counts && !isLeft && !observer.isExpired(name, GRACE)) peers.set(name, peer);
    else peers.delete(name);
  };

  const missed = new Set<string>(); // verbs
  const tell = (text: string) => {
    const [words, verb] = /\S+ is forbidden: User .+? cannot (\w+) resource .+? in the namespace "[^"]*"/.exec(text) ?? []; // RBAC's
    if (verb === undefined || missed.has(verb)) return;
    missed.add(verb);
    const rights = `grant get, list, watch, create, update and delete of leases in "${namespace}" to this user`;
    log.warn(`Cannot see in leases of "${namespace}" who else is at work, so that more is tried in vain: ${words}: ${rights}`);
  };

  const reflector = runReflector<Lease>({
    cluster,
    resource: LEASES,
    namespace,
    labelSelector: `${selector},${PHASE}`,
    clock,
    log: { ...silentLog, info: tell, warn: tell },
    signal,
    random,
    // What leaves the watch has settled, or was deleted after it had said that it leaves.
    onEvent: ({ type, object }) => type === "DELETED" || note(object),
  });

  async function look(): Promise<void> {
    // Twice as early at first: whose lease is an old one is known when it was seen twice.
    for (let period = listPeriod / 2; !signal.aborted; period = listPeriod) {
      try {
        const { items } = await cluster.list<Lease>(LEASES, { namespace, labelSelector: selector, signal });
        left ??= new Map(
          items.filter((lease) => isSilent(lease, clock.now())).map((lease) => [lease.metadata.name, lease.spec?.renewTime]),
        );
        observer.seeAll(items);
        peers = new Map();
        items.forEach(note);
        // The watch may be ahead of the list.
        for (const key of reflector.store.keys()) note(reflector.store.get(key)!);
      } catch (error) {
        tell(causeText(error));
        observer.restart();
      }
      await sleep(clock, period * (0.9 + random() / 5), signal).catch(() => {});
    }
  }
  return {
    known: () => peers,
    unreachable: observer.restart,
    finished: Promise.all([look(), reflector.finished]).then(() => {}),
  };
}
