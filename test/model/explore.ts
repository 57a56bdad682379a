import type { Model } from "./protocol.ts";
import { keyOf, type State } from "./state.ts";

/** What an exploration has found. */
export interface Explored {
  readonly states: number;
  readonly steps: number;
  /** States in which the flow is over. */
  readonly ends: number;
  /** The first fault, and how to come there. */
  readonly fault?: { readonly what: string; readonly path: readonly string[] };
  /** A limit was reached before everything was seen. */
  readonly cut: boolean;
}

/**
 * Visits every state that can be reached, breadth first, so that the first fault has the shortest way. A state from which no end can be
 * reached any more is a fault, too (I13).
 *
 * @param limit States at the most.
 */
export function explore(model: Model, limit: number = Infinity): Explored {
  const numbers = new Map<string, number>([[keyOf(model.first), 0]]);
  const parents: number[] = [-1];
  const names: string[] = [""];
  const sources: number[] = [];
  const targets: number[] = [];
  const ends: number[] = [];
  let layer: { readonly state: State; readonly number: number }[] = [{ state: model.first, number: 0 }];
  let cut = false;

  const pathTo = (number: number): string[] => {
    const path: string[] = [];
    for (let at = number; at > 0; at = parents[at]!) path.unshift(names[at]!);
    return path;
  };
  const result = (fault?: Explored["fault"]): Explored => ({
    states: parents.length,
    steps: sources.length,
    ends: ends.length,
    ...fault && { fault },
    cut,
  });

  while (layer.length > 0) {
    const following: typeof layer = [];
    for (const { state, number } of layer) {
      if (model.isOver(state)) ends.push(number);
      for (const { name, next, faults } of model.steps(state)) {
        if (faults.length > 0) return result({ what: faults[0]!, path: [...pathTo(number), name, model.describe(next)] });
        const key = keyOf(next);
        let target = numbers.get(key);
        if (target === undefined) {
          if (parents.length >= limit) {
            cut = true;
            continue;
          }
          target = parents.length;
          numbers.set(key, target);
          parents.push(number);
          names.push(name);
          following.push({ state: next, number: target });
        }
        sources.push(number);
        targets.push(target);
      }
    }
    layer = following;
  }
  if (cut) return result();
  const stuck = firstThatCannotReach(ends, sources, targets, parents.length);
  return result(stuck === undefined ? undefined : { what: "I13: the flow can never end", path: pathTo(stuck) });
}

/** The lowest number of a state from which none of `ends` can be reached. */
function firstThatCannotReach(
  ends: readonly number[],
  sources: readonly number[],
  targets: readonly number[],
  count: number,
): number | undefined {
  const first = new Int32Array(count).fill(-1); // by target: the last of its steps
  const next = new Int32Array(sources.length);
  targets.forEach((target, step) => {
    next[step] = first[target]!;
    first[target] = step;
  });
  const reaches = new Uint8Array(count);
  const open = [...ends];
  for (const end of ends) reaches[end] = 1;
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    for (let step = first[number]!; step >= 0; step = next[step]!) {
      const source = sources[step]!;
      if (reaches[source]) continue;
      reaches[source] = 1;
      open.push(source);
    }
  }
  const stuck = reaches.indexOf(0);
  return stuck < 0 ? undefined : stuck;
}
