/**
 * What each built-in type adds to the common handling: completion, checks, selectable fields.
 *
 * @module
 */
import { prepareCrd, prepareCrdUpdate, withCrdDefaults } from "../crd/crd.ts";
import { validateCrd } from "../crd/validation.ts";
import { type FieldError, forbidden, immutable, invalid, required, tooLong } from "../types/field-error.ts";
import { equal, type JsonObject } from "../types/json.ts";
import { metaOf, withMeta } from "../types/meta.ts";
import { qualifiedNameFaults } from "../types/names.ts";
import { coreEvent, fromCore, groupEvent, toCore } from "./events.ts";
import { autoscalerRules, oldAutoscalerRules } from "./rules/autoscalers.ts";
import { signingRequestRules } from "./rules/certificates.ts";
import { configKeyFaults } from "./rules/environment.ts";
import { cronJobRules, jobRules } from "./rules/jobs.ts";
import { endpointSliceRules, endpointsRules, ingressClassRules, ingressRules, networkPolicyRules } from "./rules/network.ts";
import { podRules } from "./rules/pods.ts";
import {
  bindingRules,
  budgetRules,
  clusterBindingRules,
  clusterRoleRules,
  priorityClassRules,
  roleRules,
} from "./rules/policies.ts";
import { serviceRules } from "./rules/services.ts";
import { attributesClassRules, claimRules, nodeRules, storageClassRules, volumeRules } from "./rules/storage.ts";
import {
  controllerRevisionRules,
  daemonSetRules,
  deploymentRules,
  podTemplateRules,
  replicaSetRules,
  replicationControllerRules,
  statefulSetRules,
} from "./rules/workloads.ts";
import { webhookRules } from "./rules/webhooks.ts";
import { type Rules, selectable, textAt } from "./selectable.ts";

const labelNotSupported = (field: string) => `field label not supported: ${field}`;

const sizeLimit = 1024 * 1024;
const sizeOf = (map: JsonObject | undefined, measure: (value: string) => number) =>
  Object.values(map ?? {}).reduce<number>((size, value) => size + measure(String(value)), 0);
const textSize = (text: string) => new TextEncoder().encode(text).length;
/** How many bytes a text in base64 stands for. */
const decodedSize = (text: string) => text.length / 4 * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);

const keyErrors = (field: string, map: JsonObject | undefined): FieldError[] =>
  Object.keys(map ?? {}).flatMap((key) => configKeyFaults(key).map((fault) => invalid(`${field}[${key}]`, key, fault)));

function immutableErrors(object: JsonObject, old: JsonObject, members: readonly string[]): FieldError[] {
  if (old.immutable !== true) return [];
  const errors: FieldError[] = [];
  const text = "field is immutable when `immutable` is set";
  if (object.immutable !== true) errors.push(forbidden("immutable", text));
  for (const member of members) if (!equal(object[member], old[member])) errors.push(forbidden(member, text));
  return errors;
}

const configMap: Rules = {
  validate(object) {
    const data = object.data as JsonObject | undefined;
    const binary = object.binaryData as JsonObject | undefined;
    const errors: FieldError[] = [];
    for (const key of Object.keys(data ?? {})) {
      errors.push(...keyErrors("data", { [key]: "" }));
      if (binary && Object.hasOwn(binary, key)) {
        errors.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"));
      }
    }
    errors.push(...keyErrors("binaryData", binary));
    if (sizeOf(data, textSize) + sizeOf(binary, decodedSize) > sizeLimit) errors.push(tooLong("[]", sizeLimit));
    return errors;
  },
  validateChange: (object, old) => immutableErrors(object, old, ["data", "binaryData"]),
};

const toBase64 = (text: string) => {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
};

/** `stringData` is written, never read: it goes into `data`. */
function foldStringData(object: JsonObject): JsonObject {
  const { stringData, ...rest } = object;
  const given = Object.entries((stringData ?? {}) as Record<string, string>);
  const data = {
    ...(rest.data as JsonObject | undefined),
    ...Object.fromEntries(given.map(([key, text]) => [key, toBase64(text)])),
  };
  return { ...rest, ...(given.length > 0 ? { data } : {}), type: rest.type ?? "Opaque" };
}

const requiredKeys: Record<string, readonly string[]> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

/** What is wrong with the forms of a TLS secret's certificate and key. The pair itself is not judged here. */
function keyPairFault(data: JsonObject | undefined): string | undefined {
  const has = (key: string, block: RegExp) => block.test(atob(String(data?.[key] ?? "")));
  if (!has("tls.crt", /-----BEGIN CERTIFICATE-----/)) return "tls: failed to find any PEM data in certificate input";
  return has("tls.key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/) ? undefined : "tls: failed to find any PEM data in key input";
}

const secret: Rules = {
  selectable: selectable("type"),
  unknownField: labelNotSupported,
  setDefaults: foldStringData,
  validate(object, _old, _subresource, warn) {
    const data = object.data as JsonObject | undefined;
    const errors = keyErrors("data", data);

    if (sizeOf(data, decodedSize) > sizeLimit) errors.push(tooLong("data", sizeLimit));
    for (const key of requiredKeys[String(object.type)] ?? []) {
      const isThere = object.type === "kubernetes.io/ssh-auth" ? Boolean(data?.[key]) : data?.[key] !== undefined;
      if (!isThere) errors.push(required(`data[${key}]`));
    }
    if (object.type === "kubernetes.io/basic-auth" && data?.username === undefined && data?.password === undefined) {
      errors.push(required("data[username]"), required("data[password]"));
    }
    const account = "kubernetes.io/service-account.name";
    if (object.type === "kubernetes.io/service-account-token" && !metaOf(object).annotations?.[account]) {
      errors.push(required(`metadata.annotations[${account}]`));
    }
    const fault = object.type === "kubernetes.io/tls" && errors.length === 0 ? keyPairFault(data) : undefined;
    if (fault !== undefined) warn?.(fault);
    return errors;
  },
  validateChange: (object, old) => [
    ...(object.type === old.type ? [] : [immutable("type", object.type)]),
    ...immutableErrors(object, old, ["data"]),
  ],
};

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
  ConfigMap: configMap,
  Secret: secret,
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
  ValidatingWebhookConfiguration: webhookRules,
};
