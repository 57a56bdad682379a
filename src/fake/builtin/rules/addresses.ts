/**
 * Addresses of services, and the ranges that they come from.
 *
 * @module
 */
import { type FieldError, immutable, invalid, required } from "../../types/field-error.ts";
import { addressText, isCidr, isIp, isIpv4, masked, sloppyAddress } from "../../types/ip.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import { segmentName, subdomainName } from "../../types/names.ts";
import type { Rules } from "../selectable.ts";
import { isUnset, part } from "./checks.ts";
import { textsOf } from "./selectors.ts";

const path = "spec.parentRef";

const segmentErrors = (value: Json | undefined, at: string): FieldError[] =>
  segmentName(String(value)).map((fault) => invalid(at, value, fault));

function parentErrors(parent: Json | undefined): FieldError[] {
  if (!isObject(parent)) return [required(path)];
  const { group, resource, name, namespace } = parent;
  return [
    ...isUnset(group) ? [] : subdomainName(String(group)).map((fault) => invalid(`${path}.group`, group, fault)),
    ...isUnset(resource) ? [required(`${path}.resource`)] : segmentErrors(resource, `${path}.resource`),
    ...isUnset(name) ? [required(`${path}.name`)] : segmentErrors(name, `${path}.name`),
    ...isUnset(namespace) ? [] : segmentErrors(namespace, `${path}.namespace`),
  ];
}

const goParent = ({ group = "", resource = "", namespace = "", name = "" }: JsonObject): JsonObject => ({
  Group: group,
  Resource: resource,
  Namespace: namespace,
  Name: name,
});

/** The name of an address is the address, as it is printed. Pure. */
function addressName(name: string): readonly string[] {
  const address = sloppyAddress(name);
  if (!address) return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
  if (!isIp(name)) return ["must not have leading 0s"];
  if (name.includes(":") && address.length === 4) return ["must not be an IPv4-mapped IPv6 address"];
  const shown = addressText(address);
  return name === shown ? [] : [`must be in canonical form ("${shown}")`];
}

/** Addresses. */
export const addressRules: Rules = {
  nameRule: addressName,
  validate(object, old) {
    const parent = part(object, "spec").parentRef;
    const errors = parentErrors(parent);
    if (!old || equal(parent ?? null, part(old, "spec").parentRef ?? null)) return errors;
    return [...errors, immutable(path, isObject(parent) ? goParent(parent) : null)];
  },
};

function cidrErrors(cidr: string, at: string): FieldError[] {
  const [, text = "", bits = ""] = /^([^/]*)\/(\d+)$/.exec(cidr) ?? [];
  const address = sloppyAddress(text);
  const isVersion4 = address !== undefined && !text.includes(":");
  if (!address || Number(bits) > (isVersion4 ? 32 : 128)) {
    return [invalid(at, cidr, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")];
  }
  if (!isCidr(cidr)) return [invalid(at, cidr, "must not have leading 0s in IP or prefix length")];
  if (!isVersion4 && address.length === 4) return [invalid(at, cidr, "must not have an IPv4-mapped IPv6 address")];
  const network = masked(address, Number(bits));
  if (!equal([...network], [...address])) return [invalid(at, cidr, "must not have bits set beyond the prefix length")];
  const shown = `${addressText(network)}/${bits}`;
  return cidr === shown ? [] : [invalid(at, cidr, `must be in canonical form ("${shown}")`)];
}

function rangeErrors(object: JsonObject): FieldError[] {
  const at = "spec.cidrs";
  const cidrs = textsOf(part(object, "spec").cidrs);
  if (cidrs.length === 0) return [required(at, "at least one CIDR required")];
  if (cidrs.length > 2) return [invalid(at, { CIDRs: [...cidrs] }, "may only hold up to 2 values")];
  const errors = cidrs.flatMap((cidr, index) => cidrErrors(cidr, `${at}[${index}]`));
  const families = cidrs.map((cidr) => isIpv4(cidr.split("/")[0]!) ? 4 : isCidr(cidr) ? 6 : 0);
  return cidrs.length === 2 && families[0] === families[1] && families[0] !== 0
    ? [
      ...errors,
      invalid(at, [...cidrs], "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"),
    ]
    : errors;
}

function rangeChanges(object: JsonObject, old: JsonObject): FieldError[] {
  const at = "spec.cidrs";
  const [now, before] = [object, old].map((each) => textsOf(part(each, "spec").cidrs)) as [readonly string[], readonly string[]];
  if (now.length === before.length) {
    return now.flatMap((cidr, index) => cidr === before[index] ? [] : [immutable(`${at}[${index}]`, cidr)]);
  }
  if (before.length !== 1 || now.length !== 2) return [immutable(at, now.length === 0 ? null : [...now])];
  return [...now[0] === before[0] ? [] : [immutable(`${at}[0]`, now[0])], ...rangeErrors(object)];
}

/** Ranges of addresses. */
export const serviceRangeRules: Rules = {
  validate(object, old, subresource) {
    if (subresource === "status") return [];
    return old ? rangeChanges(object, old) : rangeErrors(object);
  },
};
