/**
 * IP addresses and their ranges, as rules see them.
 *
 * @module
 */
import type { FunctionEntry } from "./library.ts";

/** An IP address. */
export class IpAddress {
  readonly family: 4 | 6;
  readonly bits: bigint;

  constructor(family: 4 | 6, bits: bigint) {
    this.family = family;
    this.bits = bits;
  }

  /** Reads a text, or returns undefined: no zones, no leading zeros, no IPv4 inside of IPv6. */
  static parse(text: string): IpAddress | undefined {
    if (/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) {
      const parts = text.split(".");
      if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith("0")))) return undefined;
      return new IpAddress(4, parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n));
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

  /** The one way in which the address should be written. */
  toString(): string {
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
export class Cidr {
  readonly ip: IpAddress;
  readonly prefix: number;

  constructor(ip: IpAddress, prefix: number) {
    this.ip = ip;
    this.prefix = prefix;
  }

  /** Reads a text, or returns undefined. */
  static parse(text: string): Cidr | undefined {
    const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
    const ip = match && IpAddress.parse(match[1]!);
    return ip && Number(match[2]) <= (ip.family === 4 ? 32 : 128) ? new Cidr(ip, Number(match[2])) : undefined;
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

function ip(text: string): IpAddress {
  const found = IpAddress.parse(text);
  if (!found) throw new RangeError(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  return found;
}

function cidr(text: string): Cidr {
  const found = Cidr.parse(text);
  if (!found) throw new RangeError(`network address parse error during conversion from string: ${JSON.stringify(text)}`);
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

/** Functions of addresses. */
export const network: readonly FunctionEntry[] = [
  ["ip(string): IpAddress", ip],
  ["isIP(string): bool", (text: string) => IpAddress.parse(text) !== undefined],
  ["IpNamespace.isCanonical(string): bool", (_: unknown, text: string) => ip(text).toString() === text],
  ["string(IpAddress): string", (address: IpAddress) => address.toString()],
  ["IpAddress.family(): int", (address: IpAddress) => BigInt(address.family)],
  ["IpAddress.isLoopback(): bool", loopback],
  ["IpAddress.isUnspecified(): bool", unspecified],
  ["IpAddress.isLinkLocalMulticast(): bool", linkLocalMulticast],
  ["IpAddress.isLinkLocalUnicast(): bool", linkLocal],
  ["IpAddress.isGlobalUnicast(): bool", (address: IpAddress) => !notGlobal(address)],
  ["cidr(string): Cidr", cidr],
  ["isCIDR(string): bool", (text: string) => Cidr.parse(text) !== undefined],
  ["string(Cidr): string", (range: Cidr) => `${range.ip}/${range.prefix}`],
  ["Cidr.containsIP(string): bool", (range: Cidr, text: string) => range.contains(ip(text))],
  ["Cidr.containsIP(IpAddress): bool", (range: Cidr, address: IpAddress) => range.contains(address)],
  ["Cidr.containsCIDR(string): bool", (range: Cidr, text: string) => holds(range, cidr(text))],
  ["Cidr.containsCIDR(Cidr): bool", holds],
  ["Cidr.ip(): IpAddress", (range: Cidr) => range.ip],
  ["Cidr.masked(): Cidr", (range: Cidr) => range.masked()],
  ["Cidr.prefixLength(): int", (range: Cidr) => BigInt(range.prefix)],
];
