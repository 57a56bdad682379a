/**
 * What rules can do with texts, beyond the language itself.
 *
 * @module
 */
import type { FunctionEntry } from "./library.ts";
import { regexOf } from "./regex.ts";

const ascii = (text: string, pattern: RegExp, change: (char: string) => string) => text.replace(pattern, change);

/** Positions count characters, not units of UTF-16. */
function position(chars: readonly string[], index: bigint): number {
  if (index < 0n || index > BigInt(chars.length)) throw new RangeError(`index out of range: ${index}`);
  return Number(index);
}

function findFrom(text: string, part: string, from: bigint): bigint {
  const chars = [...text];
  const at = position(chars, from);
  const found = chars.slice(at).join("").indexOf(part);
  return found < 0 ? -1n : BigInt(at + [...chars.slice(at).join("").slice(0, found)].length);
}

function findLast(text: string, part: string, from?: bigint): bigint {
  const chars = [...text];
  const wanted = [...part];
  const highest = chars.length - wanted.length;
  for (let at = Math.min(from === undefined ? highest : position(chars, from), highest); at >= 0; at--) {
    if (wanted.every((char, offset) => chars[at + offset] === char)) return BigInt(at);
  }
  return -1n;
}

function cut(text: string, start: bigint, end?: bigint): string {
  const chars = [...text];
  const from = position(chars, start);
  const to = end === undefined ? chars.length : position(chars, end);
  if (to < from) throw new RangeError(`invalid substring range. start: ${start}, end: ${end}`);
  return chars.slice(from, to).join("");
}

function replace(text: string, old: string, by: string, limit: bigint): string {
  if (limit < 0n) return text.replaceAll(old, () => by);
  let left = limit;
  return text.replaceAll(old, (found) => left-- > 0n ? by : found);
}

const findAll = (text: string, pattern: string, limit: bigint): string[] => {
  const found = [...text.matchAll(regexOf(pattern))].map((match) => match[0]);
  return limit < 0n ? found : found.slice(0, Number(limit));
};

const quoted: Readonly<Record<string, string>> = {
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

/** Functions of texts. */
export const strings: readonly FunctionEntry[] = [
  ["string.charAt(int): string", (text: string, index: bigint) => [...text][position([...text], index)] ?? ""],
  ["string.indexOf_(string): int", (text: string, part: string) => findFrom(text, part, 0n)],
  ["string.indexOf_(string, int): int", findFrom],
  ["string.lastIndexOf_(string): int", (text: string, part: string) => findLast(text, part)],
  ["string.lastIndexOf_(string, int): int", findLast],
  ["string.substring_(int): string", (text: string, start: bigint) => cut(text, start)],
  ["string.substring_(int, int): string", cut],
  ["string.lowerAscii_(): string", (text: string) => ascii(text, /[A-Z]/g, (char) => char.toLowerCase())],
  ["string.upperAscii_(): string", (text: string) => ascii(text, /[a-z]/g, (char) => char.toUpperCase())],
  ["string.replace(string, string): string", (text: string, old: string, by: string) => replace(text, old, by, -1n)],
  ["string.replace(string, string, int): string", replace],
  ["string.matches_(string): bool", (text: string, pattern: string) => regexOf(pattern).test(text)],
  ["matches_(string, string): bool", (text: string, pattern: string) => regexOf(pattern).test(text)],
  ["string.find(string): string", (text: string, pattern: string) => findAll(text, pattern, 1n)[0] ?? ""],
  ["string.findAll(string): list<string>", (text: string, pattern: string) => findAll(text, pattern, -1n)],
  ["string.findAll(string, int): list<string>", findAll],
  [
    "StringsNamespace.quote(string): string",
    // deno-lint-ignore no-control-regex
    (_: unknown, text: string) => `"${text.replace(/[\x07\b\f\n\r\t\v\\"]/g, (char) => quoted[char]!)}"`,
  ],
];
