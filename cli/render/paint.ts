import type { FlowStatus } from "../../mod.ts";

/** How a text is set off. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "magenta" | "cyan";

/** Sets text off; that does not change its width. */
export type Paint = (style: Style | undefined, text: string) => string;

const CODES: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, magenta: 35, cyan: 36 };

/** Leaves it as it is: in a pipe. */
export const plain: Paint = (_, text) => text;

/** With the codes of ECMA-48, which every terminal knows. */
export const ansi: Paint = (style, text) => style === undefined || text === "" ? text : `\x1b[${CODES[style]}m${text}\x1b[0m`;

/** The colour of a status. */
export const STATUS_STYLES: Readonly<Record<FlowStatus, Style>> = {
  running: "cyan",
  waiting: "yellow",
  parked: "magenta",
  failed: "red",
  succeeded: "green",
  cancelled: "dim",
};

/** What text is made for. */
export interface Look {
  /** Cells of a line; absent: as many as it takes. */
  readonly width?: number;
  readonly paint: Paint;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}
