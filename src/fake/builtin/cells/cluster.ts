/**
 * The cells of nodes, volumes and what governs a cluster.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { at, type Cells, count, flag, items, read, size, text, texts } from "./reading.ts";

const modes: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};
const accessModes = (given: readonly string[]) =>
  Object.keys(modes).filter((mode) => given.includes(mode)).map((mode) => modes[mode]).join(",");

function nodeStatus(node: JsonObject): string {
  const ready = items(node, "status", "conditions").filter((each) => each.type === "Ready");
  const all: string[] = ready.map((each) => each.status === "True" ? "Ready" : "NotReady");
  if (all.length === 0) all.push("Unknown");
  if (at(node, "spec", "unschedulable") === true) all.push("SchedulingDisabled");
  return all.join(",");
}

function nodeRoles(node: JsonObject): string {
  const roles = Object.entries((at(node, "metadata", "labels") ?? {}) as Record<string, string>).flatMap(([key, value]) =>
    key.startsWith("node-role.kubernetes.io/")
      ? [key.slice("node-role.kubernetes.io/".length)]
      : key === "kubernetes.io/role"
      ? [value]
      : []
  ).filter((role) => role !== "");
  return [...new Set(roles)].sort().join(",") || "<none>";
}

const nodeAddress = (type: string) => (node: JsonObject) =>
  text(items(node, "status", "addresses").find((each) => each.type === type), "address") || "<none>";

const deleting = (object: JsonObject) =>
  text(object, "metadata", "deletionTimestamp") !== "" ? "Terminating" : text(object, "status", "phase");

const storageClass = (object: JsonObject) =>
  text(at(object, "metadata", "annotations"), "volume.beta.kubernetes.io/storage-class") ||
  text(object, "spec", "storageClassName");

function claim(volume: JsonObject): string {
  const reference = at(volume, "spec", "claimRef");
  return isObject(reference) ? `${text(reference, "namespace")}/${text(reference, "name")}` : "";
}

const hard = (quota: JsonObject) => Object.keys((at(quota, "status", "hard") ?? {}) as JsonObject).sort();
const quotas = (limits: boolean) => (quota: JsonObject) =>
  hard(quota).filter((name) => (name.startsWith("limits.")) === limits).map((name) =>
    `${name}: ${text(at(quota, "status", "used"), name) || "0"}/${text(at(quota, "status", "hard"), name)}`
  ).join(", ");

const subjects = (kind: string, name: (subject: JsonObject) => string) => (binding: JsonObject) =>
  items(binding, "subjects").filter((each) => each.kind === kind).map(name).join(", ");

const binding: Cells = {
  Role: (each) => `${text(each, "roleRef", "kind")}/${text(each, "roleRef", "name")}`,
  Users: subjects("User", (each) => text(each, "name")),
  Groups: subjects("Group", (each) => text(each, "name")),
  ServiceAccounts: subjects("ServiceAccount", (each) => `${text(each, "namespace")}/${text(each, "name")}`),
};

const intOrText = (value: Json | undefined) => value === undefined || value === null ? "N/A" : String(value);

function conditionText(object: JsonObject): string {
  const conditions = items(object, "status", "conditions");
  const has = (type: string) => conditions.some((each) => each.type === type);
  const approval = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  const state = approval + (has("Failed") ? ",Failed" : "");
  return text(object, "status", "certificate") === "" ? state : `${state},Issued`;
}

function serviceOf(api: JsonObject): string {
  const service = at(api, "spec", "service");
  return isObject(service) ? `${text(service, "namespace")}/${text(service, "name")}` : "Local";
}

function available(api: JsonObject): string {
  const condition = items(api, "status", "conditions").find((each) => each.type === "Available");
  if (!condition) return "Unknown";
  return condition.status === "True" ? "True" : `${condition.status} (${condition.reason})`;
}

function requested(csr: JsonObject): string {
  const seconds = at(csr, "spec", "expirationSeconds");
  if (typeof seconds !== "number") return "<none>";
  const units: [number, string][] = [[365 * 86400, "y"], [86400, "d"], [3600, "h"], [60, "m"], [1, "s"]];
  const [unit, letter] = units.find(([length]) => seconds >= length && seconds % length === 0) ?? [1, "s"];
  return `${seconds / unit}${letter}`;
}

const webhooks: Cells = { Webhooks: (each) => items(each, "webhooks").length };
const limited = (...path: string[]) => (level: JsonObject): Json => {
  const value = at(level, "spec", "limited", ...path);
  return value === undefined ? "<none>" : value;
};

/** By kind. */
export const clusterCells: Readonly<Record<string, Cells>> = {
  Node: {
    Status: nodeStatus,
    Roles: nodeRoles,
    Version: read("status.nodeInfo.kubeletVersion"),
    "Internal-IP": nodeAddress("InternalIP"),
    "External-IP": nodeAddress("ExternalIP"),
    "OS-Image": read("status.nodeInfo.osImage", "<unknown>"),
    "Kernel-Version": read("status.nodeInfo.kernelVersion", "<unknown>"),
    "Container-Runtime": read("status.nodeInfo.containerRuntimeVersion", "<unknown>"),
  },
  PersistentVolume: {
    Capacity: read("spec.capacity.storage"),
    "Access Modes": (each) => accessModes(texts(each, "spec", "accessModes")),
    "Reclaim Policy": read("spec.persistentVolumeReclaimPolicy"),
    Status: deleting,
    Claim: claim,
    StorageClass: storageClass,
    VolumeAttributesClass: read("spec.volumeAttributesClassName", "<unset>"),
    Reason: read("status.reason"),
    VolumeMode: read("spec.volumeMode", "<unset>"),
  },
  PersistentVolumeClaim: {
    Status: deleting,
    Volume: read("spec.volumeName"),
    Capacity: (each) => text(each, "spec", "volumeName") === "" ? "" : text(each, "status", "capacity", "storage"),
    "Access Modes": (each) => text(each, "spec", "volumeName") === "" ? "" : accessModes(texts(each, "status", "accessModes")),
    StorageClass: storageClass,
    VolumeAttributesClass: read("spec.volumeAttributesClassName", "<unset>"),
    VolumeMode: read("spec.volumeMode", "<unset>"),
  },
  ResourceQuota: { Request: quotas(false), Limit: quotas(true) },
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  PodDisruptionBudget: {
    "Min Available": (each) => intOrText(at(each, "spec", "minAvailable")),
    "Max Unavailable": (each) => intOrText(at(each, "spec", "maxUnavailable")),
    "Allowed Disruptions": count("status.disruptionsAllowed"),
  },
  PriorityClass: {
    Value: count("value"),
    "Global-Default": flag("globalDefault"),
    PreemptionPolicy: read("preemptionPolicy"),
  },
  StorageClass: {
    Provisioner: read("provisioner"),
    ReclaimPolicy: read("reclaimPolicy", "Delete"),
    VolumeBindingMode: read("volumeBindingMode", "Immediate"),
    AllowVolumeExpansion: flag("allowVolumeExpansion"),
  },
  VolumeAttributesClass: { DriverName: read("driverName") },
  VolumeAttachment: {
    Attacher: read("spec.attacher"),
    PV: read("spec.source.persistentVolumeName"),
    Node: read("spec.nodeName"),
    Attached: flag("status.attached"),
  },
  CSIDriver: {
    AttachRequired: flag("spec.attachRequired"),
    PodInfoOnMount: flag("spec.podInfoOnMount"),
    StorageCapacity: flag("spec.storageCapacity"),
    TokenRequests: (each) => items(each, "spec", "tokenRequests").map(({ audience }) => String(audience)).join(",") || "<unset>",
    RequiresRepublish: flag("spec.requiresRepublish"),
    Modes: (each) => texts(each, "spec", "volumeLifecycleModes").join(",") || "<none>",
  },
  CSINode: { Drivers: (each) => items(each, "spec", "drivers").length },
  RuntimeClass: { Handler: read("handler") },
  MutatingWebhookConfiguration: webhooks,
  ValidatingWebhookConfiguration: webhooks,
  ValidatingAdmissionPolicy: {
    Validations: (each) => size(each, "spec", "validations"),
    ParamKind: (each) => {
      const kind = at(each, "spec", "paramKind");
      return isObject(kind) ? `${text(kind, "apiVersion")}/${text(kind, "kind")}` : "<unset>";
    },
  },
  ValidatingAdmissionPolicyBinding: {
    PolicyName: read("spec.policyName"),
    ParamRef: (each) => {
      const reference = at(each, "spec", "paramRef");
      if (!isObject(reference)) return "<unset>";
      const [namespace, name] = [text(reference, "namespace"), text(reference, "name")];
      return namespace === "" ? `*/${name}` : `${namespace}/${name}`;
    },
  },
  APIService: { Service: serviceOf, Available: available },
  CertificateSigningRequest: {
    SignerName: read("spec.signerName", "<none>"),
    Requestor: read("spec.username"),
    RequestedDuration: requested,
    Condition: conditionText,
  },
  FlowSchema: {
    PriorityLevel: read("spec.priorityLevelConfiguration.name", "<none>"),
    MatchingPrecedence: count("spec.matchingPrecedence"),
    DistinguisherMethod: read("spec.distinguisherMethod.type", "<none>"),
    MissingPL: (each) => text(items(each, "status", "conditions").find(({ type }) => type === "Dangling"), "status") || "?",
  },
  PriorityLevelConfiguration: {
    Type: read("spec.type"),
    NominalConcurrencyShares: limited("nominalConcurrencyShares"),
    Queues: limited("limitResponse", "queuing", "queues"),
    HandSize: limited("limitResponse", "queuing", "handSize"),
    QueueLengthLimit: limited("limitResponse", "queuing", "queueLengthLimit"),
  },
  ResourceClaim: {
    State(each) {
      const states = text(each, "metadata", "deletionTimestamp") === "" ? [] : ["deleted"];
      if (!isObject(at(each, "status", "allocation"))) states.push("pending");
      else states.push("allocated", ...items(each, "status", "reservedFor").length > 0 ? ["reserved"] : []);
      return states.join(",");
    },
  },
  ResourceSlice: {
    Node: read("spec.nodeName", "<unset>"),
    Driver: read("spec.driver"),
    Pool: read("spec.pool.name"),
  },
  HorizontalPodAutoscaler: {
    Reference: (each) => `${text(each, "spec", "scaleTargetRef", "kind")}/${text(each, "spec", "scaleTargetRef", "name")}`,
    Targets: metrics,
    MinPods: (each) => at(each, "spec", "minReplicas") === undefined ? "<unset>" : String(at(each, "spec", "minReplicas")),
    MaxPods: count("spec.maxReplicas"),
    Replicas: count("status.currentReplicas"),
  },
};

