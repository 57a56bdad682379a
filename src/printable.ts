/**
 * Text of others made safe for a terminal, and for a line of its own: what comes from the cluster is written by whoever may write there. Pure.
 *
 * @module
 */

/**
 * Letters of scripts that are written with joiners, marks, and pictures: after these a joiner belongs to the text. Elsewhere it only makes
 * two texts look like one.
 */
const JOINED = String
  .raw`\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\p{M}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mongolian}` +
  String.raw`\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}` +
  String
    .raw`\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}`;

/**
 * Control characters, line breaks of all kinds, halves of characters, what turns the direction of writing, and what is not seen: it makes two
 * texts look like one.
 */
const UNPRINTABLE = new RegExp(
  String.raw`[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200c\u200d])\p{Cf}|(?<![${JOINED}])[\u200c\u200d]`,
  "gu",
);

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const hex = (unit: number): string => `\\u${unit.toString(16).padStart(4, "0")}`;

/** `\n`, `\u001b`, `\udb40\udc41`, ...: as JSON would write it. */
const escaped = (character: string): string =>
  SHORT[character] ?? Array.from({ length: character.length }, (_, index) => hex(character.charCodeAt(index))).join("");

/** Most texts: nothing in them has to be looked at more closely, which takes ten times as long. */
const PLAIN = /^[ -~]*$/;

/** What a terminal would act on, or not show, is written out as JSON would. */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNPRINTABLE, escaped);
}

/**
 * The same for text of several lines that were broken by us.
 *
 * @param write How a character is written out. @default {As JSON would}
 */
export function printableLines(text: string, write: (character: string) => string = escaped): string {
  return text.replace(UNPRINTABLE, (character) => character === "\n" ? character : write(character));
}

/** Whether nothing of a text is written out. */
export const isPrintable = (text: string): boolean => text.search(UNPRINTABLE) < 0;

/** How much is said of a text in a sentence or in a line of a log, in characters: with its stack an error has some thousand. */
const LONGEST = 8_192;

/** The beginning of a text, and how much is left out. @param limit How much is shown, in characters. */
export function shortened(text: string, limit: number = LONGEST): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, limit).replace(/[\ud800-\udbff]$/, ""); // no half of a character
  return `${head}${leftOutText(text.length - head.length)}`;
}

/** Stands for so many characters that are left out. */
export const leftOutText = (count: number): string => `…(${count.toLocaleString("en-GB")} more characters)`;

/** A sentence as it is said to people: safe, in one line, and not longer than anybody reads. */
export const saidText = (text: string): string => printable(shortened(text));
