import { ageText } from "../../src/text.ts";

/**
 * How long something took: `350ms`, `1.2s`, then as kubectl has it. Pure.
 *
 * @param ms Milliseconds; nothing where it is not known.
 * @param isExact Whether it may not have been up to a second less: `<1s`, then whole seconds.
 */
export function tookText(ms: number | undefined, isExact = true): string {
  if (ms === undefined || Number.isNaN(ms)) return "";
  const length = Math.max(0, ms);
  if (!isExact) return length < 1_000 ? "<1s" : ageText(length);
  if (length < 1_000) return `${Math.floor(length)}ms`;
  return length < 10_000 ? `${(Math.floor(length / 100) / 10).toFixed(1)}s` : ageText(length);
}

/** How long ago something was, never less than nothing: clocks differ. Pure. */
export const agoText = (moment: number | undefined, now: number): string =>
  moment === undefined || Number.isNaN(moment) ? "" : ageText(Math.max(0, now - moment));

/** A moment, with its date: `2026-11-26 11:20:03Z`. Pure. */
export const momentText = (moment: number): string => new Date(moment).toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z");

/** A moment of a day that is known: `11:20:03`; with its date where it is another day. Pure. */
export function clockText(moment: number | undefined, day: number | undefined): string {
  if (moment === undefined) return "";
  const text = momentText(moment);
  return day !== undefined && text.slice(0, 10) === momentText(day).slice(0, 10) ? text.slice(11, 19) : text.slice(5, 16);
}
