/**
 * From how much to how much: of sizes, and of costs.
 *
 * @module
 */

/** At least, at most. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

/** Nothing is more: where a sum or product would be, it is this. */
export const unbounded: number = 2 ** 64;
const capped = (value: number) => Math.min(value, unbounded);

/** Exactly so much. */
export const exactly = (value: number): Span => ({ min: value, max: value });
/** Nobody knows how much. */
export const unknown: Span = { min: 0, max: unbounded };
/** The sum. Pure. */
export const plus = (a: Span, b: Span): Span => ({ min: capped(a.min + b.min), max: capped(a.max + b.max) });
const product = (a: number, b: number) => a === 0 || b === 0 ? 0 : capped(a * b);
/** The product. Pure. */
export const times = (a: Span, b: Span): Span => ({ min: product(a.min, b.min), max: product(a.max, b.max) });
/** So many times as much, rounded up. Pure. */
export const scaled = (a: Span, factor: number): Span => ({
  min: capped(Math.ceil(a.min * factor)),
  max: capped(Math.ceil(a.max * factor)),
});
/** What holds both. Pure. */
export const union = (a: Span, b: Span): Span => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });
