/** The value below which `percent` of the values lie. @throws {Error} when there are none. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error("There is nothing to take a percentile of");
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100))]!;
}

/** The middle one of the values, or the mean of the two in the middle. @throws {Error} when there are none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("There is nothing to take the median of");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1]! + sorted[middle]!) / 2 : sorted[Math.floor(middle)]!;
}
