/**
 * Label selectors, with the words of `k8s.io/apimachinery/pkg/labels`.
 *
 * @module
 */
import { labelValueFaults, qualifiedNameFaults } from "../types/names.ts";
import { badRequest } from "../types/status.ts";

/** Whether labels are selected. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

interface Token {
  readonly kind: "identifier" | "operator" | "end";
  readonly text: string;
}

const operators = ["!=", "==", "=", "!", "(", ")", ",", ">", "<"];

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at]!)) {
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
    while (at < text.length && !/[\s=!(),><]/.test(text[at]!)) at++;
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
    const key = this.#next();
    if (key.kind !== "identifier") fail(`found '${key.text}', expected: identifier`);
    for (const fault of qualifiedNameFaults(key.text)) fail(`<nil>: Invalid value: ${JSON.stringify(key.text)}: ${fault}`);
    const operator = this.#peek();
    if (negated) return (labels) => labels[key.text] === undefined;
    if (operator.kind === "end" || operator.text === ",") return (labels) => labels[key.text] !== undefined;
    this.#next();
    if (isWord(operator, "in") || isWord(operator, "notin")) {
      const values = this.#values();
      this.#check(key.text, values);
      const among = (labels: Readonly<Record<string, string>>) =>
        labels[key.text] !== undefined && values.includes(labels[key.text]!);
      return operator.text === "in" ? among : (labels) => !among(labels);
    }
    if (["=", "==", "!="].includes(operator.text)) {
      const value = this.#value();
      this.#check(key.text, [value]);
      return (labels) => (labels[key.text] === value) === (operator.text !== "!=");
    }
    if (operator.text === ">" || operator.text === "<") {
      const value = this.#value();
      if (!/^[+-]?\d+$/.test(value)) {
        fail(`values[0]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`);
      }
      return (labels) => {
        const label = labels[key.text];
        if (label === undefined || !/^[+-]?\d+$/.test(label)) return false;
        return operator.text === ">" ? Number(label) > Number(value) : Number(label) < Number(value);
      };
    }
    return fail(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`);
  }

  #check(key: string, values: readonly string[]): void {
    values.forEach((value, index) => {
      for (const fault of labelValueFaults(value)) {
        fail(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${fault}`);
      }
    });
  }

  #value(): string {
    const token = this.#peek();
    if (token.kind === "end" || token.text === ",") return "";
    this.#next();
    if (token.kind !== "identifier") fail(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  #values(): readonly string[] {
    const open = this.#next();
    if (open.text !== "(") fail(`found '${open.text}' expected: '('`);
    const values: string[] = [];
    while (true) {
      const token = this.#next();
      if (token.text === ")") return values.length === 0 ? [""] : values;
      if (token.text === ",") {
        if (values.length === 0) values.push("");
        const after = this.#peek();
        if (after.text === "," || after.text === ")") values.push("");
      } else if (token.kind === "identifier") values.push(token.text);
      else fail(`found '${token.text}', expected: ',' or ')'`);
    }
  }
}

/** Reads a label selector. Pure. @throws {Refusal} 400 when it cannot be read. */
export const parseLabelSelector = (text: string): LabelSelector => new Parser(text).parse();
