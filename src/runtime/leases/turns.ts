/**
 * Who goes first where several processes want the same thing and none of them asks another.
 *
 * @module
 */

import type { Clock } from "../../ports.ts";
import { ChurnMap, ChurnSet } from "../store/churn.ts";

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
  /** This process tries to take something. @returns To be called when it is known what has come of it. */
  attempt(): () => void;
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

/** A turn, in milliseconds: at least, while not enough was measured lately; and never shorter or longer than these. */
const FIRST = 500;
const SHORTEST = 20;
const LONGEST = 2_000;

/** What is measured counts from so many measurements on, and until so many milliseconds after the last one: the next may be of a crowd. */
const ENOUGH = 8;
const STALE = 10_000;

/**
 * How long a key is left to all who go before this process, and once more to a peer that takes others meanwhile, in milliseconds: some of
 * them may be dead, which is known only when their leases have run out.
 */
const PATIENCE = 5_000;

/** How long a peer is remembered that nobody knows to be there and that holds nothing, in milliseconds. */
const FORGOTTEN = 60_000;

/** How many turns a key is left to others, and since when. */
interface Place {
  readonly since: number;
  readonly turns: number;
}

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
 * It includes whatever delays the other process and the news from it, so that the order holds where all are slow. What was measured
 * while all was quiet says nothing of a crowd that begins: then a turn is half a second, and twice as long as this process's own
 * attempts have been under way.
 *
 * **Guarantees**: processes that know the same peers agree on the order; nobody waits longer than one turn for each peer, nor than five
 * seconds for all of them; a process without peers waits for nobody. **Assumptions**: none that safety depends on; who is wrong tries in vain, once.
 */
export function createTurns({ self, clock, peers }: TurnsOptions): Turns {
  const since = new ChurnMap<string, number>(); // by key that can be had: since when
  const places = new ChurnMap<string, Place>(); // by key that can be had: that of this process
  const first = new ChurnMap<string, string>(); // by key that can be had: the peer whose turn it is first
  const holders = new ChurnMap<string, string>(); // by key that is held
  const seen = new Map<string, Seen>(); // by peer
  const own = hashOf(self);
  const hashes = new Map<string, number>(); // by peer
  const attempts = new ChurnSet<{ readonly began: number }>(); // of this process, under way, the oldest first
  let mean = 0; // how long a claim takes to be seen, in milliseconds
  let deviation = 0;
  let measurements = 0; // with no pause between them that makes them stale
  let measured = 0; // when that was the last time

  const turn = () => {
    const now = clock.monotonic();
    const isKnown = measurements >= ENOUGH && now - measured < STALE;
    const [oldest] = attempts;
    const slow = oldest ? 2 * (now - oldest.began) : 0;
    return Math.min(LONGEST, Math.max(isKnown ? SHORTEST : FIRST, mean + 4 * deviation, slow));
  };
  const lasting = (turns: number) => Math.min(turns * turn(), PATIENCE);
  const measure = (ms: number) => {
    const now = clock.monotonic();
    measurements = now - measured < STALE ? measurements + 1 : 1;
    measured = now;
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
  const isBusy = (known: Seen, capacity = Infinity) => known.holds.size >= capacity && clock.monotonic() - known.moved > turn();

  /** How many peers go before this process, and the first of them. */
  const before = (key: string, kind: string | undefined): { readonly count: number; readonly first: string | undefined } => {
    const hash = hashOf(key);
    const weight = mix(hash ^ own);
    let count = 0;
    let least = weight;
    let foremost: string | undefined;
    const consider = (peer: string, capacity?: number) => {
      const other = mix(hash ^ hashOfPeer(peer));
      if (other >= weight || peer === self) return;
      const known = seen.get(peer);
      if (known && (known.passes >= PASSES || isBusy(known, capacity))) return;
      count++;
      if (other >= least) return;
      least = other;
      foremost = peer;
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
    return { count, first: foremost };
  };

  /** A peer that takes one key after the other is on its way to this one, too. */
  const more = (key: string, now: number): number => {
    const peer = seen.get(first.get(key) ?? "");
    if (!peer || now - peer.moved > turn() || now - (since.get(key) ?? now) > PATIENCE) return 0;
    places.set(key, { since: now, turns: 1 });
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
    places.delete(key);
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
      const place = places.get(key);
      if (place) return Math.max(0, place.since + lasting(place.turns) - now) || more(key, now);
      const ahead = before(key, kind);
      if (ahead.first !== undefined) first.set(key, ahead.first);
      places.set(key, { since: now, turns: ahead.count });
      return lasting(ahead.count);
    },
    attempt() {
      const attempt = { began: clock.monotonic() };
      attempts.add(attempt);
      return () => {
        attempts.delete(attempt);
        const took = clock.monotonic() - attempt.began;
        // It is a part of what is measured: it shows that turns have become longer, never that they are shorter.
        if (took > mean) measure(took);
      };
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
