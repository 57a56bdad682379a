const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5
  μs: 1e-3, // U+03BC
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Reads a duration in Go's spelling: `15s`, `1m30s`, `1.5h`, `500ms`, `0`. Pure.
 *
 * @returns Milliseconds; undefined where it is none, or negative.
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)([^\d.]+)/g)) sum += Number(amount) * UNITS[unit!]!;
  return sum;
}

/** The same for what is told in days: `7d`, `1d12h`. */
export function parseAge(text: string): number | undefined {
  const [, days, rest] = /^(?:(\d+(?:\.\d+)?)d)?(.*)$/s.exec(text)!;
  if (days === undefined) return parseDuration(text);
  const ms = rest === "" ? 0 : parseDuration(rest!);
  return ms === undefined ? undefined : Number(days) * 86_400_000 + ms;
}

/** A duration as {@linkcode parseDuration} reads it: `15s`, `500ms`, `1.5s`. Pure. @param ms Milliseconds. */
export const durationText = (ms: number): string => ms < 1_000 ? `${ms}ms` : `${ms / 1_000}s`;
