/**
 * A JSON parser that complains in the words of Go's and reports duplicate members.
 *
 * @module
 */
import { quote } from "./quote.ts";
import { encode, isObject, type Json, type JsonObject, setMember } from "./json.ts";
import { byteAt } from "./go-utf8.ts";
import { type GoNumber, Numeral, readNumber } from "./numeral.ts";

/** Begins a text that is kept as it is written: half a surrogate pair, which no text that was read has. */
const oddMark = "\ud800";

/** The text that one is which was kept as it was written. Pure. */
export const written = (text: string): string =>
  text.startsWith(oddMark) ? (JSON.parse(text.slice(oddMark.length)) as string).toWellFormed() : text;

/** What a text holds, and the members that it names twice, as paths. */
export interface Parsed {
  readonly value: Json;
  readonly duplicates: readonly string[];
  /** The first number that is beyond what a float holds, as it is written. */
  readonly outOfRange?: string;
}

/** Objects that name a member twice, and their members as they are written. */
export type AsWritten = Map<Json, readonly (readonly [name: string, value: Json])[]>;

/** How to read JSON. */
export interface ParseOptions {
  /** Whether it is read into a Go type, where members that come twice are read into the same place. @default {false} */
  readonly typed?: boolean;
  /** Of members that come twice the first stays, not the last. @default {false} */
  readonly firstStays?: boolean;
  /** Hears of each member, in the order in which they come, as a path. @default {Nobody does} */
  readonly member?: (path: string) => void;
  /** Takes note of objects that name a member twice: of all that stands in them. @default {Nobody does} */
  readonly twice?: AsWritten;
  /** What the text was made of: complaints name the byte that stands there. @default {The text's own in UTF-8} */
  readonly bytes?: Uint8Array;
  /** Whether texts that are not written as Go writes them are kept as they are written: see `written`. @default {false} */
  readonly asWritten?: boolean;
}

/** The text is not JSON. The message is Go's. */
export class JsonSyntaxError extends Error {}

/** A byte as Go shows it. */
const show = (char: string): string => char === "'" ? `'\\''` : char === '"' ? `'"'` : `'${quote(char).slice(1, -1)}'`;
const encoder = new TextEncoder();
const isDigit = (code: number) => code >= 48 && code <= 57;

/** Members that are structs wherever they stand: null leaves one as it is, while a map or a pointer is gone. */
const structs = ["metadata", "spec", "status", "template", "jobTemplate", "resources", "strategy", "updateStrategy", "roleRef"];

/** What a member becomes that comes a second time, read into a Go type: objects, and those in lists, are read on. */
function readOn(before: Json, later: Json, key: string): Json {
  if (later === null) return isObject(before) && structs.includes(key) ? before : later;
  if (Array.isArray(before) && Array.isArray(later)) {
    return later.map((item, index) => index < before.length && isObject(item) ? readOn(before[index]!, item, "") : item);
  }
  if (!isObject(before) || !isObject(later)) return later;
  const both = { ...before };
  for (const [name, value] of Object.entries(later)) {
    setMember(both, name, Object.hasOwn(both, name) ? readOn(both[name]!, value!, name) : value!);
  }
  return both;
}

/** How many objects and lists stand in one another at most. */
const deepest = 10_000;

/** Where JSON goes deeper than a limit. Pure. */
function placeBeyond(limit: number, text: string): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === "\\") at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "}" || char === "]") depth--;
    else if ((char === "{" || char === "[") && ++depth > limit) return at;
  }
  return undefined;
}

/**
 * Parses JSON. Pure.
 *
 * @throws {JsonSyntaxError} with the message that Go gives.
 */
