/**
 * What becomes of a service that is changed: what it had already stays, what its new type does not have goes, unless that was changed, too.
 *
 * @module
 */
import { equal, isObject, type JsonObject } from "../../types/json.ts";
import { each, isUnset, part } from "./checks.ts";
import { hasHealthPort, hasNodePorts, nodePortsOf } from "./service-allocation.ts";
import { textsOf } from "./selectors.ts";

/** Whether somebody may come from outside. Pure. */
export const isOpen = ({ type, externalIPs }: JsonObject): boolean =>
  type === "NodePort" || type === "LoadBalancer" || (type === "ClusterIP" && textsOf(externalIPs).length > 0);

const hasAddress = ({ type }: JsonObject) => type !== "ExternalName";

/** Takes over what the server gave, where it was left out. Pure. */
export function withGiven(spec: JsonObject, before: JsonObject): JsonObject {
  const next = { ...spec };
  if (hasAddress(before) && hasAddress(spec)) {
    for (const name of ["clusterIP", "ipFamilies", "ipFamilyPolicy"]) {
      if (isUnset(next[name]) && before[name] !== undefined) next[name] = before[name];
    }
    if (isUnset(next.clusterIPs) && next.clusterIP === before.clusterIP && before.clusterIPs !== undefined) {
      next.clusterIPs = before.clusterIPs;
    }
  }
  // The old member is what clients change, the list follows it.
  const isLeft = isUnset(next.clusterIPs) || equal(next.clusterIPs!, before.clusterIPs ?? null);
  if (!isUnset(next.clusterIP) && next.clusterIP !== before.clusterIP && isLeft) {
    next.clusterIPs = [next.clusterIP!];
  }
  if (hasNodePorts(before) && hasNodePorts(next)) next.ports = portsGiven(next, before);
  if (hasHealthPort(before) && hasHealthPort(next) && isUnset(next.healthCheckNodePort)) {
    next.healthCheckNodePort = before.healthCheckNodePort!;
  }
  return next;
}

/** Ports of the same name keep their numbers, unless another port has got that. */
function portsGiven(spec: JsonObject, before: JsonObject): JsonObject[] {
  const old = new Map(each(before, "ports").map(({ name = "", nodePort = 0 }) => [name, Number(nodePort)]));
  const given = nodePortsOf({ spec });
  const used = new Set([...nodePortsOf({ spec: before })].filter((port) => given.has(port)));
  return each(spec, "ports").map((port) => {
    const known = old.get(port.name ?? "") ?? 0;
    return Number(port.nodePort ?? 0) !== 0 || known === 0 || used.has(known) ? port : { ...port, nodePort: known };
  });
}

/** Takes away what does not fit the new type, where it is as it was. Pure. */
export function withoutUnfit(spec: JsonObject, before: JsonObject): JsonObject {
  const next = { ...spec };
  const drop = (needs: (spec: JsonObject) => boolean, ...names: readonly string[]) => {
    if (!needs(before) || needs(spec)) return;
    for (const name of names) if (equal(spec[name] ?? null, before[name] ?? null)) delete next[name];
  };
  drop(hasAddress, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy");
  const known = nodePortsOf({ spec: before });
  const isOfNodes = ({ type }: JsonObject) => type === "NodePort" || type === "LoadBalancer";
  if (isOfNodes(before) && !isOfNodes(spec) && [...nodePortsOf({ spec })].every((port) => known.has(port))) {
    next.ports = each(spec, "ports").map(({ nodePort: _, ...port }) => port);
  }
  drop(hasHealthPort, "healthCheckNodePort");
  drop(({ type }) => type === "LoadBalancer", "allocateLoadBalancerNodePorts", "loadBalancerClass");
  drop(isOpen, "externalTrafficPolicy");
  return next;
}

/** Only who has a balancer says what it is. Pure. */
export function withoutBalancer(service: JsonObject): JsonObject {
  if (part(service, "spec").type === "LoadBalancer" || !isObject(service.status)) return service;
  return { ...service, status: { ...service.status, loadBalancer: {} } };
}
