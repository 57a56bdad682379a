import { isIP } from "node:net";

/**
 * A host as it is compared with others: an IPv4 address in the form of an IPv6 one is an IPv4 address, as in Go. Pure.
 *
 * @param host A name, or an address without brackets.
 */
export function plainAddress(host: string): string {
  if (isIP(host) !== 6) return host;
  const [, high, low] = /^\[::ffff:([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(new URL(`http://[${host}]`).hostname) ?? [];
  if (high === undefined) return host;
  return [high, low].map((group) => parseInt(group!, 16)).flatMap((group) => [group >> 8, group & 255]).join(".");
}
