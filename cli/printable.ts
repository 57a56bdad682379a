/** Control characters, line breaks of all kinds, halves of characters, and what turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** `\n`, `\u001b`, ...: as JSON would write it. */
const escaped = (character: string): string => SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/**
 * Makes text of others safe for a terminal and for a line of its own: what a terminal would act on is written out. Pure.
 *
 * What comes from the cluster is written by whoever may write there; a terminal takes orders from it otherwise.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** The same for text of several lines that were broken by us. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (character) => character === "\n" ? character : escaped(character));
}

/** Whether a text has something that is written out. */
export const isPrintable = (text: string): boolean => text.search(UNPRINTABLE) < 0;
