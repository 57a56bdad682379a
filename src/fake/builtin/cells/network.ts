/**
 * The cells of services, endpoints and what lies between them.
 *
 * @module
 */
import type { JsonObject } from "../../types/json.ts";
import { at, type Cells, items, labelText, number, read, selectorText, text, texts } from "./reading.ts";

const ingressAddresses = (object: JsonObject) =>
  items(object, "status", "loadBalancer", "ingress").map((each) => text(each, "ip") || text(each, "hostname")).filter((each) =>
    each !== ""
  );

function externalIp(service: JsonObject): string {
  const ips = texts(service, "spec", "externalIPs");
  const type = text(service, "spec", "type");
  if (type === "ExternalName") return text(service, "spec", "externalName");
  if (type !== "LoadBalancer") return ips.join(",") || "<none>";
  const balancers = [...new Set(ingressAddresses(service))].sort().join(",");
  if (ips.length > 0) return [...balancers === "" ? [] : [balancers], ...ips].join(",");
  return balancers || "<pending>";
}

const servicePorts = (service: JsonObject) =>
  items(service, "spec", "ports").map((each) =>
    `${each.port}${number(each, "nodePort") > 0 ? `:${each.nodePort}` : ""}/${text(each, "protocol")}`
  ).join(",") || "<none>";

const limit = 3;
const some = (all: readonly string[]) =>
  all.length > limit ? `${all.slice(0, limit).join(",")} + ${all.length - limit} more...` : all.join(",");

function addresses(endpoints: JsonObject): string {
  const all: string[] = [];
  const subsets = items(endpoints, "subsets");
  if (subsets.length === 0) return "<none>";
  for (const subset of subsets) {
    const ports = items(subset, "ports");
    for (const { ip } of items(subset, "addresses")) {
      if (ports.length === 0) all.push(String(ip));
      for (const { port } of ports) all.push(String(ip).includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);
    }
  }
  return all.length > limit ? `${all.slice(0, limit).join(",")} + ${all.length - limit} more...` : all.join(",");
}

/** By kind. */
export const networkCells: Readonly<Record<string, Cells>> = {
  Service: {
    Type: read("spec.type"),
    "Cluster-IP": read("spec.clusterIP", "<none>"),
    "External-IP": externalIp,
    "Port(s)": servicePorts,
    Selector: (service) => labelText(at(service, "spec", "selector")),
  },
  Endpoints: { Endpoints: addresses },
  EndpointSlice: {
    AddressType: read("addressType"),
    Ports: (slice) => {
      const ports = items(slice, "ports");
      return ports.length === 0
        ? "<unset>"
        : some(ports.map((each) => each.port === undefined || each.port === null ? "*" : String(each.port)));
    },
    Endpoints: (slice) => {
      const endpoints = items(slice, "endpoints");
      return endpoints.length === 0 ? "<unset>" : some(endpoints.flatMap((each) => texts(each, "addresses")));
    },
  },
  Ingress: {
    Class: (ingress) =>
      text(ingress, "spec", "ingressClassName") || text(at(ingress, "metadata", "annotations"), "kubernetes.io/ingress.class") ||
      "<none>",
    Hosts: (ingress) => {
      const hosts = items(ingress, "spec", "rules").map((each) => text(each, "host")).filter((each) => each !== "");
      return hosts.length === 0 ? "*" : some(hosts);
    },
    Address: (ingress) => ingressAddresses(ingress).join(","),
    Ports: (ingress) => items(ingress, "spec", "tls").length > 0 ? "80, 443" : "80",
  },
  IngressClass: {
    Controller: read("spec.controller"),
    Parameters: (each) => {
      const [group, kind, name] = ["apiGroup", "kind", "name"].map((member) => text(each, "spec", "parameters", member));
      return kind === "" ? "<none>" : `${kind}${group === "" ? "" : `.${group}`}/${name}`;
    },
  },
  NetworkPolicy: { "Pod-Selector": (policy) => selectorText(at(policy, "spec", "podSelector")) },
  IPAddress: {
    ParentRef: (each) => {
      const parts = ["group", "resource", "namespace", "name"].map((member) => text(each, "spec", "parentRef", member));
      return parts.filter((part) => part !== "").join("/");
    },
  },
  ServiceCIDR: { CIDRs: (each) => texts(each, "spec", "cidrs").join(",") },
};
