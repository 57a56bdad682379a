/**
 * Which proxy leads to a server, by the environment, as for kubectl and every other program in Go.
 *
 * @module
 */
import { SetupError } from "../../errors.ts";
import { isExempt } from "./no-proxy.ts";
import { masked } from "./server-url.ts";

/** Variables by name. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The URL of the proxy for a server, or undefined where it is reached directly.
 *
 * @throws {SetupError} when a variable does not hold the URL of a proxy.
 */
export function proxyFromEnvironment(server: string, env: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const secure = protocol === "https:";
  const [name, value] = firstOf(env, secure ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"]);
  const [, list] = firstOf(env, ["NO_PROXY", "no_proxy"]);
  if (value === "" || isExempt(hostname.replace(/^\[|\]$/g, ""), port || (secure ? "443" : "80"), list)) return undefined;
  // A scheme may be left out.
  const proxy = proxyUrl(value) ?? (value.includes("://") ? undefined : proxyUrl(`http://${value}`));
  if (!proxy) throw new SetupError(`${name} is not the URL of a proxy (http, https or socks5): ${masked(value)}`);
  return proxy;
}

/** The URL of a proxy, or undefined where it is none that can be used. Pure. */
export function proxyUrl(text: string): string | undefined {
  const url = /\s/.test(text) ? null : URL.parse(text);
  return url && /^(https?|socks5h?):$/.test(url.protocol) && url.host !== "" ? url.href.replace(/\/$/, "") : undefined;
}

/** Upper case goes first; an empty one counts as none. */
function firstOf(env: Environment, names: readonly string[]): [name: string, value: string] {
  const name = names.find((name) => env[name]) ?? names[0]!;
  return [name, env[name] ?? ""];
}
