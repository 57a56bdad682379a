/**
 * Bodies in YAML, as the server's library reads them: YAML 1.1, of the first document, made into JSON.
 *
 * @module
 */
import type { parseAllDocuments, Scalar } from "yaml";
import { isObject, type Json, type JsonObject, sorted } from "../types/json.ts";
import { goSyntax } from "../types/go-value.ts";
import { forbiddenCharacter, forbiddenText, yaml } from "../output/yaml.ts";
import { JsonSyntaxError } from "../types/parse.ts";
import { YamlKeys } from "./yaml-keys.ts";
import { serverTags } from "./yaml-numbers.ts";

/** A body that is no YAML. */
export class YamlSyntaxError extends JsonSyntaxError {}

/** What a text holds. */
export interface YamlBody {
  readonly value: Json;
  /** What is said of members that come twice. */
  readonly duplicates: readonly string[];
}

type Document = ReturnType<typeof parseAllDocuments>[number] & { toJS(): unknown };

/** How the server's YAML library words what is wrong. */
const faults: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: "mapping values are not allowed in this context",
  BLOCK_IN_FLOW: "did not find expected ',' or '}'",
  BAD_DQ_ESCAPE: "found unknown escape character",
  BAD_INDENT: "did not find expected ',' or ']'",
  BAD_SCALAR_START: "found character that cannot start any token",
  MISSING_CHAR: "could not find expected ':'",
  TAB_AS_INDENT: "found character that cannot start any token",
  UNEXPECTED_TOKEN: "did not find expected key",
};

const lineAt = (text: string, at: number): number => text.slice(0, at).split("\n").length;

/** What goes wrong while it looks for the next word, it does not place in the first line. */
const placed = (line: number, fault: string): YamlSyntaxError =>
  new YamlSyntaxError(`yaml: ${line === 1 ? "" : `line ${line}: `}${fault}`);

/** Looks at what stands before the document. @throws {YamlSyntaxError} */
function checkDirectives(text: string): void {
  let versions = 0;
  for (const line of text.split("\n")) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    if (!line.startsWith("%")) return;
    const [, name, rest = ""] = /^%(\S*)\s*(.*)$/.exec(line)!;
    if (name === "YAML") {
      if (versions++ > 0) throw new YamlSyntaxError("yaml: found duplicate %YAML directive");
      if (!/^1\.1(\s|$)/.test(rest)) throw new YamlSyntaxError("yaml: found incompatible YAML document");
    } else if (name !== "TAG") throw new YamlSyntaxError("yaml: found unknown directive name");
  }
}

const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

/** Looks at the escapes of a text in double quotes. @throws {YamlSyntaxError} */
function checkEscapes(text: string, from: number, to: number): void {
  for (const { index, 2: short, 3: long, 4: letter } of text.slice(from, to).matchAll(escape)) {
    const point = parseInt(short ?? long ?? "0", 16);
    if (point >= 0xd800 && point <= 0xdfff || point > 0x10ffff) {
      throw placed(lineAt(text, from + index), "found invalid Unicode character escape code");
    }
    if (letter !== undefined && !"0abt\tnvfre \"'\\N_LP\n\r".includes(letter)) {
      throw placed(lineAt(text, from + index), "found unknown escape character");
    }
  }
}

const octal = (source: string) => parseInt(source.replace("0o", ""), 8);

/** What a word without quotes is to the server's library, which is of two versions of YAML. Pure. */
function plainScalar(source: string, value: unknown): unknown {
  if (typeof value === "string") return /^[-+]?0o[0-7]+$/.test(source) ? octal(source) : value;
  if (typeof value !== "number") return value;
  // Sixtieths are none of its numbers, nor is what is beyond a float.
  return source.includes(":") || (!Number.isFinite(value) && /^[-+]?[\d.]+e/i.test(source)) ? source : value;
}

/** Bytes are a text. @throws {YamlSyntaxError} */
function binary({ source = "" }: Scalar): string {
  const text = source.replaceAll(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new YamlSyntaxError("yaml: !!binary value contains invalid base64 data");
  }
  return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
}

