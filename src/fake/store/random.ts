/**
 * Uids and generated names.
 *
 * @module
 */

/** A source of uids and suffixes. */
export interface Random {
  /** A version 4 UUID. */
  uuid(): string;
  /** Five characters, as after a `generateName`. */
  suffix(): string;
  /** At least 0, below 1. */
  fraction(): number;
}

// No vowels and no look-alikes, so that a generated name is no word: k8s.io/apimachinery/pkg/util/rand.
const letters = "bcdfghjklmnpqrstvwxz2456789";

function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes a source. @param seed With one, the same values come in the same order every time. */
export function createRandom(seed?: number): Random {
  const fraction = seed === undefined ? Math.random : mulberry(seed);
  // On its own, so that one watch more or less changes no uid.
  const spread = seed === undefined ? Math.random : mulberry(seed ^ 0x5bd1e995);
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(fraction() * 16).toString(16)).join("");
  return {
    fraction: spread,
    uuid() {
      if (seed === undefined) return crypto.randomUUID();
      return `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab"[Math.floor(fraction() * 4)]}${hex(3)}-${hex(12)}`;
    },
    suffix: () => Array.from({ length: 5 }, () => letters[Math.floor(fraction() * letters.length)]).join(""),
  };
}
