/**
 * Regular expressions as Go writes them, run by the ones of JavaScript.
 *
 * @module
 */

const classes: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  punct: "!-\\/:-@\\[-`{-~",
  word: "\\w",
  xdigit: "0-9A-Fa-f",
};
const compiled = new Map<string, RegExp>();

/** A pattern that Go understands and JavaScript does not. */
export class PatternUnsupported extends Error {}

// Before each: an even number of backslashes, else it is escaped.
const foreign = /(?<=(?:^|[^\\])(?:\\\\)*)(?:\(\?<?[=!]|\\[1-9])/;
const untranslated = /(?<=(?:^|[^\\])(?:\\\\)*)(?:\(\?[a-zA-Z-]*[ismU-][a-zA-Z-]*[:)]|\\[QEC])/;

/**
 * The expression of a pattern.
 *
 * @throws {PatternUnsupported}
 * @throws {SyntaxError} Where Go would not understand it either.
 */
export function regexOf(pattern: string): RegExp {
  let regex = compiled.get(pattern);
  if (!regex) {
    if (foreign.test(pattern)) throw new SyntaxError(`no such syntax in Go: ${pattern}`);
    const flags = /^\(\?([ims]+)\)/.exec(pattern);
    const rest = pattern.slice(flags?.[0].length ?? 0);
    if (untranslated.test(rest)) throw new PatternUnsupported(`the pattern ${pattern}`);
    const translated = rest.replaceAll("(?P<", "(?<").replaceAll("\\A", "^").replace(/\\([pP])([A-Z])/g, "\\$1{$2}")
      .replaceAll("\\z", "$").replace(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole);
    try {
      regex = new RegExp(translated, `gu${flags?.[1] ?? ""}`);
    } catch {
      // Without u, an escaped letter or a lone brace stands for itself, as it does in Go.
      regex = new RegExp(translated, `g${flags?.[1] ?? ""}`);
    }
    compiled.set(pattern, regex);
  }
  regex.lastIndex = 0;
  return regex;
}

/** Why a pattern is none, as Go says it; undefined: it is one. @throws {PatternUnsupported} */
export function regexFault(pattern: string): string | undefined {
  try {
    regexOf(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return `error parsing regexp: ${error.message}`;
    throw error;
  }
}
