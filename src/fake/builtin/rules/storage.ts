/**
 * Volumes.
 *
 * @module
 */
import { type FieldError, forbidden, immutable, invalid, notListed, required } from "../../types/field-error.ts";
import { isObject, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { labelName, subdomainName } from "../../types/names.ts";
import { differenceInside, formInside, sameInside } from "../internal-types.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset, oneOf, part } from "./checks.ts";
import { modeErrors, storageErrors } from "./claims.ts";
import { olderClass } from "./default-classes.ts";
import { nodeSelectorWarnings } from "./node-labels.ts";
import { protectedBy } from "./protection.ts";
import { nodeSelectorErrors } from "./scheduling.ts";
import { absolute, backsteps, hostPathErrors, named, objectNameErrors } from "./volumes.ts";

/** A secret in a namespace. */
const secretErrors = (source: JsonObject, path: string, name: string): FieldError[] => {
  const secret = source[name];
  if (!isObject(secret)) return [];
  const of = (member: string, faults: (text: string) => readonly string[]) =>
    isUnset(secret[member])
      ? [required(`${path}.${name}.${member}`)]
      : faults(String(secret[member])).map((fault) => invalid(`${path}.${name}.${member}`, secret[member], fault));
  return [...of("name", subdomainName), ...of("namespace", labelName)];
};

const secretsOfCsi = ["controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"];

/** In the order in which the server looks at them. LIMIT: only those that have a check here are judged. */
const sources: Readonly<Record<string, (source: JsonObject, at: string, spec: JsonObject) => FieldError[]>> = {
  hostPath: hostPathErrors,
  gcePersistentDisk: () => [],
  awsElasticBlockStore: () => [],
  glusterfs: () => [],
  flocker: () => [],
  nfs: (source, at) => [...named(source, at, "server"), ...absolute(source, at, "path")],
  rbd: () => [],
  quobyte: () => [],
  cephfs: () => [],
  iscsi: () => [],
  cinder: () => [],
  fc: () => [],
  flexVolume: () => [],
  azureFile: () => [],
  vsphereVolume: () => [],
  photonPersistentDisk: () => [],
  portworxVolume: () => [],
  azureDisk: () => [],
  scaleIO: () => [],
  local: (source, at, spec) => [
    ...isUnset(source.path)
      ? [required(`${at}.path`)]
      : backsteps(String(source.path))
      ? [invalid(`${at}.path`, source.path, "must not contain '..'")]
      : [],
    ...isObject(spec.nodeAffinity) ? [] : [required("spec.nodeAffinity", "Local volume requires node affinity")],
  ],
  storageos: () => [],
  csi: (source, at) => [
    ...isUnset(source.driver)
      ? [required(`${at}.driver`)]
      : subdomainName(String(source.driver).toLowerCase()).map((fault) => invalid(`${at}.driver`, source.driver, fault)),
    ...named(source, at, "volumeHandle"),
    ...secretsOfCsi.flatMap((name) => secretErrors(source, at, name)),
  ],
};

function sourceErrors(spec: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  for (const [name, check] of Object.entries(sources)) {
    const source = spec[name];
    if (!isObject(source)) continue;
    if (count++ > 0) errors.push(forbidden(`spec.${name}`, "may not specify more than 1 volume type"));
    else errors.push(...check(source, `spec.${name}`, spec));
  }
  return count === 0 ? [required("spec", "must specify a volume type")] : errors;
}

function capacityErrors(spec: JsonObject): FieldError[] {
  const capacity = part(spec, "capacity");
  const names = Object.keys(capacity);
  return [
    ...names.length === 0 ? [required("spec.capacity")] : [],
    ...capacity.storage === undefined || names.length > 1 ? [notListed("spec.capacity", spec.capacity ?? null, ["storage"])] : [],
    ...names.flatMap((name) => storageErrors(capacity[name], `spec.capacity[${name}]`)),
  ];
}

function affinityErrors({ nodeAffinity: affinity }: JsonObject): FieldError[] {
  if (!isObject(affinity)) return [];
  const path = "spec.nodeAffinity.required";
  if (!isObject(affinity.required)) return [required(path, "must specify required node constraints")];
  return nodeSelectorErrors(affinity.required, path);
}

function attributesErrors(spec: JsonObject): FieldError[] {
  const name = spec.volumeAttributesClassName;
  if (name === undefined) return [];
  const path = "spec.volumeAttributesClassName";
  return [
    ...name === "" ? [required(path, "an empty string is disallowed")] : objectNameErrors(name, path),
    ...isObject(spec.csi) ? [] : [required("spec.csi", "has to be specified when using volumeAttributesClassName")],
  ];
}

/** The root of a node is not emptied for others. */
function policyErrors({ hostPath, persistentVolumeReclaimPolicy: policy }: JsonObject): FieldError[] {
  const isRoot = isObject(hostPath) && /^\/(?:\.?\/)*\.?$/.test(String(hostPath.path));
  const why = "may not be 'recycle' for a hostPath mount of '/'";
  return isRoot && policy === "Recycle" ? [forbidden("spec.persistentVolumeReclaimPolicy", why)] : [];
}

function specErrors(spec: JsonObject): FieldError[] {
  return [
    ...modeErrors(spec, ""),
    ...capacityErrors(spec),
    ...oneOf(spec, "spec", "persistentVolumeReclaimPolicy", "Delete", "Recycle", "Retain"),
    ...affinityErrors(spec),
    ...sourceErrors(spec),
    ...policyErrors(spec),
    ...objectNameErrors(spec.storageClassName, "spec.storageClassName"),
    ...oneOf(spec, "spec", "volumeMode", "Block", "Filesystem"),
    ...attributesErrors(spec),
  ];
}

/** Where a volume is may be said once; that a node's label is called otherwise today does not count. */
function movedErrors({ nodeAffinity: next }: JsonObject, { nodeAffinity: before }: JsonObject): FieldError[] {
  if (!isObject(before)) return [];
  const renamed = (affinity: JsonObject): JsonObject => {
    let text = JSON.stringify(affinity);
    for (const [older, newer] of newerLabels) text = text.replaceAll(`"key":"${older}"`, `"key":"${newer}"`);
    return JSON.parse(text) as JsonObject;
  };
  if (isObject(next) && sameInside("VolumeNodeAffinity", renamed(next), renamed(before))) return [];
  const why = "field is immutable, except for updating from beta label to GA";
  return [invalid("nodeAffinity", isObject(next) ? formInside("VolumeNodeAffinity", next) : null, why)];
}

const newerLabels = [
  ["beta.kubernetes.io/os", "kubernetes.io/os"],
  ["beta.kubernetes.io/arch", "kubernetes.io/arch"],
  ["beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"],
  ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"],
  ["failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"],
] as const;

/** A secret that was not needed may be named later. */
function withoutNewSecret(spec: JsonObject, old: JsonObject): JsonObject {
  const { csi } = spec;
  if (!isObject(csi) || !isObject(old.csi) || old.csi.controllerExpandSecretRef !== undefined) return spec;
  const { controllerExpandSecretRef: _, ...rest } = csi;
  return { ...spec, csi: rest };
}

function changeErrors(given: JsonObject, old: JsonObject): FieldError[] {
  const spec = withoutNewSecret(given, old);
  const type = "PersistentVolumeSource";
  const path = "spec.persistentvolumesource";
  const name = spec.volumeAttributesClassName;
  return [
    ...sameInside(type, spec, old)
      ? []
      : [forbidden(path, `spec.persistentvolumesource is immutable after creation\n${differenceInside(type, old, spec)}`)],
    ...spec.volumeMode === old.volumeMode ? [] : [immutable("volumeMode", spec.volumeMode)],
    ...movedErrors(spec, old),
    ...name === undefined && old.volumeAttributesClassName !== undefined
      ? [forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden")]
      : [],
  ];
}

const retired = [
  ["cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"],
] as const;

function warningsOf(object: JsonObject): string[] {
  const [spec, annotations] = [part(object, "spec"), metaOf(object).annotations ?? {}];
  const outdated = [[olderClass, "storageClassName"], ["volume.beta.kubernetes.io/mount-options", "mountOptions"]] as const;
  const since = { storageClassName: "v1.8", mountOptions: "v1.31" };
  const recycling = "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";
  return [
    ...outdated.filter(([key]) => annotations[key] !== undefined).map(([key, member]) =>
      `metadata.annotations[${key}]: deprecated since ${since[member]}; use "${member}" attribute instead`
    ),
    ...spec.persistentVolumeReclaimPolicy === "Recycle" ? [`spec.persistentVolumeReclaimPolicy: ${recycling}`] : [],
    ...each(spec, "nodeAffinity", "required", "nodeSelectorTerms").flatMap((term, index) =>
      nodeSelectorWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`)
    ),
    ...retired.filter(([member]) => isObject(spec[member])).map(([, shown, text]) => `spec.${shown}: ${text}`),
  ];
}

/** Since when a volume is in its phase is noted, unless who changes that says so. */
function withTransition(object: JsonObject, old: JsonObject, now: string): JsonObject {
  const [status, before] = [part(object, "status"), part(old, "status")];
  const [time, was] = [status.lastPhaseTransitionTime, before.lastPhaseTransitionTime];
  const isUntold = time === undefined || time === null;
  const next = status.phase === before.phase ? (isUntold ? was : time) : isUntold || time === was ? now : time;
  return next === time || next === undefined ? object : { ...object, status: { ...status, lastPhaseTransitionTime: next } };
}

/** Volumes. */
export const volumeRules: Rules = {
  prepareCreate: (object, { now }) => ({
    ...protectedBy(object, "kubernetes.io/pv-protection"),
    status: { phase: "Pending", lastPhaseTransitionTime: now },
  }),
  prepareUpdate: (object, old, subresource, now) => subresource === "status" ? withTransition(object, old, now) : object,
  validate(object, old, subresource, warn) {
    if (subresource !== undefined) return [];
    warningsOf(object).forEach((text) => warn?.(text));
    const spec = part(object, "spec");
    const errors = specErrors(spec);
    return old ? [...errors, ...errors, ...changeErrors(spec, part(old, "spec"))] : errors;
  },
};
