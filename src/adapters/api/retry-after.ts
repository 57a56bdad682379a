/** The longest wait that is taken from a server, in milliseconds: a mistaken one shall not silence a program for years. */
const LONGEST = 300_000;

/** The three forms of a date in HTTP (RFC 9110, 5.6.7), each in UTC. */
const fixed = /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const older = /^\w{6,9}, \d{2}-\w{3}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const oldest = /^\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Reads a `Retry-After` header: seconds, or a date (RFC 9110, 10.2.3). Pure.
 *
 * @param now Milliseconds since the Unix epoch.
 * @returns Milliseconds from `now`, at most five minutes; undefined for no time, one that is over, and nonsense.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return limitWait(Number(text) * 1000);
  if (fixed.test(text) || older.test(text)) return limitWait(Date.parse(text) - now);
  if (oldest.test(text)) return limitWait(Date.parse(`${text} GMT`) - now);
  return undefined;
}

/** A wait that a server asks for, in milliseconds, as far as it is followed: at most five minutes. Pure. */
export const limitWait = (ms: number): number | undefined => ms > 0 ? Math.min(ms, LONGEST) : undefined;
