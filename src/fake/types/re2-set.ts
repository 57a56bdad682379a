/**
 * Sets of characters, as classes of regular expressions name them.
 *
 * @module
 */

/** Code points from one to another, both included. */
export type Range = readonly [from: number, to: number];

/** A property of Unicode, as JavaScript's `\p{...}` names it. */
export interface Property {
  readonly property: string;
  readonly negated: boolean;
}

/** A set of characters. */
export interface CharSet {
  readonly negated: boolean;
  readonly items: readonly (Range | Property)[];
}

/** The last code point. */
export const lastCode = 0x10ffff;

/** Sorted, and none overlaps or touches another. Pure. */
function merged(ranges: readonly Range[]): Range[] {
  const found: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = found.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else found.push([from, to]);
  }
  return found;
}

/** What is in none of the ranges. Pure. */
export function complement(ranges: readonly Range[]): Range[] {
  const found: Range[] = [];
  let next = 0;
  for (const [from, to] of merged(ranges)) {
    if (from > next) found.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= lastCode) found.push([next, lastCode]);
  return found;
}

const of = (text: string): Range[] =>
  Array.from({ length: text.length / 2 }, (_, at): Range => [text.charCodeAt(2 * at), text.charCodeAt(2 * at + 1)]);

const word = of("09AZ__az");

/** `\d`, `\s` and `\w`: of ASCII only. */
export const perlClasses: Readonly<Record<string, readonly Range[]>> = { d: of("09"), s: of("\t\n\f\r  "), w: word };

/** `[:alpha:]` and its like. */
export const posixClasses: Readonly<Record<string, readonly Range[]>> = {
  alnum: of("09AZaz"),
  alpha: of("AZaz"),
  ascii: of("\0\x7f"),
  blank: of("\t\t  "),
  cntrl: of("\0\x1f\x7f\x7f"),
  digit: of("09"),
  graph: of("!~"),
  lower: of("az"),
  print: of(" ~"),
  punct: of("!/:@[`{~"),
  space: of("\t\r  "),
  upper: of("AZ"),
  word,
  xdigit: of("09AFaf"),
};

// Beyond ASCII, two characters fold to letters of it: the long s, and the sign for Kelvin.
const longS = 0x17f, kelvin = 0x212a;
const has = (ranges: readonly Range[], code: number) => ranges.some(([from, to]) => from <= code && code <= to);

/** Ranges of ASCII with the other case of their letters. Pure. */
export function foldedAscii(ranges: readonly Range[]): Range[] {
  const found = [...ranges];
  for (let code = 0x41; code <= 0x5a; code++) {
    const [upper, lower] = [has(ranges, code), has(ranges, code + 32)];
    if (upper !== lower) found.push(upper ? [code + 32, code + 32] : [code, code]);
    if (!upper && !lower) continue;
    if (code === 0x4b) found.push([kelvin, kelvin]);
    if (code === 0x53) found.push([longS, longS]);
  }
  return merged(found);
}

// Names of general categories by which JavaScript knows them, in the form in which Go looks names up.
const categories: ReadonlyMap<string, string> = new Map(
  Object.entries({
    L: "Letter",
    LC: "Cased_Letter",
    Lu: "Uppercase_Letter",
    Ll: "Lowercase_Letter",
    Lt: "Titlecase_Letter",
    Lm: "Modifier_Letter",
    Lo: "Other_Letter",
    M: "Mark Combining_Mark",
    Mn: "Nonspacing_Mark",
    Mc: "Spacing_Mark",
    Me: "Enclosing_Mark",
    N: "Number",
    Nd: "Decimal_Number digit",
    Nl: "Letter_Number",
    No: "Other_Number",
    P: "Punctuation punct",
    Pc: "Connector_Punctuation",
    Pd: "Dash_Punctuation",
    Ps: "Open_Punctuation",
    Pe: "Close_Punctuation",
    Pi: "Initial_Punctuation",
    Pf: "Final_Punctuation",
    Po: "Other_Punctuation",
    S: "Symbol",
    Sm: "Math_Symbol",
    Sc: "Currency_Symbol",
    Sk: "Modifier_Symbol",
    So: "Other_Symbol",
    Z: "Separator",
    Zs: "Space_Separator",
    Zl: "Line_Separator",
    Zp: "Paragraph_Separator",
    C: "Other",
    Cc: "Control cntrl",
    Cf: "Format",
    Cs: "Surrogate",
    Co: "Private_Use",
    Cn: "Unassigned",
  }).flatMap(([short, names]) => [short, ...names.split(" ")].map((name) => [canonical(name), short])),
);

// Names of four letters that are no abbreviations of longer ones, which JavaScript knows and Go does not.
const shortScripts = new Set(["Ahom", "Cham", "Kawi", "Lisu", "Modi", "Newa", "Thai", "Toto"]);

/** The form in which Go looks names up: without `_`, `-` and blanks, one capital. Pure. */
function canonical(name: string): string {
  const plain = name.replace(/[_\- ]/g, "").replace(/[A-Z]/g, (char) => char.toLowerCase());
  return plain.replace(/^[a-z]/, (char) => char.toUpperCase());
}

