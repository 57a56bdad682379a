/**
 * Label selectors, with the words of `k8s.io/apimachinery/pkg/labels`.
 *
 * @module
 */
import { labelValueFaults, qualifiedNameFaults } from "../types/names.ts";
import { quote } from "../types/quote.ts";
import { badRequest } from "../types/status.ts";

type Labels = Readonly<Record<string, string>>;

/** Whether labels are selected. */
export type LabelSelector = (labels: Labels) => boolean;

interface Token {
  readonly kind: "identifier" | "operator" | "end";
  readonly text: string;
}

const operators = ["!=", "==", "=", "!", "(", ")", ",", ">", "<"];

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    if (/[ \t\r\n]/.test(text[at]!)) {
      at++;
      continue;
    }
    const operator = operators.find((each) => text.startsWith(each, at));
    if (operator) {
      tokens.push({ kind: "operator", text: operator });
      at += operator.length;
      continue;
    }
    const start = at;
    while (at < text.length && !/[ \t\r\n=!(),><]/.test(text[at]!)) at++;
    tokens.push({ kind: "identifier", text: text.slice(start, at) });
  }
  tokens.push({ kind: "end", text: "" });
  return tokens;
}

const fail = (why: string): never => {
  throw badRequest(`unable to parse requirement: ${why}`);
};

/** What is wrong between requirements is said without the introduction. */
const failBetween = (why: string): never => {
  throw badRequest(why);
};

const valueFaults = (key: string, values: readonly string[]): string[] =>
  values.flatMap((value, index) => {
    const faults = labelValueFaults(value);
    return faults.length === 0 ? [] : [`values[${index}][${key}]: Invalid value: ${quote(value)}: ${faults.join("; ")}`];
  });

/** Refuses with all that is wrong. */
function check(faults: readonly string[]): void {
  if (faults.length > 0) fail(faults.length === 1 ? faults[0]! : `[${faults.join(", ")}]`);
}

/** A 64-bit integer, as Go reads one. */
function integer(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const isWord = (token: Token, word: string) => token.kind === "identifier" && token.text === word;

class Parser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #next(): Token {
    const token = this.#tokens[this.#at]!;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  parse(): LabelSelector {
    const requirements: LabelSelector[] = [];
    if (this.#peek().kind === "end") return () => true;
    while (true) {
      const token = this.#peek();
      if (token.kind !== "identifier" && token.text !== "!") {
        failBetween(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const separator = this.#next();
      if (separator.kind === "end") return (labels) => requirements.every((requirement) => requirement(labels));
      if (separator.text !== ",") failBetween(`found '${separator.text}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after.kind !== "identifier" && after.text !== "!") failBetween(`found '${after.text}', expected: identifier after ','`);
    }
  }

  #requirement(): LabelSelector {
    const negated = this.#peek().text === "!" && this.#next() !== undefined;
    const { kind, text: key } = this.#next();
    if (kind !== "identifier") fail(`found '${key}', expected: identifier`);
    const faults = qualifiedNameFaults(key);
    if (faults.length > 0) fail(`<nil>: Invalid value: ${quote(key)}: ${faults.join("; ")}`);
    const operator = this.#peek();
    if (negated) return (labels) => !Object.hasOwn(labels, key);
    if (operator.kind === "end" || operator.text === ",") return (labels) => Object.hasOwn(labels, key);
    this.#next();
    if (isWord(operator, "in") || isWord(operator, "notin")) {
      const values = this.#values();
      check(valueFaults(key, values));
      const isIn = (labels: Labels) => Object.hasOwn(labels, key) && values.includes(labels[key]!);
      return operator.text === "in" ? isIn : (labels) => !isIn(labels);
    }
    if (["=", "==", "!="].includes(operator.text)) {
      const value = this.#value();
      check(valueFaults(key, [value]));
      return (labels) => (Object.hasOwn(labels, key) && labels[key] === value) === (operator.text !== "!=");
    }
    if (operator.text !== ">" && operator.text !== "<") {
      return fail(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
    const value = this.#value();
    const bound = integer(value);
    const why = `values[0]: Invalid value: ${quote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`;
    check([...bound === undefined ? [why] : [], ...valueFaults(key, [value])]);
    return (labels) => {
      const label = Object.hasOwn(labels, key) ? integer(labels[key]!) : undefined;
      return label !== undefined && (operator.text === ">" ? label > bound! : label < bound!);
    };
  }

  #value(): string {
    const token = this.#peek();
    if (token.kind === "end" || token.text === ",") return "";
    this.#next();
    if (token.kind !== "identifier") fail(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  /** @returns The values in alphabetic order, each once. */
  #values(): readonly string[] {
    const open = this.#next();
    if (open.text !== "(") fail(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.text === ")") {
      this.#next();
      return [""];
    }
    if (first.kind !== "identifier" && first.text !== ",") fail(`found '${first.text}', expected: ',', ')' or identifier`);
    const values = new Set<string>();
    while (true) {
      const token = this.#next();
      if (token.kind !== "identifier" && token.text !== ",") fail(`found '${token.text}', expected: ',', or identifier`);
      const after = this.#peek().text;
      if (token.kind === "identifier") {
        values.add(token.text);
        if (after !== "," && after !== ")") fail(`found '${after}', expected: ',' or ')'`);
      } else if (values.size === 0 || after === "," || after === ")") values.add("");
      if (after !== ")") continue;
      this.#next();
      return [...values].sort();
    }
  }
}

/** Reads a label selector. Pure. @throws {Refusal} 400 when it cannot be read. */
export const parseLabelSelector = (text: string): LabelSelector => new Parser(text).parse();
