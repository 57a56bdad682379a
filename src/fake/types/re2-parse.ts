/**
 * The syntax of Go's regular expressions, and its words for what does not follow it: `regexp/syntax`, flags `Perl`.
 *
 * @module
 */
import {
  type CharSet,
  complement,
  foldedAscii,
  perlClasses,
  posixClasses,
  type Property,
  type Range,
  unicodeSet,
} from "./re2-set.ts";

/** A part of an expression. */
export type Part =
  | { readonly kind: "char"; readonly code: number; readonly fold: boolean }
  | { readonly kind: "set"; readonly set: CharSet; readonly fold: boolean }
  | { readonly kind: "place"; readonly place: "text start" | "text end" | "line start" | "line end" | "word" | "no word" }
  | { readonly kind: "repeat"; readonly of: Part; readonly min: number; readonly max: number; readonly greedy: boolean }
  | { readonly kind: "sequence" | "choice"; readonly of: readonly Part[] }
  | { readonly kind: "group"; readonly of: Part };

/** Go does not understand a pattern. */
export class PatternError extends Error {
  constructor(why: string, part: string) {
    super(`error parsing regexp: ${why}: \`${part}\``);
  }
}

interface Flags {
  readonly fold: boolean;
  readonly lines: boolean;
  readonly dotAll: boolean;
  readonly lazy: boolean;
}

/** What is between two parentheses so far. */
interface Level {
  readonly capture: boolean;
  /** As they were before. */
  readonly flags: Flags;
  readonly choices: Part[];
  parts: Part[];
}

/** Copies that a repetition, and what is repeated in it, may have together. */
const maxRepeat = 1000;
const maxHeight = 1000;
/** Instructions of the compiled expression. */
const maxSize = Math.floor((128 * 1024 * 1024) / 40);

const childrenOf = (part: Part): readonly Part[] =>
  part.kind === "sequence" || part.kind === "choice" ? part.of : part.kind === "repeat" || part.kind === "group" ? [part.of] : [];

const isOctal = (char: string | undefined) => char !== undefined && char >= "0" && char <= "7";
const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

class Parser {
  readonly #source: string;
  #at = 0;
  #flags: Flags = { fold: false, lines: false, dotAll: false, lazy: false };
  readonly #levels: Level[] = [{ capture: false, flags: this.#flags, choices: [], parts: [] }];
  readonly #heights = new WeakMap<Part, number>();
  readonly #sizes = new WeakMap<Part, number>();

  constructor(source: string) {
    this.#source = source;
  }

