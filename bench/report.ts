/**
 * The figures of several loads as one table in Markdown, not wider than 100 columns. Pure.
 *
 * Ours is told as it was measured; the others as ratios to it, each taken within a round, so that what slows the machine down slows both.
 *
 * @module
 */
import type { Point } from "./points.ts";
import type { Measured } from "./rounds.ts";
import { median } from "./statistics.ts";
import type { Figures } from "./turn.ts";

/** One load and what was measured at it. */
export interface Result extends Measured {
  readonly point: Point;
  /** Done by each contender in each round. */
  readonly flows: number;
}

type Row = readonly [figure: string, title: string, scale?: number];

const ROWS: readonly Row[] = [
  ["flows/s", "flows/s"],
  ["writes", "API writes a flow"],
  ["conflicts", "- refused (409)"],
  ["bytes written", "KB sent a flow", 1 / 1_000],
  ["bytes read", "KB read a flow", 1 / 1_000],
  ["CPU", "client CPU, ms"],
  ["CPU director", "- director"],
  ["CPU worker", "- worker"],
  ["server CPU", "server CPU, ms"],
  ["wait p50 ms", "to STARTED, p50 ms"],
  ["wait p99 ms", "- p99"],
  ["p50 ms", "to end, p50 ms"],
  ["p99 ms", "- p99"],
  ["peak MB", "MB at most"],
  ["peak MB director", "- director"],
  ["peak MB worker", "- worker"],
];

/** What finished requests may make dearer. */
const FLAT: readonly string[] = [
  "flows/s",
  "CPU",
  "CPU director",
  "CPU worker",
  "server CPU",
  "wait p50 ms",
  "p50 ms",
  "peak MB",
];

/** What stands under the table. */
const LEGEND = `Ours as measured; of the others \`ours : theirs\`, taken within each round. CPU is that of a flow, without
the start of the processes. "to STARTED" is from REQUESTED, of both jobs, "to end" from the POST, each
as a watch of the bench sees them. "N : M finished" is the figure with N finished requests lying around
for that with M.`;

/** Renders the table. */
export function renderReport(results: readonly Result[]): string {
  const names = [...results[0]?.rounds.keys() ?? []];
  const others = names.filter((name) => name !== "ours");
  const lines: string[][] = [["", "ours", ...others.map((name) => `ours : ${name}`)]];
  const columns = lines[0]!.length;
  for (const result of results) {
    lines.push(titleOf([...wordsOf(result.point), `${result.flows} flows`], columns));
    for (const row of ROWS) {
      addRow(
        lines,
        row,
        others.map((other) => ratiosOf(result, other, row[0])),
        seriesOf(result, "ours", row[0]),
      );
    }
  }
  for (const [result, base] of pairsOf(results)) {
    lines.push(titleOf([`${countText(result.point.finished)} : ${countText(base.point.finished)}`, "finished"], columns));
    for (const row of ROWS.filter(([figure]) => FLAT.includes(figure))) {
      const [figure, title] = row;
      const change = (of: (result: Result) => Series) => quotients(of(result), of(base));
      const theirs = others.map((other) => change((result) => ratiosOf(result, other, figure)));
      addRow(lines, [figure, title.replace(/, (p50 )?ms$/, "")], theirs, change((result) => seriesOf(result, "ours", figure)));
    }
  }
  return [markdown(lines), "", LEGEND, ...failuresOf(results)].join("\n");
}

/** The values of the rounds; undefined where there is none. */
type Series = readonly (number | undefined)[];

const seriesOf = ({ rounds }: Result, contender: string, figure: string): Series =>
  rounds.get(contender)!.map((figures: Figures | undefined) => figures?.[figure]);

const ratiosOf = (result: Result, other: string, figure: string): Series =>
  quotients(seriesOf(result, "ours", figure), seriesOf(result, other, figure));

const quotients = (above: Series, below: Series): Series =>
  above.map((value, index) => {
    const divisor = below[index];
    return value === undefined || divisor === undefined || !Number.isFinite(value / divisor) ? undefined : value / divisor;
  });

function addRow(lines: string[][], [, title, scale = 1]: Row, ratios: readonly Series[], mine: Series): void {
  const cells = [cellOf(mine.map((value) => value === undefined ? undefined : value * scale)), ...ratios.map(cellOf)];
  if (cells.some((cell) => cell !== "")) lines.push([title, ...cells]);
}

/** Median and range. */
export function cellOf(series: Series): string {
  const values = series.filter((value) => value !== undefined);
  if (values.length === 0) return "";
  const [least, most] = [numberText(Math.min(...values)), numberText(Math.max(...values))];
  return least === most ? least : `${numberText(median(values))} (${least}-${most})`;
}

/** Three digits that count, or as many as five places have room for. */
export function numberText(value: number): string {
  if (value === 0) return "0";
  if (value >= 9_999.5) return `${Math.round(value / 1_000)}k`;
  if (value >= 99.95) return String(Math.round(value));
  return value >= 9.995 ? value.toFixed(1) : value < 0.0995 ? value.toFixed(3) : value.toFixed(2);
}

const countText = (count: number) => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");

const wordsOf = ({ inFlight, finished, workers }: Point) => [
  `${countText(inFlight)} in flight`,
  `${countText(finished)} finished`,
  `${workers} worker${workers === 1 ? "" : "s"}`,
];

/** A line of its own: the first word bold, the others a cell each, the last ones together where cells are few. */
function titleOf([first, ...words]: readonly string[], columns: number): string[] {
  const cells = words.slice(0, columns - 1);
  if (words.length > cells.length && cells.length > 0) cells[cells.length - 1] = words.slice(cells.length - 1).join(", ");
  return [`**${first}**`, ...cells, ...Array<string>(columns - 1 - cells.length).fill("")];
}

/** Points that differ from another one by the number of finished requests alone, each beside the one with the fewest. */
function pairsOf(results: readonly Result[]): (readonly [Result, Result])[] {
  const least = Math.min(...results.map(({ point }) => point.finished));
  return results.filter(({ point }) => point.finished > least).flatMap((result) => {
    const base = results.find(({ point }) =>
      point.finished === least && point.inFlight === result.point.inFlight && point.workers === result.point.workers
    );
    return base ? [[result, base] as const] : [];
  });
}

function failuresOf(results: readonly Result[]): string[] {
  const lines = results.flatMap(({ point, failures }) =>
    failures.map(({ contender, text }) => `- ${contender}, ${wordsOf(point).join(", ")}: ${text.split("\n")[0]!.slice(0, 200)}`)
  );
  return lines.length === 0 ? [] : ["", "Not measured:", "", ...lines];
}

function markdown(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length), 3));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => column === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`).join("|")}|`;
  return [line(lines[0]!), rule, ...lines.slice(1).map(line)].join("\n");
}
