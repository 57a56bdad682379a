import { shrinkActs, type Shrunk } from "../../src/testing/shrink.ts";
import { type Telling, tellStory } from "./story.ts";

/**
 * Leaves out of a story whatever is not needed for a fault.
 *
 * @param rule What the fault must begin with, as in `I3`: another one would be another story.
 * @param count How many acts it has.
 */
export const shrinkStory = (seed: string | number, rule: string, count: number, telling: Telling = {}): Promise<Shrunk> =>
  shrinkActs(Array.from({ length: count }, (_, act) => act), async (some) => {
    const { faults } = await tellStory(seed, { ...telling, acts: new Set(some) });
    return faults.some((fault) => fault.startsWith(`${rule}:`));
  });
