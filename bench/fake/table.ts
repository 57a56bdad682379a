/**
 * The figures of all rounds as one table.
 *
 * @module
 */
import { median } from "../statistics.ts";
import type { Column } from "./contender.ts";
import type { Figures } from "./measures.ts";

/** Figures of one column, a round each. */
export type Rounds = Readonly<Partial<Record<Column, readonly Figures[]>>>;

/** A line of the table. */
interface Row {
  readonly name: string;
  readonly title: string;
  /** What the fake is to reach: a figure of its own, or `empty : fake`. */
  readonly goal?: string;
  /** Where it is no cost, there is nothing to compare. */
  readonly alone?: true;
}

const rows: readonly Row[] = [
  { name: "import ms", title: "first: import, ms", alone: true },
  { name: "cluster ms", title: "  createFakeCluster, ms", goal: "< 10", alone: true },
  { name: "answer ms", title: "  answer in process, ms", alone: true },
  { name: "port ms", title: "  answer on a port, ms", goal: "< 50", alone: true },
  { name: "start ms", title: "process to answer, ms" },
  { name: "get us", title: "get, us CPU", goal: "0.50" },
  { name: "patch us", title: "merge patch, us CPU", goal: "0.25" },
  { name: "bare patch us", title: "  no managedFields", goal: "0.25" },
  { name: "list ms", title: "list of all, ms", goal: "< 50" },
  { name: "fan-out ms", title: "fan-out, ms CPU" },
  { name: "KB an object", title: "memory an object, KB", alone: true },
  { name: "last : first write", title: "last : first writes, CPU", goal: "1", alone: true },
  { name: "heap grown MB", title: "  heap grown by, MB", goal: "0", alone: true },
];

const columns: readonly Column[] = ["fake", "genuine", "empty"];
const widths = [24, 17, 17, 17, 14, 5] as const;

/** Three digits that count. */
function digits(value: number): string {
  const most = Math.abs(value);
  return value.toFixed(most >= 100 ? 0 : most >= 10 ? 1 : 2);
}

/** `median least-most`; one value alone. Pure. */
export function told(values: readonly number[]): string {
  if (values.length === 0) return "";
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map(digits);
  return least === most ? middle! : `${middle} ${least}-${most}`;
}

const valuesOf = (figures: readonly Figures[], name: string): number[] =>
  figures.map((round) => round[name]).filter((value) => value !== undefined && Number.isFinite(value)) as number[];

/** What the empty handler costs for each unit that the fake does: the part of its rate that the fake reaches, within each round. */
function reached(rounds: Rounds, name: string): number[] {
  const [fake, empty] = [rounds.fake ?? [], rounds.empty ?? []];
  return valuesOf(
    fake.map((figures, index) => ({ ratio: (empty[index]?.[name] ?? Number.NaN) / (figures[name] ?? Number.NaN) })),
    "ratio",
  );
}

const line = (cells: readonly string[]) =>
  cells.map((cell, column) => column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]!)).join(" ").trimEnd();

/** Renders the table, at most 100 columns wide. Pure. */
export function renderFake(rounds: Rounds): string {
  const lines = [line(["", ...columns, "empty : fake", "goal"])];
  for (const { name, title, goal = "", alone } of rows) {
    const cells = columns.map((column) => told(valuesOf(rounds[column] ?? [], name)));
    if (cells.every((cell) => cell === "")) continue;
    lines.push(line([title, ...cells, alone ? "" : told(reached(rounds, name)), goal]));
  }
  return lines.join("\n");
}
