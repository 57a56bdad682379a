/**
 * The syntax of Kubernetes' JSONPath: `k8s.io/client-go/util/jsonpath`, what stands inside of `{}`.
 *
 * @module
 */
import type { Json } from "../types/json.ts";

/** One of the three numbers of `[from:to:step]`. */
export interface Bound {
  readonly value: number;
  readonly known: boolean;
  /** Of `to`: nothing was written, and it is one more than `from`. */
  readonly derived: boolean;
}

/** A step of a path. */
export type Step =
  | { readonly kind: "member"; readonly name: string }
  | { readonly kind: "slice"; readonly bounds: readonly [Bound, Bound, Bound] }
  | { readonly kind: "all" }
  | { readonly kind: "descend" }
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "union"; readonly paths: readonly Path[] }
  | { readonly kind: "filter"; readonly left: Path; readonly operator: string; readonly right: Path };

/** A path that was read. */
export type Path = readonly Step[];

/** A path cannot be read. */
export class PathSyntaxError extends Error {}

const isTerminator = (char: string | undefined) => char === undefined || " \t\r\n.,[]$@{}".includes(char);
const isWordChar = (char: string | undefined) => char !== undefined && /[_\p{L}\p{Nd}]/u.test(char);
const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

class Parser {
  readonly #text: string;
  readonly #steps: Step[] = [];
  #at = 0;

  /** @param text Ends with the `}` that closes it. */
  constructor(text: string) {
    this.#text = text;
  }

  #fail(why: string): never {
    throw new PathSyntaxError(why);
  }

  #peek(): string | undefined {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  }

  /** What is before the first `}` that closes it; what comes after is text, and of no account. */
  parse(): Path {
    while (!this.#text.startsWith("}", this.#at)) this.#step();
    return this.#steps;
  }

  #step(): void {
    if (this.#text.startsWith("[?(", this.#at)) return this.#filter();
    if (this.#text.startsWith("..", this.#at)) return this.#descend();
    const char = this.#peek();
    if (char === undefined || char === "\r" || char === "\n") this.#fail("unclosed action");
    if (char === " " || char === "@" || char === "$") this.#at++;
    else if (char === "[") this.#array();
    else if (char === '"' || char === "'") this.#quoted(char);
    else if (char === ".") {
      this.#at++;
      this.#member();
    } else if (/[-+\p{Nd}]/u.test(char)) this.#number();
    else if (isWordChar(char)) this.#word();
    else this.#fail(`unrecognized character in action: ${char}`);
  }

  #descend(): void {
    if (this.#steps.at(-1)?.kind === "descend") this.#fail("invalid multiple recursive descent");
    this.#at += 2;
    this.#steps.push({ kind: "descend" });
    if (isWordChar(this.#peek())) this.#member();
  }

  #member(): void {
    const start = this.#at;
    while (!isTerminator(this.#text[this.#at])) this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    const name = this.#text.slice(start, this.#at);
    this.#steps.push(name === "*" ? { kind: "all" } : { kind: "member", name: name.replaceAll("\\", "") });
  }

  #word(): void {
    const start = this.#at;
    while (!isTerminator(this.#text[this.#at])) this.#at++;
    const word = this.#text.slice(start, this.#at);
    this.#steps.push(
      word === "true" || word === "false" ? { kind: "literal", value: word === "true" } : { kind: "word", word },
    );
  }

  #number(): void {
    const [text] = /^[-+]?[.\p{Nd}]*/u.exec(this.#text.slice(this.#at))!;
    this.#at += text.length;
    if (!/^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(text)) this.#fail(`cannot parse number ${text}`);
    this.#steps.push({ kind: "literal", value: Number(text) });
  }

  #quoted(quote: string): void {
    const start = this.#at++;
    for (;; this.#at++) {
      const char = this.#text[this.#at];
      if (char === undefined || char === "\n") this.#fail("unterminated quoted string");
      if (char === quote && this.#text[this.#at - 1] !== "\\") break;
    }
    const inner = this.#text.slice(start + 1, this.#at++);
    this.#steps.push({ kind: "literal", value: this.#unquoted(inner, quote) });
  }

  #unquoted(text: string, quote: string): string {
    const plain = text.replace(
      /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([^]))?/g,
      (whole, x?: string, u?: string, long?: string, octal?: string, other?: string) => {
        const hex = x ?? u ?? long;
        if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
        if (octal !== undefined) return String.fromCodePoint(parseInt(octal, 8));
        if (other === quote) return other;
        return (other !== undefined && Object.hasOwn(escapes, other) ? escapes[other] : undefined) ??
          this.#fail(`unquote string ${whole} error invalid syntax`);
      },
    );
    return plain;
  }

  #array(): void {
    const end = this.#text.indexOf("]", this.#at);
    const text = this.#text.slice(this.#at + 1, end);
    if (end === -1 || text.includes("\n")) this.#fail("unterminated array");
    this.#at = end + 1;
    const parts = text.split(",");
    if (parts.length > 1) {
      const paths = parts.map((part) => pathInside(`[${part.replace(/^ +| +$/g, "")}]`));
      return void this.#steps.push({ kind: "union", paths });
    }
    const key = /^'([^']*)'$/.exec(text)?.[1];
    if (key !== undefined) return void this.#steps.push(...pathInside(`.${key}`));
    this.#steps.push({ kind: "slice", bounds: this.#bounds(text === "*" ? ":" : text) });
  }

  #bounds(text: string): [Bound, Bound, Bound] {
    const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
    if (!match) return this.#fail(`invalid array index ${text}`);
    const bound = (written: string | undefined): Bound => {
      if (written === "-") this.#fail(`array index ${written} is not a number`);
      return { value: Number(written ?? 0), known: (written ?? "") !== "", derived: false };
    };
    const from = bound(match[1]);
    const to: Bound = match[2] === undefined ? { value: from.value + 1, known: true, derived: true } : bound(match[2].slice(1));
    return [from, to, bound(match[3]?.slice(1))];
  }

  #filter(): void {
    const start = this.#at += 3;
    let opened: string | undefined;
    let closed = false;
    for (;; this.#at++) {
      const char = this.#text[this.#at];
      if (char === undefined || char === "\n") this.#fail("unterminated filter");
      if (char === '"' || char === "'") {
        if (opened === undefined) opened = char;
        else if (char === opened && this.#text[this.#at - 1] !== "\\") closed = true;
      } else if (char === ")" && (opened !== undefined) === closed) break;
    }
    const text = this.#text.slice(start, this.#at);
    if (this.#text[this.#at + 1] !== "]") this.#fail("unclosed array expect ]");
    this.#at += 2;
    const match = /^([^!<>=]+)([!<>=]+)([^\n]+?)$/.exec(text);
    this.#steps.push(
      match
        ? { kind: "filter", left: pathInside(match[1]!), operator: match[2]!, right: pathInside(match[3]!) }
        : { kind: "filter", left: pathInside(text), operator: "exists", right: [] },
    );
  }
}

/** @throws {PathSyntaxError} */
const pathInside = (text: string): Path => new Parser(`${text}}`).parse();

/** Reads a path such as `.status.conditions[?(@.type=="Ready")].status`. Pure. @throws {PathSyntaxError} */
export const parsePath = (text: string): Path => pathInside(text);
