/**
 * What each built-in type adds to the common handling: completion, checks, selectable fields.
 *
 * @module
 */
import { prepareCrd, prepareCrdUpdate, withCrdDefaults } from "../crd/crd.ts";
import { validateCrd } from "../crd/validation.ts";
import { type FieldError, invalid } from "../types/field-error.ts";
import type { JsonObject } from "../types/json.ts";
import { metaOf, withMeta } from "../types/meta.ts";
import { qualifiedNameFaults } from "../types/names.ts";
import { coreEvent, fromCore, groupEvent, toCore } from "./events.ts";
import { policyBindingRules, validatingPolicyRules } from "./rules/admission-policies.ts";
import { addressRules, serviceRangeRules } from "./rules/addresses.ts";
import { apiServiceRules } from "./rules/api-services.ts";
import { autoscalerRules, oldAutoscalerRules } from "./rules/autoscalers.ts";
import { signingRequestRules } from "./rules/certificates.ts";
import { claimOfDevicesRules, claimTemplateRules, deviceClassRules } from "./rules/device-claims.ts";
import { deviceSliceRules } from "./rules/device-slices.ts";
import { flowSchemaRules, priorityLevelRules } from "./rules/flows.ts";
import { cronJobRules, jobRules } from "./rules/jobs.ts";
import { endpointSliceRules, endpointsRules } from "./rules/endpoints.ts";
import { ingressClassRules, ingressRules, networkPolicyRules } from "./rules/network.ts";
import { nodeRules } from "./rules/nodes.ts";
import { podRules } from "./rules/pods.ts";
import {
  bindingRules,
  budgetRules,
  clusterBindingRules,
  clusterRoleRules,
  priorityClassRules,
  roleRules,
} from "./rules/policies.ts";
import { limitRangeRules } from "./rules/limit-ranges.ts";
import { quotaRules } from "./rules/quotas.ts";
import { controllerRevisionRules } from "./rules/revisions.ts";
import { runtimeClassRules } from "./rules/runtime-classes.ts";
import { configMapRules, secretRules } from "./rules/settings.ts";
import { serviceRules } from "./rules/services.ts";
import { claimRules } from "./rules/claims.ts";
import { volumeRules } from "./rules/storage.ts";
import { attributesClassRules, storageClassRules } from "./rules/storage-classes.ts";
import { attachmentRules, csiDriverRules, csiNodeRules, storageCapacityRules } from "./rules/storage-drivers.ts";
import { deploymentRules, podTemplateRules, replicaSetRules, replicationControllerRules } from "./rules/workloads.ts";
import { daemonSetRules } from "./rules/daemon-sets.ts";
import { statefulSetRules } from "./rules/stateful-sets.ts";
import { webhookRules } from "./rules/webhooks.ts";
import { type Rules, selectable, textAt } from "./selectable.ts";

const labelNotSupported = (field: string) => `field label not supported: ${field}`;

const namespaceLabel = "kubernetes.io/metadata.name";

/** The namespace's own name is always a label. */
function labelNamespace(object: JsonObject): JsonObject {
  const metadata = metaOf(object);
  if (metadata.name === undefined) return object;
  return withMeta(object, { ...metadata, labels: { ...metadata.labels, [namespaceLabel]: metadata.name } });
}

const phaseOf = (object: JsonObject) => (object.status as JsonObject | undefined)?.phase;

/** A namespace is active until it is deleted. */
function phaseErrors(object: JsonObject): FieldError[] {
  const [phase, when] = metaOf(object).deletionTimestamp === undefined ? ["Active", "empty"] : ["Terminating", "not empty"];
  const given = phaseOf(object);
  if (given === phase) return [];
  return [invalid("status.Phase", given, `may only be '${phase}' if \`deletionTimestamp\` is ${when}`)];
}

const bareFinalizer = (name: string) => !name.includes("/") && name !== "kubernetes";

/** @param fieldOf How errors name the place of one. */
function finalizerErrors(object: JsonObject, fieldOf: (index: number) => string): FieldError[] {
  const finalizers = ((object.spec as JsonObject | undefined)?.finalizers ?? []) as string[];
  return finalizers.flatMap((name, index) => {
    const bare = bareFinalizer(name) ? ["name is neither a standard finalizer name nor is it fully qualified"] : [];
    return [...qualifiedNameFaults(name), ...bare].map((fault) => invalid(fieldOf(index), name, fault));
  });
}

