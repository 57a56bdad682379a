/**
 * Which proxy leads to a server, by the environment. The rules are those of Go's `golang.org/x/net/http/httpproxy`, by which
 * kubectl and every client-go program go.
 *
 * @module
 */
import { isIP } from "node:net";
import { SetupError } from "../errors.ts";

/** Variables by name. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a server, or undefined where it is reached directly.
 *
 * @throws {SetupError} when a variable does not hold a URL.
 */
export function proxyFromEnvironment(server: URL, env: Environment): string | undefined {
  const [name, value] = firstOf(
    env,
    server.protocol === "https:" ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"],
  );
  if (value === undefined || isExempt(server, firstOf(env, ["NO_PROXY", "no_proxy"])[1] ?? "")) return undefined;
  // A scheme may be left out.
  const url = parseProxy(value) ?? (value.includes("://") ? undefined : parseProxy(`http://${value}`));
  if (!url) throw new SetupError(`${name} is not the URL of a proxy (http, https or socks5): ${masked(value)}`);
  return url;
}

/** The URL of a proxy, or undefined where it is none that can be used. */
export function parseProxy(text: string): string | undefined {
  const url = URL.parse(text);
  return url && /^(https?|socks5h?):$/.test(url.protocol) && url.host !== "" ? url.href.replace(/\/$/, "") : undefined;
}

/** A URL for a message: without its password. */
export const masked = (text: string): string => text.replace(/^((?:[a-z][a-z0-9+.-]*:\/\/)?[^/@:]*):[^@]*@/i, "$1:***@");

function firstOf(env: Environment, names: readonly string[]): [name: string, value: string | undefined] {
  const name = names.find((name) => env[name]) ?? names[0]!;
  return [name, env[name] || undefined];
}

function isExempt(server: URL, list: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "").toLowerCase();
  const port = server.port || (server.protocol === "https:" ? "443" : "80");
  if (host === "localhost" || isLoopback(host)) return true;
  return list.split(",").some((entry) => exempts(entry.trim().toLowerCase(), host, port));
}

const isLoopback = (host: string): boolean => host === "::1" || isIP(host) === 4 && host.startsWith("127.");

function exempts(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  if (entry.includes("/")) return isInside(host, entry);
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(entry);
  const [, name = entry, only] = bracketed ?? (isIP(entry) === 6 ? [] : /^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  if (only !== undefined && only !== port) return false;
  if (isIP(name) || isIP(host)) return isIP(name) !== 0 && bitsOf(name) === bitsOf(host);
  // ".domain" and "*.domain" stand for what lies below it, "domain" for itself, too.
  const below = name.replace(/^\*(?=\.)/, "");
  return below.startsWith(".") ? host.endsWith(below) : host === below || host.endsWith(`.${below}`);
}

/** Whether an address lies in a block, as in `10.0.0.0/8`. */
function isInside(host: string, block: string): boolean {
  const [network = "", length = ""] = block.split("/");
  if (isIP(host) === 0 || isIP(network) !== isIP(host) || !/^\d+$/.test(length)) return false;
  const count = Number(length);
  const bits = bitsOf(network);
  return count <= bits.length && bitsOf(host).slice(0, count) === bits.slice(0, count);
}

/** An address as text of ones and zeros; empty where it is none. */
function bitsOf(address: string): string {
  if (isIP(address) === 4) return address.split(".").map((part) => Number(part).toString(2).padStart(8, "0")).join("");
  if (isIP(address) !== 6) return "";
  const dotted = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => `${hex(a, b)}:${hex(c, d)}`);
  const [head = "", tail] = dotted.split("::");
  const groups = (text: string) => text === "" ? [] : text.split(":");
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle: string[] = Array(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...tail === undefined ? [] : middle, ...right].map((group) =>
    parseInt(group, 16).toString(2).padStart(16, "0")
  ).join("");
}

const hex = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);
