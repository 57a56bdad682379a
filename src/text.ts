/** What to do about a right that is missing: the end of a sentence that names it. */
export const GRANT = "grant it to this user, docs/operations.md lists all verbs that are needed";

/** RFC 3339 in whole seconds, as the API server writes times. @param ms Milliseconds since the Unix epoch. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/**
 * What is wrong with a worker, as the end of a sentence: everywhere in the same words.
 *
 * @param renewed When its lease was last renewed, by the lease's own word, in milliseconds since the Unix epoch; undefined: there is none.
 */
export const silenceText = (renewed: number | undefined): string =>
  renewed === undefined ? "has no lease any more" : `has not renewed its lease since ${timeText(renewed)}`;

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

/**
 * How long something is, or is ago, as kubectl says it: two units at the most, coarser with age (`HumanDuration` of
 * `k8s.io/apimachinery/pkg/util/duration`). Pure. @param ms Milliseconds.
 */
export function ageText(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  const with2 = (whole: number, unit: string, rest: number, small: string) =>
    rest === 0 ? `${whole}${unit}` : `${whole}${unit}${rest}${small}`;
  if (minutes < 10) return with2(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return with2(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  if (hours < 24 * 8) return with2(Math.trunc(hours / 24), "d", hours % 24, "h");
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return hours < 24 * 365 * 8 ? with2(years, "y", days % 365, "d") : `${years}y`;
}

/**
 * The one of some words that a mistyped word most likely stands for; undefined where none is like it. Pure.
 *
 * @param most Slips at the most. @default {One in three characters, and at least one}
 */
export function nearest(
  word: string,
  words: Iterable<string>,
  most: number = Math.max(1, Math.floor(word.length / 3)),
): string | undefined {
  let found: string | undefined;
  let least = most + 1;
  for (const each of words) {
    const slips = Math.abs(each.length - word.length) < least
      ? slipsBetween(word.toLowerCase(), each.toLowerCase(), least)
      : least;
    if (slips < least) [found, least] = [each, slips];
  }
  return found;
}

/** The end of a sentence about a mistyped word: `; did you mean "yes"?`; nothing where none is like it. Pure. */
export function meantText(word: string | undefined, words: Iterable<string>): string {
  return didYouMean(word === undefined ? undefined : nearest(word, words));
}

/** The same, of what is meant. Pure. */
export const didYouMean = (meant: string | undefined): string => meant === undefined ? "" : `; did you mean "${meant}"?`;

/** Characters that are missing, too many, wrong, or in the place of their neighbour; no more than `limit` is counted. */
function slipsBetween(a: string, b: string, limit: number): number {
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isEqual = a[i - 1] === b[j - 1];
      next[j] = Math.min(row[j - 1]! + (isEqual ? 0 : 1), row[j]! + 1, next[j - 1]! + 1);
      if (!isEqual && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j]!, before[j - 2]! + 1);
    }
    if (Math.min(...next) >= limit) return limit;
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
