/**
 * Looks through an expression whose types are known for what could never run: texts that are no pattern, no time, no format.
 *
 * @module
 */
import { eachClause, refusal } from "./library/format.ts";
import { type Checked, hollowTypeNames } from "./language/check.ts";
import { allOf, type Call, type Expression, partsOf } from "./language/expression.ts";
import type { Fault } from "./language/fault.ts";
import { isSame, shownType, type Type, unwrapped } from "./language/type.ts";
import { EvaluationError } from "./language/value.ts";
import { patternFault } from "../types/re2.ts";

const literalOf = (part: Expression | undefined) => part?.kind === "literal" ? part : undefined;

/** The faults of an expression. Pure. @param mixed Whether lists and maps may hold several types. */
export function verify(checked: Checked, mixed: boolean = false): Fault[] {
  const calls = allOf(checked.root).filter((part) => part.kind === "call");
  return [
    ...calls.flatMap((call) => literalFaults(call, checked)),
    ...mixedFaults(checked.root, checked, mixed),
    ...calls.flatMap((call) => formatFaults(call, checked)),
  ];
}

function literalFaults(call: Call, checked: Checked): Fault[] {
  const argument = literalOf(call.args[0]);
  if (!argument) return [];
  const fault = (): Fault[] => [{ at: argument.at, text: `invalid ${call.name} argument` }];
  if (call.name === "matches") {
    return typeof argument.value === "string" && patternFault(argument.value) !== undefined ? fault() : [];
  }
  if (call.name !== "duration" && call.name !== "timestamp") return [];
  return failureOf(call, checked, argument.value) === undefined ? [] : fault();
}

function failureOf(call: Call, checked: Checked, value: unknown): string | undefined {
  try {
    checked.overloads.get(call)?.[0]?.run(value);
    return undefined;
  } catch (error) {
    if (error instanceof EvaluationError) return error.message;
    throw error;
  }
}

const typeFunctions = ["bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "uint", "type"];

/** Why a program cannot be made of an expression that compiles. Pure. */
export function instantiationFault(checked: Checked): string | undefined {
  for (const call of allOf(checked.root)) {
    if (call.kind === "ident" && hollowTypeNames.has(call.name) && checked.types.get(call)!.kind === "type") {
      return `reference to undefined type: ${call.name}`;
    }
    if (call.kind !== "call") continue;
    if (!call.target && call.args.length === 1 && typeFunctions.includes(call.name)) {
      const argument = literalOf(call.args[0]);
      const failure = argument && failureOf(call, checked, argument.value);
      if (failure !== undefined) return failure;
    }
    if (call.name !== "find" && call.name !== "findAll" && call.name !== "matches") continue;
    const pattern = literalOf(call.target ? call.args[0] : call.args[1])?.value;
    const fault = typeof pattern === "string" ? patternFault(pattern) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Lists and maps hold one type. @param isFree Inside of `format`, which takes any. */
function mixedFaults(part: Expression, checked: Checked, isFree: boolean): Fault[] {
  const isFreeBelow = isFree || (part.kind === "call" && part.name === "format");
  const below = partsOf(part).flatMap((inner) => mixedFaults(inner, checked, isFreeBelow));
  if (isFree) return below;
  const typeAt = (item: Expression, isOptional: boolean) => {
    const type = checked.types.get(item)!;
    return isOptional ? unwrapped(type).type : type;
  };
  const differing = (items: readonly (readonly [Expression, boolean])[]): [Expression, Type, Type][] => {
    const first = items[0] && typeAt(...items[0]);
    return items.flatMap(([item, isOptional]) => {
      const type = typeAt(item, isOptional);
      return isSame(type, first!) ? [] : [[item, first!, type] as [Expression, Type, Type]];
    });
  };
  const said = ([item, wanted, found]: [Expression, Type, Type]): Fault => ({
    at: item.at,
    text: `expected type '${shownType(wanted)}' but found '${shownType(found)}'`,
  });
  if (part.kind === "list") {
    const [first] = differing(part.items.map((item, at) => [item, part.optional.has(at)] as const));
    return first ? [said(first), ...below] : below;
  }
  if (part.kind !== "map") return below;
  const keys = differing(part.entries.map(({ key }) => [key, false] as const));
  const values = differing(part.entries.map(({ value, isOptional }) => [value, isOptional] as const));
  return [...keys.map(said), ...values.map(said), ...below];
}

const text = ["list", "map", "int", "uint", "double", "bool", "string", "timestamp", "bytes", "duration", "type", "null"];
const takes: Readonly<Record<string, readonly Type["kind"][]>> = {
  d: ["int", "uint"],
  f: ["double", "string"],
  e: ["double", "string"],
  b: ["int", "uint", "bool"],
  x: ["int", "uint", "string", "bytes"],
  X: ["int", "uint", "string", "bytes"],
  o: ["int", "uint"],
};

/** A value that has no text; it may stand deep inside of lists. */
function withoutText(part: Expression, checked: Checked): Expression | undefined {
  const { kind } = checked.types.get(part)!;
  if (kind !== "dyn" && !text.includes(kind)) return part;
  if (part.kind !== "list" && part.kind !== "map") return undefined;
  for (const inner of partsOf(part)) {
    const found = withoutText(inner, checked);
    if (found) return found;
  }
  return undefined;
}

function formatFaults(call: Call, checked: Checked): Fault[] {
  const pattern = literalOf(call.target)?.value;
  const [list] = call.args;
  if (call.name !== "format" || typeof pattern !== "string" || list?.kind !== "list") return [];
  let seen = 0;
  let at = call.at;
  try {
    eachClause(pattern, list.items.length, ({ verb }, index) => {
      seen = index + 1;
      const item = list.items[index]!;
      const { kind } = checked.types.get(item)!;
      const wrong = verb === "s" ? withoutText(item, checked) : kind === "dyn" || takes[verb]!.includes(kind) ? undefined : item;
      if (!wrong) return "";
      at = wrong.at;
      throw new EvaluationError(refusal(verb, checked.types.get(wrong)!.name));
    });
  } catch (error) {
    if (error instanceof EvaluationError) return [{ at, text: error.message }];
    throw error;
  }
  if (list.items.length <= seen) return [];
  return [{ at: call.at, text: `too many arguments supplied to string.format (expected ${seen}, got ${list.items.length})` }];
}
