/**
 * The parts of moments and spans.
 *
 * @module
 */
import type { Declaration } from "../language/declaration.ts";
import { type Duration, EvaluationError, partsOfTime, type Timestamp } from "../language/value.ts";

/** Minutes that a zone is ahead at a moment: `+02:00`, `Europe/Berlin`. */
function aheadIn(moment: Timestamp, zone: string): number {
  const offset = /^([+-]?)(\d{2}):(\d{2})$/.exec(zone);
  if (offset) return (offset[1] === "-" ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3]));
  if (zone === "" || zone === "UTC") return 0;
  const { date } = partsOfTime(moment, 0);
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    const parts = Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, Number(value)]));
    const local = Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!);
    return Math.round((local - Math.floor(date.getTime() / 1000) * 1000) / 60_000);
  } catch {
    throw new EvaluationError(`unknown time zone ${zone}`);
  }
}

const dayOfYear = (date: Date) =>
  Math.floor(
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000,
  );

const parts: Readonly<Record<string, (date: Date, nanos: bigint) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDayOfYear: dayOfYear,
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDate: (date) => date.getUTCDate(),
  getDayOfWeek: (date) => date.getUTCDay(),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (_, nanos) => Number(nanos / 1_000_000n),
};

const spans: Readonly<Record<string, (nanos: bigint) => bigint>> = {
  getHours: (nanos) => nanos / 3_600_000_000_000n,
  getMinutes: (nanos) => nanos / 60_000_000_000n,
  getSeconds: (nanos) => nanos / 1_000_000_000n,
  getMilliseconds: (nanos) => nanos / 1_000_000n,
};

/** Functions of moments and spans. */
export const time: readonly Declaration[] = [
  ...Object.entries(parts).flatMap(([name, part]): Declaration[] => {
    const read = (moment: Timestamp, ahead: number) => {
      const { date, nanos } = partsOfTime(moment, ahead);
      return BigInt(part(date, nanos));
    };
    return [
      [`timestamp_${name}`, `timestamp.${name}(): int`, (moment: Timestamp) => read(moment, 0)],
      [
        `timestamp_${name}_with_tz`,
        `timestamp.${name}(string): int`,
        (moment: Timestamp, zone: string) => read(moment, aheadIn(moment, zone)),
      ],
    ];
  }),
  ...Object.entries(spans).map(([name, part]): Declaration => [
    `duration_${name}`,
    `duration.${name}(): int`,
    ({ nanos }: Duration) => part(nanos),
  ]),
];
