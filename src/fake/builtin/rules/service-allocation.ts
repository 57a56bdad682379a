/**
 * What the server gives to services: addresses in the cluster, ports of nodes, ports where their health is asked for.
 *
 * @module
 */
import { type FieldError, invalid } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { isIp, isIpv4 } from "../../types/ip.ts";
import { metaOf } from "../../types/meta.ts";
import { segmentName } from "../../types/names.ts";
import { quote } from "../../types/quote.ts";
import { plainError, type Refusal, unprocessable } from "../../types/status.ts";
import { each, isUnset, part } from "./checks.ts";
import { textsOf } from "./selectors.ts";

const subject = { group: "", plural: "Service" };

/** Services refused. Pure. */
export const unfit = (service: JsonObject, errors: readonly FieldError[]): Refusal =>
  unprocessable(subject, metaOf(service).name ?? "", errors);

/** The first address of 10.0.0.0/24 that is free; the first one is the API server's own. */
function freeAddress(taken: ReadonlySet<string>): string {
  for (let last = 2; last < 255; last++) if (!taken.has(`10.0.0.${last}`)) return `10.0.0.${last}`;
  // A genuine server would refuse; a test may have more services than that.
  for (let third = 1; third < 256; third++) {
    for (let last = 0; last < 256; last++) if (!taken.has(`10.0.${third}.${last}`)) return `10.0.${third}.${last}`;
  }
  throw new RangeError("All addresses of services are taken");
}

/** Refuses what only a cluster of two families has. @throws {Refusal} 422 */
export function checkFamilies(service: JsonObject, addresses: readonly string[]): void {
  const spec = part(service, "spec");
  if (addresses[0] === "None") return;
  const errors: FieldError[] = [];
  if (addresses.length > 1 && spec.ipFamilyPolicy === "SingleStack") {
    const why = "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified";
    errors.push(invalid("spec.ipFamilyPolicy", "SingleStack", why));
  }
  if (textsOf(spec.ipFamilies)[0] === "IPv6") {
    errors.push(invalid("spec.ipFamilies[0]", "IPv6", "not configured on this cluster"));
  } else if (spec.ipFamilyPolicy === "RequireDualStack") {
    errors.push(invalid("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services"));
  } else {
    addresses.forEach((address, index) => {
      if (isIp(address) && !isIpv4(address)) {
        errors.push(invalid(`spec.clusterIPs[${index}]`, [...addresses], "IPv6 is not configured on this cluster"));
      }
    });
  }
  if (errors.length > 0) throw unfit(service, errors);
}

/** The families of its addresses, where nobody has said any. Pure. */
export function withFamilies(spec: JsonObject): JsonObject {
  if (spec.type === "ExternalName" || !(isUnset(spec.ipFamilies) || isUnset(spec.ipFamilyPolicy))) return spec;
  const hasSelector = isObject(spec.selector) && Object.keys(spec.selector).length > 0;
  const both = spec.clusterIP === "None" && !hasSelector;
  return {
    ...spec,
    ...isUnset(spec.ipFamilies) && { ipFamilies: both ? ["IPv4", "IPv6"] : ["IPv4"] },
    ...isUnset(spec.ipFamilyPolicy) && { ipFamilyPolicy: both ? "RequireDualStack" : "SingleStack" },
  };
}

/** Why no address can be noted as that of a service of that name. Pure. */
function unnoted(name: string): string | undefined {
  const path = "spec.parentRef.name";
  if (name === "") return `${path}: Required value`;
  const faults = segmentName(name).map((why) => `${path}: Invalid value: ${quote(name)}: ${why}`);
  return faults.length > 1 ? `[${faults.join(", ")}]` : faults[0];
}

/** A service with an address, the given one if there is one. @throws {Refusal} 422 */
export function withAddress(service: JsonObject, services: readonly JsonObject[], dryRun: boolean): JsonObject {
  const spec = { ...part(service, "spec") };
  if (spec.type === "ExternalName") return service;
  const taken = new Set(services.map((other) => String(part(other, "spec").clusterIP ?? "")));
  if (isUnset(spec.clusterIP) && !isUnset(spec.clusterIPs)) spec.clusterIP = (spec.clusterIPs as Json[])[0]!;
  const given = String(spec.clusterIP ?? "");
  const refuse = (field: string, value: Json, why: string) => unfit(service, [invalid(field, value, why)]);
  if (given !== "" && given !== "None" && !isIp(given)) return { ...service, spec: { ...spec, clusterIPs: [given] } };
  const isHeadless = given === "None";
  checkFamilies(service, given === "" ? [] : [given]);
  if (given !== "" && !isHeadless && (!given.startsWith("10.0.0.") || /\.(?:0|255)$/.test(given))) {
    // Who only tries it is asked by another allocator, which words it otherwise, and looks at no range of ports.
    const why = dryRun
      ? `the provided IP (${given}) is not in the valid range. The range of valid IPs is 10.0.0.0/24`
      : "the provided network does not match the current range";
    throw refuse("spec.clusterIPs", [given], `failed to allocate IP ${given}: ${why}`);
  }
  const clusterIP = given === "" ? freeAddress(taken) : given;
  if (!isHeadless && !dryRun) {
    // An address is an object of its own that names its service.
    const why = unnoted(metaOf(service).name ?? "");
    const what = given === "" ? "failed to allocate IP" : `failed to allocate IP ${given}`;
    if (why !== undefined) {
      throw refuse("spec.clusterIPs", [given], `${what}: IPAddress.networking.k8s.io ${quote(clusterIP)} is invalid: ${why}`);
    }
  }
  if (given !== "" && !isHeadless && taken.has(given)) {
    throw refuse("spec.clusterIPs", [given], `failed to allocate IP ${given}: provided IP is already allocated`);
  }
  spec.clusterIP = clusterIP;
  spec.clusterIPs = [clusterIP];
  return { ...service, spec: withFamilies(spec) };
}

