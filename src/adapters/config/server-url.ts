import { isIPv4 } from "node:net";
import { SetupError } from "../../errors.ts";
import { plainAddress } from "./address.ts";

/**
 * A server's URL as requests are made of it: without a slash at its end, its path kept, without query and fragment.
 *
 * As client-go (`rest/url_utils.go`): what a kubeconfig names without a scheme is spoken to by HTTP, whatever certificates
 * there are.
 *
 * @param what Names it in messages, as in `server of cluster "c" in /home/me/.kube/config`.
 * @param options `bare`: whether the scheme may be left out.
 * @throws {SetupError} when it is none.
 */
export function serverUrl(text: string, what: string, { bare = false }: { readonly bare?: boolean } = {}): string {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : bare ? `http://${text}` : "";
  // What browsers forgive is no URL: spaces, and slashes that lean the other way.
  const url = /[\s\\]|^\w+:\/\/\//.test(whole) ? null : URL.parse(whole);
  // As are addresses in short, in octal or as one number.
  const shortened = url !== null && isIPv4(url.hostname) && !whole.includes(url.hostname);
  if (!url || shortened || !/^https?:$/.test(url.protocol) || (whole !== text && url.pathname !== "/")) {
    throw new SetupError(`The ${what} is not an http:// or https:// URL: ${masked(text)}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new SetupError(`The ${what} holds a user name: give it as username and password of the user (${masked(text)})`);
  }
  // Certificates name it so.
  const host = url.host.replace(
    /^\[([^\]]*)\]/,
    (bracketed, address) => isIPv4(plainAddress(address)) ? plainAddress(address) : bracketed,
  );
  return `${url.protocol}//${host}${url.pathname.replace(/\/+$/, "")}`;
}

/** A URL for a message: without its password, and in one line. */
export const masked = (text: string): string =>
  text.replace(/^((?:[a-z][a-z0-9+.-]*:\/\/)?[^/@:]*):.*@/is, "$1:***@")
    .replace(/\p{Cc}/gu, (control) => JSON.stringify(control).slice(1, -1));
