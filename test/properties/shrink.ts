import { tellStory } from "./story.ts";

/** A story with as little in it as it needs. */
export interface Shrunk {
  /** The acts that are left. */
  readonly acts: readonly number[];
  /** How often it was told for that. */
  readonly told: number;
}

/**
 * Leaves out of a story whatever is not needed for a fault (delta debugging: ever smaller parts, as long as the fault stays).
 *
 * @param rule What the fault must begin with, as in `I3`: another one would be another story.
 * @param count How many acts it has.
 * @param limit How often it is told at the most. @default {150}
 */
export async function shrinkStory(seed: string | number, rule: string, count: number, limit: number = 150): Promise<Shrunk> {
  let acts = Array.from({ length: count }, (_, act) => act);
  let told = 0;
  const isKept = async (some: readonly number[]): Promise<boolean> => {
    if (told === limit) return false;
    told++;
    const { faults } = await tellStory(seed, { acts: new Set(some) });
    return faults.some((fault) => fault.startsWith(`${rule}:`));
  };
  for (let parts = 2; acts.length > 0 && told < limit;) {
    const size = Math.ceil(acts.length / parts);
    let smaller: number[] | undefined;
    for (let at = 0; at < acts.length && !smaller; at += size) {
      const rest = [...acts.slice(0, at), ...acts.slice(at + size)];
      if (await isKept(rest)) smaller = rest;
    }
    if (smaller) {
      acts = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(acts.length, 2 * parts);
  }
  return { acts, told };
}
