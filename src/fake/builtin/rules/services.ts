/**
 * Services: their addresses and ports.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, notListed, required } from "../../types/field-error.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import type { Surroundings } from "../../types/resource.ts";
import { unprocessable } from "../../types/status.ts";
import { metaOf } from "../../types/meta.ts";
import { type Rules, selectable } from "../selectable.ts";
import { isIp, isIpv4 } from "../../types/ip.ts";
import { qualifiedNameFaults, subdomainName } from "../../types/names.ts";
import { portNameErrors } from "./handlers.ts";
import { reachErrors } from "./endpoints.ts";
import { addressWarnings, legacyAddressErrors, legacyRangeErrors, rangeWarnings } from "./legacy-addresses.ts";
import { labelsErrors, textsOf } from "./selectors.ts";
import { at, each, isUnset, labelErrors, oneOf, part, portErrors, protocols } from "./checks.ts";

const subject = { group: "", plural: "Service" };

/** The first address of 10.0.0.0/24 that is free; the first one is the API server's own. */
function freeAddress(taken: ReadonlySet<string>): string {
  for (let last = 2; last < 255; last++) if (!taken.has(`10.0.0.${last}`)) return `10.0.0.${last}`;
  // A genuine server would refuse; a test may have more services than that.
  for (let third = 1; third < 256; third++) {
    for (let last = 0; last < 256; last++) if (!taken.has(`10.0.${third}.${last}`)) return `10.0.${third}.${last}`;
  }
  throw new RangeError("All addresses of services are taken");
}

/** The same number serves once for each protocol. */
const protocolAndPort = ({ protocol = "TCP", nodePort = 0 }: JsonObject): string => `${protocol}/${nodePort}`;

const portsOf = (services: readonly JsonObject[]) =>
  new Set(services.flatMap((service) => each(service, "spec", "ports").map(protocolAndPort)));

function withAddress(service: JsonObject, services: readonly JsonObject[], dryRun: boolean): JsonObject {
  const spec = { ...part(service, "spec") };
  if (spec.type === "ExternalName") return service;
  const taken = new Set(services.map((other) => String(part(other, "spec").clusterIP ?? "")));
  if (isUnset(spec.clusterIP) && !isUnset(spec.clusterIPs)) spec.clusterIP = (spec.clusterIPs as Json[])[0]!;
  const given = String(spec.clusterIP ?? "");
  if (given !== "" && given !== "None" && taken.has(given)) {
    throw unprocessable(subject, metaOf(service).name ?? "", [
      invalid("spec.clusterIPs", [given], `failed to allocate IP ${given}: provided IP is already allocated`),
    ]);
  }
  if (given !== "" && given !== "None" && !isIp(given)) return { ...service, spec: { ...spec, clusterIPs: [given] } };
  const refuse = (field: string, value: Json, why: string) =>
    unprocessable(subject, metaOf(service).name ?? "", [invalid(field, value, why)]);
  const isHeadless = given === "None";
  if (!isHeadless && textsOf(spec.ipFamilies)[0] === "IPv6") {
    throw refuse("spec.ipFamilies[0]", "IPv6", "not configured on this cluster");
  }
  if (!isHeadless && spec.ipFamilyPolicy === "RequireDualStack") {
    throw refuse("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services");
  }
  if (given !== "" && !isHeadless && !isIpv4(given)) {
    throw refuse("spec.clusterIPs[0]", [given], "IPv6 is not configured on this cluster");
  }
  if (given !== "" && !isHeadless && (!given.startsWith("10.0.0.") || /\.(?:0|255)$/.test(given))) {
    // Who only tries it is asked by another allocator, which words it otherwise, and looks at no range of ports.
    const why = dryRun
      ? `the provided IP (${given}) is not in the valid range. The range of valid IPs is 10.0.0.0/24`
      : "the provided network does not match the current range";
    throw refuse("spec.clusterIPs", [given], `failed to allocate IP ${given}: ${why}`);
  }
  const clusterIP = given === "" ? freeAddress(taken) : given;
  const both = clusterIP === "None" && isUnset(spec.selector) ||
    (isObject(spec.selector) && Object.keys(spec.selector).length === 0 && clusterIP === "None");
  spec.clusterIP = clusterIP;
  spec.clusterIPs = [clusterIP];
  if (isUnset(spec.ipFamilies)) spec.ipFamilies = both ? ["IPv4", "IPv6"] : ["IPv4"];
  if (isUnset(spec.ipFamilyPolicy)) spec.ipFamilyPolicy = both ? "RequireDualStack" : "SingleStack";
  return { ...service, spec };
}

