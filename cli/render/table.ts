import type { Look, Style } from "./paint.ts";
import { begun, fitted, padded, paddedLeft, widthOf } from "./width.ts";

/** One column. */
export interface Column<Row> {
  readonly header: string;
  /** Its text; what is of others need not be safe. */
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
  /** Numbers stand to the right. */
  readonly right?: true;
  /** It may be made narrower, down to so many cells. @default {It may not} */
  readonly least?: number;
  /** It is made narrower than this only where all others that may be are down to theirs. @default {least} */
  readonly wanted?: number;
}

/** What a cell is cut to where the line has no end, in cells: all others of its column are filled up to it. */
const WIDEST_CELL = 1_024;
/** Blanks between two columns. */
const GAP = 2;

/** The widths of columns, so that a line fits. Pure. */
export function widthsOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[], total?: number): number[] {
  const widths = columns.map(({ header, text, least }) => {
    const widest = Math.max(widthOf(header), ...rows.map((row) => widthOf(fitted(text(row), WIDEST_CELL))));
    return total === undefined || least === undefined ? widest : Math.min(widest, Math.max(total, least));
  });
  if (total === undefined) return widths;
  for (const limit of ["wanted", "least"] as const) {
    const roomOf = (index: number) => {
      const { least, wanted } = columns[index]!;
      return least === undefined ? 0 : widths[index]! - (limit === "wanted" ? wanted ?? least : least);
    };
    while (sumOf(widths) > total) {
      const open = columns.map((_, index) => index).filter((index) => roomOf(index) > 0);
      if (open.length === 0) break;
      widths[open.reduce((best, index) => widths[index]! > widths[best]! ? index : best)]!--;
    }
  }
  return widths;
}

const sumOf = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1));

/** The line with the names of the columns. Pure. */
export const headerLine = <Row>(columns: readonly Column<Row>[], widths: readonly number[], { width, paint }: Look): string =>
  lineOf(columns.map(({ header, right }) => ({ text: header, right, style: "bold" })), widths, width, paint);

/** The line of a row. Pure. */
export const rowLine = <Row>(
  columns: readonly Column<Row>[],
  row: Row,
  widths: readonly number[],
  { width, paint }: Look,
): string =>
  lineOf(columns.map(({ text, style, right }) => ({ text: text(row), style: style?.(row), right })), widths, width, paint);

/** A whole table. Pure. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  look: Look & { readonly headers?: boolean },
): string[] {
  const widths = widthsOf(columns, rows, look.width);
  return [
    ...look.headers === false ? [] : [headerLine(columns, widths, look)],
    ...rows.map((row) => rowLine(columns, row, widths, look)),
  ];
}

interface Cell {
  readonly text: string;
  readonly style?: Style;
  readonly right?: true;
}

function lineOf(cells: readonly Cell[], widths: readonly number[], total: number | undefined, paint: Look["paint"]): string {
  // Without a limit nothing is cut, even what is wider than what came before it.
  const texts = cells.map(({ text, right }, index) => {
    const shown = fitted(text, total === undefined ? WIDEST_CELL : widths[index]!);
    const isLast = index === cells.length - 1;
    return right ? paddedLeft(shown, widths[index]!) : isLast ? shown : padded(shown, widths[index]!);
  });
  const gap = " ".repeat(GAP);
  // On a terminal that is too narrow for all of it, what fits is shown, without colours.
  if (total !== undefined && widthOf(texts.join(gap)) > total) return begun(texts.join(gap), total);
  return texts.map((text, index) => paintedWithin(text, cells[index]!.style, paint)).join(gap).trimEnd();
}

/** The blanks stay as they are. */
function paintedWithin(text: string, style: Style | undefined, paint: Look["paint"]): string {
  const [, before, inner, after] = /^( *)(.*?)( *)$/s.exec(text)!;
  return before + paint(style, inner!) + after;
}
