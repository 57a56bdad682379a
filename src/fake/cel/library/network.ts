/**
 * IP addresses and their ranges, as rules see them.
 *
 * @module
 */
import { quote } from "../../types/quote.ts";
import type { Declaration } from "../language/declaration.ts";
import { EvaluationError, LibraryValue, noOverload } from "../language/value.ts";

/** An IP address. */
export class IpAddress extends LibraryValue {
  readonly typeName = "net.IP";
  readonly family: 4 | 6;
  readonly bits: bigint;

  constructor(family: 4 | 6, bits: bigint) {
    super();
    this.family = family;
    this.bits = bits;
  }

  /** Reads a text, or returns undefined: no zones, no leading zeros, no address of version 4 written as one of version 6. */
  static parse(text: string): IpAddress | undefined {
    const found = IpAddress.#read(text);
    return found?.isMapped ? undefined : found;
  }

  /** Whether it is one of version 4, written as one of version 6: however it is written, the server takes it for a mistake. */
  static isMapped(text: string): boolean {
    return IpAddress.#read(text)?.isMapped === true;
  }

  /** Whether it stands for an address of version 4. */
  get isMapped(): boolean {
    return this.family === 6 && this.bits >> 32n === 0xffffn;
  }

  static #read(text: string): IpAddress | undefined {
    if (/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) {
      const parts = text.split(".");
      if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith("0")))) return undefined;
      return new IpAddress(4, parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n));
    }
    const dotted = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text);
    if (dotted) {
      const last = IpAddress.#read(dotted[2]!);
      return last && IpAddress.#read(`${dotted[1]}${(last.bits >> 16n).toString(16)}:${(last.bits & 65535n).toString(16)}`);
    }
    const [head = "", tail, ...rest] = text.split("::");
    if (rest.length > 0 || !text.includes(":")) return undefined;
    const groups = (part: string | undefined) => part ? part.split(":") : [];
    const [before, after] = [groups(head), groups(tail)];
    const missing = 8 - before.length - after.length;
    if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
    const all = [...before, ...new Array<string>(tail === undefined ? 0 : missing).fill("0"), ...after];
    if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
    return new IpAddress(6, all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n));
  }

  override equals(other: LibraryValue): boolean {
    return other instanceof IpAddress && other.family === this.family && other.bits === this.bits;
  }

  /** The one way in which the address should be written. */
  override toString(): string {
    if (this.family === 4) return [24n, 16n, 8n, 0n].map((shift) => (this.bits >> shift) & 255n).join(".");
    const groups = Array.from({ length: 8 }, (_, at) => ((this.bits >> BigInt(112 - 16 * at)) & 65535n).toString(16)).join(":");
    const runs = groups.match(/\b0(?::0\b)+/g) ?? [];
    const longest = runs.reduce((best, run) => run.length > best.length ? run : best, "");
    if (longest === "") return groups;
    const at = groups.search(new RegExp(`\\b${longest}\\b`));
    return `${groups.slice(0, at).replace(/:$/, "")}::${groups.slice(at + longest.length).replace(/^:/, "")}`;
  }
}

/** A range of addresses. */
export class Cidr extends LibraryValue {
  readonly typeName = "net.CIDR";
  readonly ip: IpAddress;
  readonly prefix: number;

  constructor(ip: IpAddress, prefix: number) {
    super();
    this.ip = ip;
    this.prefix = prefix;
  }

  /** Reads a text, or returns undefined. */
  static parse(text: string): Cidr | undefined {
    const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
    const ip = match && IpAddress.parse(match[1]!);
    return ip && Number(match[2]) <= (ip.family === 4 ? 32 : 128) ? new Cidr(ip, Number(match[2])) : undefined;
  }

  override equals(other: LibraryValue): boolean {
    return other instanceof Cidr && other.prefix === this.prefix && other.ip.equals(this.ip);
  }

  /** The range with its address cut to the prefix. */
  masked(): Cidr {
    const rest = BigInt((this.ip.family === 4 ? 32 : 128) - this.prefix);
    return new Cidr(new IpAddress(this.ip.family, (this.ip.bits >> rest) << rest), this.prefix);
  }

