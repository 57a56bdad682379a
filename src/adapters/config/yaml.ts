/**
 * YAML as kubectl reads it: the dialect of Go's library, which is neither YAML 1.1 nor 1.2.
 *
 * @module
 */

import { packageError } from "../../optional-package.ts";

/** Where the first document ends, and how it may begin. */
const MARK = /^(---|\.\.\.)(?=[ \t\r\n]|$)/gm;
const PREAMBLE = /^(?:[ \t]*(?:#.*)?\r?\n|%.*\r?\n)*$/;

/** What no text in YAML may hold, and what is a line break beside CR and LF: https://yaml.org/spec/1.1/#id868524 */
// deno-lint-ignore no-control-regex -- just these
const FOREIGN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;
const DIRECTIVE = /^%(?!YAML[ \t]+1\.1(?!\S)|TAG[ \t]).*/m;
const BREAKS = /[\x85\u2028\u2029]/g;

/** Go's integers and floats (`gopkg.in/yaml.v2`, `resolve.go`), without their underscores. */
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const NO_NUMBER = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const RADIX = /^([-+]?)0([xob]?)([\da-f]+)$/i;

/**
 * The text that bytes stand for: UTF-16 where a byte order mark says so (as PowerShell writes it), else UTF-8.
 *
 * @throws {Error} when they are neither.
 */
export function decodeYaml(bytes: Uint8Array): string {
  const mark = (bytes[0] ?? 0) << 8 | (bytes[1] ?? 0);
  const encoding = mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`it is not ${encoding.toUpperCase()}`);
  }
}

/**
 * Reads a text. JSON is YAML, too, and is read without loading anything.
 *
 * As kubectl: of several documents the first one counts, whatever follows; of a member that is given twice the last; `yes`,
 * `on` and `y` are booleans; dates stay texts.
 *
 * @throws {Error} with the place where it is none.
 */
export async function parseYaml(text: string): Promise<unknown> {
  const plain = text.replace(/^\ufeff/, "");
  if (/^\s*[{[]/.test(plain)) {
    try {
      return JSON.parse(plain);
    } catch {
      // YAML may begin so, as well.
    }
  }
  const { load } = await import("js-yaml").catch((error: unknown) => {
    throw packageError(error, { by: "Reading YAML", name: "js-yaml" });
  });
  const foreign = FOREIGN.exec(plain);
  if (foreign) throw new Error(`a control character, \\x${foreign[0].charCodeAt(0).toString(16).padStart(2, "0")}`);
  const document = firstDocument(plain.replace(BREAKS, "\n"));
  const directive = DIRECTIVE.exec(document);
  if (directive) throw new Error(`a directive other than %YAML 1.1: ${directive[0]}`);
  // That library takes a text without content for an error.
  if (PREAMBLE.test(`${document}\n`)) return null;
  return load(document, { schema: await dialect(), json: true });
}

function firstDocument(text: string): string {
  let begun = false;
  for (const { 0: mark, index } of text.matchAll(MARK)) {
    if (mark === "..." || begun || !PREAMBLE.test(text.slice(0, index))) return text.slice(0, index);
    begun = true;
  }
  return text;
}

type Dialect = import("js-yaml").Schema;
let made: Dialect | undefined;

async function dialect(): Promise<Dialect> {
  if (made) return made;
  const { binaryTag, boolYaml11Tag, defineScalarTag, FAILSAFE_SCHEMA, mergeTag, NOT_RESOLVED, nullYaml11Tag } = await import(
    "js-yaml"
  );
  const numberTag = (name: string, implicit: boolean) =>
    defineScalarTag(`tag:yaml.org,2002:${name}`, {
      implicit,
      implicitFirstChars: [..."-+.0123456789"],
      resolve: (source) => numberIn(source.replaceAll("_", "")) ?? NOT_RESOLVED,
      identify: () => false,
    });
  const binary = defineScalarTag("tag:yaml.org,2002:binary", {
    resolve(source, ...rest) {
      const bytes = binaryTag.resolve(source, ...rest);
      return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : NOT_RESOLVED;
    },
    identify: () => false,
  });
  const unknown = defineScalarTag("!", { matchByTagPrefix: true, resolve: (source) => source, identify: () => false });
  const numbers = [numberTag("float", true), numberTag("int", false)];
  return made = FAILSAFE_SCHEMA.withTags(nullYaml11Tag, boolYaml11Tag, numbers, mergeTag, binary, unknown);
}

function numberIn(text: string): number | undefined {
  const [, sign, base = "", digits = ""] = RADIX.exec(text) ?? [];
  if (sign !== undefined) {
    const radix = ({ x: 16, o: 8, b: 2 } as Record<string, number>)[base.toLowerCase()] ?? 8;
    const known = radix === 16 ? /^[\da-f]+$/i : radix === 8 ? /^[0-7]+$/ : /^[01]+$/;
    if (known.test(digits)) return Number(`${sign}1`) * parseInt(digits, radix);
  }
  if (FLOAT.test(text)) return Number(text);
  return NO_NUMBER.test(text) ? NaN : undefined;
}
