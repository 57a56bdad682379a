import { ageText } from "../../text.ts";
import { GoTimeError, isZeroTime, parseGoTime, rfc3339 } from "../types/go-time.ts";

/**
 * How long ago something was, as a Table says it. Pure.
 *
 * @param time RFC 3339.
 * @param now Milliseconds since the epoch.
 * @returns Nothing where there is no time, `<invalid>` where it cannot be read.
 */
export function age(time: string | undefined, now: number): string | undefined {
  if (time === undefined) return undefined;
  const then = Date.parse(time);
  return Number.isNaN(then) ? "<invalid>" : ageText(now - then);
}

/** A span of time in Go has no more: nanoseconds in 64 bits. Milliseconds. */
const longest = 2 ** 63 / 1_000_000;

/**
 * How long ago something was that somebody wrote down, as a column of a custom resource says it. Pure.
 *
 * @param text RFC 3339, or anything else.
 * @param now Milliseconds since the epoch.
 * @returns `<unknown>` where no time is given, `<invalid>` where it cannot be read or lies ahead.
 */
export function ageOrUnknown(text: string, now: number): string {
  if (text === "" || text === "null") return "<unknown>";
  try {
    const time = parseGoTime(text, rfc3339);
    if (isZeroTime(time)) return "<unknown>";
    const ms = now - (time.seconds * 1000 + Number(`0.${time.fraction || 0}`) * 1000);
    return ageText(Math.max(-longest, Math.min(longest, ms)));
  } catch (error) {
    if (error instanceof GoTimeError) return "<invalid>";
    throw error;
  }
}