const sources: Readonly<Record<string, string>> = {
  External: "external",
  Pods: "pods",
  Object: "object",
  Resource: "resource",
  ContainerResource: "containerResource",
};

/** What an autoscaler measures, and what it aims at: the first two. */
function metrics(scaler: JsonObject): string {
  const specs = items(scaler, "spec", "metrics");
  if (specs.length === 0) return "<none>";
  const current = items(scaler, "status", "currentMetrics");
  const shown = specs.slice(0, 2).map((spec, index) => {
    const source = sources[text(spec, "type")] ?? "";
    const target = at(spec, source, "target");
    const now = at(current[index], source, "current");
    const byUse = at(target, "averageUtilization") !== undefined;
    const member = byUse ? "averageUtilization" : at(target, "averageValue") !== undefined ? "averageValue" : "value";
    const unit = byUse ? "%" : "";
    const measured = text(now, member) === "" ? "<unknown>" : `${text(now, member)}${unit}`;
    const name = source === "resource"
      ? `${text(spec, source, "name")}: `
      : source === "containerResource"
      ? `${text(spec, source, "name")}: `
      : "";
    const average = member === "averageValue" && source !== "resource" && source !== "containerResource" && source !== "pods"
      ? " (avg)"
      : "";
    return `${name}${measured}/${text(target, member)}${unit}${average}`;
  });
  const more = specs.length > 2 ? ` + ${specs.length - 2} more...` : "";
  return `${shown.join(", ")}${more}`;
}
