/**
 * Addresses of the Internet, as Go's `net.ParseIP` reads them.
 *
 * @module
 */

const part = (text: string) => /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) < 256;

/** Whether a text is an address of version 4. Pure. */
export function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every(part);
}

/** Whether a text is an address of version 6. Pure. */
export function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2 || !text.includes(":")) return false;
  const groups = halves.flatMap((half) => half === "" ? [] : half.split(":"));
  const last = groups.at(-1);
  const dotted = last !== undefined && last.includes(".");
  if (dotted && (!isIpv4(last) || text.endsWith("::"))) return false;
  const hex = dotted ? groups.slice(0, -1) : groups;
  if (!hex.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  const count = hex.length + (dotted ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}

/** Whether a text is an address. Pure. */
export const isIp = (text: string): boolean => isIpv4(text) || isIpv6(text);

/** Whether a text is an address with the length of its prefix. Pure. */
export function isCidr(text: string): boolean {
  const [, address = "", length = ""] = /^(.*)\/(\d{1,3})$/.exec(text) ?? [];
  return length === String(Number(length)) && (isIpv4(address) ? Number(length) <= 32 : isIpv6(address) && Number(length) <= 128);
}

/** An address, as Go's `net.IP` holds it: four numbers where it is one of version 4, however it is written; else eight. */
export type Address = readonly number[];

/** Reads an address as Kubernetes does where it is lenient: parts of version 4 may begin with zeros. Pure. @returns Nothing where it is none. */
export function sloppyAddress(text: string): Address | undefined {
  if (!text.includes(":")) {
    const parts = text.split(".");
    const isOne = parts.length === 4 && parts.every((each) => /^\d+$/.test(each) && Number(each) < 256);
    return isOne ? parts.map(Number) : undefined;
  }
  if (!isIpv6(text)) return undefined;
  const [head = "", tail] = text.split("::");
  const groups = (half: string) =>
    half === "" ? [] : half.split(":").flatMap((group) => {
      if (!group.includes(".")) return [parseInt(group, 16)];
      const [a, b, c, d] = group.split(".").map(Number) as [number, number, number, number];
      return [a * 256 + b, c * 256 + d];
    });
  const [first, last] = [groups(head), groups(tail ?? "")];
  const all = tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill(0), ...last];
  if (all.slice(0, 5).some((group) => group !== 0) || all[5] !== 0xffff) return all;
  return [all[6]! >> 8, all[6]! & 255, all[7]! >> 8, all[7]! & 255];
}

/** An address as Go prints it: the longest run of zeros is left out. Pure. */
export function addressText(address: Address): string {
  if (address.length === 4) return address.join(".");
  let [from, length] = [-1, 1];
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && address[end] === 0) end++;
    if (end - at > length) [from, length] = [at, end - at];
  }
  const shown = (part: Address) => part.map((group) => group.toString(16)).join(":");
  return from < 0 ? shown(address) : `${shown(address.slice(0, from))}::${shown(address.slice(from + length))}`;
}

/** An address of which all but the first bits are zero. Pure. */
export function masked(address: Address, length: number): Address {
  const width = address.length === 4 ? 8 : 16;
  return address.map((part, index) => {
    const left = Math.max(0, Math.min(width, length - index * width));
    return left === 0 ? 0 : (part >> (width - left)) << (width - left);
  });
}
