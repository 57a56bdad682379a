/**
 * Schedules of cron jobs, as `github.com/robfig/cron` reads them, and with its words.
 *
 * @module
 */
import { readDuration } from "../../types/go-duration.ts";
import { quote } from "../../types/quote.ts";

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const bounds: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];

class ScheduleError extends Error {}

const fail = (why: string): never => {
  throw new ScheduleError(why);
};

function integer(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    return fail(`failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: invalid syntax`);
  }
  const value = Number(text);
  return value < 0 ? fail(`negative number (${value}) not allowed: ${text}`) : value;
}

function numberOrName(text: string, { min, names = [] }: Bounds): number {
  const index = names.indexOf(text.toLowerCase());
  return index === -1 ? integer(text) : index + min;
}

function checkRange(text: string, field: Bounds): void {
  const [span = "", ...steps] = text.split("/");
  const ends = span.split("-");
  let [start, end] = [field.min, field.max];
  if (ends[0] !== "*" && ends[0] !== "?") {
    start = numberOrName(ends[0]!, field);
    if (ends.length > 2) fail(`too many hyphens: ${text}`);
    end = ends.length === 1 ? start : numberOrName(ends[1]!, field);
  }
  if (steps.length > 1) fail(`too many slashes: ${text}`);
  const step = steps.length === 0 ? 1 : integer(steps[0]!);
  if (steps.length === 1 && ends.length === 1) end = field.max;
  if (start < field.min) fail(`beginning of range (${start}) below minimum (${field.min}): ${text}`);
  if (end > field.max) fail(`end of range (${end}) above maximum (${field.max}): ${text}`);
  if (start > end) fail(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) fail(`step of range should be a positive number: ${text}`);
}

const descriptors = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
/** Whether there is such a time zone. Pure. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function check(given: string): void {
  let text = given;
  if (text === "") fail("empty spec string");
  const [, zone] = /^(?:CRON_)?TZ=(\S*)/.exec(text) ?? [];
  if (zone !== undefined) {
    if (!isTimeZone(zone)) fail(`provided bad location ${zone}: unknown time zone ${zone}`);
    text = text.slice(text.indexOf(" ")).trim();
  }
  if (text.startsWith("@every ")) {
    const read = readDuration(text.slice("@every ".length));
    return "fault" in read ? fail(`failed to parse duration ${text}: ${read.fault}`) : undefined;
  }
  if (text.startsWith("@")) return descriptors.includes(text) ? undefined : fail(`unrecognized descriptor: ${text}`);
  const fields = text.trim().split(/\s+/);
  if (fields.length !== bounds.length) fail(`expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`);
  fields.forEach((field, index) => {
    for (const part of field.split(",").filter(Boolean)) checkRange(part, bounds[index]!);
  });
}

/** What is wrong with a schedule. Pure. @returns Nothing where it is one. */
export function scheduleFault(text: string): string | undefined {
  try {
    check(text);
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}
