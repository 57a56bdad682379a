/** Two units at the most, coarser with age: `k8s.io/apimachinery/pkg/util/duration` HumanDuration. */
function humanDuration(ms: number): string {
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
 * How long ago something was, as a Table says it. Pure.
 *
 * @param time RFC 3339.
 * @param now Milliseconds since the epoch.
 * @returns Nothing where there is no time, `<invalid>` where it cannot be read.
 */
export function age(time: string | undefined, now: number): string | undefined {
  if (time === undefined) return undefined;
  const then = Date.parse(time);
  return Number.isNaN(then) ? "<invalid>" : humanDuration(now - then);
}
