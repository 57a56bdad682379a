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

/** The expression of a pattern. @throws {SyntaxError} Where Go would not understand it either. */
export function regexOf(pattern: string): RegExp {
  let regex = compiled.get(pattern);
  if (!regex) {
    if (/(^|[^\\])(\\\\)*(\(\?(<?[=!])|\\[1-9])/.test(pattern)) throw new SyntaxError(`unsupported: ${pattern}`);
    const flags = /^\(\?([ims]+)\)/.exec(pattern);
    const translated = pattern.slice(flags?.[0].length ?? 0).replaceAll("(?P<", "(?<").replaceAll("\\A", "^")
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