function isProperty(source: string): boolean {
  try {
    new RegExp(`\\p{${source}}`, "u");
    return true;
  } catch {
    return false;
  }
}

/** The set that `\p{name}` names. Pure. @returns Nothing where Go knows no such name. */
export function unicodeSet(name: string, negated: boolean): readonly (Range | Property)[] | undefined {
  const known = canonical(name);
  if (known === "Any") return negated ? [] : [[0, lastCode]];
  if (known === "Ascii") return negated ? [[0x80, lastCode]] : [[0, 0x7f]];
  if (known === "Assigned") return [{ property: "Cn", negated: !negated }];
  const category = categories.get(known);
  if (category !== undefined) return [{ property: category, negated }];
  // No name of several words is found: Go takes the underscores out before it looks.
  const isScript = /^[A-Z][a-z]+$/.test(known) && known.length > 1 && !/^(?:.{4})$/.test(known) || shortScripts.has(known);
  return isScript && isProperty(`Script=${known}`) ? [{ property: `Script=${known}`, negated }] : undefined;
}

// Characters that fold to one whose own other case they are not.
const singletons: readonly number[] = [
  ...[
    0xb5,
    0x130,
    0x131,
    0x17f,
    0x1c5,
    0x1c8,
    0x1cb,
    0x1f2,
    0x345,
    0x3c2,
    0x3d0,
    0x3d1,
    0x3d5,
    0x3d6,
    0x3f0,
    0x3f1,
    0x3f4,
    0x3f5,
  ],
  ...[0x1c80, 0x1c81, 0x1c82, 0x1c83, 0x1c84, 0x1c85, 0x1c86, 0x1c87, 0x1c88, 0x1e9b, 0x1e9e, 0x1fbe, 0x2126, kelvin, 0x212b],
  ...[0xdf, 0x1fb3, 0x1fbc, 0x1fc3, 0x1fcc, 0x1ff3, 0x1ffc],
];

/** Unicode 15.1 folds these, which Go's tables do not know yet. */
const newlyFolded: readonly number[] = [0x390, 0x1fd3, 0x3b0, 0x1fe3, 0xfb05, 0xfb06];

/** Whether JavaScript folds a character that Go does not. Pure. */
export const foldsAnew = (code: number): boolean => newlyFolded.includes(code);

/** A code point of each case, those of one character only. */
function cases(code: number): number[] {
  const text = String.fromCodePoint(code);
  return [text.toLowerCase(), text.toUpperCase()].filter((each) => [...each].length === 1).map((each) => each.codePointAt(0)!);
}

const known = new Map<number, readonly number[]>();

/** What is the same but for the case: simple folding, as Go and JavaScript do it. Pure. */
export function folds(code: number): readonly number[] {
  let found = known.get(code);
  if (!found) known.set(code, found = foldsOf(code));
  return found;
}

function foldsOf(code: number): readonly number[] {
  if (foldsAnew(code)) return [code];
  const near = cases(code);
  const candidates = new Set([...near, ...near.flatMap(cases)]);
  for (const each of singletons) if (cases(each).some((own) => own === code || candidates.has(own))) candidates.add(each);
  candidates.delete(code);
  const same = new RegExp(`^\\u{${code.toString(16)}}$`, "iu");
  return [code, ...[...candidates].filter((each) => same.test(String.fromCodePoint(each)))];
}

/** Past this, no character has another case. */
const lastCased = 0x1e943;

let cased: readonly number[] | undefined;

/** Every character that has another case. */
function casedCodes(): readonly number[] {
  const found = new Set(singletons);
  for (let code = 0; code <= lastCased; code++) if (cases(code).some((each) => each !== code)) found.add(code);
  return cased ??= [...found];
}

/** A set as ranges, with the other case of what is in it. */
export function foldedRanges({ negated, items }: CharSet): Range[] {
  const all = merged(items.flatMap((item): readonly Range[] => "property" in item ? rangesOf(item) : [item]));
  const found: Range[] = [...all];
  for (const code of cased ?? casedCodes()) if (has(all, code)) found.push(...folds(code).map((each): Range => [each, each]));
  return negated ? complement(found) : merged(found);
}

/** Every character, halves of others aside. */
function* allText(): Generator<readonly [start: number, text: string]> {
  const step = 0x1000;
  for (let start = 0; start <= lastCode; start += step) {
    if (start >= 0xd800 && start < 0xe000) continue;
    const end = start === 0xd000 ? 0xd800 : start + step;
    yield [start, Array.from({ length: end - start }, (_, at) => String.fromCodePoint(start + at)).join("")];
  }
}

/** The code points that have a property, or neither it nor its other case where it is negated, as ranges. */
function rangesOf({ property, negated }: Property): readonly Range[] {
  const own = new RegExp(`\\p{${property}}+`, "gu");
  const found: Range[] = property === "C" || property === "Cs" ? [[0xd800, 0xdfff]] : [];
  for (const [start, text] of allText()) {
    const unit = start > 0xffff ? 2 : 1;
    for (const match of text.matchAll(own)) {
      found.push([start + match.index / unit, start + (match.index + match[0].length) / unit - 1]);
    }
  }
  return negated ? complement(foldedRanges({ negated: false, items: found })) : merged(found);
}