/** Ports of nodes for those that want some: the given ones must be free. */
function withNodePorts(service: JsonObject, services: readonly JsonObject[], dryRun: boolean): JsonObject {
  const spec = part(service, "spec");
  if (spec.type !== "NodePort" && (spec.type !== "LoadBalancer" || spec.allocateLoadBalancerNodePorts === false)) return service;
  const taken = portsOf(services);
  const errors: FieldError[] = [];
  const ports = each(spec, "ports").map((port, index) => {
    const given = Number(port.nodePort ?? 0);
    const at = (nodePort: number) => protocolAndPort({ ...port, nodePort });
    if (given !== 0 && (given < 30_000 || given > 32_767)) {
      if (dryRun) return port;
      const why = "provided port is not in the valid range. The range of valid ports is 30000-32767";
      errors.push(invalid(`spec.ports[${index}].nodePort`, given, why));
    } else if (taken.has(at(given))) {
      errors.push(invalid(`spec.ports[${index}].nodePort`, given, "provided port is already allocated"));
    }
    let nodePort = given;
    for (let next = 30_000; nodePort === 0 && next < 32_768; next++) if (!taken.has(at(next))) nodePort = next;
    taken.add(at(nodePort));
    return { ...port, nodePort };
  });
  if (errors.length > 0) throw unprocessable(subject, metaOf(service).name ?? "", errors);
  return { ...service, spec: { ...spec, ports } };
}

function portsErrors(spec: JsonObject): FieldError[] {
  const ports = each(spec, "ports");
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const path = `spec.ports[${index}]`;
    const errors: FieldError[] = [];
    if (!isUnset(port.name)) {
      errors.push(...labelErrors(port.name, `${path}.name`));
      if (names.has(String(port.name))) errors.push(duplicate(`${path}.name`, port.name));
      names.add(String(port.name));
    } else if (ports.length > 1) errors.push(required(`${path}.name`));
    errors.push(...portErrors(port.port, `${path}.port`), ...oneOf(port, path, "protocol", ...protocols));
    const target = port.targetPort;
    errors.push(
      ...typeof target === "string" ? portNameErrors(target, `${path}.targetPort`) : portErrors(target, `${path}.targetPort`),
    );
    if (!isUnset(port.appProtocol)) {
      const faults = qualifiedNameFaults(String(port.appProtocol));
      errors.push(...faults.map((fault) => invalid(`${path}.appProtocol`, port.appProtocol, fault)));
    }
    return errors;
  });
}

