/**
 * What Kubernetes' JSONPath finds in an object: `k8s.io/client-go/util/jsonpath`, as printer columns and selectable fields use it.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { type GoNumber, isInteger, isNumber } from "../types/numeral.ts";
import type { Path, Step } from "./jsonpath-parse.ts";

/** A whole number that no JSON holds: it is written in the path, or it is a byte of a text, which a wildcard takes apart. */
export class PlainInteger {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** What a path may lead to. */
export type Found = Json | PlainInteger;

/** A path cannot be followed in this object. */
class PathError extends Error {}

const memberOf = (value: Found, name: string): Json | undefined =>
  isObject(value) && !(value instanceof PlainInteger) && Object.hasOwn(value, name) ? value[name] : undefined;

function partsOf(value: Found): Found[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return [...new TextEncoder().encode(value)].map((byte) => new PlainInteger(byte));
  if (!isObject(value) || value instanceof PlainInteger) return [];
  return Object.keys(value).sort().map((name) => value[name]!);
}

function descend(values: readonly Found[]): Found[] {
  return values.flatMap((value) => {
    const parts = partsOf(value);
    return parts.length === 0 ? [] : [value, ...descend(parts)];
  });
}

function slice({ bounds }: Step & { kind: "slice" }, value: Found): Found[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw new PathError("not array or slice");
  const { length } = value;
  const [first, second, third] = bounds;
  let from = first.known ? first.value : 0;
  if (from < 0) from += length;
  let to = second.known ? second.value : length;
  if (to < 0 || (to === 0 && second.derived)) to += length;
  if (from === to) return [];
  if (from >= length || from < 0 || to > length || to < 0) throw new PathError("array index out of bounds");
  if (from > to) throw new PathError("starting index is greater than ending index");
  if (third.known && third.value <= 0) throw new PathError("step must be > 0");
  const step = third.known ? third.value : 1;
  return value.slice(from, to).filter((_, at) => at % step === 0);
}

type Kind = "bool" | "int" | "float" | "string";

function kindOf(value: Found): Kind {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  if (isNumber(value)) return isInteger(value) ? "int" : "float";
  if (value instanceof PlainInteger) return "int";
  throw new PathError("invalid type for comparison");
}

/** @throws {PathError} where Go compares no such values. */
function compare(left: Found, operator: string, right: Found): boolean {
  const kind = kindOf(left);
  if (kind !== kindOf(right)) throw new PathError("incompatible types for comparison");
  const plain = (value: Found) => value instanceof PlainInteger ? value.value : value as GoNumber;
  const [a, b] = [plain(left), plain(right)];
  // deno-lint-ignore eqeqeq -- a number and a bigint
  if (operator === "==") return a == b;
  // deno-lint-ignore eqeqeq
  if (operator === "!=") return a != b;
  if (!["<", ">", "<=", ">="].includes(operator)) throw new PathError(`unrecognized filter operator ${operator}`);
  if (kind === "bool") throw new PathError("invalid type for comparison");
  if (operator === "<") return a < b;
  return operator === ">" ? a > b : operator === "<=" ? a <= b : a >= b;
}

function passes({ left, operator, right }: Step & { kind: "filter" }, item: Found): boolean {
  if (operator === "exists") {
    try {
      return walk(left, [item]).length > 0;
    } catch (error) {
      // Whatever was found before it failed is there.
      if (error instanceof PathError) return true;
      throw error;
    }
  }
  const lefts = walk(left, [item]);
  if (lefts.length === 0) return false;
  if (lefts.length > 1) throw new PathError("can only compare one element at a time");
  const rights = walk(right, [item]);
  if (rights.length === 0) return false;
  if (rights.length > 1) throw new PathError("can only compare one element at a time");
  return compare(lefts[0]!, operator, rights[0]!);
}

function filter(step: Step & { kind: "filter" }, value: Found): Found[] {
  if (!Array.isArray(value)) throw new PathError("not array or slice and cannot be filtered");
  return value.filter((item) => passes(step, item));
}

function follow(step: Step, values: readonly Found[]): readonly Found[] {
  switch (step.kind) {
    case "member":
      return values.map((value) => memberOf(value, step.name)).filter((member) => member !== undefined);
    case "slice":
      return sliced(step, values);
    case "all":
      return values.flatMap(partsOf);
    case "descend":
      return descend(values);
    case "literal":
      if (typeof step.value === "string") return [step.value];
      return values.map(() => Number.isInteger(step.value) ? new PlainInteger(step.value as number) : step.value);
    case "union":
      return step.paths.flatMap((path) => walk(path, values));
    case "filter":
      return values.flatMap((value) => filter(step, value));
    case "word":
      throw new PathError(`unrecognized identifier ${step.word}`);
  }
}

/** Of no elements at all nothing else is looked at, as in Go. */
function sliced(step: Step & { kind: "slice" }, values: readonly Found[]): Found[] {
  const found: Found[] = [];
  for (const value of values) {
    const items = slice(step, value);
    if (items.length === 0 && Array.isArray(value)) return found;
    found.push(...items);
  }
  return found;
}

function walk(path: Path, values: readonly Found[]): readonly Found[] {
  return path.reduce((found, step) => follow(step, found), values);
}

/** All values that a path leads to; none where it cannot be followed. Pure. */
export function evaluatePath(path: Path, object: JsonObject): readonly Found[] {
  try {
    return walk(path, [object]);
  } catch (error) {
    if (error instanceof PathError) return [];
    throw error;
  }
}