/** Sets and ordered maps are maps. */
function asJson(value: unknown): Json {
  if (value instanceof Set) return Object.fromEntries([...value].map((key) => [String(key), null]));
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), asJson(item)]));
  if (Array.isArray(value)) return value.map(asJson);
  if (!isObject(value)) return value as Json;
  const members = value as JsonObject;
  for (const key of Object.keys(members)) members[key] = asJson(members[key]);
  return members;
}

/** A number that JSON has not. */
function infinite(value: Json): string | undefined {
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  }
  if (!Array.isArray(value) && !isObject(value)) return undefined;
  for (const item of Object.values(value)) {
    const found = infinite(item!);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What the library throws where a document cannot be made into values. */
function misfit(error: unknown): unknown {
  const text = String(error);
  const [, anchor] = /Unresolved alias .*: (.*)$/.exec(text) ?? [];
  if (anchor !== undefined) return new YamlSyntaxError(`yaml: unknown anchor '${anchor}' referenced`);
  if (text.includes("Excessive alias count")) return new YamlSyntaxError("yaml: document contains excessive aliasing");
  if (text.includes("Merge sources must be")) {
    return new YamlSyntaxError("yaml: map merge requires map or sequence of maps as the value");
  }
  return error;
}

/** A key that is a list or a map, as Go prints it. */
const goKey = (value: unknown): string =>
  goSyntax(value as Json).replaceAll("map[string]interface {}", "map[interface {}]interface {}");

/** What a document holds. @throws {YamlSyntaxError} where JSON cannot hold it. */
function plainOf(document: Document, text: string): Json {
  const { visit, isScalar, isCollection, isAlias } = yaml();
  let emptyKey: { readonly value: unknown } | undefined;
  visit(document, {
    Scalar(_key, node) {
      if (node.type === "QUOTE_DOUBLE" && node.range) checkEscapes(text, node.range[0], node.range[1]);
      if (node.value instanceof Uint8Array) node.value = binary(node);
      if (node.type === "PLAIN") node.value = plainScalar(node.source ?? "", node.value);
    },
    Alias(_key, node, path) {
      if (path.some((above) => isCollection(above) && above.anchor === node.source)) {
        throw new YamlSyntaxError(`yaml: anchor '${node.source}' value contains itself`);
      }
    },
    Pair(_key, pair) {
      if (isCollection(pair.key)) {
        throw new YamlSyntaxError(`yaml: invalid map key: ${goKey(pair.key.toJS(document))}`);
      }
      if (pair.key === null || (isScalar(pair.key) && pair.key.value === null)) emptyKey ??= { value: pair.value };
    },
  });
  let value: Json;
  try {
    value = asJson(document.toJS());
  } catch (error) {
    throw misfit(error);
  }
  if (emptyKey) {
    const { value: node } = emptyKey;
    const shown = isScalar(node) || isCollection(node) || isAlias(node) ? goKey(node.toJS(document)) : "interface {}(nil)";
    throw new YamlSyntaxError(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${shown}`);
  }
  const wrong = infinite(value);
  if (wrong !== undefined) throw new YamlSyntaxError(`json: unsupported value: ${wrong}`);
  return value;
}

/** What ends a line to the server's library, too: a return alone, and, outside of quotes, three characters more. */
function brokenLines(given: string): string {
  const text = given.replaceAll(/\r(?!\n)/g, "\n");
  return text.replaceAll(/[\x85\u2028\u2029]/g, (char, at: number) => {
    const line = text.slice(text.lastIndexOf("\n", at) + 1, at).replaceAll(/\\./g, "");
    const isOpen = ['"', "'"].some((quote) => line.split(quote).length % 2 === 0);
    // Inside of quotes it is folded like a line's end; the others stay.
    return isOpen && char !== "\x85" ? char : "\n";
  });
}

/** What stands behind a document that has ended is not read, but for its first word. @throws {YamlSyntaxError} */
function checkBehind(text: string, from: number): void {
  const [gap] = /^(?:[ \t\n]|#.*)*/.exec(text.slice(from))!;
  const rest = text.slice(from + gap.length);
  const line = lineAt(text, from + gap.length);
  if (/^[@`%]/.test(rest)) throw placed(line, "found character that cannot start any token");
  if (/^"(?:\\[\s\S]|[^"\\])*$|^'[^']*$/.test(rest)) throw placed(line, "found unexpected end of stream");
  if (gap.includes("\n")) return;
  if (/^-(?:\s|$)/.test(rest)) throw placed(line, "block sequence entries are not allowed in this context");
  if (/^\?(?:\s|$)/.test(rest)) throw placed(line, "mapping keys are not allowed in this context");
}

