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
  /**
   * Goes on with other values than all sources of this seed have given before: what they gave may be in use.
   *
   * @param state What tells apart where this source goes on. Of a seed, the same state after the same number of values
   * gives the same values in every run.
   */
  diverge(state: string): void;
}

// No vowels and no look-alikes, so that a generated name is no word: k8s.io/apimachinery/pkg/util/rand.
const letters = "bcdfghjklmnpqrstvwxz2456789";

/** Four numbers of 32 bits that stand for a text. */
function digest(text: string): Uint32Array {
  const words = Uint32Array.of(0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef);
  const factors = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];
  const mix = (value: number) => {
    for (let at = 0; at < 4; at++) {
      const mixed = Math.imul(words[at]! ^ value ^ (words[(at + 1) % 4]! >>> 7), factors[at]!);
      words[at] = mixed ^ (mixed >>> 15);
    }
  };
  for (let at = 0; at < text.length; at++) mix(text.charCodeAt(at));
  for (let round = 0; round < 16; round++) mix(text.length + round);
  return words;
}

const rotated = (value: number, by: number) => (value << by) | (value >>> (32 - by));

/** xoshiro128** of Blackman and Vigna: its 2^128 states lie too far apart for two sources to meet. */
function generator(text: string): () => number {
  const state = digest(text);
  return () => {
    const result = Math.imul(rotated(Math.imul(state[1]!, 5), 7), 9) >>> 0;
    const shifted = state[1]! << 9;
    state[2]! ^= state[0]!;
    state[3]! ^= state[1]!;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= shifted;
    state[3] = rotated(state[3]!, 11);
    return result / 2 ** 32;
  };
}

/** The source without a seed. */
const chance: Random = {
  uuid: () => crypto.randomUUID(),
  suffix: () => suffixOf(Math.random),
  fraction: Math.random,
  diverge() {},
};

const suffixOf = (fraction: () => number) =>
  Array.from({ length: 5 }, () => letters[Math.floor(fraction() * letters.length)]).join("");

/** Makes a source. @param seed With one, the same values come in the same order every time. */
export function createRandom(seed?: number): Random {
  if (seed === undefined) return chance;
  let next = generator(`values ${seed}`);
  // On its own, so that one watch more or less changes no uid.
  const spread = generator(`watches ${seed}`);
  let given = 0;
  const fraction = () => {
    given++;
    return next();
  };
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(fraction() * 16).toString(16)).join("");
  return {
    fraction: spread,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab"[Math.floor(fraction() * 4)]}${hex(3)}-${hex(12)}`,
    suffix: () => suffixOf(fraction),
    diverge: (state) => next = generator(`values ${seed} after ${given} ${state}`),
  };
}
