import { ageText } from "../../text.ts";

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
