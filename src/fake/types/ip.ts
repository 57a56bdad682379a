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
