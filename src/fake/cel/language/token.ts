/**
 * Cuts an expression into tokens.
 *
 * @module
 */
import type { Fault } from "./fault.ts";

/** What a token is. */
export type TokenKind = "sign" | "name" | "quoted name" | "int" | "uint" | "float" | "string" | "bytes" | "end";

/** A token. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** In code points. */
  readonly at: number;
}

const signs = ["==", "!=", "<=", ">=", "&&", "||", ..."<>[]{}().,-!?:+*/%"];
const escape = String.raw`\\(?:[abfnrtv"'\\?${"`"}]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`;
const string = [
  `[rR]"""[^]*?"""`,
  `[rR]'''[^]*?'''`,
  `[rR]"[^"\\n\\r]*"`,
  `[rR]'[^'\\n\\r]*'`,
  `"""(?:${escape}|[^\\\\])*?"""`,
  `'''(?:${escape}|[^\\\\])*?'''`,
  `"(?:${escape}|[^\\\\"\\n\\r])*"`,
  `'(?:${escape}|[^\\\\'\\n\\r])*'`,
].join("|");
const exponent = "[eE][+-]?\\d+";
/** Each with what it may begin with. */
const kinds: readonly (readonly [TokenKind | "space", first: RegExp, whole: RegExp])[] = [
  ["space", /[\t \r\n\f/]/, /[\t \r\n\f]+|\/\/[^\n]*/uy],
  ["bytes", /[bB]/, new RegExp(`[bB](?:${string})`, "uy")],
  ["string", /[rR"']/, new RegExp(string, "uy")],
  ["float", /[\d.]/, new RegExp(`\\d+\\.\\d+(?:${exponent})?|\\d+${exponent}|\\.\\d+(?:${exponent})?`, "uy")],
  ["uint", /\d/, /(?:0x[0-9a-fA-F]+|\d+)[uU]/uy],
  ["int", /\d/, /0x[0-9a-fA-F]+|\d+/uy],
  ["name", /[A-Za-z_]/, /[A-Za-z_][A-Za-z0-9_]*/uy],
  ["quoted name", /`/, /`[A-Za-z0-9_.\-/ ]+`/uy],
];

type Kinds = readonly (readonly [TokenKind | "space", RegExp])[];
const kindsByFirst = new Map<string, Kinds>();

/** The kinds of tokens that begin with a character. */
function kindsOf(first: string): Kinds {
  let found = kindsByFirst.get(first);
  if (!found) {
    found = kinds.filter(([, begins]) => begins.test(first)).map(([kind, , whole]) => [kind, whole] as const);
    // Of those that no token begins with there is no end.
    if (found.length > 0) kindsByFirst.set(first, found);
  }
  return found;
}

/** The longest token at a place. */
function match(text: string, at: number): [kind: TokenKind | "space", text: string] | undefined {
  let best: [TokenKind | "space", string] | undefined;
  for (const [kind, pattern] of kindsOf(text[at]!)) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined && found.length > (best?.[1].length ?? 0)) best = [kind, found];
  }
  if (best) return best;
  const sign = signs.find((sign) => text.startsWith(sign, at));
  return sign === undefined ? undefined : ["sign", sign];
}

/** The tokens of a text, an end behind them, and what is no token. Pure. */
export function tokensOf(text: string): { readonly tokens: readonly Token[]; readonly faults: readonly Fault[] } {
  const tokens: Token[] = [];
  const faults: Fault[] = [];
  let at = 0;
  let points = 0;
  while (at < text.length) {
    const found = match(text, at);
    if (!found) {
      const unknown = unrecognized(text, at);
      faults.push({
        at: points,
        text: `Syntax error: token recognition error at: '${unknown}'`,
      });
      at += unknown.length;
      points += [...unknown].length;
      continue;
    }
    const [kind, token] = found;
    if (kind !== "space") tokens.push({ kind, text: token, at: points });
    at += token.length;
    points += [...token].length;
  }
  tokens.push({ kind: "end", text: "<EOF>", at: points });
  return { tokens, faults };
}

/** As much as the genuine scanner reads before it gives up. */
function unrecognized(text: string, at: number): string {
  const char = String.fromCodePoint(text.codePointAt(at)!);
  const quote = /^(?:[rRbB]{0,2})?(["'])/.exec(text.slice(at));
  if (quote) {
    const body = new RegExp(`(?:${escape}|[^\\\\${quote[1]}\\n\\r])*`, "uy");
    body.lastIndex = at + quote[0].length;
    const read = quote[0] + (body.exec(text)?.[0] ?? "");
    // The character at which nothing goes on is shown too.
    const next = text.codePointAt(at + read.length);
    if (next === undefined) return read;
    if (next !== 0x5c) return read + String.fromCodePoint(next);
    return read +
      /^\\(?:[xX][0-9a-fA-F]{0,1}|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?[^]?/u.exec(text.slice(at + read.length))![0];
  }
  if (char === "=" || char === "&" || char === "|") {
    const next = text.codePointAt(at + 1);
    return next === undefined ? char : char + String.fromCodePoint(next);
  }
  return char;
}

const named: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** What stands between the quotes of a string. Pure. @param isBytes Whether `\\xff` is a byte, not a character. */
export function unquoted(token: string, isBytes: boolean): Uint8Array | string {
  const isRaw = /^[rR]/.test(token);
  const quoted = isRaw ? token.slice(1) : token;
  const width = /^("""|''')/.test(quoted) ? 3 : 1;
  const body = quoted.slice(width, -width).replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  if (!isBytes) {
    return isRaw || !body.includes("\\")
      ? body
      : body.replace(/\\(?:[xX]([0-9a-fA-F]{2})|u(.{4})|U(.{8})|([0-3][0-7]{2})|(.))/gs, unescaped);
  }
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [part] of body.matchAll(isRaw ? /[^]/gu : /\\[xX][0-9a-fA-F]{2}|\\[0-3][0-7]{2}|\\u.{4}|\\U.{8}|\\.|[^]/gsu)) {
    const hex = /^\\[xX](..)$/.exec(part)?.[1];
    const octal = /^\\([0-3][0-7]{2})$/.exec(part)?.[1];
    if (isRaw || (!hex && !octal)) {
      const plain = isRaw ? part : part.replace(/\\(?:[xX](..)|u(.{4})|U(.{8})|([0-3][0-7]{2})|(.))/gs, unescaped);
      bytes.push(...encoder.encode(plain));
    } else bytes.push(hex ? parseInt(hex, 16) : parseInt(octal!, 8));
  }
  return Uint8Array.from(bytes);
}

function unescaped(whole: string, hex?: string, short?: string, long?: string, octal?: string, name?: string): string {
  const digits = hex ?? short ?? long;
  if (digits !== undefined) {
    const point = parseInt(digits, 16);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw new RangeError(`invalid unicode code point`);
    return String.fromCodePoint(point);
  }
  if (octal !== undefined) return String.fromCodePoint(parseInt(octal, 8));
  return named[name ?? whole] ?? name ?? whole;
}
