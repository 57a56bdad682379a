/**
 * Regular expressions as Go understands them (RE2), run by the engine of JavaScript.
 *
 * @module
 */
import { parsePattern, PatternError } from "./re2-parse.ts";
import { expressionOf } from "./re2-print.ts";

export { PatternError } from "./re2-parse.ts";

/** Patterns that are kept; those that objects bring along could be any number. */
const kept = 1000;
const compiled = new Map<string, RegExp>();

/**
 * The expression of a pattern, the same each time: global, to be searched from its beginning.
 *
 * @throws {PatternError} when Go does not understand the pattern, in Go's words.
 */
export function goRegex(pattern: string): RegExp {
  let regex = compiled.get(pattern);
  if (!regex) {
    if (compiled.size >= kept) compiled.clear();
    regex = expressionOf(parsePattern(pattern), "g");
    compiled.set(pattern, regex);
  }
  regex.lastIndex = 0;
  return regex;
}

/** Why Go does not understand a pattern; nothing where it does. Pure. */
export function patternFault(pattern: string): string | undefined {
  try {
    parsePattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}