const namespace: Rules = {
  selectable: { ...selectable("status.phase"), name: textAt("metadata.name") },
  unknownField: labelNotSupported,
  setDefaults(object) {
    const phase = phaseOf(object) || "Active";
    return labelNamespace({ ...object, status: { ...object.status as JsonObject | undefined, phase } });
  },
  validate(object, old, subresource) {
    if (subresource === "status") return phaseErrors(object);
    if (subresource === "finalize") return finalizerErrors(object, (index) => `spec.finalizers[${index}]`);
    return old === undefined ? finalizerErrors(object, () => "spec.finalizers") : [];
  },
  prepareCreate(object) {
    const finalizers = ((object.spec as JsonObject | undefined)?.finalizers ?? []) as string[];
    const spec = { finalizers: finalizers.includes("kubernetes") ? finalizers : [...finalizers, "kubernetes"] };
    return labelNamespace({ ...object, spec, status: { phase: "Active" } });
  },
  prepareUpdate(object, old, subresource) {
    if (subresource === "finalize") return labelNamespace({ ...old, metadata: object.metadata, spec: object.spec });
    if (subresource === "status") return labelNamespace({ ...object, spec: old.spec });
    return labelNamespace({ ...object, spec: old.spec, status: old.status });
  },
};

/** Of a secret that a service account names, only the name is kept. */
const nameSecrets = (object: JsonObject): JsonObject =>
  Array.isArray(object.secrets)
    ? { ...object, secrets: object.secrets.map((each) => ({ name: (each as JsonObject).name ?? "" })) }
    : object;

const serviceAccount: Rules = { prepareCreate: nameSecrets, prepareUpdate: nameSecrets };

/** What takes part in coordinated elections, an alpha of 1.35, is dropped where that is not turned on. */
function withoutStrategy(object: JsonObject): JsonObject {
  const { strategy: _s, preferredHolder: _p, ...spec } = (object.spec ?? {}) as JsonObject;
  return { ...object, spec };
}

const lease: Rules = {
  prepareCreate: withoutStrategy,
  prepareUpdate: withoutStrategy,
  validate(object) {
    const spec = (object.spec ?? {}) as JsonObject;
    const errors: FieldError[] = [];
    const duration = spec.leaseDurationSeconds;
    const transitions = spec.leaseTransitions;
    if (typeof duration === "number" && duration <= 0) {
      errors.push(invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"));
    }
    if (typeof transitions === "number" && transitions < 0) {
      errors.push(invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0"));
    }
    return errors;
  },
};

const crd: Rules = {
  setDefaults: withCrdDefaults,
  prepareCreate: prepareCrd,
  prepareUpdate: prepareCrdUpdate,
  validate: validateCrd,
};

/** The rules of each built-in kind that has some, by kind, with `.group` where another group has the same. */
export const builtinRules: Readonly<Record<string, Rules>> = {
  ConfigMap: configMapRules,
  Secret: secretRules,
  LimitRange: limitRangeRules,
  ResourceQuota: quotaRules,
  ServiceAccount: serviceAccount,
  Namespace: namespace,
  Event: coreEvent,
  "Event.events.k8s.io": { ...groupEvent, view: { of: "v1/events", fromStorage: fromCore, toStorage: toCore } },
  Lease: lease,
  CustomResourceDefinition: crd,
  Pod: podRules,
  PodTemplate: podTemplateRules,
  Service: serviceRules,
  Deployment: deploymentRules,
  ReplicaSet: replicaSetRules,
  StatefulSet: statefulSetRules,
  DaemonSet: daemonSetRules,
  ReplicationController: replicationControllerRules,
  ControllerRevision: controllerRevisionRules,
  Job: jobRules,
  CronJob: cronJobRules,
  Node: nodeRules,
  PersistentVolumeClaim: claimRules,
  PersistentVolume: volumeRules,
  StorageClass: storageClassRules,
  VolumeAttributesClass: attributesClassRules,
  CSIDriver: csiDriverRules,
  CSINode: csiNodeRules,
  CSIStorageCapacity: storageCapacityRules,
  VolumeAttachment: attachmentRules,
  RuntimeClass: runtimeClassRules,
  DeviceClass: deviceClassRules,
  ResourceClaim: claimOfDevicesRules,
  ResourceClaimTemplate: claimTemplateRules,
  ResourceSlice: deviceSliceRules,
  FlowSchema: flowSchemaRules,
  PriorityLevelConfiguration: priorityLevelRules,
  APIService: apiServiceRules,
  IPAddress: addressRules,
  ServiceCIDR: serviceRangeRules,
  Ingress: ingressRules,
  IngressClass: ingressClassRules,
  NetworkPolicy: networkPolicyRules,
  Endpoints: endpointsRules,
  EndpointSlice: endpointSliceRules,
  PodDisruptionBudget: budgetRules,
  PriorityClass: priorityClassRules,
  Role: roleRules,
  ClusterRole: clusterRoleRules,
  RoleBinding: bindingRules,
  ClusterRoleBinding: clusterBindingRules,
  CertificateSigningRequest: signingRequestRules,
  HorizontalPodAutoscaler: autoscalerRules,
  "HorizontalPodAutoscaler.v1.autoscaling": oldAutoscalerRules,
  MutatingWebhookConfiguration: webhookRules,
  ValidatingAdmissionPolicy: validatingPolicyRules,
  ValidatingAdmissionPolicyBinding: policyBindingRules,
  ValidatingWebhookConfiguration: webhookRules,
};
