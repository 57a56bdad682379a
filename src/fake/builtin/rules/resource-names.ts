/**
 * Names of resources that are asked for, limited and counted: which there are, and where each may stand.
 *
 * @module
 */
import { type FieldError, invalid } from "../../types/field-error.ts";
import { qualifiedNameFaults } from "../../types/names.ts";

const compute = ["cpu", "memory", "ephemeral-storage"];
const counted = [
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
];
const quotas = [
  ...compute,
  ...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  "requests.storage",
  ...counted,
];

/** Whether a resource is pages of a size. Pure. */
export const isHuge = (name: string): boolean => name.startsWith("hugepages-");
/** Whether a resource is one of Kubernetes' own. Pure. */
export const isNative = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/");
/** Whether a resource is somebody else's, of which containers may ask for. Pure. */
export const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith("requests.") && qualifiedNameFaults(`requests.${name}`).length === 0;
/** Whether more of a resource may be promised than is there. Pure. */
export const isOvercommitted = (name: string): boolean => isNative(name) && !isHuge(name);
/** Whether a quota may count a resource. Pure. */
export const isQuotaResource = (name: string): boolean =>
  quotas.includes(name) || isHuge(name) || name.startsWith("requests.hugepages-");
/** Whether there are only whole ones of a resource. Pure. */
export const isWhole = (name: string): boolean => counted.includes(name) || isExtended(name);

/** What is wrong with the name of a resource, wherever it stands. Pure. */
export function resourceNameErrors(name: string, path: string): FieldError[] {
  const faults = qualifiedNameFaults(name);
  if (faults.length > 0) return faults.map((fault) => invalid(path, name, fault));
  return name.includes("/") || name === "storage" || isQuotaResource(name)
    ? []
    : [invalid(path, name, "must be a standard resource type or fully qualified")];
}

/** What is wrong with the name of a resource that containers ask for. Pure. */
export function containerResourceErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  if (!name.includes("/")) {
    return compute.includes(name) || isHuge(name)
      ? errors
      : [...errors, invalid(path, name, "must be a standard resource for containers")];
  }
  return isNative(name) || isExtended(name)
    ? errors
    : [...errors, invalid(path, name, "doesn't follow extended resource name standard")];
}

/** What is wrong with the name of a resource that a quota counts. Pure. */
export function quotaResourceErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  return name.includes("/") || isQuotaResource(name)
    ? errors
    : [...errors, invalid(path, name, "must be a standard resource for quota")];
}