/** What a document in brackets consists of: quotes within a text without quotes are part of it. */
const words = [
  /"(?:\\[\s\S]|[^"\\])*"|'[^']*'/,
  /(?<=\s)#.*/,
  /[{}[\]]/,
  /[&!*][^\s,[\]{}]*/,
  /(?![?-]\s)[^\s{}[\],:"'#&!*](?:[^{}[\],:#]|:(?![\s,[\]{}])|(?<=\S)#)*/,
];
const word = new RegExp(words.map(({ source }) => source).join("|"), "g");

/** Where a document ends that says so itself: in brackets, or in quotes. Pure. */
function endOf(text: string): number | undefined {
  const [before] = /^(?:[ ]*(?:#.*)?\n)*(?:---\s+)?[ ]*(?=[{["'])/.exec(text) ?? [];
  if (before === undefined) return undefined;
  let depth = 0;
  word.lastIndex = before.length;
  for (let found = word.exec(text); found; found = word.exec(text)) {
    if (/^[{[]/.test(found[0])) depth++;
    else if (/^[}\]]/.test(found[0])) depth--;
    // What is a key of more has not ended.
    if (depth === 0) return /^[ \t]*:/.test(text.slice(word.lastIndex)) ? undefined : word.lastIndex;
  }
  return undefined;
}

/** Reads the first document of a text. Pure. @throws {YamlSyntaxError} in the words of the server's library, as far as they are known. */
export function readYaml(given: string): YamlBody {
  const { parseAllDocuments } = yaml();
  const text = brokenLines(given);
  if (forbiddenCharacter.test(text)) throw new YamlSyntaxError(forbiddenText);
  checkDirectives(text);
  // What ends before it has begun.
  const ended = /^((?:[ \t]*(?:#.*)?\n)*)\.\.\.(?=\s|$)/.exec(text);
  if (ended) {
    const line = ended[1]!.split("\n").length - 1;
    throw new YamlSyntaxError(`yaml: ${line > 0 ? `line ${line}: ` : ""}did not find expected node content`);
  }
  const end = endOf(text);
  const document = parseAllDocuments(end === undefined ? text : text.slice(0, end), {
    version: "1.1",
    uniqueKeys: false,
    merge: true,
    customTags: serverTags,
  }).at(0);
  const tab = /^(?:[ ]*(?:#.*)?\n)*[ ]*\t/.exec(text);
  if (tab) throw placed(lineAt(text, tab[0].length), "found character that cannot start any token");
  if (!document || !("errors" in document)) return { value: null, duplicates: [] };
  const [error] = document.errors;
  if (!error && end !== undefined) checkBehind(text, end);
  if (error?.message.includes("call stack")) throw new RangeError(error.message);
  if (error) {
    const [first, last] = [error.linePos?.[0].line ?? 1, error.linePos?.[1]?.line];
    const line = error.code === "BLOCK_AS_IMPLICIT_KEY" ? last ?? first : first;
    const fault = faults[error.code] ?? error.message.split("\n")[0]!;
    if (error.code === "BLOCK_AS_IMPLICIT_KEY") throw placed(line, fault);
    throw new YamlSyntaxError(`yaml: line ${line}: ${fault}`);
  }
  const keys = new YamlKeys(document, text, (at) => lineAt(text, at));
  keys.settleMerges();
  // What contains itself, or too much, is refused before anybody follows it.
  const value = sorted(plainOf(document, text));
  return { value, duplicates: keys.setTwice() };
}