  /** Whether an address is inside. */
  contains(ip: IpAddress): boolean {
    return ip.family === this.ip.family && new Cidr(ip, this.prefix).masked().ip.bits === this.masked().ip.bits;
  }
}

/** Why Go reads no address. */
function parseFault(text: string): string {
  const dot = text.indexOf(".");
  const colon = text.indexOf(":");
  if (dot < 0 && colon < 0) return "unable to parse IP";
  if (dot >= 0 && (colon < 0 || dot < colon)) {
    return fieldFault(text);
  }
  return groupFault(text);
}

/** Why Go reads no address of the fourth version: it goes from left to right. */
function fieldFault(text: string): string {
  let field = "";
  let fields = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char >= "0" && char <= "9") {
      if (field === "0") return "IPv4 field has octet with leading zero";
      field += char;
      if (Number(field) > 255) return "IPv4 field has value >255";
    } else if (char === ".") {
      if (field === "" || at === text.length - 1) return `IPv4 field must have at least one digit (at ${quote(text.slice(at))})`;
      if (fields === 3) return "IPv4 address too long";
      fields++;
      field = "";
    } else return `unexpected character (at ${quote(text.slice(at))})`;
  }
  return "IPv4 address too short";
}

/** Why Go reads no address of the sixth version: it goes from left to right. */
function groupFault(text: string): string {
  let rest = text.startsWith("::") ? text.slice(2) : text;
  let hasGap = text.startsWith("::");
  if (hasGap && rest === "") return "";
  for (let count = 1;; count++) {
    const group = /^[0-9a-fA-F]*/.exec(rest)![0];
    if (group.length > 4) return `each group must have 4 or less digits (at ${quote(rest)})`;
    if (group === "") return `each colon-separated field must have at least one digit (at ${quote(rest)})`;
    if (rest[group.length] === ".") {
      if (!hasGap && count !== 7) {
        return `embedded IPv4 address must replace the final 2 fields of the address (at ${quote(rest)})`;
      }
      if (count > 7) return `too many hex fields to fit an embedded IPv4 at the end of the address (at ${quote(rest)})`;
      return fieldFault(rest);
    }
    rest = rest.slice(group.length);
    if (rest === "") return count < 8 ? "address string too short" : "unable to parse IP";
    if (rest[0] !== ":") return `unexpected character, want colon (at ${quote(rest)})`;
    if (rest.length === 1) return `colon must be followed by more characters (at ${quote(rest)})`;
    rest = rest.slice(1);
    if (rest[0] === ":") {
      if (hasGap) return `multiple :: in address (at ${quote(rest)})`;
      hasGap = true;
      rest = rest.slice(1);
      if (rest === "") return "the :: must expand to at least one field of zeros";
    }
    if (count === 8) return `trailing garbage after address (at ${quote(rest)})`;
  }
}

function addressFault(text: string): string {
  if (IpAddress.isMapped(text)) return `IPv4-mapped IPv6 address ${quote(text)} is not allowed`;
  if (text.includes("%") && IpAddress.parse(text.split("%")[0]!)) {
    return `IP address ${quote(text)} with zone value is not allowed`;
  }
  const why = parseFault(text);
  return `IP Address ${quote(text)} parse error during conversion from string: ParseAddr(${quote(text)}): ${why}`;
}

function rangeFault(text: string): string {
  if (/\/(?:0|[1-9]\d?|1[01]\d|12[0-8])$/.test(text) && IpAddress.isMapped(text.slice(0, text.lastIndexOf("/")))) {
    return `network address parse error during conversion from string: IPv4-mapped IPv6 address ${quote(text)} is not allowed`;
  }
  const twice =
    "network address parse error during conversion from string: network address parse error during conversion from string";
  const why = text.includes("/") ? parseRangeFault(text) : "no '/'";
  return `${twice}: netip.ParsePrefix(${quote(text)}): ${why}`;
}

