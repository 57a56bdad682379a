/**
 * The formats that a schema may name.
 *
 * @module
 */
import { readLongDuration } from "../types/long-duration.ts";
import { fullDate, GoTimeError, parseGoTime } from "../types/go-time.ts";
import { isCidr, isIpv4, isIpv6 } from "../types/ip.ts";

function isDate(text: string): boolean {
  try {
    parseGoTime(text, fullDate);
    return true;
  } catch (error) {
    if (error instanceof GoTimeError) return false;
    throw error;
  }
}

/** As the genuine server looks at it: between the first `T` and a second one, which needs not be there. */
function isDateTime(text: string): boolean {
  const [date, time] = text.toLowerCase().split("t");
  if (time === undefined || !isDate(date!)) return false;
  const match = /^(\d\d):(\d\d):(\d\d)(?:[^\n]\d+)?(?:z|[+-]\d\d:\d\d)$/u.exec(time);
  return match !== null && Number(match[1]) < 24 && Number(match[2]) < 60 && Number(match[3]) < 60;
}

const weighed = (digits: string, weight: (at: number) => number) =>
  [...digits].reduce((sum, digit, at) => sum + weight(at) * (digit === "X" ? 10 : Number(digit)), 0);
const isIsbn10 = (text: string) => {
  const digits = text.replace(/[- ]/g, "");
  return /^\d{9}[\dX]$/.test(digits) && weighed(digits, (at) => at + 1) % 11 === 0;
};
const isIsbn13 = (text: string) => {
  const digits = text.replace(/[- ]/g, "");
  return /^\d{13}$/.test(digits) && weighed(digits, (at) => at % 2 === 0 ? 1 : 3) % 10 === 0;
};
const isUri = (text: string) => /^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text) || /^\/[^\s]*$/.test(text);
const uuid = (version: string) => new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, "i");
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  uri: isUri,
  email: (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text),
  hostname: (text) =>
    text.length <= 255 &&
    /^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\.?$/.test(text),
  ipv4: isIpv4,
  ipv6: isIpv6,
  cidr: isCidr,
  mac: (text) => /^([0-9a-fA-F]{2}[:-]){5}([0-9a-fA-F]{2})$/.test(text),
  uuid: (text) => uuid("[0-9a-f]").test(text),
  uuid3: (text) => uuid("3").test(text),
  uuid4: (text) => uuid("4").test(text),
  uuid5: (text) => uuid("5").test(text),
  byte: (text) => text !== "" && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  date: isDate,
  datetime: isDateTime,
  duration: (text) => readLongDuration(text) !== undefined,
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: (text) => /^\d{13,19}$/.test(text.replace(/[- ]/g, "")),
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: (text) => /^rgb\(\s*\d{1,3}%?\s*,\s*\d{1,3}%?\s*,\s*\d{1,3}%?\s*\)$/.test(text),
  password: () => true,
  k8sshortname: (text) => text.length <= 63 && label.test(text),
  k8slongname: (text) => text.length <= 253 && text.split(".").every((part) => label.test(part)),
};

// Dashes in names of formats do not count.
const checkOf = (format: string) => {
  const name = format.replaceAll("-", "");
  return Object.hasOwn(formats, name) ? formats[name] : undefined;
};

/** Whether a format of texts is one that the server checks. Pure. */
export const isKnownFormat = (format: string): boolean => checkOf(format) !== undefined;

/** Whether a text has a format. Unknown formats hold for every text, as on the genuine server. Pure. */
export const hasFormat = (format: string, text: string): boolean => checkOf(format)?.(text) ?? true;