  get #level(): Level {
    return this.#levels.at(-1)!;
  }

  /** The character at a place, nothing at the end. */
  #peek(at: number = this.#at): string | undefined {
    const code = this.#source.codePointAt(at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  }

  #next(): string | undefined {
    const char = this.#peek();
    this.#at += char?.length ?? 0;
    return char;
  }

  #fail(why: string, start: number = 0, end: number = this.#source.length): never {
    throw new PatternError(why, this.#source.slice(start, end));
  }

  parse(): Part {
    let repeated: number | undefined;
    while (this.#at < this.#source.length) repeated = this.#step(repeated);
    const [level] = this.#levels;
    if (this.#levels.length > 1) this.#fail("missing closing )");
    return this.#close(level!);
  }

  /** @param repeated Where the repetition begins that has just been read. @returns The same of what is read now. */
  #step(repeated: number | undefined): number | undefined {
    const start = this.#at;
    switch (this.#source[start]) {
      case "(":
        this.#open();
        return undefined;
      case "|":
        this.#at++;
        this.#level.choices.push(this.#sequence(this.#level.parts));
        this.#level.parts = [];
        return undefined;
      case ")":
        this.#at++;
        this.#end();
        return undefined;
      case "^":
        this.#at++;
        this.#push({ kind: "place", place: this.#flags.lines ? "line start" : "text start" });
        return undefined;
      case "$":
        this.#at++;
        this.#push({ kind: "place", place: this.#flags.lines ? "line end" : "text end" });
        return undefined;
      case ".":
        this.#at++;
        this.#push({ kind: "set", set: { negated: true, items: this.#flags.dotAll ? [] : [[10, 10]] }, fold: false });
        return undefined;
      case "[":
        this.#class();
        return undefined;
      case "*":
      case "+":
      case "?": {
        const sign = this.#source[this.#at++];
        this.#repeat(sign === "+" ? 1 : 0, sign === "?" ? 1 : Infinity, start, repeated);
        return start;
      }
      case "{": {
        const counts = this.#counts();
        if (!counts) {
          this.#at++;
          this.#char(0x7b);
          return undefined;
        }
        const [min, max] = counts;
        if (min > maxRepeat || (max !== Infinity && max > maxRepeat) || min > max) {
          this.#fail("invalid repeat count", start, this.#at);
        }
        this.#repeat(min, max, start, repeated);
        return start;
      }
      case "\\":
        this.#escape();
        return undefined;
      default:
        this.#char(this.#next()!.codePointAt(0)!);
        return undefined;
    }
  }

  #push(part: Part): void {
    this.#level.parts.push(this.#limited(part));
  }

  #char(code: number): void {
    this.#push({ kind: "char", code, fold: this.#flags.fold });
  }

  #sequence(parts: readonly Part[]): Part {
    return parts.length === 1 ? parts[0]! : this.#limited({ kind: "sequence", of: parts });
  }

  #close({ choices, parts }: Level): Part {
    const last = this.#sequence(parts);
    return choices.length === 0 ? last : this.#limited({ kind: "choice", of: [...choices, last] });
  }

  #end(): void {
    if (this.#levels.length === 1) this.#fail("unexpected )");
    const level = this.#levels.pop()!;
    this.#flags = level.flags;
    const inner = this.#close(level);
    this.#push(level.capture ? { kind: "group", of: inner } : inner);
  }

  #enter(capture: boolean, flags: Flags = this.#flags): void {
    this.#levels.push({ capture, flags, choices: [], parts: [] });
  }

  #open(): void {
    const start = this.#at;
    if (this.#source[start + 1] !== "?") {
      this.#at++;
      return this.#enter(true);
    }
    const named = /^\(\?(?:P<(?=[^])|<(?=[^]))/.exec(this.#source.slice(start, start + 5));
    if (named) {
      const end = this.#source.indexOf(">", start);
      if (end === -1) this.#fail("invalid named capture", start);
      const name = this.#source.slice(start + named[0].length, end);
      if (!/^[A-Za-z0-9_]+$/.test(name)) this.#fail("invalid named capture", start, end + 1);
      this.#at = end + 1;
      return this.#enter(true);
    }
    this.#at += 2;
    this.#setFlags(start);
  }

  /** Flags, and the group that may begin with them. */
  #setFlags(start: number): void {
    let on = true, seen = false;
    const flags = { ...this.#flags };
    while (this.#at < this.#source.length) {
      const char = this.#next();
      if (char === "i") flags.fold = on;
      else if (char === "m") flags.lines = on;
      else if (char === "s") flags.dotAll = on;
      else if (char === "U") flags.lazy = on;
      else if (char === "-" && on) {
        on = seen = false;
        continue;
      } else if ((char === ":" || char === ")") && (on || seen)) {
        if (char === ":") this.#enter(false);
        this.#flags = flags;
        return;
      } else break;
      seen = true;
    }
    this.#fail("invalid or unsupported Perl syntax", start, this.#at);
  }

  /** `{n}`, `{n,}` or `{n,m}`; anything else is a text. */
  #counts(): readonly [number, number] | undefined {
    const match = /^\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/.exec(this.#source.slice(this.#at));
    if (!match) return undefined;
    this.#at += match[0].length;
    const min = Number(match[1]);
    return [min, match[2] === undefined ? min : match[3] === undefined ? Infinity : Number(match[3])];
  }

  #repeat(min: number, max: number, start: number, repeated: number | undefined): void {
    let greedy = !this.#flags.lazy;
    if (this.#source[this.#at] === "?") {
      this.#at++;
      greedy = !greedy;
    }
    if (repeated !== undefined) this.#fail("invalid nested repetition operator", repeated, this.#at);
    const { parts } = this.#level;
    const of = parts.pop();
    if (!of) return this.#fail("missing argument to repetition operator", start, this.#at);
    const part: Part = { kind: "repeat", of, min, max, greedy };
    parts.push(this.#limited(part));
    const counted = this.#source[start] === "{" && (min >= 2 || (max >= 2 && max !== Infinity));
    if (counted && !isRepeatable(part, maxRepeat)) this.#fail("invalid repeat count", start, this.#at);
  }

  #escape(): void {
    const start = this.#at;
    const char = this.#source[start + 1];
    const place = ({ A: "text start", z: "text end", b: "word", B: "no word" } as const)[char ?? ""];
    if (place) {
      this.#at += 2;
      return this.#push({ kind: "place", place });
    }
    if (char === "C") this.#fail("invalid escape sequence", start, start + 2);
    if (char === "Q") {
      const end = this.#source.indexOf("\\E", start + 2);
      const text = this.#source.slice(start + 2, end === -1 ? undefined : end);
      for (const each of text) this.#char(each.codePointAt(0)!);
      this.#at = end === -1 ? this.#source.length : end + 2;
      return;
    }
    const items = this.#group();
    if (items) return this.#push({ kind: "set", set: { negated: false, items }, fold: this.#flags.fold });
    this.#char(this.#escaped());
  }

  /** A set of characters with a name, as in `\d` or `\pL`; nothing where something else is. */
  #group(): readonly (Range | Property)[] | undefined {
    if (this.#source[this.#at] !== "\\") return undefined;
    const char = this.#source[this.#at + 1] ?? "";
    if (char === "p" || char === "P") return this.#property(char === "P");
    const lower = char.toLowerCase();
    if (!Object.hasOwn(perlClasses, lower)) return undefined;
    this.#at += 2;
    return this.#ascii(perlClasses[lower]!, char !== lower);
  }

  #ascii(ranges: readonly Range[], negated: boolean): readonly Range[] {
    const own = this.#flags.fold ? foldedAscii(ranges) : ranges;
    return negated ? complement(own) : own;
  }

  #property(opposite: boolean): readonly (Range | Property)[] {
    const start = this.#at;
    this.#at += 2;
    const first = this.#next();
    let name = first ?? "";
    if (first === "{") {
      const end = this.#source.indexOf("}", start);
      if (end === -1) this.#fail("invalid character class range", start);
      name = this.#source.slice(start + 3, end);
      this.#at = end + 1;
    }
    const negated = name.startsWith("^");
    const found = unicodeSet(negated ? name.slice(1) : name, negated !== opposite);
    return found ?? this.#fail("invalid character class range", start, this.#at);
  }

  /** A character that is escaped. */
  #escaped(): number {
    const start = this.#at++;
    if (this.#at >= this.#source.length) throw new PatternError("trailing backslash at end of expression", "");
    const char = this.#next()!;
    const bad = (): never => this.#fail("invalid escape sequence", start, this.#at);
    if (char >= "1" && char <= "7" && !isOctal(this.#source[this.#at])) return bad();
    if (isOctal(char)) {
      let code = Number(char);
      for (let more = 1; more < 3 && isOctal(this.#source[this.#at]); more++) code = code * 8 + Number(this.#source[this.#at++]);
      return code;
    }
    if (char === "x") return this.#hexadecimal(bad);
    if (Object.hasOwn(controls, char)) return controls[char]!;
    return char < "\x80" && !/[A-Za-z0-9]/.test(char) ? char.codePointAt(0)! : bad();
  }

  #hexadecimal(bad: () => never): number {
    const digit = (char: string | undefined) => char !== undefined && /^[0-9A-Fa-f]$/.test(char) ? parseInt(char, 16) : -1;
    if (this.#at >= this.#source.length) return bad();
    const first = this.#next();
    if (first !== "{") {
      const [high, low] = [digit(first), digit(this.#next())];
      return high < 0 || low < 0 ? bad() : high * 16 + low;
    }
    let code = 0;
    for (let count = 0;; count++) {
      const char = this.#next();
      if (char === "}") return count === 0 ? bad() : code;
      const value = digit(char);
      code = code * 16 + value;
      if (value < 0 || code > 0x10ffff) return bad();
    }
  }

  #class(): void {
    const start = this.#at++;
    const negated = this.#source[this.#at] === "^";
    if (negated) this.#at++;
    const items: (Range | Property)[] = [];
    for (let first = true; first || this.#source[this.#at] !== "]"; first = false) {
      const named = this.#posix() ?? this.#group();
      if (named) items.push(...named);
      else items.push(this.#range(start));
    }
    this.#at++;
    this.#push({ kind: "set", set: { negated, items }, fold: this.#flags.fold });
  }

  #posix(): readonly Range[] | undefined {
    if (!this.#source.startsWith("[:", this.#at)) return undefined;
    const end = this.#source.indexOf(":]", this.#at + 2);
    if (end === -1) return undefined;
    const name = this.#source.slice(this.#at + 2, end);
    const negated = name.startsWith("^");
    const known = negated ? name.slice(1) : name;
    if (!Object.hasOwn(posixClasses, known)) this.#fail("invalid character class range", this.#at, end + 2);
    this.#at = end + 2;
    return this.#ascii(posixClasses[known]!, negated);
  }

  #range(start: number): Range {
    const own = this.#at;
    const from = this.#member(start);
    const next = this.#source[this.#at + 1];
    if (this.#source[this.#at] !== "-" || next === undefined || next === "]") return [from, from];
    this.#at++;
    const to = this.#member(start);
    if (to < from) this.#fail("invalid character class range", own, this.#at);
    return [from, to];
  }

  #member(start: number): number {
    if (this.#at >= this.#source.length) this.#fail("missing closing ]", start);
    return this.#source[this.#at] === "\\" ? this.#escaped() : this.#next()!.codePointAt(0)!;
  }

  /** The part, where it is neither too high nor too large. */
  #limited(part: Part): Part {
    const children = childrenOf(part);
    const height = 1 + children.reduce((most, child) => Math.max(most, this.#heights.get(child)!), 0);
    const size = Math.max(1, this.#sizeOf(part, children.map((child) => this.#sizes.get(child)!)));
    if (size > maxSize) this.#fail("expression too large");
    if (height > maxHeight) this.#fail("expression nests too deeply");
    this.#heights.set(part, height);
    this.#sizes.set(part, size);
    return part;
  }

  #sizeOf(part: Part, sizes: readonly number[]): number {
    const sum = sizes.reduce((all, size) => all + size, 0);
    if (part.kind === "group") return 2 + sum;
    if (part.kind === "choice") return sum + sizes.length - 1;
    if (part.kind !== "repeat") return sum;
    if (part.max !== Infinity) return part.max * sum + part.max - part.min;
    return part.min === 0 ? 2 + sum : 1 + part.min * sum;
  }
}

/** Whether there are no more copies than that of what is repeated, however deep. */
function isRepeatable(part: Part, copies: number): boolean {
  let left = copies;
  if (part.kind === "repeat") {
    if (part.max === 0) return true;
    const count = part.max === Infinity ? part.min : part.max;
    if (count > copies) return false;
    if (count > 0) left = Math.floor(copies / count);
  }
  return childrenOf(part).every((child) => isRepeatable(child, left));
}

/** Reads a pattern. Pure. @throws {PatternError} */
export const parsePattern = (pattern: string): Part => new Parser(pattern).parse();
