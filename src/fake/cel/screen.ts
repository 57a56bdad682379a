/**
 * Looks through a parsed expression for what must not pass: functions that Kubernetes does not have, functions that are not
 * known here, lists whose equality the library would get wrong.
 *
 * @module
 */
import { type Fault, shownType } from "./faults.ts";
import { calls, macroArguments, methods, unknown } from "./library.ts";
import { allOf, offsetOf, type Part, pointed } from "./place.ts";
import { PatternUnsupported, regexOf } from "./regex.ts";
import type { ObjectType, RuleType } from "./types.ts";

/** What the functions of an expression allow. */
export type Screened = { readonly fault: Fault } | { readonly unsupported: string } | { readonly usesOld: boolean };

/** @param replaced Names that the library must read as `name_`; they are changed in place. */
export function undeclared(root: Part, replaced: ReadonlySet<string>): Screened {
  const faults: [offset: number, message: string][] = [];
  let unsupported: string | undefined;
  let usesOld = false;
  for (const part of allOf(root)) {
    if (part.op === "id" && part.args === "oldSelf") usesOld = true;
    if (part.op === "id" && ["cel", "google"].includes(String(part.args))) {
      faults.push([offsetOf(part), `undeclared reference to '${part.args}' (in container '')`]);
    }
    if (part.op === "id" && part.args === "format") unsupported ??= "format";
    if (part.op !== "call" && part.op !== "rcall") continue;
    const given = part.args as [name: string, ...rest: unknown[]];
    const [name] = given;
    const count = (given.at(-1) as unknown[]).length;
    const known = part.op === "call" ? calls : methods;
    const wrongCount = Object.hasOwn(macroArguments, name) && !macroArguments[name]!.includes(count);
    if (unknown.has(name) && !wrongCount) unsupported ??= name;
    else if (!known.has(name) || wrongCount) faults.push([offsetOf(part), `undeclared reference to '${name}' (in container '')`]);
    if (name === "matches" || name === "find" || name === "findAll") unsupported ??= checkPattern(part, faults);
    if (replaced.has(name)) given[0] = `${name}_`;
  }
  faults.sort(([a], [b]) => a - b);
  const [first] = faults;
  if (first) return { fault: { text: pointed(root.input ?? "", first[0], first[1]) } };
  return unsupported === undefined ? { usesOld } : { unsupported };
}

/** A pattern that stands in the rule itself is checked with it. @returns What is not known here. */
function checkPattern(part: Part, faults: [number, string][]): string | undefined {
  const given = part.args as [string, ...unknown[]];
  const list = given.at(-1) as Part[];
  const pattern = part.op === "call" ? list[1] : list[0];
  if (pattern?.op !== "value" || typeof pattern.args !== "string") return undefined;
  try {
    regexOf(pattern.args);
  } catch (error) {
    if (error instanceof PatternUnsupported) return error.message;
    faults.push([offsetOf(pattern), `invalid ${given[0]} argument`]);
  }
  return undefined;
}

/**
 * Finds what the library lets pass although Kubernetes does not, and what it would get wrong: sets and keyed lists are equal
 * in any order, and are joined without doubles. Equal objects that contain them are compared well.
 *
 * @param root A part whose types were checked.
 */
export function misused(root: Part, self: RuleType, objects: Objects): { fault: Fault } | { unsupported: string } | undefined {
  const fault = (part: Part, message: string) => ({ fault: { text: pointed(root.input ?? "", offsetOf(part), message) } });
  for (const part of allOf(root)) {
    const args = part.args as Part[];
    if (["==", "!=", "+"].includes(part.op) && args.some((operand) => isUnordered(operand, self, objects))) {
      return { unsupported: `${part.op} of a list of type set or map` };
    }
    if (part.op === "call" && part.args instanceof Array && part.args[0] === "string") {
      // Kubernetes prints the zone that was given; here a moment has none.
      const [operand] = part.args[1] as Part[];
      if (operand?.checkedType?.name === "google.protobuf.Timestamp") return { unsupported: "string() of a timestamp" };
    }
    if (![".?", "[]", "[?]"].includes(part.op)) continue;
    const type = objects.get((args[0]!.checkedType?.name ?? "").replace(/^optional<(.*)>$/, "$1"));
    if (!type) continue;
    if (part.op === ".?") {
      const name = String(args[1]);
      if (!type.fields.has(name)) return fault(part, `undefined field '${name}'`);
    } else {
      const types = args.map((operand) => shownType(operand.checkedType?.name ?? "dyn", objects)).join(", ");
      return fault(part, `found no matching overload for '_${part.op}_' applied to '(${types})'`.replace("_[]_", "_[_]"));
    }
  }
  return undefined;
}

type Objects = ReadonlyMap<string, ObjectType>;

function isUnordered(part: Part, self: RuleType, objects: Objects): boolean {
  if (part.op === "id") return (part.args === "self" || part.args === "oldSelf") && isSet(self);
  if (part.op !== ".") return false;
  const [from, name] = part.args as [Part, string];
  const type = objects.get(from.checkedType?.name ?? "")?.fields.get(name)?.type;
  return type !== undefined && isSet(type);
}

const isSet = (type: RuleType) => type.kind === "list" && type.listType !== "atomic";
