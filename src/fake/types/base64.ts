/**
 * Base64 as Go reads it.
 *
 * @module
 */

/** Where a text stops being base64. Pure. @param alphabet Without padding. @returns Nothing where all of it is. */
export function base64Fault(text: string, alphabet: RegExp): number | undefined {
  let at = 0;
  while (at < text.length) {
    let filled = 0;
    for (; filled < 4; at++) {
      const char = text[at];
      if (char === undefined) return filled === 0 ? undefined : at - filled;
      if (char === "\n" || char === "\r") continue;
      if (alphabet.test(char)) {
        filled++;
        continue;
      }
      if (char !== "=" || filled < 2) return at;
      // The end: two of them, or one, and nothing after that.
      let last = at;
      if (filled === 2) {
        do last++; while (text[last] === "\n" || text[last] === "\r");
        if (last >= text.length) return text.length;
        if (text[last] !== "=") return last - 1;
      }
      const rest = text.slice(last + 1).search(/[^\n\r]/);
      return rest === -1 ? undefined : last + 1 + rest;
    }
  }
  return undefined;
}
