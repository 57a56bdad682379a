/**
 * Nodes, volumes, claims and classes.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, notListed, required } from "../../types/field-error.ts";
import { equal, type JsonObject } from "../../types/json.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import { amountOf, nanosOf } from "../../types/quantity.ts";
import { type Rules, selectable } from "../selectable.ts";
import { each, isUnset, oneOf, part } from "./checks.ts";
import { confirmSize, withStorageClass } from "./default-classes.ts";
import { selectorErrors } from "./selectors.ts";
import { objectNameErrors } from "./volumes.ts";

/** What is in use is held by a finalizer. Pure. */
export function protectedBy(object: JsonObject, finalizer: string): JsonObject {
  const metadata = metaOf(object);
  const finalizers = metadata.finalizers ?? [];
  return finalizers.includes(finalizer) ? object : withMeta(object, { ...metadata, finalizers: [...finalizers, finalizer] });
}

const notReady = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/** A node's old member for its addresses is the first of the list. */
function withPodCidrs(object: JsonObject): JsonObject {
  const spec = part(object, "spec");
  if (!isUnset(spec.podCIDR) && (isUnset(spec.podCIDRs) || (spec.podCIDRs as string[])[0] !== spec.podCIDR)) {
    return { ...object, spec: { ...spec, podCIDRs: [spec.podCIDR!] } };
  }
  return object;
}

/** Nodes: a new one is not ready. */
export const nodeRules: Rules = {
  keepsStatus: true,
  selectable: { "spec.unschedulable": (node) => String(part(node, "spec").unschedulable ?? false), ...selectable() },
  setDefaults: withPodCidrs,
  prepareCreate(object) {
    const spec = part(object, "spec");
    const taints = each(spec, "taints");
    if (taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect)) return object;
    return { ...object, spec: { ...spec, taints: [...taints, { ...notReady }] } };
  },
  validate(object, old, subresource) {
    if (!old || subresource !== undefined) return [];
    const [cidrs, before] = [part(object, "spec").podCIDRs, part(old, "spec").podCIDRs];
    return isUnset(before) || equal(cidrs ?? null, before ?? null)
      ? []
      : [forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid')];
  },
};

const modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/** What is wrong with modes of access. Pure. @param detail Why there has to be one. */
export function modeErrors(spec: JsonObject, detail: string, path: string = "spec"): FieldError[] {
  const here = `${path}.accessModes`;
  if (isUnset(spec.accessModes)) return [required(here, detail)];
  const given = spec.accessModes as string[];
  const unknown = given.filter((mode) => !modes.includes(mode)).map((mode) => notListed(here, mode, modes));
  return given.includes("ReadWriteOncePod") && given.length > 1
    ? [...unknown, forbidden(here, "may not use ReadWriteOncePod with other access modes")]
    : unknown;
}

function storageErrors(amount: JsonObject[string], path: string): FieldError[] {
  if (amount === undefined) return [required(path)];
  return (nanosOf(String(amount)) ?? 0n) > 0n ? [] : [invalid(path, amount, "must be greater than zero")];
}

const claimText = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

/** What is wrong with a claim's specification. Pure. @param path Where it stands. */
export const claimSpecErrors = (spec: JsonObject, path: string): FieldError[] => [
  ...modeErrors(spec, "at least 1 access mode is required", path),
  ...selectorErrors(spec.selector, `${path}.selector`),
  ...storageErrors(part(spec, "resources", "requests").storage, `${path}.resources[storage]`),
  ...objectNameErrors(spec.storageClassName, `${path}.storageClassName`),
  ...oneOf(spec, path, "volumeMode", "Block", "Filesystem"),
];

/** What must not change of a claim. LIMIT: how the specification differs is not shown. */
function claimChanges(object: JsonObject, old: JsonObject): FieldError[] {
  const [spec, before] = [part(object, "spec"), part(old, "spec")];
  const isBound = part(object, "status").phase === "Bound";
  const storageOf = (each: JsonObject) => part(each, "resources", "requests").storage;
  const kept = { ...spec };
  if (isUnset(before.volumeName) && spec.volumeName !== undefined) delete kept.volumeName;
  if (before.storageClassName === undefined) delete kept.storageClassName;
  if (isBound) {
    kept.volumeAttributesClassName = before.volumeAttributesClassName;
    const requests = { ...part(spec, "resources", "requests"), storage: storageOf(before) };
    kept.resources = { ...part(spec, "resources"), requests };
  }
  const expected = { ...before };
  if (kept.volumeName === undefined && isUnset(before.volumeName)) delete expected.volumeName;
  const errors = equal(kept, expected) ? [] : [forbidden("spec", claimText)];
  const size = amountOf(storageOf(spec));
  if (size < amountOf(storageOf(before)) && size <= amountOf(part(old, "status", "capacity").storage ?? "0")) {
    errors.push(forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"));
  }
  return equal(spec.volumeMode ?? null, before.volumeMode ?? null)
    ? errors
    : [...errors, invalid("volumeMode", spec.volumeMode, "field is immutable")];
}

/** Claims. */
export const claimRules: Rules = {
  admit: (object, old, around) => old ? object : withStorageClass(object, around),
  confirm: confirmSize,
  prepareCreate: (object) => ({ ...protectedBy(object, "kubernetes.io/pvc-protection"), status: { phase: "Pending" } }),
  validate(object, old, subresource) {
    if (subresource !== undefined) return [];
    const spec = part(object, "spec");
    const errors = claimSpecErrors(spec, "spec");
    if (!old) return errors;
    return [...errors, ...claimChanges(object, old)];
  },
};

const common = [
  "capacity",
  "accessModes",
  "claimRef",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "mountOptions",
  "volumeMode",
  "nodeAffinity",
  "volumeAttributesClassName",
];

/** Volumes. */
export const volumeRules: Rules = {
  prepareCreate: (object, { now }) => ({
    ...protectedBy(object, "kubernetes.io/pv-protection"),
    status: { phase: "Pending", lastPhaseTransitionTime: now },
  }),
  prepareUpdate(object, old, subresource) {
    const [phase, before] = [part(object, "status").phase, part(old, "status").phase];
    if (subresource !== "status" || phase === before) return object;
    return { ...object, status: { ...part(object, "status") } };
  },
  validate(object, _old, subresource) {
    if (subresource !== undefined) return [];
    const spec = part(object, "spec");
    const errors = modeErrors(spec, "");
    if (Object.keys(part(spec, "capacity")).length === 0) errors.push(required("spec.capacity"));
    if (part(spec, "capacity").storage === undefined) {
      errors.push(notListed("spec.capacity", spec.capacity ?? null, ["storage"]));
    } else errors.push(...storageErrors(part(spec, "capacity").storage, "spec.capacity[storage]"));
    if (!Object.keys(spec).some((name) => !common.includes(name))) errors.push(required("spec", "must specify a volume type"));
    return errors;
  },
};
