/** What to do about a right that is missing: the end of a sentence that names it. */
export const GRANT = "grant it to this user, the README lists all verbs that are needed";

/** RFC 3339 in whole seconds, as the API server writes times. @param ms Milliseconds since the Unix epoch. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** The beginning of a text, with `…` where something is left out; never half a character. @param limit UTF-8 bytes. */
export function cutText(text: string, limit: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= limit) return text;
  const ELLIPSIS = "…";
  // Not in the middle of a character: what stands there goes on with 0b10xxxxxx.
  let end = limit - new TextEncoder().encode(ELLIPSIS).length;
  while ((bytes[end]! & 0b1100_0000) === 0b1000_0000) end--;
  return new TextDecoder().decode(bytes.subarray(0, end)) + ELLIPSIS;
}
