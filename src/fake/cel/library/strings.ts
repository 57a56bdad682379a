/**
 * What expressions can do with texts, beyond the language itself.
 *
 * @module
 */
import type { Declaration } from "../language/declaration.ts";
import { EvaluationError } from "../language/value.ts";
import { format } from "./format.ts";
import { named } from "../../types/quote.ts";
import { goRegex, PatternError } from "../../types/re2.ts";

const outOfRange = (index: bigint) => new EvaluationError(`index out of range: ${index}`);

function charAt(text: string, index: bigint): string {
  const chars = [...text];
  if (index < 0n || index > BigInt(chars.length)) throw outOfRange(index);
  return chars[Number(index)] ?? "";
}

function indexOf(text: string, part: string, from: bigint): bigint {
  if (part === "") return from;
  const chars = [...text];
  if (from < 0n) throw outOfRange(from);
  if (from >= BigInt(chars.length)) return -1n;
  const rest = chars.slice(Number(from)).join("");
  const found = rest.indexOf(part);
  return found < 0 ? -1n : from + BigInt([...rest.slice(0, found)].length);
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const chars = [...text];
  if (part === "") return from ?? BigInt(chars.length);
  const wanted = [...part];
  if (from !== undefined && from < 0n) throw outOfRange(from);
  if (from !== undefined && from >= BigInt(chars.length)) return -1n;
  const highest = chars.length - wanted.length;
  for (let at = Math.min(from === undefined ? highest : Number(from), highest); at >= 0; at--) {
    if (wanted.every((char, offset) => chars[at + offset] === char)) return BigInt(at);
  }
  return -1n;
}

function substring(text: string, start: bigint, end?: bigint): string {
  const chars = [...text];
  const length = BigInt(chars.length);
  if (end !== undefined && start > end) throw new EvaluationError(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0n || start > length) throw outOfRange(start);
  if (end !== undefined && (end < 0n || end > length)) throw outOfRange(end);
  return chars.slice(Number(start), end === undefined ? undefined : Number(end)).join("");
}

function replace(text: string, old: string, by: string, limit: bigint): string {
  if (limit === 0n) return text;
  let left = limit < 0n ? Infinity : Number(limit);
  if (old !== "") return text.replaceAll(old, (found) => left-- > 0 ? by : found);
  // The empty text stands before each character, and at the end.
  let replaced = "";
  for (const char of [...text, ""]) replaced += (left-- > 0 ? by : "") + char;
  return replaced;
}

function split(text: string, separator: string, limit: bigint): string[] {
  if (limit === 0n) return [];
  const parts = separator === "" ? [...text] : text.split(separator);
  if (limit < 0n || parts.length <= Number(limit)) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}

function regexOf(pattern: string): RegExp {
  try {
    return goRegex(pattern);
  } catch (error) {
    throw error instanceof PatternError ? new EvaluationError(error.message) : error;
  }
}

const findAll = (text: string, pattern: string, limit: bigint): string[] => {
  const found = [...text.matchAll(regexOf(pattern))].map((match) => match[0]);
  return limit < 0n ? found : found.slice(0, Number(limit));
};
const matches = (text: string, pattern: string) => regexOf(pattern).test(text);

// deno-lint-ignore no-control-regex
const quote = (text: string) => `"${text.replace(/[\x07\b\f\n\r\t\v\\"]/g, (char) => named[char]!)}"`;

function join(list: readonly unknown[], separator: string): string {
  const wrong = list.find((item) => typeof item !== "string");
  if (wrong !== undefined) throw new EvaluationError(`join: invalid input: ${String(wrong)}`);
  return list.join(separator);
}

// What Go takes for white space.
const space = "[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const edges = new RegExp(`^${space}+|${space}+$`, "g");

/** Functions of texts. */
export const strings: readonly Declaration[] = [
  ["contains_string", "string.contains(string): bool", (text: string, part: string) => text.includes(part)],
  ["ends_with_string", "string.endsWith(string): bool", (text: string, part: string) => text.endsWith(part)],
  ["starts_with_string", "string.startsWith(string): bool", (text: string, part: string) => text.startsWith(part)],
  ["matches", "matches(string, string): bool", matches],
  ["matches_string", "string.matches(string): bool", matches],
  [
    "string_find_string",
    "string.find(string): string",
    (text: string, pattern: string) => regexOf(pattern).exec(text)?.[0] ?? "",
  ],
  [
    "string_find_all_string",
    "string.findAll(string): list<string>",
    (text: string, pattern: string) => findAll(text, pattern, -1n),
  ],
  ["string_find_all_string_int", "string.findAll(string, int): list<string>", findAll],
  ["string_char_at_int", "string.charAt(int): string", charAt],
  ["string_index_of_string", "string.indexOf(string): int", (text: string, part: string) => indexOf(text, part, 0n)],
  ["string_index_of_string_int", "string.indexOf(string, int): int", indexOf],
  ["string_last_index_of_string", "string.lastIndexOf(string): int", (text: string, part: string) => lastIndexOf(text, part)],
  ["string_last_index_of_string_int", "string.lastIndexOf(string, int): int", lastIndexOf],
  ["string_lower_ascii", "string.lowerAscii(): string", (text: string) => text.replace(/[A-Z]/g, (char) => char.toLowerCase())],
  ["string_upper_ascii", "string.upperAscii(): string", (text: string) => text.replace(/[a-z]/g, (char) => char.toUpperCase())],
  [
    "string_replace_string_string",
    "string.replace(string, string): string",
    (text: string, old: string, by: string) => replace(text, old, by, -1n),
  ],
  ["string_replace_string_string_int", "string.replace(string, string, int): string", replace],
  ["string_split_string", "string.split(string): list<string>", (text: string, by: string) => split(text, by, -1n)],
  ["string_split_string_int", "string.split(string, int): list<string>", split],
  ["string_substring_int", "string.substring(int): string", (text: string, start: bigint) => substring(text, start)],
  ["string_substring_int_int", "string.substring(int, int): string", substring],
  ["string_trim", "string.trim(): string", (text: string) => text.replace(edges, "")],
  ["string_format", "string.format(list<dyn>): string", format],
  ["strings_quote", "strings::quote(string): string", quote],
  ["list_join", "list<string>.join(): string", (list: readonly unknown[]) => join(list, "")],
  ["list_join_string", "list<string>.join(string): string", join],
];
