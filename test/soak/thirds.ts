/**
 * What was counted again and again, as a table; and whether it has grown, judged by thirds. Pure.
 *
 * @module
 */

/** Something that is counted. */
export interface Figure {
  /** A head of a column: short. */
  readonly name: string;
  /** By how much the last third may be above the first: a share of that, or so much, whichever is more. */
  readonly share: number;
  readonly least: number;
  /** Digits after the point. @default {0} */
  readonly digits?: number;
}

/** One count of everything; undefined where it cannot be seen. */
export interface Sample {
  /** When: the first column. */
  readonly at: string;
  readonly values: readonly (number | undefined)[];
}

/** What became of one figure. */
export interface Trend {
  readonly name: string;
  /** The medians of the thirds. */
  readonly thirds: readonly [first: number, second: number, third: number];
  readonly isFlat: boolean;
}

const median = (of: readonly number[]): number => [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)]!;

/** Each figure by its thirds. What was not seen is left out. @throws {RangeError} When there are fewer than six samples. */
export function trendsOf(figures: readonly Figure[], samples: readonly Sample[]): Trend[] {
  if (samples.length < 6) throw new RangeError(`There are ${samples.length} samples, expected 6 at least`);
  return figures.flatMap(({ name, share, least }, index) => {
    const values = samples.map((sample) => sample.values[index]);
    if (values.some((value) => value === undefined)) return [];
    const third = (number: number) =>
      median(values.slice(Math.round(number * values.length / 3), Math.round((number + 1) * values.length / 3)) as number[]);
    const thirds = [third(0), third(1), third(2)] as const;
    return [{ name, thirds, isFlat: thirds[2] <= thirds[0] + Math.max(least, share * thirds[0]) }];
  });
}

const show = (value: number | undefined, digits = 0): string => value === undefined ? "-" : value.toFixed(digits);
const row = (first: string, cells: readonly string[]): string => first.padEnd(8) + cells.map((cell) => cell.padStart(9)).join("");

/** The head of the table; with eight figures it is 80 wide. */
export const headOf = (first: string, figures: readonly Figure[]): string => row(first, figures.map(({ name }) => name));

/** One line of it. */
export const lineOf = (figures: readonly Figure[], { at, values }: Sample): string =>
  row(at, figures.map(({ digits }, index) => show(values[index], digits)));

/** The lines below it: the thirds, and the verdict. */
export function footOf(figures: readonly Figure[], trends: readonly Trend[]): string[] {
  const cells = (cell: (trend: Trend, figure: Figure) => string) =>
    figures.map((figure) => {
      const trend = trends.find(({ name }) => name === figure.name);
      return trend ? cell(trend, figure) : "-";
    });
  return [
    ...["first", "second", "third"].map((name, index) =>
      row(name, cells(({ thirds }, { digits }) => show(thirds[index], digits)))
    ),
    row("", cells(({ isFlat }) => isFlat ? "flat" : "GROWS")),
  ];
}
