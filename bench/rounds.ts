/**
 * One load, measured in rounds: every contender takes a turn in each, in another order each time.
 *
 * @module
 */
import { nameOf, type Point, turnsOf } from "./points.ts";
import type { Progress } from "./progress.ts";
import type { Figures } from "./turn.ts";

/** Who did not come to an end, and why. */
export interface Failure {
  readonly contender: string;
  readonly text: string;
}

/** How turns are taken. */
export interface TurnTaking<T> {
  take(contender: T): Promise<Figures>;
  /** Takes away what a turn has left. */
  clear(): Promise<void>;
  readonly progress: Pick<Progress, "turn" | "say">;
}

/** What was measured: the figures of each contender, a round each, and who fell out. */
export interface Measured {
  readonly rounds: ReadonlyMap<string, readonly (Figures | undefined)[]>;
  readonly failures: readonly Failure[];
}

/** Measures one load. Who fails takes no more turns at it; the others go on. */
export async function measurePoint<T extends { readonly name: string }>(
  point: Point,
  contenders: readonly T[],
  rounds: number,
  { take, clear, progress }: TurnTaking<T>,
): Promise<Measured> {
  const figures = new Map<string, (Figures | undefined)[]>(contenders.map(({ name }) => [name, Array(rounds).fill(undefined)]));
  const failures: Failure[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const contender of turnsOf(contenders, round)) {
      const { name } = contender;
      progress.turn(`${nameOf(point)}: ${name}`);
      if (failures.some((failure) => failure.contender === name)) continue;
      try {
        const taken = await take(contender);
        figures.get(name)![round] = taken;
        const [speed, cpu] = [taken["flows/s"] ?? 0, taken["CPU"] ?? 0];
        progress.say(`${nameOf(point)}: ${name}: ${speed.toFixed(1)} flows/s, ${cpu.toFixed(2)} ms of client CPU a flow`);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        failures.push({ contender: name, text });
        progress.say(`${nameOf(point)}: ${name} has failed: ${text}`);
      }
      await clear();
    }
  }
  return { rounds: figures, failures };
}
