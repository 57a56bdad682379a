/**
 * Why an expression does not compile, as the genuine compiler prints it.
 *
 * @module
 */

/** One thing that is wrong, and where: in code points from the beginning. */
export interface Fault {
  readonly at: number;
  readonly text: string;
}

/** An expression that was read no further. */
export class FaultyExpression extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults[0]?.text ?? "");
    this.faults = faults;
  }
}

const isWide = (char: string) => char.codePointAt(0)! > 0x7f;

/** Prints faults: each with the line that it stands in, and a mark under the place. Pure. */
export function printFaults(text: string, faults: readonly Fault[]): string {
  // Of nothing there is nothing to show.
  if (text === "") return faults.map((fault) => `ERROR: <input>:1:0: ${fault.text}`).join("\n");
  const points = [...text];
  const lines = points.join("").split("\n").map((line) => [...line]);
  const placed = faults.map((fault) => {
    let line = 0;
    let column = fault.at;
    while (line < lines.length - 1 && column > lines[line]!.length) column -= lines[line++]!.length + 1;
    return { line, column, text: fault.text };
  });
  placed.sort((a, b) => a.line - b.line || a.column - b.column);
  return placed.map(({ line, column, text }) => {
    const shown = lines[line]!;
    const dots = shown.slice(0, column).map((char) => isWide(char) ? "．" : ".").join("");
    const mark = column < shown.length && isWide(shown[column]!) ? "＾" : "^";
    return `ERROR: <input>:${line + 1}:${column + 1}: ${text}\n | ${shown.join("").replaceAll("\t", " ")}\n | ${dots}${mark}`;
  }).join("\n");
}
