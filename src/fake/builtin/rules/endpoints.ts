/**
 * Endpoints and slices of them.
 *
 * @module
 */
import { duplicate, type FieldError, immutable, invalid, notSupported, required, tooMany } from "../../types/field-error.ts";
import { type Address, addressText, isIp, sloppyAddress } from "../../types/ip.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { labelName, labelValueFaults, qualifiedNameFaults, subdomainName } from "../../types/names.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset, part, portErrors, protocols } from "./checks.ts";
import { addressWarnings } from "./legacy-addresses.ts";
import { textsOf } from "./selectors.ts";

const noAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

/** Whether an address begins as another one, as far as that goes. */
const within = (address: Address, ...start: readonly number[]) => start.every((group, index) => address[index] === group);
const between = (value: number | undefined, mask: number, expected: number) => ((value ?? 0) & mask) === expected;

/** What is wrong with an address that is to be reached from elsewhere. Pure. */
export function reachErrors(text: string, path: string): FieldError[] {
  const address = sloppyAddress(text);
  if (!address) return [invalid(path, text, "must be a valid IP address")];
  const isOld = address.length === 4;
  const rest = address.slice(0, -1);
  const [first] = address;
  const errors: FieldError[] = [];
  const none = rest.every((group) => group === 0);
  if (none && address.at(-1) === 0) errors.push(invalid(path, text, `may not be unspecified (${text})`));
  if (isOld ? first === 127 : none && address.at(-1) === 1) {
    errors.push(invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)"));
  }
  if (isOld ? within(address, 169, 254) : between(first, 0xffc0, 0xfe80)) {
    errors.push(invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"));
  }
  if (isOld ? within(address, 224, 0, 0) : between(first, 0xff0f, 0xff02)) {
    errors.push(invalid(path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"));
  }
  return errors;
}

const labelAt = (text: string, path: string) => labelName(text).map((fault) => invalid(path, text, fault));

function protocolErrors(protocol: Json | undefined, path: string, whenEmpty: "required" | "unknown"): FieldError[] {
  if (protocol === undefined || protocol === null || (protocol === "" && whenEmpty === "required")) return [required(path)];
  return protocols.includes(String(protocol)) ? [] : [notSupported(path, protocol, protocols)];
}

const appProtocolErrors = (name: Json | undefined, path: string): FieldError[] =>
  name === undefined || name === null ? [] : qualifiedNameFaults(String(name)).map((fault) => invalid(path, name, fault));

function addressErrors(address: JsonObject, path: string): FieldError[] {
  const ip = String(address.ip ?? "");
  return [
    ...sloppyAddress(ip) ? [] : [invalid(`${path}.ip`, ip, noAddress)],
    ...isUnset(address.hostname) ? [] : labelAt(String(address.hostname), `${path}.hostname`),
    ...typeof address.nodeName === "string"
      ? subdomainName(address.nodeName).map((fault) => invalid(`${path}.nodeName`, address.nodeName, fault))
      : [],
    ...reachErrors(ip, `${path}.ip`),
  ];
}

function endpointPortErrors(port: JsonObject, isOneOfSome: boolean, path: string): FieldError[] {
  const name = String(port.name ?? "");
  return [
    ...name !== "" ? labelAt(name, `${path}.name`) : isOneOfSome ? [required(`${path}.name`)] : [],
    ...portErrors(port.port ?? 0, `${path}.port`),
    ...protocolErrors(port.protocol, `${path}.protocol`, "required"),
    ...appProtocolErrors(port.appProtocol, `${path}.appProtocol`),
  ];
}

const subsetsErrors = (subsets: readonly JsonObject[]): FieldError[] =>
  subsets.flatMap((subset, index) => {
    const path = `subsets[${index}]`;
    const [addresses, others] = [each(subset, "addresses"), each(subset, "notReadyAddresses")];
    const ports = each(subset, "ports");
    return [
      ...addresses.length + others.length === 0 ? [required(path, "must specify `addresses` or `notReadyAddresses`")] : [],
      ...addresses.flatMap((address, place) => addressErrors(address, `${path}.addresses[${place}]`)),
      ...others.flatMap((address, place) => addressErrors(address, `${path}.notReadyAddresses[${place}]`)),
      ...ports.flatMap((port, place) => endpointPortErrors(port, ports.length > 1, `${path}.ports[${place}]`)),
    ];
  });

/** Endpoints. What was let through before stays let through. */
export const endpointsRules: Rules = {
  deprecation: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  validate(object, old, _subresource, warn) {
    const subsets = each(object, "subsets");
    const errors = old && equal(object.subsets ?? [], old.subsets ?? []) ? [] : subsetsErrors(subsets);
    if (errors.length > 0 || !warn) return errors;
    for (const [index, subset] of subsets.entries()) {
      for (const member of ["addresses", "notReadyAddresses"]) {
        for (const [place, { ip }] of each(subset, member).entries()) {
          addressWarnings(String(ip), `subsets[${index}].${member}[${place}].ip`).forEach(warn);
        }
      }
    }
    return errors;
  },
};

const addressTypes = ["FQDN", "IPv4", "IPv6"];

function domainErrors(given: string, path: string): FieldError[] {
  if (given === "") return [required(path)];
  const name = given.endsWith(".") ? given.slice(0, -1) : given;
  const faults = subdomainName(name);
  if (faults.length > 0) return [invalid(path, name, faults.join(","))];
  const labels = name.split(".");
  if (labels.length < 2) {
    return [invalid(path, name, "should be a domain with at least two segments separated by dots")];
  }
  const wrong = labels.find((label) => labelName(label).length > 0);
  return wrong === undefined ? [] : [invalid(path, wrong, labelName(wrong).join(","))];
}

/** @param list Where all addresses of the endpoint stand. */
function sliceAddressErrors(type: string, text: string, list: string, path: string): FieldError[] {
  if (type === "FQDN") return domainErrors(text, path);
  if (type !== "IPv4" && type !== "IPv6") return [];
  const address = sloppyAddress(text);
  if (!address) return [invalid(path, text, noAddress)];
  if (type === "IPv4") {
    return [...address.length === 4 ? [] : [invalid(list, text, "must be an IPv4 address")], ...reachErrors(text, path)];
  }
  const errors: FieldError[] = [];
  if (!isIp(text)) errors.push(invalid(path, text, "must not have leading 0s"));
  if (text.includes(":") && address.length === 4) errors.push(invalid(path, text, "must not be an IPv4-mapped IPv6 address"));
  if (errors.length > 0) return errors;
  const shown = addressText(address);
  if (text !== shown) return [invalid(path, text, `must be in canonical form ("${shown}")`)];
  return [...address.length === 8 ? [] : [invalid(list, text, "must be an IPv6 address")], ...reachErrors(text, path)];
}

const most = { addresses: 100, ports: 20_000, endpoints: 1000, hints: 8 };

/** Names in a list of hints. */
function hintErrors(hints: readonly JsonObject[], path: string, faults: (name: string) => readonly string[]): FieldError[] {
  const names = hints.map(({ name }) => String(name ?? ""));
  return names.flatMap((name, index) => {
    const at = `${path}[${index}].name`;
    const twice = names.indexOf(name) < index ? [duplicate(at, name)] : [];
    return [...twice, ...faults(name).map((fault) => invalid(at, name, fault))];
  });
}

function hintsErrors(hints: JsonObject, path: string): FieldError[] {
  const [zones, nodes] = [each(hints, "forZones"), each(hints, "forNodes")];
  if (zones.length > most.hints) return [tooMany(`${path}.forZones`, zones.length, most.hints)];
  const errors = hintErrors(zones, `${path}.forZones`, labelValueFaults);
  if (nodes.length > most.hints) return [...errors, tooMany(`${path}.forNodes`, nodes.length, most.hints)];
  return [...errors, ...hintErrors(nodes, `${path}.forNodes`, subdomainName)];
}

function endpointErrors(endpoint: JsonObject, type: string, path: string): FieldError[] {
  const list = `${path}.addresses`;
  const addresses = textsOf(endpoint.addresses);
  const errors = addresses.length === 0
    ? [required(list, "must contain at least 1 address")]
    : addresses.length > most.addresses
    ? [tooMany(list, addresses.length, most.addresses)]
    : [];
  errors.push(...addresses.flatMap((address, index) => sliceAddressErrors(type, address, list, `${list}[${index}]`)));
  const { nodeName, hostname } = endpoint;
  if (typeof nodeName === "string") {
    errors.push(...subdomainName(nodeName).map((fault) => invalid(`${path}.nodeName`, nodeName, fault)));
  }
  if (typeof hostname === "string") errors.push(...labelAt(hostname, `${path}.hostname`));
  return isObject(endpoint.hints) ? [...errors, ...hintsErrors(endpoint.hints, `${path}.hints`)] : errors;
}

function slicePortErrors(ports: readonly JsonObject[]): FieldError[] {
  if (ports.length > most.ports) return [tooMany("ports", ports.length, most.ports)];
  const names = ports.map(({ name }) => String(name ?? ""));
  return ports.flatMap((port, index) => {
    const path = `ports[${index}]`;
    const name = names[index]!;
    return [
      ...name === "" ? [] : labelAt(name, `${path}.name`),
      ...names.indexOf(name) < index ? [duplicate(`${path}.name`, name)] : [],
      ...protocolErrors(port.protocol, `${path}.protocol`, "unknown"),
      ...appProtocolErrors(port.appProtocol, `${path}.appProtocol`),
    ];
  });
}

function sliceErrors(object: JsonObject, old: JsonObject | undefined): FieldError[] {
  const type = String(object.addressType ?? "");
  const endpoints = each(object, "endpoints");
  const isKnown = addressTypes.includes(type);
  const before = old && equal(object.endpoints ?? [], old.endpoints ?? []);
  return [
    ...type === "" ? [required("addressType")] : isKnown ? [] : [notSupported("addressType", type, addressTypes)],
    ...slicePortErrors(each(object, "ports")),
    ...before
      ? []
      : endpoints.length > most.endpoints
      ? [tooMany("endpoints", endpoints.length, most.endpoints)]
      : endpoints.flatMap((endpoint, index) => endpointErrors(endpoint, type, `endpoints[${index}]`)),
    ...old && type !== String(old.addressType ?? "") ? [immutable("addressType", type)] : [],
  ];
}

const managed = ["endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"];

/** What an older version said of where an endpoint is cannot be written any more. */
const withoutTopology = (object: JsonObject): JsonObject =>
  Array.isArray(object.endpoints)
    ? {
      ...object,
      endpoints: object.endpoints.map((endpoint) => {
        if (!isObject(endpoint)) return endpoint;
        const { deprecatedTopology: _, ...rest } = endpoint;
        return rest;
      }),
    }
    : object;

/** Slices of endpoints. */
export const endpointSliceRules: Rules = {
  prepareCreate: withoutTopology,
  prepareUpdate: withoutTopology,
  validate(object, old, _subresource, warn) {
    const errors = sliceErrors(object, old);
    if (errors.length > 0 || !warn) return errors;
    if (!old && object.addressType === "FQDN") warn("spec.addressType: FQDN endpoints are deprecated");
    if (managed.includes(String(metaOf(object).labels?.["endpointslice.kubernetes.io/managed-by"]))) return errors;
    for (const [index, endpoint] of each(object, "endpoints").entries()) {
      for (const [place, address] of textsOf(part(endpoint).addresses).entries()) {
        addressWarnings(address, `endpoints[${index}].addresses[${place}]`).forEach(warn);
      }
    }
    return errors;
  },
};
