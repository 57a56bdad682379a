/**
 * How wide text is on a terminal, and how it is made to fit. Pure.
 *
 * @module
 */

import { leftOutText, printable, shortened } from "../../src/printable.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** What a terminal shows in two cells (East Asian Wide and Fullwidth, emoji). */
const WIDE =
  /^(?:\p{Emoji_Presentation}|.\uFE0F|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}])/u;
/** What it shows in none: marks without a letter, format characters. */
const NARROWER = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const ASCII = /^[\x20-\x7e]*$/;

const cellsOf = (grapheme: string): number => NARROWER.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1;

const graphemes = (text: string): string[] => Array.from(segmenter.segment(text), ({ segment }) => segment);

/** In cells. */
export const widthOf = (text: string): number =>
  ASCII.test(text) ? text.length : graphemes(text).reduce((sum, grapheme) => sum + cellsOf(grapheme), 0);

/** Stands for what is left out. */
export const ELLIPSIS = "…";

/** What text of others is cut to where the line has no end, in cells: in a pipe. */
export const WIDEST = 4_096;

/** Code units that are looked at for so many cells: a letter may have marks without an end. */
const unitsFor = (cells: number): number => 8 * cells + 64;

/** From how many characters on it is said how many are left out, where there is room for that. */
const MANY = 1_000;
/** Room for that, in cells. */
const ROOM_TO_SAY = 50;

/**
 * The text of others, safe for a terminal, with `…` in its middle where it is wider than `width` cells: both ends tell more. Where much is left
 * out it is said how much.
 */
export function fitted(text: string, width: number): string {
  if (width === Infinity) return printable(text);
  const units = unitsFor(width);
  const isLong = text.length > 2 * units;
  const [head, tail] = isLong ? [printable(text.slice(0, units)), printable(text.slice(-units))] : [printable(text), ""];
  if (!isLong && head.length <= units && widthOf(head) <= width) return head;
  if (width < 1) return "";
  const [parts, last] = [graphemes(head), isLong ? graphemes(tail) : graphemes(head)];
  const cut = (ellipsis: string): { text: string; left: number } => {
    const room = width - widthOf(ellipsis);
    const end = taken(last.toReversed(), Math.floor(room / 3)).reverse().join("");
    const begin = taken(parts, room - widthOf(end)).join("");
    return { text: begin + ellipsis + end, left: text.length - begin.length - end.length };
  };
  const short = cut(ELLIPSIS);
  return short.left < MANY || width < ROOM_TO_SAY ? short.text : cut(`${leftOutText(short.left)}…`).text;
}

/** The beginning of a text that is safe, with `…` behind it where it is wider. */
export const begun = (text: string, width: number): string =>
  widthOf(text) <= width ? text : taken(graphemes(text), width - 1).join("") + ELLIPSIS;

/** As many as there is room for. */
function taken(parts: readonly string[], cells: number): string[] {
  let sum = 0;
  let units = 0;
  const end = parts.findIndex((part) => (sum += cellsOf(part)) > cells || (units += part.length) > unitsFor(cells));
  return parts.slice(0, end < 0 ? parts.length : end);
}

/** With blanks behind it, up to a width in cells. */
export const padded = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)));

/** With blanks before it. */
export const paddedLeft = (text: string, width: number): string => " ".repeat(Math.max(0, width - widthOf(text))) + text;

/** Text of others in lines of `width` cells at the most, broken between words where that is possible. */
export function inLines(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of printable(shortened(text, WIDEST)).split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
    while (widthOf(line) > width) {
      const head = taken(graphemes(line), width).join("");
      if (head === "") break; // not even one character fits
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return [...lines, line];
}

/** In cells: less of what something is called tells nothing. */
const LEAST_CALLED = 12;

/**
 * A line about something that others have named: what it is called, shortened in its middle where the line would be wider, then what is said of
 * it.
 *
 * @param width In cells; undefined in a pipe, where nothing is shortened.
 */
export function lineAbout(called: string, said: string, width: number | undefined): string {
  const rest = ` ${printable(said)}`;
  return fitted(called, width === undefined ? Infinity : Math.max(LEAST_CALLED, width - widthOf(rest))) + rest;
}