function parseRangeFault(text: string): string {
  const [address = "", bits = ""] = [text.slice(0, text.lastIndexOf("/")), text.slice(text.lastIndexOf("/") + 1)];
  if (!IpAddress.parse(address)) return `ParseAddr(${quote(address)}): ${parseFault(address)}`;
  if (!/^(0|[1-9]\d*)$/.test(bits)) return `bad bits after slash: ${quote(bits)}`;
  return "prefix length out of range";
}

function ip(text: string): IpAddress {
  const found = IpAddress.parse(text);
  if (!found) throw new EvaluationError(addressFault(text));
  return found;
}

function cidr(text: string): Cidr {
  const found = Cidr.parse(text);
  if (!found) throw new EvaluationError(rangeFault(text));
  return found;
}

const within = (range: string, test: (address: IpAddress) => boolean = () => true) => {
  const found = cidr(range);
  return (address: IpAddress) => found.contains(address) && test(address);
};
const either = (...tests: ((address: IpAddress) => boolean)[]) => (address: IpAddress) => tests.some((test) => test(address));
const loopback = either(within("127.0.0.0/8"), within("::1/128"));
const unspecified = either(within("0.0.0.0/32"), within("::/128"));
const multicast = either(within("224.0.0.0/4"), within("ff00::/8"));
const linkLocal = either(within("169.254.0.0/16"), within("fe80::/10"));
const linkLocalMulticast = either(within("224.0.0.0/24"), within("ff02::/16"));
const notGlobal = either(loopback, unspecified, multicast, linkLocal, within("255.255.255.255/32"));
const holds = (range: Cidr, inner: Cidr) => range.contains(inner.ip) && range.prefix <= inner.prefix;

/** A text that is none is told as an operand of the wrong type. */
function given<T>(found: T | undefined): T {
  if (found === undefined) throw noOverload();
  return found;
}

/** Functions of addresses. */
export const network: readonly Declaration[] = [
  ["string_to_ip", "ip(string): IP", ip],
  ["is_ip", "isIP(string): bool", (text: string) => IpAddress.parse(text) !== undefined],
  ["ip_is_canonical", "ip::isCanonical(string): bool", (text: string) => ip(text).toString() === text],
  ["ip_to_string", "string(IP): string", (address: IpAddress) => address.toString()],
  ["ip_family", "IP.family(): int", (address: IpAddress) => BigInt(address.family)],
  ["ip_is_loopback", "IP.isLoopback(): bool", loopback],
  ["ip_is_unspecified", "IP.isUnspecified(): bool", unspecified],
  ["ip_is_link_local_multicast", "IP.isLinkLocalMulticast(): bool", linkLocalMulticast],
  ["ip_is_link_local_unicast", "IP.isLinkLocalUnicast(): bool", linkLocal],
  ["ip_is_global_unicast", "IP.isGlobalUnicast(): bool", (address: IpAddress) => !notGlobal(address)],
  ["string_to_cidr", "cidr(string): CIDR", cidr],
  ["is_cidr", "isCIDR(string): bool", (text: string) => Cidr.parse(text) !== undefined],
  ["cidr_to_string", "string(CIDR): string", (range: Cidr) => `${range.ip}/${range.prefix}`],
  [
    "cidr_contains_ip_string",
    "CIDR.containsIP(string): bool",
    (range: Cidr, text: string) => range.contains(given(IpAddress.parse(text))),
  ],
  ["cidr_contains_ip_ip", "CIDR.containsIP(IP): bool", (range: Cidr, address: IpAddress) => range.contains(address)],
  [
    "cidr_contains_cidr_string",
    "CIDR.containsCIDR(string): bool",
    (range: Cidr, text: string) => holds(range, cidr(text)),
  ],
  ["cidr_contains_cidr", "CIDR.containsCIDR(CIDR): bool", holds],
  ["cidr_ip", "CIDR.ip(): IP", (range: Cidr) => range.ip],
  ["cidr_masked", "CIDR.masked(): CIDR", (range: Cidr) => range.masked()],
  ["cidr_prefix_length", "CIDR.prefixLength(): int", (range: Cidr) => BigInt(range.prefix)],
];
