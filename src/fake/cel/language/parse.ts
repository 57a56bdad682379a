/**
 * Reads an expression.
 *
 * LIMITS: the genuine parser mends what it can and goes on; here the first fault of the grammar ends it.
 *
 * @module
 */
import type { Entry, Expression } from "./expression.ts";
import { type Fault, FaultyExpression } from "./fault.ts";
import { expanded } from "./macros.ts";
import { type Token, tokensOf, unquoted } from "./token.ts";
import { Uint } from "./value.ts";

const reserved = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(" "),
);
const keywords = new Set(["in", "true", "false", "null"]);
/** In the order in which the genuine parser names what it would take. */
const order = ["[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":"];
const literals = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER";
const starts = ["[", "{", "(", ".", "-", "!"];
const deepest = 250;

const expecting = (signs: readonly string[]) =>
  `{${[...signs].sort((a, b) => order.indexOf(a) - order.indexOf(b)).map((sign) => `'${sign}'`).join(", ")}, ${literals}}`;
const relations: readonly string[] = ["<", "<=", ">=", ">", "==", "!=", "in"];
const maxInt = 2n ** 63n;

class Parser {
  readonly #points: readonly string[];
  readonly #tokens: readonly Token[];
  readonly #faults: Fault[] = [];
  #next = 0;
  #depth = 0;
  /** Brackets that are open. */
  #nesting = 0;

  constructor(text: string) {
    this.#points = [...text];
    const { tokens, faults } = tokensOf(text);
    this.#tokens = tokens;
    this.#faults.push(...faults);
  }

  parse(): Expression {
    let parsed: Expression | undefined;
    try {
      parsed = this.#expression();
      this.#end();
    } catch (error) {
      if (!(error instanceof FaultyExpression)) throw error;
      this.#faults.push(...error.faults);
    }
    if (!parsed || this.#faults.length > 0) throw new FaultyExpression(this.#faults);
    return parsed;
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }
  get #after(): Token {
    return this.#tokens[Math.min(this.#next + 1, this.#tokens.length - 1)]!;
  }
  #is(sign: string): boolean {
    const { kind, text } = this.#token;
    return text === sign && (kind === "sign" || (kind === "name" && keywords.has(sign)));
  }
  #take(sign: string): Token | undefined {
    return this.#is(sign) ? this.#tokens[this.#next++] : undefined;
  }

  #note(at: number, text: string): void {
    this.#faults.push({ at, text });
  }
  #refuse(text: string, at: number = this.#token.at): never {
    throw new FaultyExpression([{ at, text: `Syntax error: ${text}` }]);
  }

  /** Whether an expression can begin with a token. */
  #begins({ kind, text }: Token): boolean {
    if (kind === "sign") return starts.includes(text);
    return kind !== "end" && kind !== "quoted name" && !(kind === "name" && text === "in");
  }

  /** @param more What else could stand here. */
  #begin(more: readonly string[] = []): void {
    if (this.#begins(this.#token)) return;
    const wanted = expecting([...starts, ...more]);
    if (this.#begins(this.#after) && this.#token.kind !== "end") {
      this.#note(this.#token.at, `Syntax error: extraneous input '${this.#token.text}' expecting ${wanted}`);
      this.#next++;
    } else this.#refuse(`mismatched input '${this.#token.text}' expecting ${wanted}`);
  }

  /** @param wanted As messages name what could stand here. */
  #expect(sign: string, wanted: string = `'${sign}'`, follows: (token: Token) => boolean = ends): Token {
    const taken = this.#take(sign);
    if (taken) return taken;
    const { text, at, kind } = this.#token;
    if (kind !== "end" && this.#after.kind === "sign" && this.#after.text === sign) {
      this.#note(at, `Syntax error: extraneous input '${text}' expecting ${wanted}`);
      this.#next++;
      return this.#take(sign)!;
    }
    if (wanted === `'${sign}'` && follows(this.#token)) {
      this.#note(at, `Syntax error: missing '${sign}' at '${text}'`);
      return this.#token;
    }
    return this.#refuse(`mismatched input '${text}' expecting ${wanted}`);
  }

  #end(): void {
    const { kind, text, at } = this.#token;
    if (kind === "end") return;
    const isLast = this.#after.kind === "end";
    this.#note(at, `Syntax error: ${isLast ? "extraneous" : "mismatched"} input '${text}' expecting <EOF>`);
  }

  #call(at: number, name: string, target: Expression | undefined, args: readonly Expression[]): Expression {
    return this.#expand({ kind: "call", at, name, target, args });
  }
  #expand(call: Expression & { kind: "call" }): Expression {
    try {
      return expanded(call);
    } catch (error) {
      if (!(error instanceof FaultyExpression)) throw error;
      this.#faults.push(...error.faults);
      return { kind: "literal", at: call.at, value: null };
    }
  }

  /** An expression between brackets. */
  #inner(): Expression {
    this.#nesting++;
    const inner = this.#expression();
    this.#nesting--;
    return inner;
  }

  #expression(): Expression {
    if (++this.#depth > deepest) {
      throw new FaultyExpression([{ at: 0, text: "expression recursion limit exceeded: 250" }]);
    }
    const condition = this.#or();
    const sign = this.#take("?");
    this.#depth--;
    if (!sign) return condition;
    const whenTrue = this.#or();
    this.#expect(":", "':'", (token) => this.#begins(token));
    return this.#call(sign.at, "_?_:_", undefined, [condition, whenTrue, this.#expression()]);
  }

  #or(): Expression {
    return this.#chain("||", "_||_", () => this.#and());
  }

  #and(): Expression {
    return this.#chain("&&", "_&&_", () => this.#relation());
  }

  /** Terms with the same sign between them: as a tree that is no deeper than it has to be, since there may be thousands. */
  #chain(text: string, name: string, next: () => Expression): Expression {
    const terms = [next()];
    const places: number[] = [];
    for (let sign; (sign = this.#take(text));) {
      places.push(sign.at);
      terms.push(next());
    }
    const tree = (from: number, to: number): Expression => {
      if (from === to) return terms[from]!;
      const middle = (from + to) >> 1;
      return this.#call(places[middle]!, name, undefined, [tree(from, middle), tree(middle + 1, to)]);
    };
    return tree(0, terms.length - 1);
  }

  #relation(): Expression {
    let left = this.#sum();
    for (;;) {
      const { text } = this.#token;
      const found = relations.includes(text) && this.#is(text) ? text : undefined;
      if (found === undefined) return left;
      const { at } = this.#take(found)!;
      left = this.#call(at, found === "in" ? "@in" : `_${found}_`, undefined, [left, this.#sum()]);
    }
  }

  #sum(): Expression {
    let left = this.#product();
    for (let sign; (sign = this.#take("+") ?? this.#take("-"));) {
      left = this.#call(sign.at, `_${sign.text}_`, undefined, [left, this.#product()]);
    }
    return left;
  }

  #product(): Expression {
    let left = this.#unary();
    for (let sign; (sign = this.#take("*") ?? this.#take("/") ?? this.#take("%"));) {
      left = this.#call(sign.at, `_${sign.text}_`, undefined, [left, this.#unary()]);
    }
    return left;
  }

  #unary(): Expression {
    this.#begin();
    const first = this.#token;
    const isNumber = this.#after.kind === "int" || this.#after.kind === "float";
    if (!this.#is("!") && (!this.#is("-") || isNumber)) return this.#member();
    let count = 0;
    while (this.#take(first.text)) count++;
    if (this.#token.kind === "end") this.#unfinished(first.text);
    this.#begin();
    const operand = this.#member();
    return count % 2 === 0 ? operand : this.#call(first.at, `${first.text}_`, undefined, [operand]);
  }

  /** A sign that nothing follows is said in two ways. */
  #unfinished(sign: string): never {
    const { at } = this.#token;
    if (sign === "!") return this.#refuse(`extraneous input '<EOF>' expecting ${expecting(starts)}`);
    this.#note(at, `Syntax error: no viable alternative at input '${sign}'`);
    return this.#refuse(`mismatched input '<EOF>' expecting ${expecting(starts)}`);
  }

  #member(): Expression {
    let left = this.#primary();
    for (;;) {
      const sign = this.#take(".") ?? this.#take("[");
      if (!sign) return left;
      left = sign.text === "." ? this.#select(left, sign.at) : this.#index(left, sign.at);
    }
  }

  #select(operand: Expression, at: number): Expression {
    const isOptional = this.#take("?") !== undefined;
    const name = this.#token;
    const isName = name.kind === "quoted name" || (name.kind === "name" && !keywords.has(name.text));
    if (!isName) {
      if (["true", "false", "null"].includes(name.text)) this.#refuse(`mismatched input '${name.text}' expecting IDENTIFIER`);
      const shown = this.#points.slice(at, name.at + (name.kind === "end" ? 0 : [...name.text].length)).join("");
      this.#note(name.at, `Syntax error: no viable alternative at input '${shown.trimEnd()}'`);
      this.#recover();
      return operand;
    }
    this.#next++;
    const field = name.kind === "quoted name" ? name.text.slice(1, -1) : name.text;
    if (name.kind === "quoted name") this.#note(name.at, "unsupported syntax: '`'");
    if (isOptional) {
      const key: Expression = { kind: "literal", at: name.at, value: field };
      return { kind: "call", at, name: "_?._", target: undefined, args: [operand, key] };
    }
    const open = this.#take("(");
    if (!open) return { kind: "select", at, operand, field, isTest: false };
    return this.#call(open.at, field, operand, this.#arguments());
  }

  /** Goes on where something can stand that follows a value. */
  #recover(): void {
    while (
      this.#token.kind !== "end" && !follows.has(this.#token.text) && !(this.#nesting > 0 && closers.has(this.#token.text))
    ) {
      this.#next++;
    }
  }

  #index(operand: Expression, at: number): Expression {
    const isOptional = this.#take("?") !== undefined;
    if (!isOptional) this.#begin(["?"]);
    const index = this.#inner();
    this.#expect("]");
    return this.#call(at, isOptional ? "_[?_]" : "_[_]", undefined, [operand, index]);
  }

  #arguments(): Expression[] {
    const args: Expression[] = [];
    if (this.#take(")")) return args;
    this.#begin([")"]);
    do args.push(this.#inner()); while (this.#take(","));
    this.#expect(")");
    return args;
  }

  #primary(): Expression {
    const token = this.#token;
    const { kind, text, at } = token;
    switch (kind) {
      case "int":
      case "float":
      case "uint":
      case "string":
      case "bytes":
        this.#next++;
        return this.#literal(token, at, "");
      case "name":
        if (text === "true" || text === "false" || text === "null") {
          this.#next++;
          return { kind: "literal", at, value: text === "null" ? null : text === "true" };
        }
        return this.#name(at);
      case "sign":
        break;
      default:
        return this.#refuse(`mismatched input '${text}' expecting ${expecting(starts)}`);
    }
    this.#next++;
    switch (text) {
      case "-": {
        const number = this.#tokens[this.#next++]!;
        return this.#literal(number, at, "-");
      }
      case "(": {
        const inner = this.#inner();
        this.#expect(")");
        return inner;
      }
      case "[":
        return this.#list(at);
      case "{":
        return { kind: "map", at, entries: this.#entries(false) };
      default:
        if (this.#token.kind !== "name") {
          this.#refuse(`no viable alternative at input '.${this.#token.kind === "end" ? "" : this.#token.text}'`);
        }
        return this.#name(at);
    }
  }

  /** A name, a call, or a message. @param at Where it begins. */
  #name(at: number): Expression {
    const token = this.#tokens[this.#next++]!;
    const { text } = token;
    // A dot before a name says that no loop has it.
    const dot = token.at === at ? "" : ".";
    const open = this.#is("(") ? this.#take("(") : undefined;
    if (open) {
      const args = this.#arguments();
      if (reserved.has(text)) this.#note(at, `reserved identifier: ${text}`);
      return this.#call(open.at, dot + text, undefined, args);
    }
    const names = this.#messageName(text);
    if (names !== undefined) {
      const brace = this.#take("{")!;
      return { kind: "message", at: brace.at, name: names, entries: this.#entries(true) };
    }
    if (reserved.has(text)) this.#note(at, `reserved identifier: ${text}`);
    return { kind: "ident", at: token.at, name: dot + text };
  }

  /** The name of a message whose members are written behind it. */
  #messageName(first: string): string | undefined {
    const names = [first];
    let at = this.#next;
    const text = (offset: number) => this.#tokens[at + offset]?.text;
    while (text(0) === "." && this.#tokens[at + 1]?.kind === "name") {
      names.push(text(1)!);
      at += 2;
    }
    if (text(0) !== "{" || this.#tokens[at]!.kind !== "sign") return undefined;
    this.#next = at;
    return names.join(".");
  }

  #list(at: number): Expression {
    const items: Expression[] = [];
    const optional = new Set<number>();
    if (!this.#is("]") && !this.#is(",")) {
      do {
        if (items.length > 0 && this.#is("]")) break;
        if (this.#take("?")) optional.add(items.length);
        else this.#begin(items.length === 0 ? ["]", ",", "?"] : ["?", "]"]);
        items.push(this.#inner());
      } while (this.#take(","));
    } else this.#take(",");
    this.#expect("]", "{']', ','}");
    return { kind: "list", at, items, optional };
  }

  #entries(isMessage: boolean): Entry[] {
    const entries: Entry[] = [];
    if (!this.#is("}") && !this.#is(",")) {
      do {
        if (entries.length > 0 && this.#is("}")) break;
        const isOptional = this.#take("?") !== undefined;
        if (!isOptional && !isMessage) this.#begin(entries.length === 0 ? ["}", ",", "?"] : ["?", "}"]);
        const key = isMessage ? this.#memberName() : this.#inner();
        const colon = this.#expect(":", "':'", (token) => this.#begins(token));
        entries.push({ at: colon.at, key, value: this.#inner(), isOptional });
      } while (this.#take(","));
    } else this.#take(",");
    this.#expect("}", "{'}', ','}");
    return entries;
  }

  #memberName(): Expression {
    const { kind, text, at } = this.#token;
    if (kind !== "name") this.#refuse(`mismatched input '${text}' expecting IDENTIFIER`);
    this.#next++;
    return { kind: "literal", at, value: text };
  }

  #literal({ kind, text }: Token, at: number, sign: string): Expression {
    const literal = (value: unknown): Expression => ({ kind: "literal", at, value });
    switch (kind) {
      case "int": {
        const value = BigInt(text) * (sign === "-" ? -1n : 1n);
        if (value < maxInt && value >= -maxInt) return literal(value);
        this.#note(at, "invalid int literal");
        return literal(0n);
      }
      case "uint": {
        const value = BigInt(text.slice(0, -1));
        if (value < 2n * maxInt) return literal(new Uint(value));
        this.#note(at, "invalid uint literal");
        return literal(0n);
      }
      case "float": {
        const value = Number(sign + text);
        if (!Number.isFinite(value)) this.#note(at, "invalid double literal");
        return literal(value);
      }
      default:
        try {
          return literal(unquoted(kind === "bytes" ? text.slice(1) : text, kind === "bytes"));
        } catch (error) {
          this.#note(at, (error as Error).message);
          return literal("");
        }
    }
  }
}

/** What may follow a value. */
const follows = new Set([...relations, "+", "-", "*", "/", "%", "&&", "||", "?", ".", "["]);
const closers = new Set([")", "]", "}", ",", ":"]);

/** What may stand behind a parenthesis that is missing. */
const ends = ({ kind, text }: Token) =>
  kind === "end" || (kind === "sign" && !["(", "{", "!"].includes(text)) || (kind === "name" && text === "in");

/** Reads an expression. Pure. @throws {FaultyExpression} */
export const parse = (text: string): Expression => new Parser(text).parse();
