/**
 * The figures of all rounds as one table: median and range, and ratios taken within each round.
 *
 * @module
 */
import { median } from "./statistics.ts";
import type { Figures } from "./turn.ts";

/** Figures of one contender, a round each. */
export type Rounds = ReadonlyMap<string, readonly (Figures | undefined)[]>;

/** A line of the table: which figure, what it is, how many digits. */
type Row = readonly [name: string, title: string, digits: number];

const CPU: readonly Row[] = ["", " cold", " warm"].flatMap((when): Row[] => [
  [`CPU${when}`, `client CPU, ms a flow${when && `,${when}`}`, 2],
  [`CPU director${when}`, "  director", 2],
  [`CPU worker${when}`, "  worker", 2],
]);

const memory = (name: string, title: string): Row[] => [
  [name, title, 0],
  [`${name} director`, "  director", 0],
  [`${name} worker`, "  worker", 0],
];

const ROWS: readonly Row[] = [
  ["flows/s", "flows a second", 1],
  ["flows/s cold", "  cold (first 600)", 1],
  ["flows/s warm", "  warm", 1],
  ...CPU,
  ["CPU with start-up", "client CPU, ms a flow, with start-up", 2],
  ["start-up CPU", "start-up, ms of CPU", 0],
  ["server CPU", "API server + etcd CPU, ms a flow", 2],
  ["server CPU cold", "  cold", 2],
  ["server CPU warm", "  warm", 2],
  ["writes", "API writes a flow", 2],
  ["conflicts", "  of them refused (409)", 3],
  ["reads", "gets and lists a flow", 3],
  ["lost % first second", "updates lost in the first second, %", 1],
  ["lost % after", "  afterwards, %", 1],
  ["spread", "jobs of the busiest : least busy worker", 2],
  ["done twice", "jobs done twice", 0],
  ["body bytes", "bytes of writes' bodies a flow", 0],
  ["event bytes", "bytes of watch events a flow", 0],
  ["bytes written", "bytes sent by clients a flow", 0],
  ["bytes read", "bytes read by clients a flow", 0],
  ...memory("idle MB", "memory idle, MB"),
  ...memory("load MB", "memory under load, MB"),
  ["load MB first third", "  in the first third of the load", 0],
  ["load MB last third", "  in the last third", 0],
  ...memory("peak MB", "memory at its peak, MB"),
  ["wait p50 ms", "REQUESTED to STARTED, p50, ms", 0],
  ["wait p99 ms", "  p99", 0],
  ["p50 ms", "create to end, p50, ms", 0],
  ["p99 ms", "  p99", 0],
  ["single ms", "a single flow on an idle server, ms", 1],
  ["first watch ms director", "start to first watch, director, ms", 0],
  ["first watch ms worker", "  worker, ms", 0],
  ["first watch ms peer", "  peer in one command, ms", 0],
];

/** Renders the table. */
export function renderTable(rounds: Rounds): string {
  const names = [...rounds.keys()];
  const others = names.filter((name) => name !== "ours");
  const lines = [["", ...names, ...others.map((name) => `ours : ${name}`)]];
  for (const [name, title, digits] of ROWS) {
    const series = new Map(names.map((contender) => [contender, valuesOf(rounds.get(contender)!, name)]));
    if ([...series.values()].every((values) => values.length === 0)) continue;
    const mine = series.get("ours") ?? [];
    lines.push([
      title,
      ...names.map((contender) => told(series.get(contender)!, digits)),
      ...others.map((other) => told(ratios(mine, series.get(other)!), 2)),
    ]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => line.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
    .map((cells) => cells.join("  ").trimEnd()).join("\n");
}

const valuesOf = (figures: readonly (Figures | undefined)[], name: string): number[] =>
  figures.map((round) => round?.[name]).filter((value) => value !== undefined);

/** Within each round, so that what slows the whole machine down slows both. */
function ratios(mine: readonly number[], theirs: readonly number[]): number[] {
  if (mine.length !== theirs.length) return [];
  return mine.map((value, index) => value / theirs[index]!).filter(Number.isFinite);
}

function told(values: readonly number[], digits: number): string {
  if (values.length === 0) return "";
  const text = (value: number) => value.toFixed(digits);
  const least = text(Math.min(...values));
  const most = text(Math.max(...values));
  return least === most ? least : `${text(median(values))} (${least}-${most})`;
}
