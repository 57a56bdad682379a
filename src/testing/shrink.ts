/** What is left of a list of acts. */
export interface Shrunk {
  /** The acts that are enough, by number. */
  readonly acts: readonly number[];
  /** How often it was tried for that. */
  readonly tried: number;
}

/**
 * Leaves out of a list of acts whatever is not needed (delta debugging: ever smaller parts, as long as what is looked for stays).
 *
 * @param all The acts, by number.
 * @param isKept Tries some of them: whether what is looked for is still there.
 * @param limit How often it is tried at the most. @default {150}
 */
export async function shrinkActs(
  all: readonly number[],
  isKept: (some: readonly number[]) => Promise<boolean>,
  limit: number = 150,
): Promise<Shrunk> {
  let acts = all;
  let tried = 0;
  const keeps = async (some: readonly number[]): Promise<boolean> => {
    if (tried === limit) return false;
    tried++;
    return await isKept(some);
  };
  for (let parts = 2; acts.length > 0 && tried < limit;) {
    const size = Math.ceil(acts.length / parts);
    let smaller: readonly number[] | undefined;
    for (let at = 0; at < acts.length && !smaller; at += size) {
      const rest = [...acts.slice(0, at), ...acts.slice(at + size)];
      if (await keeps(rest)) smaller = rest;
    }
    if (smaller) {
      acts = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(acts.length, 2 * parts);
  }
  return { acts, tried };
}
