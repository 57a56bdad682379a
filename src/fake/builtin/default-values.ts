/**
 * The defaults of the built-in types, by Go type.
 *
 * @module
 */
import { asGiven, noteEmpty } from "../types/emptiness.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { metaOf, withMeta } from "../types/meta.ts";
import { isOpen } from "./rules/service-changes.ts";

/** What is added to a struct: members that are not there, then what depends on others. */
export interface Fill {
  readonly values?: Readonly<Record<string, Json>>;
  readonly derive?: (object: JsonObject) => unknown;
}

const isEmpty = (value: Json | undefined) =>
  value === undefined || value === null || value === "" ||
  (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);
const list = (value: Json | undefined) => Array.isArray(value) ? value.filter(isObject) : [];

/** An image without a tag, or with the tag `latest`, is pulled each time. */
function pullPolicy(container: JsonObject): void {
  if (!isEmpty(container.imagePullPolicy)) return;
  const image = String(container.image ?? "");
  if (image === "") return void (container.imagePullPolicy = "IfNotPresent");
  const [, tag] = /:([\w][\w.-]{0,127})(?:@.*)?$/.exec(image) ?? [];
  container.imagePullPolicy = image.includes("@") || (tag !== undefined && tag !== "latest") ? "IfNotPresent" : "Always";
}

const container: Fill = {
  values: { terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File" },
  derive: pullPolicy,
};

/** On the host's network, ports of containers are the host's. */
function podSpec(spec: JsonObject): void {
  if (!isEmpty(spec.serviceAccountName)) spec.serviceAccount = spec.serviceAccountName!;
  else if (!isEmpty(spec.serviceAccount)) spec.serviceAccountName = spec.serviceAccount!;
  if (spec.hostNetwork !== true) return;
  for (const each of [...list(spec.containers), ...list(spec.initContainers)]) {
    for (const port of list(each.ports)) if (isEmpty(port.hostPort) || port.hostPort === 0) port.hostPort = port.containerPort!;
  }
}

/** A limit of a pod's container is a request, too, where none is made. */
function pod(object: JsonObject): void {
  const { spec } = object;
  if (!isObject(spec)) return;
  spec.enableServiceLinks ??= true;
  for (const each of [...list(spec.containers), ...list(spec.initContainers)]) {
    const resources = each.resources;
    if (!isObject(resources) || !isObject(asGiven(resources, "limits"))) continue;
    const requests = { ...resources.limits as JsonObject | undefined, ...resources.requests as JsonObject | undefined };
    if (Object.keys(requests).length > 0) resources.requests = requests;
    else noteEmpty(resources, "requests", requests);
  }
}

/** A volume without a source is an empty folder. */
function volume(object: JsonObject): void {
  if (Object.keys(object).every((name) => name === "name")) object.emptyDir = {};
}

/** Labels, and the selector, of what makes pods are those of its template where they are not said. */
function templateLabels(object: JsonObject): void {
  const spec = object.spec as JsonObject;
  const labels = isObject(spec?.template) ? metaOf(spec.template).labels : undefined;
  if (isEmpty(labels as Json | undefined)) return;
  if (isEmpty(spec.selector)) spec.selector = { ...labels };
  if (isEmpty(metaOf(object).labels as Json | undefined)) {
    Object.assign(object, withMeta(object, { ...metaOf(object), labels: { ...labels } }));
  }
}

function service(spec: JsonObject): void {
  for (const port of list(spec.ports)) if (isEmpty(port.targetPort) || port.targetPort === 0) port.targetPort = port.port!;
  const { type } = spec;
  if (type === "ExternalName") return;
  if (isOpen(spec)) spec.externalTrafficPolicy ??= "Cluster";
  spec.internalTrafficPolicy ??= "Cluster";
  if (type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
  if (spec.sessionAffinity === "ClientIP" && isEmpty(spec.sessionAffinityConfig)) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } };
  }
}

