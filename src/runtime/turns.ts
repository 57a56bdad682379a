/**
 * Who goes first where several processes want the same thing and none of them asks another.
 *
 * @module
 */

import type { Clock } from "../ports.ts";

/** What is known of another process that takes things. */
export interface Peer {
  /** How many things it holds at once. @default {No limit is known} */
  readonly capacity?: number;
  /** What kinds of things it takes. @default {Any} */
  readonly takes?: readonly string[];
}

/** The order of this process and its peers, for each key another one. */
export interface Turns {
  /** A key can be had from now on. */
  free(key: string): void;
  /** Somebody holds the key now. @param kind What kind of thing it is. @default {Any} */
  taken(key: string, holder: string, kind?: string): void;
  /** Nobody holds the key, and nobody can have it. */
  gone(key: string): void;
  /**
   * How long to leave a key to the peers that go before this process, in milliseconds; 0 when it is its turn.
   *
   * @param kind Peers that do not take this kind are not waited for. @default {All are}
   */
  wait(key: string, kind?: string): number;
}

/** How turns are made. */
export interface TurnsOptions {
  /** The identity of this process. */
  readonly self: string;
  readonly clock: Clock;
  /** Who else is known to be there, by identity. Whoever is seen to take something is waited for as well. */
  readonly peers: () => ReadonlyMap<string, Peer>;
}

/** Turns in a row that a peer may let pass: then it is busy or gone, and is waited for only once it takes something again. */
const PASSES = 3;

/** A turn, in milliseconds: as long as nothing was measured, and never shorter or longer than these. */
const FIRST = 500;
const SHORTEST = 20;
const LONGEST = 2_000;

/** How long a key is left to a peer that takes others meanwhile, in milliseconds. */
const PATIENCE = 5_000;

/** How long a peer is remembered that nobody knows to be there and that holds nothing, in milliseconds. */
const FORGOTTEN = 60_000;

interface Seen {
  /** What it holds, as far as this process has heard. */
  readonly holds: Set<string>;
  /** The kinds of what it has taken. */
  readonly kinds: Set<string | undefined>;
  /** When that changed. */
  moved: number;
  /** Turns in a row that it has let pass. */
  passes: number;
}

/**
 * Makes an order. The first claims at once; each other process leaves a key to those before it for one turn each.
 *
 * A turn lasts as long as it takes from a key being free until its first process is seen to hold it, as this process has
 * measured it: the mean and four times the deviation, as TCP measures how long to wait for an answer (RFC 6298, 2).
 * It includes whatever delays the other process and the news from it, so that the order holds where all are slow.
 *
 * **Guarantees**: processes that know the same peers agree on the order; nobody waits longer than one turn for each peer; a
 * process without peers waits for nobody. **Assumptions**: none that safety depends on; who is wrong tries in vain, once.
 */
export function createTurns({ self, clock, peers }: TurnsOptions): Turns {
  const since = new Map<string, number>(); // by key that can be had: since when
  const due = new Map<string, number>(); // by key that can be had: when it is this process's turn
  const first = new Map<string, string>(); // by key that can be had: the peer whose turn it is first
  const holders = new Map<string, string>(); // by key that is held
  const seen = new Map<string, Seen>(); // by peer
  const own = hashOf(self);
  const hashes = new Map<string, number>(); // by peer
  let mean = 0; // how long a claim takes to be seen, in milliseconds
  let deviation = 0;

  const turn = () => mean === 0 ? FIRST : Math.min(LONGEST, Math.max(SHORTEST, mean + 4 * deviation));
  const measure = (ms: number) => {
    deviation = mean === 0 ? ms / 2 : deviation + (Math.abs(mean - ms) - deviation) / 4;
    mean = mean === 0 ? ms : mean + (ms - mean) / 8;
  };

  const hashOfPeer = (peer: string): number => {
    const known = hashes.get(peer) ?? hashOf(peer);
    hashes.set(peer, known);
    return known;
  };
  const noted = (peer: string): Seen => {
    const known = seen.get(peer) ?? { holds: new Set(), kinds: new Set(), moved: 0, passes: 0 };
    seen.set(peer, known);
    return known;
  };
  const forget = (peer: string) => {
    seen.delete(peer);
    hashes.delete(peer);
  };
  /** Its places are all taken, and by work that lasts. */
  const isBusy = (known: Seen | undefined, capacity = Infinity) =>
    known !== undefined && known.holds.size >= capacity && clock.monotonic() - known.moved > turn();

  /** The peers that go before this process, the first one first. */
  const before = (key: string, kind: string | undefined): string[] => {
    const hash = hashOf(key);
    const weight = mix(hash ^ own);
    const ahead: { peer: string; weight: number }[] = [];
    const consider = (peer: string, capacity?: number) => {
      const known = seen.get(peer);
      if (peer === self || known && known.passes >= PASSES || isBusy(known, capacity)) return;
      const other = mix(hash ^ hashOfPeer(peer));
      if (other < weight) ahead.push({ peer, weight: other });
    };
    const there = peers();
    for (const [peer, { capacity, takes }] of there) {
      if (kind === undefined || !takes || takes.includes(kind)) consider(peer, capacity);
    }
    for (const [peer, { holds, kinds, moved }] of seen) {
      if (there.has(peer)) continue;
      if (holds.size === 0 && clock.monotonic() - moved > FORGOTTEN) forget(peer);
      else if (kind === undefined || kinds.has(kind) || kinds.has(undefined)) consider(peer);
    }
    return ahead.sort((a, b) => a.weight - b.weight).map(({ peer }) => peer);
  };

  /** A peer that takes one key after the other is on its way to this one, too. */
  const more = (key: string, now: number): number => {
    const peer = seen.get(first.get(key) ?? "");
    if (!peer || now - peer.moved > turn() || now - (since.get(key) ?? now) > PATIENCE) return 0;
    due.set(key, now + turn());
    return turn();
  };

  const release = (key: string) => {
    const holder = holders.get(key);
    if (holder === undefined) return;
    holders.delete(key);
    const known = seen.get(holder);
    if (!known?.holds.delete(key)) return;
    known.moved = clock.monotonic();
  };
  const clear = (key: string) => {
    since.delete(key);
    due.delete(key);
    first.delete(key);
  };

  return {
    free(key) {
      release(key);
      clear(key);
      since.set(key, clock.monotonic());
    },
    taken(key, holder, kind) {
      if (holders.get(key) === holder) return;
      release(key);
      const began = since.get(key);
      const peer = first.get(key);
      if (peer === holder && began !== undefined) measure(clock.monotonic() - began);
      else if (peer !== undefined) noted(peer).passes++;
      clear(key);
      holders.set(key, holder);
      if (holder === self) return;
      const known = noted(holder);
      known.holds.add(key);
      known.kinds.add(kind);
      known.moved = clock.monotonic();
      known.passes = 0;
    },
    gone(key) {
      release(key);
      clear(key);
    },
    wait(key, kind) {
      const now = clock.monotonic();
      const known = due.get(key);
      if (known !== undefined) return Math.max(0, known - now) || more(key, now);
      const ahead = before(key, kind);
      const wait = ahead.length * turn();
      if (ahead.length > 0) first.set(key, ahead[0]!);
      due.set(key, now + wait);
      return wait;
    },
  };
}

/** FNV-1a of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: without it the last letters decide too little. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}
