/**
 * What an object uses of a quota, by its kind.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { selects } from "../types/labels.ts";
import { amountOf } from "../types/quantity.ts";
import type { ResourceType } from "../types/resource.ts";
import type { Admission } from "./match.ts";
import { type Amounts, amountsOf, containersOf, podAmountsInFull } from "./pod-resources.ts";

/** How objects of a kind are counted. */
export interface Counting {
  /** Whether a write is looked at. */
  counts(admission: Admission, subresource: string | undefined): boolean;
  /** Whether a quota for a resource is about the kind. */
  isAbout(resource: string): boolean;
  /** What an object uses. */
  usage(object: JsonObject): Amounts;
  /** Whether an object is in a scope. @default In none */
  readonly isIn?: (requirement: JsonObject, object: JsonObject) => boolean;
  /** What an object has to say, where a quota is about some resources. @returns What is wrong. @default Nothing */
  readonly constraint?: (object: JsonObject, resources: readonly string[]) => string | undefined;
}

const specOf = (object: JsonObject) => (object.spec ?? {}) as JsonObject;
const isCreation = ({ operation }: Admission) => operation === "CREATE";

const compute = ["cpu", "memory", "ephemeral-storage"];
const ofPods = ["count/pods", "pods", ...compute.flatMap((name) => [name, `requests.${name}`, `limits.${name}`])];
/** What each container has to ask for, where a quota is about it. */
const demanded = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
const isOther = (name: string) => name.includes("/") && !name.includes("kubernetes.io/");

function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const usage: Record<string, string> = { pods: "1" };
  for (const name of compute) {
    if (requests[name] !== undefined) usage[name] = usage[`requests.${name}`] = requests[name];
    if (limits[name] !== undefined) usage[`limits.${name}`] = limits[name];
  }
  for (const [name, amount] of Object.entries(requests)) {
    if (name.startsWith("hugepages-")) usage[name] = usage[`requests.${name}`] = amount;
    else if (isOther(name)) usage[`requests.${name}`] = amount;
  }
  return usage;
}

const isTerminating = (pod: JsonObject | undefined) => {
  const seconds = pod && specOf(pod).activeDeadlineSeconds;
  return typeof seconds === "number" && seconds >= 0;
};

function isBestEffort(pod: JsonObject): boolean {
  const spec = specOf(pod);
  const all = [spec, ...containersOf(spec, "containers"), ...containersOf(spec, "initContainers")];
  return all.every((owner) =>
    (["requests", "limits"] as const).every((kind) =>
      ["cpu", "memory"].every((name) => amountOf(amountsOf(owner, kind)[name] ?? "0") === 0n)
    )
  );
}

/** Whether a pod wants to be near to, or far from, those of other namespaces. */
function looksElsewhere(pod: JsonObject): boolean {
  const { podAffinity, podAntiAffinity } = (specOf(pod).affinity ?? {}) as JsonObject;
  const list = (value: Json | undefined) => Array.isArray(value) ? value.filter(isObject) : [];
  return [podAffinity, podAntiAffinity].filter(isObject).some((affinity) =>
    [
      ...list(affinity.requiredDuringSchedulingIgnoredDuringExecution),
      ...list(affinity.preferredDuringSchedulingIgnoredDuringExecution).map((each) => each.podAffinityTerm).filter(isObject),
    ].some(({ namespaces, namespaceSelector }) => textsIn(namespaces) || isObject(namespaceSelector))
  );
}
const textsIn = (value: Json | undefined) => Array.isArray(value) && value.length > 0;

/** Whether one of some names is what a requirement of a scope asks for. */
function isNamed({ scopeName, operator, values = null }: JsonObject, names: readonly string[]): boolean {
  if (operator === "Exists") return names.length > 0;
  const expression = { key: scopeName!, operator: operator!, values };
  const labels = names.length === 0 ? [{}] : names.map((name) => ({ [String(scopeName)]: name }));
  return labels.some((each) => selects({ matchExpressions: [expression] }, each));
}

function isPodIn(requirement: JsonObject, pod: JsonObject): boolean {
  const name = String(specOf(pod).priorityClassName ?? "");
  switch (requirement.scopeName) {
    case "Terminating":
      return isTerminating(pod);
    case "NotTerminating":
      return !isTerminating(pod);
    case "BestEffort":
      return isBestEffort(pod);
    case "NotBestEffort":
      return !isBestEffort(pod);
    case "PriorityClass":
      return isNamed(requirement, name === "" ? [] : [name]);
    case "CrossNamespacePodAffinity":
      return looksElsewhere(pod);
    default:
      return false;
  }
}

