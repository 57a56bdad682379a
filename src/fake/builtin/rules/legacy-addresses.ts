/**
 * Addresses in members that are older than the rules of today: forms that others read otherwise are accepted, with a warning.
 *
 * @module
 */
import { type FieldError, invalid } from "../../types/field-error.ts";
import { type Address, addressText, isCidr, isIp, masked, sloppyAddress } from "../../types/ip.ts";

const noAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const noRange = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
const future = "will be considered invalid in a future Kubernetes release";

/** Whether an address of version 4 is written as one of version 6. */
const isMapped = (text: string, address: Address) => text.includes(":") && address.length === 4;

/** What is wrong with an address. Pure. */
export const legacyAddressErrors = (text: string, path: string): FieldError[] =>
  sloppyAddress(text) ? [] : [invalid(path, text, noAddress)];

/** What an address should be written like. Pure. */
export function addressWarnings(text: string, path: string): string[] {
  const address = sloppyAddress(text);
  if (!address) return [];
  const shown = addressText(address);
  if (!isIp(text) || isMapped(text, address)) return [`${path}: non-standard IP address "${text}" ${future}: use "${shown}"`];
  return text === shown ? [] : [`${path}: IPv6 address "${text}" should be in RFC 5952 canonical format ("${shown}")`];
}

/** A range, as it is read where much is let through. */
interface Range {
  readonly address: Address;
  /** How many bits of the address count, as it is written. */
  readonly length: number;
  /** How many bits an address has, as it is written. */
  readonly width: 32 | 128;
}

function rangeOf(text: string): Range | undefined {
  const [, given = "", bits = ""] = /^([^/]*)\/(\d+)$/.exec(text) ?? [];
  const address = sloppyAddress(given);
  const [length, width] = [Number(bits), given.includes(":") ? 128 : 32] as const;
  return address && length <= width ? { address, length, width } : undefined;
}

/** What is wrong with a range. Pure. */
export const legacyRangeErrors = (text: string, path: string): FieldError[] =>
  rangeOf(text) ? [] : [invalid(path, text, noRange)];

/** What a range should be written like. Pure. */
export function rangeWarnings(text: string, path: string): string[] {
  const range = rangeOf(text);
  if (!range) return [];
  const { address, length, width } = range;
  const own = address.length === 4 && width === 128 ? Math.max(0, length - 96) : length;
  const network = masked(address, own);
  const shown = `${addressText(network)}/${own}`;
  const warnings: string[] = [];
  if (network.some((part, index) => part !== address[index])) {
    const single = `${addressText(address)}/${width}`;
    warnings.push(`${path}: CIDR value "${text}" is ambiguous in this context (should be "${shown}" or "${single}"?)`);
  }
  if (!isCidr(text) || (address.length === 4 && width === 128)) {
    warnings.push(`${path}: non-standard CIDR value "${text}" ${future}: use "${shown}"`);
  }
  return warnings.length > 0 || text === shown
    ? warnings
    : [`${path}: IPv6 CIDR value "${text}" should be in RFC 5952 canonical format ("${shown}")`];
}

/** Whether there is one of each version, or which is none. */
function familiesOf(addresses: readonly (Address | undefined)[]): { readonly both: boolean; readonly wrong: number } {
  const wrong = addresses.indexOf(undefined);
  const of = (length: number) => addresses.some((address) => address?.length === length);
  return { both: wrong < 0 && of(4) && of(8), wrong };
}

/**
 * What is wrong with a list of addresses or ranges of which there may be one of each version.
 *
 * @param shown How the list is shown.
 * @param why What is said before the one that cannot be read.
 */
export function familyErrors(
  texts: readonly string[],
  kind: "IP" | "CIDR",
  path: string,
  { shown, why }: { readonly shown: Parameters<typeof invalid>[1]; readonly why: string },
): FieldError[] {
  if (texts.length < 2) return [];
  const { both, wrong } = familiesOf(texts.map((text) => kind === "IP" ? sloppyAddress(text) : rangeOf(text)?.address));
  const text = texts[wrong];
  const said = kind === "IP" ? `invalid IP[${wrong}]: ${text}` : `invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${text})`;
  return [
    ...wrong < 0 ? [] : [{ field: path, reason: "InternalError", text: `Internal error: ${why} with error:${said}` } as const],
    ...both && texts.length === 2 ? [] : [invalid(path, shown, `may specify no more than one ${kind} for each IP family`)],
  ];
}

/** Whether a range is a part of another one, and not all of it; one that cannot be read is judged elsewhere. Pure. */
export function isPart(text: string, whole: string): boolean {
  const [part, all] = [rangeOf(text), rangeOf(whole)];
  if (!part || !all) return true;
  const first = masked(part.address, part.length);
  const [own, other] = [masked(first, all.length), masked(all.address, all.length)];
  return first.length === other.length && all.length < part.length && own.every((number, index) => number === other[index]);
}
