/**
 * Who goes first where several processes want the same thing and none of them asks another.
 *
 * @module
 */

import type { Clock } from "../ports.ts";

/** The order of this process and its peers, as far as it has seen them. */
export interface Turns {
  /** How long to leave a key to the peers that go before this process, in milliseconds; 0 when it is its turn. */
  wait(key: string): number;
  /** The key stands for something new: the next wait for it begins then. */
  forget(key: string): void;
  /** A peer has taken something. */
  saw(peer: string): void;
  /** This process has taken a key. @param ms How long the attempt took. */
  won(key: string, ms: number): void;
  /** This process has tried in vain to take a key. @param ms How long the attempt took. */
  lost(ms: number): void;
}

/** Turns in a row that a peer may let pass: then it is busy or gone, and is waited for only once it takes something again. */
const PASSES = 3;

/** Between these a turn lasts twice as long as an attempt takes, in milliseconds: what the one did, the next must see. */
const SHORTEST = 10;
const LONGEST = 200;

/**
 * Makes an order in which this process is alone, so that it waits for nothing.
 *
 * **Guarantees**: processes that have seen the same peers agree on the order, for each key on another one; nobody waits
 * longer than one turn for each peer. **Assumptions**: none that safety depends on; who is wrong tries in vain, once.
 *
 * @param self The identity of this process.
 */
export function createTurns(self: string, clock: Clock): Turns {
  const passed = new Map<string, number>(); // by peer: turns in a row that it has let pass
  const due = new Map<string, number>(); // by key: when it is this process's turn, by the monotonic clock
  let attempt = 0; // how long one takes: an average that follows the last few

  const before = (key: string): string[] => {
    const own = weightOf(key, self);
    return [...passed.keys()].filter((peer) => weightOf(key, peer) < own);
  };
  const measure = (ms: number) => void (attempt += (ms - attempt) / (attempt === 0 ? 1 : 4));

  return {
    wait(key) {
      const now = clock.monotonic();
      const turn = due.get(key) ?? now + before(key).length * Math.min(LONGEST, Math.max(SHORTEST, 2 * attempt));
      due.set(key, turn);
      return Math.max(0, turn - now);
    },
    forget: (key) => void due.delete(key),
    saw: (peer) => void (peer !== self && passed.set(peer, 0)),
    won(key, ms) {
      measure(ms);
      for (const peer of before(key)) {
        const passes = passed.get(peer)! + 1;
        if (passes < PASSES) passed.set(peer, passes);
        else passed.delete(peer);
      }
    },
    lost: measure,
  };
}

/** FNV-1a of 32 bits with the finalizer of MurmurHash3, without which the last letters decide too little. */
function weightOf(key: string, identity: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${key}/${identity}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}
