/**
 * What clients are told of a service that is accepted, but not meant.
 *
 * @module
 */
import type { JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { isUnset, part } from "./checks.ts";
import { addressWarnings, rangeWarnings } from "./legacy-addresses.ts";
import { textsOf } from "./selectors.ts";

const hints = "service.kubernetes.io/topology-aware-hints";

/** Pure. */
export function serviceWarnings(service: JsonObject): string[] {
  const spec = part(service, "spec");
  const { type, trafficDistribution } = spec;
  const balancer = String(spec.loadBalancerIP ?? "");
  const outside = textsOf(spec.externalIPs);
  const isHeadless = spec.clusterIP === "None";
  return [
    ...Object.hasOwn(metaOf(service).annotations ?? {}, hints)
      ? [`annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`]
      : [],
    ...isHeadless && balancer !== "" ? ["spec.loadBalancerIP is ignored for headless services"] : [],
    ...isHeadless && outside.length > 0 ? ["spec.externalIPs is ignored for headless services"] : [],
    ...isHeadless && spec.sessionAffinity !== "None" ? ["spec.SessionAffinity is ignored for headless services"] : [],
    ...outside.flatMap((ip, index) => addressWarnings(ip, `spec.externalIPs[${index}]`)),
    ...balancer === "" ? [] : addressWarnings(balancer, "spec.loadBalancerIP"),
    ...textsOf(spec.loadBalancerSourceRanges).flatMap((range, index) =>
      rangeWarnings(range, `spec.loadBalancerSourceRanges[${index}]`)
    ),
    ...type === "ExternalName" && outside.length > 0 ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : [],
    ...type !== "ExternalName" && !isUnset(spec.externalName)
      ? ['spec.externalName is ignored when spec.type is not "ExternalName"']
      : [],
    ...trafficDistribution === "PreferClose"
      ? ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"']
      : [],
  ];
}
