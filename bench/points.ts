/**
 * What a table measures: at which loads, in which order. Pure.
 *
 * @module
 */

/** One load. */
export interface Point {
  /** Requests that wait or run at any time. */
  readonly inFlight: number;
  /** Finished requests that lie around in the namespace. */
  readonly finished: number;
  /** Worker processes. */
  readonly workers: number;
}

/** The values that each member of a point takes. */
export type Axes = { readonly [Axis in keyof Point]: readonly number[] };

/** The members of a point. */
export const AXES: readonly (keyof Point)[] = ["inFlight", "finished", "workers"];

/** Of these many in flight is what the other axes are measured at, where it is among the values. */
const USUAL = 100;

/** The point at which one axis is measured while another goes through its values. */
export function basePoint({ inFlight, finished, workers }: Axes): Point {
  return {
    inFlight: inFlight.includes(USUAL) ? USUAL : [...inFlight].sort((a, b) => a - b)[Math.floor(inFlight.length / 2)]!,
    finished: Math.min(...finished),
    workers: Math.min(...workers),
  };
}

/**
 * The points in the order in which they are told: with few finished requests first.
 *
 * @param cross Every value with every other; else each axis by itself, the others as at the base.
 */
export function planPoints(axes: Axes, cross = false): readonly Point[] {
  const base = basePoint(axes);
  const points = new Map<string, Point>();
  const add = (point: Point) => points.set(nameOf(point), point);
  add(base);
  if (cross) {
    for (const finished of axes.finished) {
      for (const workers of axes.workers) for (const inFlight of axes.inFlight) add({ inFlight, finished, workers });
    }
  } else for (const axis of AXES) for (const value of axes[axis]) add({ ...base, [axis]: value });
  const order = ({ finished, workers, inFlight }: Point) => [finished, workers, inFlight] as const;
  return [...points.values()].sort((a, b) => {
    const [left, right] = [order(a), order(b)];
    return left.map((value, index) => value - right[index]!).find((difference) => difference !== 0) ?? 0;
  });
}

/** As it stands in the table. */
export const nameOf = ({ inFlight, finished, workers }: Point): string =>
  `${told(inFlight)} in flight, ${told(finished)} finished, ${workers} worker${workers === 1 ? "" : "s"}`;

const told = (count: number) => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");

/** One at a time takes long, and says enough after so many flows. */
const SINGLE_FILE = 150;

/** How many flows are done at a point: enough to have as many in flight for a while, not so many that few in flight take for ever. */
export const flowsAt = ({ inFlight }: Point, flows: number): number =>
  Math.max(Math.min(flows, SINGLE_FILE * inFlight), Math.ceil(inFlight * 1.25));

/** The contenders of a round: another one goes first each time. */
export const turnsOf = <T>(contenders: readonly T[], round: number): readonly T[] =>
  contenders.map((_, index) => contenders[(index + round) % contenders.length]!);

/** Who does flows when, and at which load. */
export interface Turn<Contender> {
  readonly round: number;
  readonly point: Point;
  readonly contender: Contender;
}

/**
 * The turns in their order. What is compared is taken close together, so that a machine that becomes slower does so for both: loads that
 * differ by their finished requests alone one after the other by each contender, the other way round in every second round.
 */
export function planTurns<Contender>(
  points: readonly Point[],
  contenders: readonly Contender[],
  rounds: number,
): readonly Turn<Contender>[] {
  const groups = Map.groupBy(points, ({ inFlight, workers }) => `${inFlight} ${workers}`);
  return Array.from({ length: rounds }).flatMap((_, round) =>
    [...groups.values()].flatMap((group) =>
      turnsOf(contenders, round).flatMap((contender) =>
        (round % 2 === 0 ? group : group.toReversed()).map((point) => ({ round, point, contender }))
      )
    )
  );
}
