/**
 * Services: their addresses and ports.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, notListed, required } from "../../types/field-error.ts";
import { equal, type JsonObject } from "../../types/json.ts";
import type { Surroundings } from "../../types/resource.ts";
import { metaOf } from "../../types/meta.ts";
import { type Rules, selectable } from "../selectable.ts";
import { isIp, isIpv4 } from "../../types/ip.ts";
import { qualifiedNameFaults, subdomainName } from "../../types/names.ts";
import { portNameErrors } from "./handlers.ts";
import { reachErrors } from "./endpoints.ts";
import { legacyAddressErrors, legacyRangeErrors } from "./legacy-addresses.ts";
import {
  checkFamilies,
  hasHealthPort,
  unfit,
  withAddress,
  withFamilies,
  withHealthPort,
  withNodePorts,
} from "./service-allocation.ts";
import { isOpen, withGiven, withoutBalancer, withoutUnfit } from "./service-changes.ts";
import { serviceStatusErrors } from "./service-status.ts";
import { serviceWarnings } from "./service-warnings.ts";
import { labelsErrors, textsOf } from "./selectors.ts";
import { at, each, isUnset, labelErrors, oneOf, part, portErrors, protocols } from "./checks.ts";

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

/** What stays as long as a service has it: its address, its port for questions about health, its class. */
function changeErrors(spec: JsonObject, before: JsonObject): FieldError[] {
  const both = (has: (spec: JsonObject) => boolean) => has(before) && has(spec);
  const differs = (name: string) => !equal(before[name] ?? null, spec[name] ?? null);
  return [
    ...both(({ type }) => type !== "ExternalName") && !isUnset(before.clusterIPs) && differs("clusterIPs")
      ? [invalid("spec.clusterIPs[0]", spec.clusterIPs, "may not change once set")]
      : [],
    ...both(hasHealthPort) && differs("healthCheckNodePort") ? [forbidden("spec.healthCheckNodePort", "field is immutable")] : [],
    ...both(({ type }) => type === "LoadBalancer") && differs("loadBalancerClass")
      ? [invalid("spec.loadBalancerClass", spec.loadBalancerClass ?? null, "may not change once set")]
      : [],
  ];
}

