/**
 * Times as Go's `time.Parse` reads them, with its leniency and its words.
 *
 * @module
 */

/** A time that was read. */
export interface GoTime {
  /** Seconds since the epoch. */
  readonly seconds: number;
  /** The digits behind the point, cut to nanoseconds; none: `""`. */
  readonly fraction: string;
}

/** A text is no time in that layout. */
export class GoTimeError extends Error {}

/** `time.RFC3339`, which `metav1.Time` is read by. */
export const rfc3339 = "2006-01-02T15:04:05Z07:00";
/** `metav1.RFC3339Micro`. */
export const rfc3339Micro = "2006-01-02T15:04:05.000000Z07:00";

/** A time without a zone. */
const localTime = "2006-01-02T15:04:05";
/** `strfmt.RFC3339FullDate`. */
export const fullDate = "2006-01-02";

type Layout = typeof rfc3339 | typeof rfc3339Micro | typeof localTime | typeof fullDate;

/** A text as bytes, a character each: positions and lengths are those of Go. */
function bytesOf(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return binary;
}

/** The quotes of Go's package `time`, which are not those of `%q`. */
const quoted = (bytes: string) =>
  `"${
    bytes.replace(
      /["\\]|[^ -\x7f]/g,
      (char) => char === '"' || char === "\\" ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
    )
  }"`;

interface GoDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const isDigit = (char: string | undefined) => char !== undefined && char >= "0" && char <= "9";

const daysIn = (month: number, year: number) => new Date(Date.UTC(2000 + year % 400, month, 0)).getUTCDate();

class Reader {
  readonly #layout: Layout;
  readonly #text: string;
  /** What is still to be read. */
  #rest: string;

  constructor(text: string, layout: Layout) {
    this.#layout = layout;
    this.#rest = this.#text = bytesOf(text);
  }

  #refuse(element: string, at: string): never {
    const what = `parsing time ${quoted(this.#text)} as ${quoted(this.#layout)}`;
    throw new GoTimeError(`${what}: cannot parse ${quoted(at)} as ${quoted(element)}`);
  }

  #refuseBecause(why: string): never {
    throw new GoTimeError(`parsing time ${quoted(this.#text)}: ${why}`);
  }

  #sign(sign: string): void {
    if (this.#rest[0] !== sign) this.#refuse(sign, this.#rest);
    this.#rest = this.#rest.slice(1);
  }

  #year(): number {
    const digits = this.#rest.slice(0, 4);
    if (!/^\d{4}$/.test(digits)) this.#refuse("2006", this.#rest);
    this.#rest = this.#rest.slice(4);
    return Number(digits);
  }

  /** One or two digits; two, where they are fixed. */
  #number(element: string, fixed: boolean): number {
    const [first, second] = this.#rest;
    if (!isDigit(first) || (fixed && !isDigit(second))) this.#refuse(element, this.#rest);
    const digits = this.#rest.slice(0, isDigit(second) ? 2 : 1);
    this.#rest = this.#rest.slice(digits.length);
    return Number(digits);
  }

  #within(name: string, value: number, least: number, most: number): number {
    if (value < least || value > most) this.#refuseBecause(`${name} out of range`);
    return value;
  }

  #fraction(): string {
    if (this.#layout === rfc3339Micro) {
      if (!/^[.,]\d{6}/.test(this.#rest)) this.#refuse(".000000", this.#rest);
      const digits = this.#rest.slice(1, 7);
      this.#rest = this.#rest.slice(7);
      return digits;
    }
    // Not in the layout, and taken all the same.
    const digits = /^[.,](\d+)/.exec(this.#rest)?.[1] ?? "";
    if (digits !== "") this.#rest = this.#rest.slice(digits.length + 1);
    return digits.slice(0, 9);
  }

  /** Seconds that the zone is ahead. */
  #offset(): number {
    if (this.#rest[0] === "Z") {
      this.#rest = this.#rest.slice(1);
      return 0;
    }
    const match = /^(.)(\d\d):(\d\d)/s.exec(this.#rest);
    if (!match) return this.#refuse("Z07:00", this.#rest);
    const [whole, sign, hours, minutes] = match as unknown as [string, string, string, string];
    // As people write them: up to 24 hours and 60 minutes.
    const ahead = this.#within("time zone offset hour", Number(hours), 0, 24) * 3600 +
      this.#within("time zone offset minute", Number(minutes), 0, 60) * 60;
    if (sign !== "+" && sign !== "-") this.#refuse("Z07:00", this.#rest);
    this.#rest = this.#rest.slice(whole.length);
    return sign === "-" ? -ahead : ahead;
  }

  read(): GoTime {
    const year = this.#year();
    this.#sign("-");
    const month = this.#within("month", this.#number("01", true), 1, 12);
    this.#sign("-");
    const day = this.#number("02", true);
    return this.#layout === fullDate ? this.#ended({ year, month, day }) : this.#readTime({ year, month, day });
  }

  #readTime(date: GoDate): GoTime {
    this.#sign("T");
    const hour = this.#within("hour", this.#number("15", false), 0, 23);
    this.#sign(":");
    const minute = this.#within("minute", this.#number("04", true), 0, 59);
    this.#sign(":");
    const second = this.#within("second", this.#number("05", true), 0, 59);
    const fraction = this.#fraction();
    const offset = this.#layout === localTime ? 0 : this.#offset();
    return this.#ended(date, hour * 3600 + minute * 60 + second - offset, fraction);
  }

  #ended({ year, month, day }: GoDate, seconds: number = 0, fraction: string = ""): GoTime {
    if (this.#rest !== "") this.#refuseBecause(`extra text: ${quoted(this.#rest)}`);
    if (day < 1 || day > daysIn(month, year)) this.#refuseBecause("day out of range");
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    return { seconds: date.getTime() / 1000 + seconds, fraction };
  }
}

/** Reads a time. Pure. @throws {GoTimeError} */
export const parseGoTime = (text: string, layout: Layout): GoTime => new Reader(text, layout).read();

/** Reads a time as the format `date-time` of a schema does: the beginning of the epoch without a text, a zone or none. Pure. @throws {GoTimeError} */
export function parseDateTime(text: string): GoTime {
  if (text === "") return { seconds: 0, fraction: "" };
  try {
    return parseGoTime(text, rfc3339);
  } catch (error) {
    if (error instanceof GoTimeError) return parseGoTime(text, localTime);
    throw error;
  }
}

const pad = (value: number, width: number) => String(value).padStart(width, "0");

/** The beginning of the year 1. */
const zero = -62_135_596_800;

/** Whether a time is Go's zero value, which is printed as null. Pure. */
export const isZeroTime = ({ seconds, fraction }: GoTime): boolean => seconds === zero && /^0*$/.test(fraction);

/** A time in UTC, in whole seconds. Pure. */
export function printSeconds({ seconds }: GoTime): string {
  const date = new Date(seconds * 1000);
  return `${pad(date.getUTCFullYear(), 4)}-${date.toISOString().slice(-19, -5)}`;
}