/** The same number serves once for each protocol. */
const protocolAndPort = ({ protocol = "TCP", nodePort = 0 }: JsonObject): string => `${protocol}/${nodePort}`;

/** Whether a service has ports of nodes. Pure. */
export const hasNodePorts = ({ type, allocateLoadBalancerNodePorts }: JsonObject): boolean =>
  type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false);

/** Whether the health of a service is asked for at a port of its own. Pure. */
export const hasHealthPort = ({ type, externalTrafficPolicy }: JsonObject): boolean =>
  type === "LoadBalancer" && externalTrafficPolicy === "Local";

/** Those of a service, without the protocols. Pure. */
export const nodePortsOf = (service: JsonObject): ReadonlySet<number> =>
  new Set(each(service, "spec", "ports").map(({ nodePort }) => Number(nodePort ?? 0)).filter((port) => port !== 0));

const outOfRange = "provided port is not in the valid range. The range of valid ports is 30000-32767";
const isInRange = (port: number) => port >= 30_000 && port <= 32_767;

function freePort(taken: (port: number) => boolean): number {
  for (let next = 30_000; next < 32_768; next++) if (!taken(next)) return next;
  throw new RangeError("All ports of nodes are taken");
}

/** Everything of others, of each protocol. */
function takenBy(services: readonly JsonObject[]): Set<string> {
  const taken = new Set(services.flatMap((service) => each(service, "spec", "ports").map(protocolAndPort)));
  for (const service of services) {
    const health = Number(part(service, "spec").healthCheckNodePort ?? 0);
    if (health !== 0) { for (const protocol of ["TCP", "UDP", "SCTP"]) taken.add(`${protocol}/${health}`); }
  }
  return taken;
}

/**
 * Ports of nodes for those that want some: the given ones must be free.
 *
 * @param old The service as it was: its ports stay its own.
 * @throws {Refusal} 422, 500
 */
export function withNodePorts(
  service: JsonObject,
  others: readonly JsonObject[],
  dryRun: boolean,
  old?: JsonObject,
): JsonObject {
  const spec = part(service, "spec");
  if (!hasNodePorts(spec)) return service;
  const taken = takenBy(others);
  const own = old ? nodePortsOf(old) : new Set<number>();
  const given = each(spec, "ports");
  const errors: FieldError[] = [];
  const mine = new Set<string>();
  const chosen = new Map<Json | undefined, number>();
  const ports = given.map((port, index) => {
    const wanted = Number(port.nodePort ?? 0);
    const at = (nodePort: number) => protocolAndPort({ ...port, nodePort });
    const field = `spec.ports[${index}].nodePort`;
    if (wanted !== 0 && !own.has(wanted)) {
      if (!isInRange(wanted)) {
        if (dryRun) return port;
        errors.push(invalid(field, wanted, outOfRange));
      } else if (taken.has(at(wanted)) || (!old && mine.has(at(wanted)))) {
        errors.push(invalid(field, wanted, "provided port is already allocated"));
      }
    }
    if (old && wanted !== 0 && mine.has(at(wanted))) {
      throw plainError(`duplicate nodePort: {${port.protocol ?? "TCP"} ${wanted}}`);
    }
    // What a new service offers at one port for several protocols has one number.
    const shared = old ? undefined : chosen.get(port.port);
    const isFree = (next: number) => !taken.has(at(next)) && !mine.has(at(next));
    const nodePort = wanted !== 0
      ? wanted
      : shared !== undefined && isFree(shared)
      ? shared
      : freePort((next) => !isFree(next) || own.has(next) || given.some((other) => Number(other.nodePort ?? 0) === next));
    chosen.set(port.port, nodePort);
    mine.add(at(nodePort));
    return { ...port, nodePort };
  });
  if (errors.length > 0) throw unfit(service, errors);
  return { ...service, spec: { ...spec, ports } };
}

/** A port for questions about its health, for those that need one. @throws {Refusal} 422 */
export function withHealthPort(
  service: JsonObject,
  others: readonly JsonObject[],
  dryRun: boolean,
  old?: JsonObject,
): JsonObject {
  const spec = part(service, "spec");
  if (!hasHealthPort(spec)) return service;
  const taken = takenBy([...others, service]);
  const given = Number(spec.healthCheckNodePort ?? 0);
  if (given === 0) {
    return { ...service, spec: { ...spec, healthCheckNodePort: freePort((next) => taken.has(`TCP/${next}`)) } };
  }
  if (dryRun || (old && hasHealthPort(part(old, "spec")))) return service;
  const before = takenBy(others);
  const why = !isInRange(given) ? outOfRange : before.has(`TCP/${given}`) ? "provided port is already allocated" : undefined;
  if (why === undefined) return service;
  throw unfit(service, [
    invalid("spec.healthCheckNodePort", given, `failed to allocate requested HealthCheck NodePort ${given}: ${why}`),
  ]);
}
