/**
 * What the status of a service may say of its balancer.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, notSupported, required } from "../../types/field-error.ts";
import { isIp } from "../../types/ip.ts";
import type { JsonObject } from "../../types/json.ts";
import { subdomainName } from "../../types/names.ts";
import { each, part } from "./checks.ts";
import { addressWarnings, legacyAddressErrors } from "./legacy-addresses.ts";

function placeErrors(place: JsonObject, path: string, warn: ((text: string) => void) | undefined): FieldError[] {
  const { ip = "", ipMode, hostname = "" } = place;
  const errors: FieldError[] = [];
  if (ip !== "") {
    errors.push(...legacyAddressErrors(String(ip), `${path}.ip`));
    if (errors.length === 0) addressWarnings(String(ip), path).forEach((text) => warn?.(text));
  }
  if (ipMode === undefined || ipMode === null) {
    if (ip !== "") errors.push(required(`${path}.ipMode`, "must be specified when `ip` is set"));
  } else if (ip === "") errors.push(forbidden(`${path}.ipMode`, "may not be specified when `ip` is not set"));
  else if (ipMode !== "VIP" && ipMode !== "Proxy") errors.push(notSupported(`${path}.ipMode`, ipMode, ["Proxy", "VIP"]));
  if (hostname !== "") {
    errors.push(...subdomainName(String(hostname)).map((fault) => invalid(`${path}.hostname`, hostname, fault)));
    if (isIp(String(hostname))) errors.push(invalid(`${path}.hostname`, hostname, "must be a DNS name, not an IP address"));
  }
  return errors;
}

/** What is wrong with a status. @param warn Told of addresses that others read otherwise. */
export function serviceStatusErrors(service: JsonObject, warn: ((text: string) => void) | undefined): FieldError[] {
  const places = each(service, "status", "loadBalancer", "ingress");
  if (part(service, "spec").type !== "LoadBalancer" && places.length > 0) {
    return [forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return places.flatMap((place, index) => placeErrors(place, `status.loadBalancer.ingress[${index}]`, warn));
}
