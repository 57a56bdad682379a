/**
 * JSON with expressions in its texts.
 *
 * @module
 */
import { plainValue } from "../admission/values.ts";
import { compile, type Program } from "../cel/engine.ts";
import { Duration, Mapping, Maybe, printDuration, printTimestamp, Timestamp, Uint } from "../cel/language/value.ts";
import { type Type, types } from "../cel/language/type.ts";
import { encode, isObject, type Json, type JsonObject } from "../types/json.ts";
import { settledNumber } from "../types/numeral.ts";

/** What expressions read. */
export interface Scope {
  readonly self: JsonObject;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const variables: ReadonlyMap<string, Type> = new Map([["self", types.dyn], ["now", types.timestamp]]);

/** An expression, ready to run. @throws {EvaluationError} */
export type Evaluate = (scope: Scope) => unknown;

/** Compiles an expression. @param wanted What it must give. @throws {TypeError} In the compiler's words. */
export function expressionOf(text: string, wanted?: "bool" | "duration"): Evaluate {
  const compiled = compile(text, { variables, sizeAt: () => undefined, mixed: true });
  if ("fault" in compiled) throw new TypeError(`the expression ${JSON.stringify(text)}: ${compiled.fault}`);
  if ("unsupported" in compiled) {
    throw new TypeError(`the expression ${JSON.stringify(text)}: ${compiled.unsupported} is not known here`);
  }
  const { program } = compiled;
  if (wanted && program.type.kind !== wanted && program.type.kind !== "dyn") {
    throw new TypeError(`the expression ${JSON.stringify(text)} gives ${program.type.name}, expected ${wanted}`);
  }
  return (scope) => valueOf(program, text, scope, wanted);
}

function valueOf(program: Program, text: string, { self, now }: Scope, wanted: string | undefined): unknown {
  const moment = new Timestamp(BigInt(Math.floor(now / 1000)) * 1_000_000_000n);
  const { value, error } = program.run({ self: plainValue(self), now: moment });
  if (error) throw new TypeError(`the expression ${JSON.stringify(text)}: ${error.message}`);
  const fits = wanted === "bool" ? typeof value === "boolean" : wanted !== "duration" || value instanceof Duration;
  if (!fits) {
    throw new TypeError(`the expression ${JSON.stringify(text)} gives ${encode(jsonOf(value) ?? null)}, expected a ${wanted}`);
  }
  return value;
}

const present = (members: readonly (readonly [string, Json | undefined])[]): JsonObject =>
  Object.fromEntries(members.filter((member): member is readonly [string, Json] => member[1] !== undefined));

/** The value of an expression as JSON. @returns Nothing for an absent optional. */
function jsonOf(value: unknown): Json | undefined {
  if (typeof value === "bigint") return settledNumber(value);
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Timestamp) return printTimestamp(value);
  if (value instanceof Duration) return printDuration(value);
  if (value instanceof Maybe) return value.hasValue ? jsonOf(value.value) : undefined;
  if (value instanceof Mapping) return present([...value.keys()].map((key) => [String(key), jsonOf(value.find(key))]));
  if (Array.isArray(value)) return value.map((item) => jsonOf(item) ?? null);
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  throw new TypeError(`an expression gives what is no JSON: ${String(value)}`);
}

/** JSON that is made for each object. Nothing: it is left out. @throws {TypeError} */
export type Template = (scope: Scope) => Json | undefined;

type Piece = string | Evaluate;

/** The end of an expression that begins at a place: where its brace is closed, outside of texts. */
function endOf(text: string, from: number): number {
  let depth = 0;
  let quote = "";
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== "") {
      if (char === "\\") at++;
      else if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "{") depth++;
    else if (char === "}" && depth-- === 0) return at;
  }
  throw new TypeError(`the text ${JSON.stringify(text)}: an expression is not closed, expected \${...}`);
}

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (let begin = text.indexOf("${"); begin >= 0; begin = text.indexOf("${", at)) {
    if (begin > at) pieces.push(text.slice(at, begin));
    const end = endOf(text, begin + 2);
    pieces.push(expressionOf(text.slice(begin + 2, end)));
    at = end + 1;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}

const wordOf = (value: Json | undefined) => typeof value === "string" ? value : encode(value ?? null);

function textTemplate(text: string): Template {
  const pieces = piecesOf(text);
  const [only] = pieces;
  if (pieces.length === 1 && typeof only === "function") return (scope) => jsonOf(only(scope));
  if (pieces.every((piece) => typeof piece === "string")) return () => text;
  return (scope) => pieces.map((piece) => typeof piece === "string" ? piece : wordOf(jsonOf(piece(scope)))).join("");
}

/** Reads a template. @throws {TypeError} Where an expression does not compile. */
export function templateOf(value: Json): Template {
  if (typeof value === "string") return textTemplate(value);
  if (Array.isArray(value)) {
    const items = value.map(templateOf);
    return (scope) => items.map((item) => item(scope)).filter((item) => item !== undefined) as Json[];
  }
  if (!isObject(value)) return () => value;
  const members = Object.entries(value).map(([name, member]) => [name, templateOf(member ?? null)] as const);
  return (scope) => present(members.map(([name, member]) => [name, member(scope)]));
}