function addressErrors(spec: JsonObject, old: JsonObject | undefined): FieldError[] {
  const before = old && part(old, "spec");
  const list = spec.clusterIPs;
  // So it is where a service is made by way of its status: nobody has filled them in.
  if (!old && !isUnset(spec.clusterIP) && isUnset(list) && spec.type !== "ExternalName") return [required("spec.clusterIPs")];
  if (
    before && before.type !== "ExternalName" && spec.type !== "ExternalName" && !equal(before.clusterIPs ?? null, list ?? null)
  ) {
    return [invalid("spec.clusterIPs[0]", list, "may not change once set")];
  }
  return (Array.isArray(list) ? list : []).flatMap((ip, index) =>
    ip === "None" || isIp(String(ip))
      ? []
      : [invalid(`spec.clusterIPs[${index}]`, ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
  );
}

/** The same port of the same protocol makes no second one. */
function repeatedErrors(spec: JsonObject): FieldError[] {
  const seen = new Set<string>();
  return each(spec, "ports").flatMap(({ protocol = "TCP", port = 0 }, index) => {
    const key = `${protocol}/${port}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const shown = { Name: "", Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
    return [duplicate(`spec.ports[${index}]`, shown)];
  });
}

/** Who may come from outside, and how what comes is spread. */
function trafficErrors(spec: JsonObject): FieldError[] {
  const { type, externalTrafficPolicy: outer, internalTrafficPolicy: inner, healthCheckNodePort: health } = spec;
  const isOpen = type === "NodePort" || type === "LoadBalancer" || textsOf(spec.externalIPs).length > 0;
  const errors: FieldError[] = [];
  const policies = ["Cluster", "Local"];
  if (!isUnset(outer)) {
    if (!isOpen) {
      errors.push(invalid("spec.externalTrafficPolicy", outer, "may only be set for externally-accessible services"));
    } else if (!policies.includes(String(outer))) errors.push(notListed("spec.externalTrafficPolicy", outer, policies));
  }
  if (!isUnset(health) && health !== 0 && !(type === "LoadBalancer" && outer === "Local")) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalid("spec.healthCheckNodePort", health, why));
  }
  if (!isUnset(inner) && !policies.includes(String(inner))) {
    errors.push(notListed("spec.internalTrafficPolicy", inner, policies));
  }
  const distributions = ["PreferClose", "PreferSameZone", "PreferSameNode"];
  return [...errors, ...oneOf(spec, "spec", "trafficDistribution", ...distributions)];
}

function familyErrors(spec: JsonObject): FieldError[] {
  const families = textsOf(spec.ipFamilies);
  const known = ["IPv4", "IPv6"];
  const errors = families.flatMap((family, index) =>
    known.includes(family) ? [] : [notListed(`spec.ipFamilies[${index}]`, family, known)]
  );
  const addresses = textsOf(spec.clusterIPs);
  if (addresses.length > 0 && spec.type !== "ExternalName" && spec.clusterIP !== addresses[0]) {
    const why = isUnset(spec.clusterIP)
      ? "must be empty when `clusterIP` is not specified"
      : "first value must match `clusterIP`";
    errors.push(invalid("spec.clusterIPs", spec.clusterIPs, why));
  }
  const fours = addresses.filter((ip) => isIpv4(ip));
  if (fours.length > 1) {
    errors.push(invalid("spec.clusterIPs", spec.clusterIPs, "may specify no more than one IP for each IP family"));
  }
  return [
    ...errors,
    ...oneOf(spec, "spec", "ipFamilyPolicy", "PreferDualStack", "RequireDualStack", "SingleStack"),
  ];
}

function balancerErrors(spec: JsonObject): FieldError[] {
  const isBalancer = spec.type === "LoadBalancer";
  const ranges = textsOf(spec.loadBalancerSourceRanges);
  const path = "spec.LoadBalancerSourceRanges";
  const errors: FieldError[] = [];
  if (ranges.length > 0 && !isBalancer) errors.push(forbidden(path, "may only be used when `type` is 'LoadBalancer'"));
  ranges.forEach((range, index) => errors.push(...legacyRangeErrors(range.trim(), `${path}[${index}]`)));
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isBalancer) {
    errors.push(forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'"));
  }
  const kind = spec.loadBalancerClass;
  if (isUnset(kind)) return errors;
  if (!isBalancer) return [...errors, forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'")];
  return [...errors, ...qualifiedNameFaults(String(kind)).map((fault) => invalid("spec.loadBalancerClass", kind, fault))];
}

const outsideErrors = (spec: JsonObject): FieldError[] =>
  textsOf(spec.externalIPs).flatMap((ip, index) => {
    const path = `spec.externalIPs[${index}]`;
    const errors = legacyAddressErrors(ip, path);
    return errors.length > 0 ? errors : reachErrors(ip, path);
  });

/** What the addresses of a service should be written like. */
function addressFormWarnings(spec: JsonObject): string[] {
  const balancer = String(spec.loadBalancerIP ?? "");
  return [
    ...textsOf(spec.externalIPs).flatMap((ip, index) => addressWarnings(ip, `spec.externalIPs[${index}]`)),
    ...balancer === "" ? [] : addressWarnings(balancer, "spec.loadBalancerIP"),
    ...textsOf(spec.loadBalancerSourceRanges).flatMap((range, index) =>
      rangeWarnings(range, `spec.loadBalancerSourceRanges[${index}]`)
    ),
  ];
}

function affinityErrors(spec: JsonObject): FieldError[] {
  const errors = oneOf(spec, "spec", "sessionAffinity", "ClientIP", "None");
  const seconds = at(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds");
  if (spec.sessionAffinity !== "ClientIP" || typeof seconds !== "number" || (seconds > 0 && seconds <= 86_400)) return errors;
  const path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
  return [...errors, invalid(path, seconds, "must be greater than 0 and less than 86400")];
}

/** The type of a service, and what it must not have. */
function typeErrors(spec: JsonObject): FieldError[] {
  const { type, externalName, clusterIP } = spec;
  const errors = oneOf(spec, "spec", "type", "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
  if (type === "ExternalName") {
    const name = String(externalName ?? "").replace(/\.$/, "");
    if (name !== "") errors.push(...subdomainName(name).map((fault) => invalid("spec.externalName", name, fault)));
    if (!isUnset(clusterIP) || !isUnset(spec.clusterIPs)) {
      errors.push(forbidden("spec.clusterIPs", "may not be set for ExternalName services"));
    }
  } else if (clusterIP === "None" && (type === "NodePort" || type === "LoadBalancer")) {
    errors.push(invalid("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`));
  }
  if (type === "ClusterIP") {
    errors.push(
      ...each(spec, "ports").flatMap(({ nodePort }, index) =>
        isUnset(nodePort) || nodePort === 0
          ? []
          : [forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")]
      ),
    );
  }
  return errors;
}

/** What is wrong with a specification, whatever other services there are. */
const soundErrors = (spec: JsonObject): FieldError[] => [
  ...portsErrors(spec),
  ...labelsErrors(spec.selector, "spec.selector"),
  ...affinityErrors(spec),
  ...familyErrors(spec),
  ...outsideErrors(spec),
  ...typeErrors(spec),
  ...repeatedErrors(spec),
  ...balancerErrors(spec),
  ...trafficErrors(spec),
];

/** What depends on affinity goes with it. */
function withoutAffinity(object: JsonObject): JsonObject {
  const { sessionAffinityConfig: config, ...spec } = part(object, "spec");
  return spec.sessionAffinity === "ClientIP" || config === undefined ? object : { ...object, spec };
}

/** The rules of services. */
export const serviceRules: Rules = {
  selectable: selectable("spec.clusterIP", "spec.type"),
  setDefaults: withoutAffinity,
  prepareCreate(object, { objects, dryRun = false, subresource }: Surroundings) {
    // What is made by way of its status gets no addresses.
    if (subresource !== undefined) return object;
    const spec = part(object, "spec");
    if (soundErrors(spec).length > 0) {
      return isUnset(spec.clusterIP) || !isUnset(spec.clusterIPs) || spec.type === "ExternalName"
        ? object
        : { ...object, spec: { ...spec, clusterIPs: [spec.clusterIP!] } };
    }
    const services = objects("/services");
    return withNodePorts(withAddress(object, services, dryRun), services, dryRun);
  },
  prepareUpdate(object, old, subresource) {
    if (subresource !== undefined) return object;
    const [spec, before] = [{ ...part(object, "spec") }, part(old, "spec")];
    if (spec.type === "ExternalName") {
      if (before.type !== "ExternalName") {
        for (const name of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"]) {
          delete spec[name];
        }
      }
      return { ...object, spec };
    }
    for (const name of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) {
      if (isUnset(spec[name]) && before[name] !== undefined) spec[name] = before[name];
    }
    // The old member is what clients change, the list follows it.
    if (spec.clusterIP !== before.clusterIP && equal(spec.clusterIPs ?? null, before.clusterIPs ?? null)) {
      spec.clusterIPs = [spec.clusterIP!];
    }
    return { ...object, spec };
  },
  validate(object, old, subresource, warn) {
    if (subresource !== undefined) return [];
    const spec = part(object, "spec");
    const isExternal = spec.type === "ExternalName";
    const errors: FieldError[] = [];
    if (!isExternal && textsOf(spec.clusterIPs)[0] !== "None" && each(spec, "ports").length === 0) {
      errors.push(required("spec.ports"));
    }
    if (isExternal && isUnset(spec.externalName)) errors.push(required("spec.externalName"));
    errors.push(...soundErrors(spec), ...addressErrors(spec, old));
    if (errors.length === 0 && spec.clusterIP === "None") {
      if (!isUnset(spec.loadBalancerIP)) warn?.("spec.loadBalancerIP is ignored for headless services");
      if (textsOf(spec.externalIPs).length > 0) warn?.("spec.externalIPs is ignored for headless services");
      if (spec.sessionAffinity !== "None") warn?.("spec.SessionAffinity is ignored for headless services");
    }
    addressFormWarnings(spec).forEach((text) => warn?.(text));
    return errors;
  },
};
