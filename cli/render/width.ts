/**
 * How wide text is on a terminal, and how it is made to fit. Pure.
 *
 * @module
 */

import { printable } from "../printable.ts";

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

/** The text of others, safe for a terminal, with `…` in its middle where it is wider than `width` cells: both ends tell more. */
export function fitted(text: string, width: number): string {
  const safe = printable(text);
  if (widthOf(safe) <= width) return safe;
  if (width < 1) return "";
  const parts = graphemes(safe);
  const room = width - 1;
  const end = taken([...parts].reverse(), Math.floor(room / 3)).reverse().join("");
  return taken(parts, room - widthOf(end)).join("") + ELLIPSIS + end;
}

/** The beginning of a text that is safe, with `…` behind it where it is wider. */
export const begun = (text: string, width: number): string =>
  widthOf(text) <= width ? text : taken(graphemes(text), width - 1).join("") + ELLIPSIS;

/** As many as there is room for. */
function taken(parts: readonly string[], cells: number): string[] {
  let sum = 0;
  const end = parts.findIndex((part) => (sum += cellsOf(part)) > cells);
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
  for (const word of printable(text).split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
    while (widthOf(line) > width) {
      let head = "";
      for (const part of graphemes(line)) {
        if (widthOf(head + part) > width) break;
        head += part;
      }
      if (head === "") break; // not even one character fits
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return [...lines, line];
}
