/**
 * Addresses of interfaces, with the length of their network's prefix.
 *
 * @module
 */
import { type FieldError, invalid } from "../../types/field-error.ts";
import { addressText, sloppyAddress } from "../../types/ip.ts";

/** What is wrong with an address as `192.0.2.7/24`. Pure. */
export function interfaceAddressErrors(text: string, path: string): FieldError[] {
  const [, given = "", bits = ""] = /^([^/]*)\/(\d+)$/.exec(text) ?? [];
  const address = sloppyAddress(given);
  const isVersion4 = !given.includes(":");
  if (!address || Number(bits) > (isVersion4 ? 32 : 128)) {
    return [invalid(path, text, "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)")];
  }
  // An address of version 4 that is written as one of version 6.
  const length = address.length === 4 && Number(bits) > 32 ? Number(bits) - 96 : Number(bits);
  const shown = `${addressText(address)}/${length}`;
  return text === shown ? [] : [invalid(path, text, `must be in canonical form ("${shown}")`)];
}
