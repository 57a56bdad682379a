/**
 * What is wrong with a bearer token, as the end of a sentence, or undefined. Pure. It is never shown: with one character too
 * many it is a token still. The syntax: RFC 6750, 2.1, in the generous reading of kube-apiserver.
 */
export function tokenFault(token: string): string | undefined {
  if (token === "") return "is empty";
  if (token.startsWith("\ufeff")) return "begins with a byte order mark: write it without";
  if (/[\r\n]/.test(token)) return "has more than one line";
  if (/[^\x21-\x7e]/.test(token)) return "has a space or another character that no token has";
  return undefined;
}

/** What Go's `strings.TrimSpace` takes off; `trim` would take the byte order mark, too. */
const SPACE = "[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const AROUND = new RegExp(`^${SPACE}+|${SPACE}+$`, "g");

/** The token that a file holds: what stands around it does not count. Pure. */
export const tokenIn = (text: string): string => text.replace(AROUND, "");
