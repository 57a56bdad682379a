/**
 * Go's regular expressions in the syntax of JavaScript, with the same meaning.
 *
 * @module
 */
import type { Part } from "./re2-parse.ts";
import { type CharSet, foldedRanges, folds, foldsAnew, type Property, type Range } from "./re2-set.ts";

const hex = (code: number) => `\\u{${code.toString(16)}}`;
const char = (code: number) => /[0-9A-Za-z]/.test(String.fromCharCode(code)) ? String.fromCharCode(code) : hex(code);

function item(each: Range | Property): string {
  if ("property" in each) return `\\${each.negated ? "P" : "p"}{${each.property}}`;
  const [from, to] = each;
  return from === to ? char(from) : `${char(from)}-${char(to)}`;
}

const setOf = ({ negated, items }: CharSet) => `[${negated ? "^" : ""}${items.map(item).join("")}]`;

const word = "[0-9A-Za-z_]";
const places: Readonly<Record<(Part & { kind: "place" })["place"], string>> = {
  "text start": "^",
  "text end": "$",
  "line start": "(?:^|(?<=\\n))",
  "line end": "(?=\\n|$)",
  word: `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
  "no word": `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
};

function* partsOf(part: Part): Generator<Part> {
  yield part;
  if (part.kind === "sequence" || part.kind === "choice") { for (const each of part.of) yield* partsOf(each); }
  else if (part.kind === "repeat" || part.kind === "group") yield* partsOf(part.of);
}

/** Whether the case counts nowhere, so that one flag of JavaScript says it all. */
function foldsThroughout(part: Part): boolean {
  let some = false;
  for (const each of partsOf(part)) {
    // What a word is made of does not change with the flag.
    if (each.kind === "place" && each.place.endsWith("word")) return false;
    if (each.kind !== "char" && each.kind !== "set") continue;
    if (each.kind === "set" && each.set.items.every((own) => !("property" in own) && own[1] < 0x41)) continue;
    if (!each.fold || (each.kind === "char" && foldsAnew(each.code))) return false;
    some = true;
  }
  return some;
}

function quantifier({ min, max, greedy }: Part & { kind: "repeat" }): string {
  const lazy = greedy ? "" : "?";
  if (max === Infinity) return (min === 0 ? "*" : min === 1 ? "+" : `{${min},}`) + lazy;
  return (min === 0 && max === 1 ? "?" : min === max ? `{${min}}` : `{${min},${max}}`) + lazy;
}

/** @param flagged Whether the expression as a whole folds cases. */
function print(part: Part, flagged: boolean): string {
  switch (part.kind) {
    case "char": {
      const codes = part.fold && !flagged ? folds(part.code) : [part.code];
      return codes.length === 1 ? char(part.code) : `[${codes.map(char).join("")}]`;
    }
    case "set":
      return setOf(part.fold && !flagged ? { negated: false, items: foldedRanges(part.set) } : part.set);
    case "place":
      return places[part.place];
    case "repeat":
      return `(?:${print(part.of, flagged)})${quantifier(part)}`;
    case "sequence":
      return part.of.map((each) => each.kind === "choice" ? `(?:${print(each, flagged)})` : print(each, flagged)).join("");
    case "choice":
      return part.of.map((each) => print(each, flagged)).join("|");
    case "group":
      return `(?:${print(part.of, flagged)})`;
  }
}

/** The expression of JavaScript that matches the same texts. Pure. @param flags More flags for it. */
export function expressionOf(part: Part, flags: string = ""): RegExp {
  const flagged = foldsThroughout(part);
  // With v, what is negated stays so where the case does not count; without, u is much the quicker.
  return new RegExp(print(part, flagged), flags + (flagged ? "iv" : "u"));
}
