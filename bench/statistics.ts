/** The value below which `percent` of the values lie. @throws {Error} when there are none. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error("There is nothing to take a percentile of");
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100))]!;
}

/** The middle one of the values. */
export const median = (values: readonly number[]): number => percentile(values, 50);