function missing(pod: JsonObject, resources: readonly string[]): string | undefined {
  const spec = specOf(pod);
  const ofPod = (["requests", "limits"] as const).flatMap((kind) => Object.keys(amountsOf(spec, kind)));
  if (ofPod.some((name) => name === "cpu" || name === "memory" || name.startsWith("hugepages-"))) return undefined;
  const containers = [...containersOf(spec, "containers"), ...containersOf(spec, "initContainers")];
  const lacking = resources.filter((name) => demanded.includes(name)).sort().flatMap((name) => {
    const names = containers.filter((container) =>
      computeUsage(amountsOf(container, "requests"), amountsOf(container, "limits"))[name] === undefined
    ).map((container) => String(container.name));
    return names.length === 0 ? [] : [`${name} for: ${[...new Set(names)].sort().join(",")}`];
  });
  return lacking.length === 0 ? undefined : `must specify ${lacking.join("; ")}`;
}

const pods: Counting = {
  counts: (admission, subresource) =>
    subresource === undefined
      ? isCreation(admission) ||
        (admission.operation === "UPDATE" && isTerminating(admission.object) !== isTerminating(admission.oldObject))
      : subresource === "resize" && admission.operation === "UPDATE",
  isAbout: (resource) =>
    ofPods.includes(resource) || resource.startsWith("hugepages-") || resource.startsWith("requests.hugepages-") ||
    (isOther(resource) && resource.startsWith("requests.")),
  usage(pod) {
    const phase = (pod.status as JsonObject | undefined)?.phase;
    if (phase === "Failed" || phase === "Succeeded") return { "count/pods": "1" };
    const spec = specOf(pod);
    return { "count/pods": "1", ...computeUsage(podAmountsInFull(spec, "requests"), podAmountsInFull(spec, "limits")) };
  },
  isIn: isPodIn,
  constraint: missing,
};

const ofServices = ["count/services", "services", "services.nodeports", "services.loadbalancers"];

const services: Counting = {
  counts: ({ operation }, subresource) => subresource === undefined && operation !== "DELETE",
  isAbout: (resource) => ofServices.includes(resource),
  usage(service) {
    const { type, ports = [], allocateLoadBalancerNodePorts: allocates } = specOf(service);
    const all = Array.isArray(ports) ? ports.filter(isObject) : [];
    const counted = type === "LoadBalancer" && allocates === false ? all.filter(({ nodePort }) => Boolean(nodePort)) : all;
    return {
      "count/services": "1",
      services: "1",
      "services.loadbalancers": type === "LoadBalancer" ? "1" : "0",
      "services.nodeports": type === "NodePort" || type === "LoadBalancer" ? String(counted.length) : "0",
    };
  },
};

const ofClaims = ["persistentvolumeclaims", "requests.storage"];
const byClass = ".storageclass.storage.k8s.io/";

const claims: Counting = {
  counts: ({ operation }, subresource) => subresource === undefined && operation !== "DELETE",
  isAbout: (resource) =>
    resource === "count/persistentvolumeclaims" || ofClaims.includes(resource) ||
    ofClaims.some((name) => resource.endsWith(byClass + name)),
  usage(claim) {
    const { storageClassName } = specOf(claim);
    const metadata = claim.metadata as { annotations?: Record<string, string> } | undefined;
    const named = metadata?.annotations?.["volume.beta.kubernetes.io/storage-class"] || String(storageClassName ?? "");
    const storage = amountsOf(specOf(claim), "requests").storage;
    const usage: Record<string, string> = { persistentvolumeclaims: "1", "count/persistentvolumeclaims": "1" };
    if (storage !== undefined) usage["requests.storage"] = storage;
    if (named === "") return usage;
    for (const name of ofClaims) if (usage[name] !== undefined) usage[named + byClass + name] = usage[name];
    return usage;
  },
  isIn(requirement, claim) {
    if (requirement.scopeName !== "VolumeAttributesClass") return false;
    const name = String(specOf(claim).volumeAttributesClassName ?? "");
    return isNamed(requirement, name === "" ? [] : [name]);
  },
};

/** Kinds that quotas count under an older name, too. */
const older = ["configmaps", "resourcequotas", "replicationcontrollers", "secrets"];

function others({ group, plural }: ResourceType): Counting {
  const names = [`count/${plural}${group === "" ? "" : `.${group}`}`, ...group === "" && older.includes(plural) ? [plural] : []];
  return {
    counts: (admission, subresource) => subresource === undefined && isCreation(admission),
    isAbout: (resource) => names.includes(resource),
    usage: () => Object.fromEntries(names.map((name) => [name, "1"])),
  };
}

/** How objects of a type are counted. @returns Nothing where they are not. */
export function countingOf(type: ResourceType): Counting | undefined {
  if (type.plural === "events" && ["", "events.k8s.io"].includes(type.group)) return undefined;
  if (type.group !== "" || type.custom) return others(type);
  return { pods, services, persistentvolumeclaims: claims }[type.plural] ?? others(type);
}