export function parseJson(text: string, options: ParseOptions = {}): Parsed {
  const duplicates: string[] = [];
  let at = 0;
  let outOfRange: string | undefined;

  const fail = (where: string): never => {
    // At the end Go takes one more step, with a space: it is told where none may stand.
    if (at >= text.length) {
      const isAmiss = /\bin literal |numeric literal$|escape/.test(where);
      throw new JsonSyntaxError(isAmiss ? `invalid character ' ' ${where}` : "unexpected end of JSON input");
    }
    throw unexpected(at, where);
  };
  const unexpected = (place: number, where: string): JsonSyntaxError => {
    const [first] = encoder.encode(String.fromCodePoint(text.codePointAt(place)!));
    const byte = options.bytes ? byteAt(options.bytes, place) : first;
    return new JsonSyntaxError(`invalid character ${show(String.fromCharCode(byte!))} ${where}`);
  };
  const space = () => {
    for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 13 || code === 9; code = text.charCodeAt(at)) {
      at++;
    }
  };
  const literal = <T extends Json>(word: string, value: T): T => {
    for (let index = 0; index < word.length; index++, at++) {
      if (text[at] !== word[index]) fail(`in literal ${word} (expecting ${show(word[index]!)})`);
    }
    return value;
  };
  const string = (): string => {
    const start = at++;
    let plain = true;
    while (true) {
      const code = text.charCodeAt(at);
      if (code === 34) break;
      if (code === 92) {
        plain = false;
        at++;
        const kind = text[at];
        if (kind === "u") {
          for (let digit = 0; digit < 4; digit++) {
            at++;
            if (!/[0-9a-fA-F]/.test(text[at] ?? "")) fail("in \\u hexadecimal character escape");
          }
        } else if (kind === undefined || !'"\\/bfnrt'.includes(kind)) fail("in string escape code");
      } else if (!(code >= 32)) fail("in string literal");
      at++;
    }
    at++;
    // Half a surrogate pair is no character.
    return plain ? text.slice(start + 1, at - 1) : (JSON.parse(text.slice(start, at)) as string).toWellFormed();
  };
  const number = (): GoNumber | Numeral => {
    const start = at;
    const digits = (where: string) => {
      if (!isDigit(text.charCodeAt(at))) fail(where);
      while (isDigit(text.charCodeAt(at))) at++;
    };
    if (text[at] === "-") at++;
    if (text[at] === "0") at++;
    else digits("in numeric literal");
    if (text[at] === ".") at++, digits("after decimal point in numeric literal");
    if (text[at] === "e" || text[at] === "E") {
      at++;
      if (text[at] === "+" || text[at] === "-") at++;
      digits("in exponent of numeric literal");
    }
    const read = readNumber(text.slice(start, at));
    if (read instanceof Numeral && !isFinite(Number(read.literal))) outOfRange ??= read.literal;
    return read;
  };
  const array = (path: string): Json[] => {
    const items: Json[] = [];
    at++;
    space();
    if (text[at] === "]") return at++, items;
    while (true) {
      items.push(value(`${path}[${items.length}]`));
      space();
      if (text[at] === ",") at++;
      else if (text[at] === "]") return at++, items;
      else fail("after array element");
    }
  };
  const object = (path: string): JsonObject => {
    const members: JsonObject = {};
    const all: [string, Json][] = [];
    at++;
    space();
    if (text[at] === "}") return at++, members;
    while (true) {
      space();
      if (text[at] !== '"') fail("looking for beginning of object key string");
      const key = string();
      const memberPath = path === "" ? key : `${path}.${key}`;
      space();
      if (text[at] !== ":") fail("after object key");
      at++;
      const twice = Object.hasOwn(members, key);
      if (twice && !duplicates.includes(memberPath)) duplicates.push(memberPath);
      options.member?.(memberPath);
      const read = value(memberPath);
      if (options.twice) all.push([key, read]);
      if (twice) options.twice?.set(members, all);
      if (!twice) setMember(members, key, read);
      else if (!options.firstStays) setMember(members, key, options.typed ? readOn(members[key]!, read, key) : read);
      space();
      if (text[at] === ",") at++;
      else if (text[at] === "}") return at++, members;
      else fail("after object key:value pair");
    }
  };
  function value(path: string): Json {
    space();
    const char = text[at];
    if (char === "{") return object(path);
    if (char === "[") return array(path);
    if (char === '"') {
      const start = at;
      const read = string();
      const literal = options.asWritten ? text.slice(start, at) : "";
      return options.asWritten && encode(read) !== literal ? oddMark + literal : read;
    }
    if (char === "t") return literal("true", true);
    if (char === "f") return literal("false", false);
    if (char === "n") return literal("null", null);
    if (char !== undefined && (char === "-" || (char >= "0" && char <= "9"))) return number();
    return fail("looking for beginning of value");
  }

  let result: Json;
  try {
    result = value("");
  } catch (error) {
    // It is read by recursion, and Go has a limit of its own.
    const tooDeep = error instanceof RangeError ? placeBeyond(deepest, text) : undefined;
    throw tooDeep === undefined ? error : unexpected(tooDeep, "exceeded max depth");
  }
  space();
  if (at < text.length) fail("after top-level value");
  return { value: result, duplicates, ...outOfRange !== undefined && { outOfRange } };
}
