/**
 * Texts in Go's quotes.
 *
 * @module
 */

/** Characters that stand with a letter of their own in Go's quotes. */
export const named: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};
const isPlain = /^[ !#-[\]-~]*$/;
const isPrintable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Where the first character is that cannot be seen. Pure. @returns Its index, or nothing. */
export function unprintable(text: string): number | undefined {
  let at = 0;
  for (const char of text) {
    if (!isPrintable.test(char)) return at;
    at += char.length;
  }
  return undefined;
}

function escaped(char: string): string {
  const name = named[char];
  if (name !== undefined) return name;
  if (isPrintable.test(char)) return char;
  const point = char.codePointAt(0)!;
  const hex = point.toString(16);
  if (point < 0x20 || point === 0x7f) return `\\x${hex.padStart(2, "0")}`;
  return point > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}

/** Prints a text as Go's `%q` does: what cannot be seen is escaped. Pure. */
export const quote = (text: string): string => `"${isPlain.test(text) ? text : [...text].map(escaped).join("")}"`;
