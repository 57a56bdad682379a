/**
 * Loads, measured in rounds: every contender takes a turn at each load in each round.
 *
 * @module
 */
import { nameOf, type Point, type Turn } from "./points.ts";
import type { Progress } from "./progress.ts";
import type { Figures } from "./turn.ts";

/** Who did not come to an end, and why. */
export interface Failure {
  readonly contender: string;
  readonly text: string;
}

/** How turns are taken. */
export interface TurnTaking {
  take(contender: string, point: Point): Promise<Figures>;
  /** Takes away what a turn at a load has left. */
  clear(point: Point): Promise<void>;
  readonly progress: Pick<Progress, "turn" | "say">;
}

/** What was measured at one load: the figures of each contender, a round each, and who fell out. */
export interface Measured {
  readonly rounds: ReadonlyMap<string, readonly (Figures | undefined)[]>;
  readonly failures: readonly Failure[];
}

/** Takes the turns in their order. Who fails takes no more of them at that load; the others go on. */
export async function takeTurns(
  turns: readonly Turn<string>[],
  { take, clear, progress }: TurnTaking,
): Promise<ReadonlyMap<Point, Measured>> {
  const contenders = [...new Set(turns.map(({ contender }) => contender))];
  const rounds = new Set(turns.map(({ round }) => round)).size;
  const empty = () => new Map(contenders.map((name) => [name, Array<Figures | undefined>(rounds).fill(undefined)]));
  const points = [...new Set(turns.map(({ point }) => point))];
  const measured = new Map(points.map((point) => [point, { rounds: empty(), failures: [] as Failure[] }]));
  for (const { round, point, contender } of turns) {
    const { rounds, failures } = measured.get(point)!;
    const name = `${nameOf(point)}: ${contender}`;
    progress.turn(name);
    if (failures.some((failure) => failure.contender === contender)) continue;
    try {
      const taken = await take(contender, point);
      rounds.get(contender)![round] = taken;
      const [speed, cpu] = [taken["flows/s"] ?? 0, taken["CPU"] ?? 0];
      progress.say(`${name}: ${speed.toFixed(1)} flows/s, ${cpu.toFixed(2)} ms of client CPU a flow`);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      failures.push({ contender, text });
      progress.say(`${name} has failed: ${text}`);
    }
    await clear(point);
  }
  return measured;
}