function addressErrors(spec: JsonObject, isNew: boolean): FieldError[] {
  if (spec.type === "ExternalName") return [];
  // So it is where a service is made by way of its status: nobody has filled them in.
  if (isNew && !isUnset(spec.clusterIP) && isUnset(spec.clusterIPs)) {
    return [required("spec.clusterIPs")];
  }
  return textsOf(spec.clusterIPs).flatMap((ip, index) =>
    ip === "None" || isIp(ip)
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
  const errors: FieldError[] = [];
  const policies = ["Cluster", "Local"];
  if (!isUnset(outer)) {
    if (!isOpen(spec)) {
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

/** What only services have that have an address. */
const addressed = ["clusterIPs", "ipFamilies", "ipFamilyPolicy"];

function familyErrors(spec: JsonObject): FieldError[] {
  if (spec.type === "ExternalName") {
    const isGiven = (name: string) => !isUnset(spec[name]) || (name === "clusterIPs" && !isUnset(spec.clusterIP));
    return addressed.filter(isGiven).map((name) => forbidden(`spec.${name}`, "may not be set for ExternalName services"));
  }
  const families = textsOf(spec.ipFamilies);
  const known = ["IPv4", "IPv6"];
  const errors = families.flatMap((family, index) =>
    known.includes(family) ? [] : [notListed(`spec.ipFamilies[${index}]`, family, known)]
  );
  const addresses = textsOf(spec.clusterIPs);
  if (addresses.length > 0 && spec.clusterIP !== addresses[0]) {
    const why = isUnset(spec.clusterIP)
      ? "must be empty when `clusterIP` is not specified"
      : "first value must match `clusterIP`";
    errors.push(invalid("spec.clusterIPs", spec.clusterIPs, why));
  }
  families.forEach((family, index) => {
    const address = addresses[index];
    if (address === undefined || !isIp(address) || !known.includes(family) || isIpv4(address) === (family === "IPv4")) return;
    const why = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(invalid(`spec.clusterIPs[${index}]`, address, why));
  });
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
  ...spec.type === "ExternalName" ? familyErrors(spec) : [],
  ...portsErrors(spec),
  ...labelsErrors(spec.selector, "spec.selector"),
  ...affinityErrors(spec),
  ...spec.type === "ExternalName" ? [] : familyErrors(spec),
  ...outsideErrors(spec),
  ...typeErrors(spec),
  ...repeatedErrors(spec),
  ...balancerErrors(spec),
  ...trafficErrors(spec),
];

/** Who prefers two families, and changes no address, is given none now. */
function withFamiliesOf(spec: JsonObject, before: JsonObject): JsonObject {
  const isLeft = ["clusterIP", "clusterIPs", "ipFamilies"].every((name) => equal(spec[name] ?? null, before[name] ?? null));
  return spec.ipFamilyPolicy === "PreferDualStack" && isLeft ? spec : withFamilies(spec);
}

/** What depends on affinity goes with it. */
function withoutAffinity(object: JsonObject): JsonObject {
  const { sessionAffinityConfig: config, ...spec } = part(object, "spec");
  return spec.sessionAffinity === "ClientIP" || config === undefined ? object : { ...object, spec };
}

/** A service that is elsewhere spreads nothing inside of the cluster. */
function elsewhere(object: JsonObject): JsonObject {
  const { internalTrafficPolicy: policy, ...spec } = part(object, "spec");
  return policy === undefined ? object : { ...object, spec };
}

/** The rules of services. */
export const serviceRules: Rules = {
  selectable: selectable("spec.clusterIP", "spec.type"),
  setDefaults: withoutAffinity,
  prepareCreate(object, { objects, dryRun = false, subresource }: Surroundings) {
    // What is made by way of its status gets no addresses.
    if (subresource !== undefined) return object;
    const given = part(object, "spec");
    const spec = isUnset(given.clusterIP) || !isUnset(given.clusterIPs) || given.type === "ExternalName"
      ? given
      : { ...given, clusterIPs: [given.clusterIP!] };
    if (spec.type === "ExternalName") return elsewhere(object);
    // What is wrong with its addresses is told before anything is given to it, and alone; the rest afterwards.
    const first = [...familyErrors(spec), ...addressErrors(spec, true)];
    if (first.length > 0) throw unfit(object, first);
    const services = objects("/services");
    return withHealthPort(withNodePorts(withAddress(object, services, dryRun), services, dryRun), services, dryRun);
  },
  prepareUpdate(object, old, subresource, _now, { objects, dryRun = false }) {
    if (subresource !== undefined) return object;
    const stored = part(old, "spec");
    // Where it was made by way of its status, its addresses have no families yet.
    const before = isUnset(stored.clusterIP) ? stored : withFamilies(stored);
    const given = withFamiliesOf(withGiven(part(object, "spec"), before), before);
    const first = given.type === "ExternalName" ? [] : familyErrors(given);
    if (first.length > 0) throw unfit(object, first);
    if (given.type !== "ExternalName") checkFamilies({ ...object, spec: given }, textsOf(given.clusterIPs));
    const spec = withoutUnfit(given, before);
    const next = withoutBalancer(spec.type === "ExternalName" ? elsewhere({ ...object, spec }) : { ...object, spec });
    if ([...changeErrors(spec, before), ...soundErrors(spec)].length > 0) return next;
    const { name, namespace } = metaOf(old);
    const others = objects("/services").filter((other) => metaOf(other).name !== name || metaOf(other).namespace !== namespace);
    const placed = before.type === "ExternalName" ? withAddress(next, others, dryRun) : next;
    return withHealthPort(withNodePorts(placed, others, dryRun, old), others, dryRun, old);
  },
  validate(object, old, subresource, warn) {
    if (subresource !== undefined) return serviceStatusErrors(object, warn);
    const spec = part(object, "spec");
    const isExternal = spec.type === "ExternalName";
    const errors = old ? changeErrors(spec, part(old, "spec")) : [];
    const isMoved = errors.length > 0;
    if (!isExternal && textsOf(spec.clusterIPs)[0] !== "None" && each(spec, "ports").length === 0) {
      errors.push(required("spec.ports"));
    }
    if (isExternal && isUnset(spec.externalName)) errors.push(required("spec.externalName"));
    errors.push(...soundErrors(spec), ...isMoved ? [] : addressErrors(spec, !old));
    if (errors.length === 0) serviceWarnings(object).forEach((text) => warn?.(text));
    return errors;
  },
};
