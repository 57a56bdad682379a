/**
 * Services: their addresses and ports.
 *
 * @module
 */
import { duplicate, type FieldError, invalid, required } from "../../types/field-error.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import type { Surroundings } from "../../types/resource.ts";
import { unprocessable } from "../../types/status.ts";
import { metaOf } from "../../types/meta.ts";
import { type Rules, selectable } from "../selectable.ts";
import { each, isUnset, labelErrors, oneOf, part, portErrors, protocols } from "./checks.ts";

const subject = { group: "", plural: "Service" };
const isAddress = (text: string) => {
  const parts = text.split(".");
  return (parts.length === 4 && parts.every((each) => /^(0|[1-9]\d{0,2})$/.test(each) && Number(each) < 256)) ||
    /^[0-9a-f:]*:[0-9a-f:]*$/i.test(text);
};

/** The first address of 10.0.0.0/24 that is free; the first one is the API server's own. */
function freeAddress(taken: ReadonlySet<string>): string {
  for (let last = 2; last < 255; last++) if (!taken.has(`10.0.0.${last}`)) return `10.0.0.${last}`;
  for (let third = 1; third < 256; third++) {
    for (let last = 0; last < 256; last++) if (!taken.has(`10.0.${third}.${last}`)) return `10.0.${third}.${last}`;
  }
  throw new RangeError("All addresses of services are taken");
}

const portsOf = (services: readonly JsonObject[]) =>
  new Set(services.flatMap((service) => each(service, "spec", "ports").map(({ nodePort }) => Number(nodePort ?? 0))));

function withAddress(service: JsonObject, services: readonly JsonObject[]): JsonObject {
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
  if (given !== "" && given !== "None" && !isAddress(given)) return { ...service, spec: { ...spec, clusterIPs: [given] } };
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
function withNodePorts(service: JsonObject, services: readonly JsonObject[]): JsonObject {
  const spec = part(service, "spec");
  if (spec.type !== "NodePort" && (spec.type !== "LoadBalancer" || spec.allocateLoadBalancerNodePorts === false)) return service;
  const taken = portsOf(services);
  const errors: FieldError[] = [];
  const ports = each(spec, "ports").map((port, index) => {
    const given = Number(port.nodePort ?? 0);
    if (given !== 0 && taken.has(given)) {
      errors.push(invalid(`spec.ports[${index}].nodePort`, given, "provided port is already allocated"));
    }
    let nodePort = given;
    for (let next = 30_000; nodePort === 0 && next < 32_768; next++) if (!taken.has(next)) nodePort = next;
    taken.add(nodePort);
    return { ...port, nodePort };
  });
  if (errors.length > 0) throw unprocessable(subject, metaOf(service).name ?? "", errors);
  return { ...service, spec: { ...spec, ports } };
}

function nameOfPort(port: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (port.length > 15) errors.push(invalid(path, port, "must be no more than 15 characters"));
  if (!/^[a-z0-9-]+$/.test(port)) {
    errors.push(invalid(path, port, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"));
  }
  if (!/[a-z]/.test(port)) errors.push(invalid(path, port, "must contain at least one letter (a-z)"));
  if (port.includes("--")) errors.push(invalid(path, port, "must not contain consecutive hyphens"));
  if (port.startsWith("-") || port.endsWith("-")) errors.push(invalid(path, port, "must not begin or end with a hyphen"));
  return errors;
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
      ...typeof target === "string" ? nameOfPort(target, `${path}.targetPort`) : portErrors(target, `${path}.targetPort`),
    );
    return errors;
  });
}

function addressErrors(spec: JsonObject, old: JsonObject | undefined): FieldError[] {
  const before = old && part(old, "spec");
  const list = spec.clusterIPs;
  if (
    before && before.type !== "ExternalName" && spec.type !== "ExternalName" && !equal(before.clusterIPs ?? null, list ?? null)
  ) {
    return [invalid("spec.clusterIPs[0]", list, "may not change once set")];
  }
  return (Array.isArray(list) ? list : []).flatMap((ip, index) =>
    ip === "None" || isAddress(String(ip))
      ? []
      : [invalid(`spec.clusterIPs[${index}]`, ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
  );
}

/** The rules of services. */
export const serviceRules: Rules = {
  selectable: selectable("spec.clusterIP", "spec.type"),
  prepareCreate(object, { objects }: Surroundings) {
    const spec = part(object, "spec");
    const errors = [...portsErrors(spec)];
    if (errors.length > 0) return object;
    const services = objects("/services");
    return withNodePorts(withAddress(object, services), services);
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
  validate(object, old, subresource) {
    if (subresource !== undefined) return [];
    const spec = part(object, "spec");
    const isExternal = spec.type === "ExternalName";
    const errors: FieldError[] = [];
    if (!isExternal && spec.clusterIP !== "None" && each(spec, "ports").length === 0) errors.push(required("spec.ports"));
    if (isExternal && isUnset(spec.externalName)) errors.push(required("spec.externalName"));
    return [
      ...errors,
      ...oneOf(spec, "spec", "sessionAffinity", "ClientIP", "None"),
      ...oneOf(spec, "spec", "type", "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
      ...portsErrors(spec),
      ...addressErrors(spec, old),
    ];
  },
};
