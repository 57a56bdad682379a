import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";
import { plainAddress } from "./address.ts";

/**
 * Whether a host is reached without a proxy. Pure. The rules are those of Go's `golang.org/x/net/http/httpproxy`: never
 * through a proxy are `localhost` and loopback addresses; else what the list names:
 *
 * | entry | stands for |
 * | --- | --- |
 * | `*` | every host |
 * | `10.0.0.0/8`, `fd00::/8` | the addresses in that block |
 * | `10.0.0.1`, `[fd00::1]:443` | that address, on that port where it names one |
 * | `acme.io`, `acme.io:443` | that domain and all below it |
 * | `.acme.io`, `*.acme.io` | all below that domain |
 *
 * @param host In lower case, without brackets.
 * @param list Entries with commas between them.
 */
export function isExempt(host: string, port: string, list: string): boolean {
  const name = plainAddress(host);
  if (name === "localhost" || (isIP(name) !== 0 && LOOPBACK.check(name, familyOf(name)))) return true;
  return list.split(",").map((entry) => entry.trim().toLowerCase()).some((entry) => entry === "*" || exempts(entry, name, port));
}

type Family = "ipv4" | "ipv6";
const familyOf = (address: string): Family => isIP(address) === 6 ? "ipv6" : "ipv4";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

function exempts(entry: string, host: string, port: string): boolean {
  const block = /^([^/]+)\/(\d+)$/.exec(entry);
  if (block) return isInside(host, block[1]!, Number(block[2]));
  const { 1: bracketed, 2: bare = entry, 3: only } = /^(?:\[([^\]]*)\]|([^:]*)):(\d*)$/.exec(entry) ?? [];
  const name = plainAddress(bracketed ?? bare);
  if (name === "" || (only && only !== port)) return false;
  if (isIP(name) !== 0 || isIP(host) !== 0) return isInside(host, name, isIP(name) === 6 ? 128 : 32);
  const [, below, domain = ""] = /^(\*?\.)?(.*)$/.exec(name)!;
  const ascii = domainToASCII(domain) || domain;
  return host.endsWith(`.${ascii}`) || (below === undefined && host === ascii);
}

/** Whether an address lies in a block. */
function isInside(address: string, network: string, length: number): boolean {
  const family = familyOf(network);
  if (isIP(address) === 0 || isIP(network) === 0 || family !== familyOf(address)) return false;
  if (length > (family === "ipv6" ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, length, family);
  return list.check(address, family);
}