function rollingUpdate(fill: JsonObject): Fill["derive"] {
  return (strategy) => {
    if (strategy.type !== "RollingUpdate") return;
    strategy.rollingUpdate = { ...fill, ...strategy.rollingUpdate as JsonObject | undefined };
  };
}

/** Of a job; not of the template of one. */
function jobSpec(spec: JsonObject): void {
  if (isEmpty(spec.completionMode)) spec.completionMode = "NonIndexed";
  spec.suspend ??= false;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  const policy = isObject(spec.podFailurePolicy);
  spec.podReplacementPolicy ??= policy ? "Failed" : "TerminatingOrFailed";
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2147483647;
  for (const rule of list((spec.podFailurePolicy as JsonObject | undefined)?.rules)) {
    for (const pattern of list(rule.onPodConditions)) if (isEmpty(pattern.status)) pattern.status = "True";
  }
}

/** Labels of a job are those of its template, where it has none. */
function job(object: JsonObject): void {
  const { spec } = object;
  if (!isObject(spec)) return;
  jobSpec(spec);
  spec.manualSelector ??= false;
  const labels = isObject(spec.template) ? (spec.template.metadata as JsonObject | undefined)?.labels : undefined;
  if (isEmpty(labels) || !isEmpty(metaOf(object).labels as Json | undefined)) return;
  // One map for both, as in Go: what the server adds to the template's is there in the job's, too.
  Object.assign(object, withMeta(object, { ...metaOf(object), labels: labels as Record<string, string> }));
}

function subjects(object: JsonObject): void {
  for (const subject of list(object.subjects)) {
    if (isEmpty(subject.apiGroup) && subject.kind !== "ServiceAccount") subject.apiGroup = "rbac.authorization.k8s.io";
  }
  const { roleRef } = object;
  if (isObject(roleRef) && isEmpty(roleRef.apiGroup)) roleRef.apiGroup = "rbac.authorization.k8s.io";
}

const utilization = (value: number): JsonObject => ({
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: value } },
});

const scaling: Readonly<Record<string, readonly JsonObject[]>> = {
  scaleUp: [{ type: "Pods", value: 4, periodSeconds: 15 }, { type: "Percent", value: 100, periodSeconds: 15 }],
  scaleDown: [{ type: "Percent", value: 100, periodSeconds: 15 }],
};

/** What is not said of an autoscaler. @param spec Of `autoscaling/v2`; it is completed in place. */
export function completeAutoscaler(spec: JsonObject): void {
  spec.minReplicas ??= 1;
  if (isEmpty(spec.metrics)) spec.metrics = [utilization(80)];
  if (!isObject(spec.behavior)) return;
  for (const [direction, policies] of Object.entries(scaling)) {
    const rules = (spec.behavior[direction] ??= {}) as JsonObject;
    if (direction === "scaleUp") rules.stabilizationWindowSeconds ??= 0;
    rules.selectPolicy ??= "Max";
    // A list without any is one that was given.
    rules.policies ??= policies.map((each) => ({ ...each }));
  }
}

function networkPolicy(spec: JsonObject): void {
  if (isEmpty(spec.policyTypes)) spec.policyTypes = isEmpty(spec.egress) ? ["Ingress"] : ["Ingress", "Egress"];
}

/** A range's defaults follow from its limits. */
function limitRange(item: JsonObject): void {
  if (item.type !== "Container") return;
  const merged = (value: Json | undefined, under: Json | undefined): JsonObject => ({
    ...under as JsonObject,
    ...value as JsonObject,
  });
  item.default = merged(item.default, item.max);
  item.defaultRequest = merged(item.defaultRequest, merged(item.default, undefined));
  item.defaultRequest = merged(item.defaultRequest, item.min);
  for (const name of ["default", "defaultRequest"]) if (isEmpty(item[name])) delete item[name];
}

const mode = { values: { defaultMode: 420 } };
const core = (name: string) => `api/core/v1.${name}`;
const webhook: Readonly<Record<string, Json>> = {
  failurePolicy: "Fail",
  matchPolicy: "Equivalent",
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
};

/** Who asks for a number of devices asks for one, unless told. */
function countDevices(request: JsonObject): void {
  if (request.allocationMode === "ExactCount") request.count ||= 1;
}

/** All defaults. */
export const defaults: Readonly<Record<string, Fill>> = {
  [core("Container")]: container,
  [core("EphemeralContainer")]: container,
  [core("ContainerPort")]: { values: { protocol: "TCP" } },
  [core("Probe")]: {
    values: { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
  },
  [core("HTTPGetAction")]: { values: { path: "/", scheme: "HTTP" } },
  [core("GRPCAction")]: { values: { service: "" } },
  [core("PodSpec")]: {
    values: {
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      securityContext: {},
      schedulerName: "default-scheduler",
    },
    derive: podSpec,
  },
  [core("Pod")]: { derive: pod },
  [core("Volume")]: { derive: volume },
  [core("SecretVolumeSource")]: mode,
  [core("ConfigMapVolumeSource")]: mode,
  [core("DownwardAPIVolumeSource")]: mode,
  [core("ProjectedVolumeSource")]: mode,
  [core("ServiceAccountTokenProjection")]: { values: { expirationSeconds: 3600 } },
  [core("HostPathVolumeSource")]: { values: { type: "" } },
  [core("ObjectFieldSelector")]: { values: { apiVersion: "v1" } },
  [core("ISCSIVolumeSource")]: { values: { iscsiInterface: "default" } },
  [core("ISCSIPersistentVolumeSource")]: { values: { iscsiInterface: "default" } },
  [core("RBDVolumeSource")]: { values: { pool: "rbd", user: "admin", keyring: "/etc/ceph/keyring" } },
  [core("RBDPersistentVolumeSource")]: { values: { pool: "rbd", user: "admin", keyring: "/etc/ceph/keyring" } },
  [core("AzureDiskVolumeSource")]: { values: { cachingMode: "ReadWrite", kind: "Shared", fsType: "ext4", readOnly: false } },
  [core("ScaleIOVolumeSource")]: { values: { storageMode: "ThinProvisioned", fsType: "xfs" } },
  [core("ReplicationController")]: { derive: templateLabels },
  [core("ReplicationControllerSpec")]: { values: { replicas: 1 } },
  [core("ServiceSpec")]: { values: { sessionAffinity: "None", type: "ClusterIP" }, derive: service },
  [core("ServicePort")]: { values: { protocol: "TCP" } },
  [core("LoadBalancerIngress")]: { derive: (each) => !isEmpty(each.ip) && (each.ipMode ??= "VIP") },
  [core("NodeStatus")]: {
    derive: (status) =>
      isEmpty(status.allocatable) && !isEmpty(status.capacity) && (status.allocatable = { ...status.capacity as JsonObject }),
  },
  [core("EndpointPort")]: { values: { protocol: "TCP" } },
  [core("Secret")]: { values: { type: "Opaque" } },
  [core("PersistentVolumeClaim")]: {
    derive: (claim) => void (claim.status = { phase: "Pending", ...claim.status as JsonObject }),
  },
  [core("PersistentVolumeClaimSpec")]: { values: { volumeMode: "Filesystem" } },
  [core("PersistentVolumeSpec")]: { values: { persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" } },
  [core("LimitRangeItem")]: { derive: limitRange },
  "api/apps/v1.DeploymentSpec": { values: { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 } },
  "api/apps/v1.DeploymentStrategy": {
    values: { type: "RollingUpdate" },
    derive: rollingUpdate({ maxUnavailable: "25%", maxSurge: "25%" }),
  },
  "api/apps/v1.DaemonSetSpec": { values: { revisionHistoryLimit: 10 } },
  "api/apps/v1.DaemonSetUpdateStrategy": {
    values: { type: "RollingUpdate" },
    derive: rollingUpdate({ maxUnavailable: 1, maxSurge: 0 }),
  },
  "api/apps/v1.ReplicaSetSpec": { values: { replicas: 1 } },
  "api/apps/v1.StatefulSetSpec": {
    values: {
      replicas: 1,
      podManagementPolicy: "OrderedReady",
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    },
  },
  "api/apps/v1.StatefulSetUpdateStrategy": { values: { type: "RollingUpdate" }, derive: rollingUpdate({ partition: 0 }) },
  "api/batch/v1.Job": { derive: job },
  "api/batch/v1.CronJobSpec": {
    values: { concurrencyPolicy: "Allow", suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 },
  },
  "api/autoscaling/v2.HorizontalPodAutoscalerSpec": { derive: completeAutoscaler },
  "api/autoscaling/v1.HorizontalPodAutoscalerSpec": { values: { minReplicas: 1 } },
  "api/networking/v1.NetworkPolicySpec": { derive: networkPolicy },
  "api/networking/v1.NetworkPolicyPort": { values: { protocol: "TCP" } },
  "api/networking/v1.IngressClassParametersReference": { values: { scope: "Cluster" } },
  "api/rbac/v1.ClusterRoleBinding": { derive: subjects },
  "api/rbac/v1.RoleBinding": { derive: subjects },
  "api/storage/v1.StorageClass": { values: { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" } },
  "api/storage/v1.CSIDriverSpec": {
    values: {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: "ReadWriteOnceWithFSType",
      requiresRepublish: false,
      volumeLifecycleModes: ["Persistent"],
      seLinuxMount: false,
    },
    derive: (spec) => void (isEmpty(spec.volumeLifecycleModes) && (spec.volumeLifecycleModes = ["Persistent"])),
  },
  "api/admissionregistration/v1.ValidatingWebhook": { values: webhook },
  "api/admissionregistration/v1.MutatingWebhook": { values: { ...webhook, reinvocationPolicy: "Never" } },
  "api/admissionregistration/v1.RuleWithOperations": { values: { scope: "*" } },
  "api/admissionregistration/v1.NamedRuleWithOperations": { values: { scope: "*" } },
  "api/admissionregistration/v1.ServiceReference": { values: { port: 443 } },
  "api/admissionregistration/v1.ValidatingAdmissionPolicySpec": { values: { failurePolicy: "Fail" } },
  "api/admissionregistration/v1.MatchResources": {
    values: { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {} },
  },
  "api/scheduling/v1.PriorityClass": { values: { preemptionPolicy: "PreemptLowerPriority" } },
  "api/discovery/v1.EndpointPort": { values: { name: "", protocol: "TCP" } },
  "kube-aggregator/pkg/apis/apiregistration/v1.ServiceReference": { values: { port: 443 } },
  "api/flowcontrol/v1.FlowSchemaSpec": { derive: (spec) => void (spec.matchingPrecedence = spec.matchingPrecedence || 1000) },
  "api/flowcontrol/v1.LimitedPriorityLevelConfiguration": { values: { nominalConcurrencyShares: 30, lendablePercent: 0 } },
  "api/flowcontrol/v1.ExemptPriorityLevelConfiguration": { values: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  "api/flowcontrol/v1.QueuingConfiguration": {
    derive(queuing) {
      queuing.handSize ||= 8;
      queuing.queues ||= 64;
      queuing.queueLengthLimit ||= 50;
    },
  },
  "api/resource/v1.ExactDeviceRequest": { values: { allocationMode: "ExactCount" }, derive: countDevices },
  "api/resource/v1.DeviceToleration": { values: { operator: "Equal" } },
  "api/resource/v1.DeviceSubRequest": { values: { allocationMode: "ExactCount" }, derive: countDevices },
};
