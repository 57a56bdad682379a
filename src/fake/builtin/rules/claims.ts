/**
 * Claims of volumes.
 *
 * @module
 */
import { type FieldError, forbidden, immutable, invalid, notListed, notSupported, required } from "../../types/field-error.ts";
import { unset } from "../../types/emptiness.ts";
import { isObject, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { labelName, qualifiedNameFaults, subdomainName } from "../../types/names.ts";
import { byBytes } from "../../types/order.ts";
import { amountOf, amountText, nanosOf } from "../../types/quantity.ts";
import { differenceInside, sameInside } from "../internal-types.ts";
import type { Rules } from "../selectable.ts";
import { isUnset, oneOf, part } from "./checks.ts";
import { confirmSize, olderClass, withStorageClass } from "./default-classes.ts";
import { isNative } from "./resource-names.ts";
import { selectorErrors } from "./selectors.ts";
import { protectedBy } from "./protection.ts";
import { objectNameErrors } from "./volumes.ts";

const modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/** What is wrong with modes of access. Pure. @param detail Why there has to be one. */
export function modeErrors(spec: JsonObject, detail: string, path: string = "spec"): FieldError[] {
  const here = `${path}.accessModes`;
  if (isUnset(spec.accessModes)) return [required(here, detail)];
  const given = spec.accessModes as string[];
  const unknown = given.filter((mode) => !modes.includes(mode)).map((mode) => notListed(here, mode, modes));
  return given.includes("ReadWriteOncePod") && given.some((mode) => mode !== "ReadWriteOncePod" && modes.includes(mode))
    ? [...unknown, forbidden(here, "may not use ReadWriteOncePod with other access modes")]
    : unknown;
}

/** What is wrong with an amount of storage. Pure. */
export function storageErrors(amount: JsonObject[string], path: string): FieldError[] {
  if (amount === undefined) return [required(path)];
  return (nanosOf(String(amount)) ?? 0n) > 0n ? [] : [invalid(path, amount, "must be greater than zero")];
}

const isSame = (one: JsonObject, other: JsonObject) =>
  ["apiGroup", "kind", "name"].every((name) => (one[name] ?? null) === (other[name] ?? null));

function sourceErrors(source: JsonObject, path: string): FieldError[] {
  const { apiGroup: group, kind, name, namespace } = source;
  const core = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
  return [
    ...isUnset(name) ? [required(`${path}.name`)] : [],
    ...isUnset(kind) ? [required(`${path}.kind`)] : [],
    ...isUnset(group)
      ? kind === "PersistentVolumeClaim" ? [] : [invalid(path, kind ?? "", core)]
      : subdomainName(String(group)).map((fault) => invalid(`${path}.apiGroup`, group, fault)),
    ...isUnset(namespace) ? [] : labelName(String(namespace)).map((fault) => invalid(`${path}.namespace`, namespace, fault)),
  ];
}

/** What a claim is filled from. */
function contentErrors({ dataSource: source, dataSourceRef: ref }: JsonObject, path: string): FieldError[] {
  return [
    ...isObject(source) ? sourceErrors(source, `${path}.dataSource`) : [],
    ...isObject(ref) ? sourceErrors(ref, `${path}.dataSourceRef`) : [],
    ...isObject(source) && isObject(ref) && !isSame(source, ref) ? [invalid(path, {}, "must match dataSourceRef")] : [],
  ];
}

/** What is wrong with a claim's specification. Pure. @param path Where it stands. */
export const claimSpecErrors = (spec: JsonObject, path: string): FieldError[] => [
  ...isUnset(spec.accessModes) ? modeErrors(spec, "at least 1 access mode is required", path) : [],
  ...selectorErrors(spec.selector, `${path}.selector`),
  ...isUnset(spec.accessModes) ? [] : modeErrors(spec, "", path),
  ...storageErrors(part(spec, "resources", "requests").storage, `${path}.resources[storage]`),
  ...objectNameErrors(spec.storageClassName, `${path}.storageClassName`),
  ...oneOf(spec, path, "volumeMode", "Block", "Filesystem"),
  ...contentErrors(spec, path),
  ...objectNameErrors(spec.volumeAttributesClassName, `${path}.volumeAttributesClassName`),
];

const knownSources = [["", "PersistentVolumeClaim"], ["snapshot.storage.k8s.io", "VolumeSnapshot"]];

/** The two members for what a claim is filled from say the same; what is elsewhere, and what nobody knows, is dropped. */
function withSources(object: JsonObject, old: JsonObject | undefined): JsonObject {
  const [{ dataSource: source, dataSourceRef: ref, ...rest }, before] = [part(object, "spec"), part(old, "spec")];
  const isElsewhere = isObject(ref) && !isUnset(ref.namespace) && before.dataSourceRef === undefined;
  const newer = isElsewhere ? undefined : ref;
  const isKnown = before.dataSource !== undefined || before.dataSourceRef !== undefined || newer !== undefined ||
    knownSources.some(([group, kind]) => isObject(source) && (source.apiGroup ?? "") === group && source.kind === kind);
  const older = isKnown ? source : undefined;
  const local = ({ apiGroup, kind = "", name = "" }: JsonObject): JsonObject => ({
    ...apiGroup !== undefined && { apiGroup },
    kind,
    name,
  });
  const [one, other] = [
    older ?? (isObject(newer) && isUnset(newer.namespace) ? local(newer) : undefined),
    newer ?? (isObject(older) ? local(older) : undefined),
  ];
  if (source === one && ref === other) return object;
  return {
    ...object,
    spec: { ...rest, ...one !== undefined && { dataSource: one }, ...other !== undefined && { dataSourceRef: other } },
  };
}

const text = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

const annotationOf = (object: JsonObject): string | undefined => metaOf(object).annotations?.[olderClass];

/** The class of storage may be said later, as an annotation may have said it before. */
function classErrors(object: JsonObject, old: JsonObject): { readonly errors: FieldError[]; readonly isAllowed: boolean } {
  const [next, before] = [part(object, "spec").storageClassName, part(old, "spec").storageClassName];
  const [said, told] = [annotationOf(object), annotationOf(old)];
  const isLate = before === undefined && next !== undefined;
  if (told !== undefined && isLate && next === told && (said === undefined || said === told)) {
    return { errors: [], isAllowed: true };
  }
  return {
    errors: (said ?? "") === (told ?? "") ? [] : [immutable(`metadata.annotations.${olderClass}`, said ?? "")],
    isAllowed: isLate && (told === undefined || next === told),
  };
}

function attributesErrors(spec: JsonObject, before: JsonObject, status: JsonObject): FieldError[] {
  const [name, current] = [spec.volumeAttributesClassName, status.currentVolumeAttributesClassName];
  if (current === undefined || name === before.volumeAttributesClassName || (name !== undefined && name !== "")) return [];
  const what = name === undefined ? "nil" : "empty string";
  const why = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`;
  return [forbidden("spec.volumeAttributesClassName", why)];
}

/** What must not change of a claim. */
function changeErrors(object: JsonObject, old: JsonObject): FieldError[] {
  const [spec, before] = [part(object, "spec"), part(old, "spec")];
  const storageOf = (each: JsonObject) => part(each, "resources", "requests").storage;
  const [next, expected] = [{ ...spec }, { ...before }];
  const take = (into: JsonObject, from: JsonObject, name: string) => {
    if (from[name] === undefined) unset(into, name);
    else into[name] = from[name];
  };
  if (isUnset(before.volumeName)) take(expected, spec, "volumeName");
  const { errors, isAllowed } = classErrors(object, old);
  if (isAllowed) take(next, before, "storageClassName");
  if (part(object, "status").phase === "Bound") {
    take(next, before, "volumeAttributesClassName");
    const { requests } = part(spec, "resources");
    if (isObject(requests)) {
      next.resources = { ...part(spec, "resources"), requests: { ...requests, storage: storageOf(before) ?? "0" } };
    }
  }
  if (!sameInside("PersistentVolumeClaimSpec", next, expected)) {
    errors.push(forbidden("spec", `${text}\n${differenceInside("PersistentVolumeClaimSpec", expected, next)}`));
  }
  const size = amountOf(storageOf(spec) ?? "0");
  if (size < amountOf(storageOf(before) ?? "0") && size <= amountOf(part(old, "status", "capacity").storage ?? "0")) {
    errors.push(forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"));
  }
  if (spec.volumeMode !== before.volumeMode) errors.push(immutable("volumeMode", spec.volumeMode));
  return [...errors, ...attributesErrors(spec, before, part(old, "status"))];
}

const resizing = [
  "ControllerResizeInProgress",
  "ControllerResizeInfeasible",
  "NodeResizeInProgress",
  "NodeResizeInfeasible",
  "NodeResizePending",
];

const sorted = (map: JsonObject) => Object.entries(map).sort(([a], [b]) => byBytes(a, b));

function resourceErrors(name: string, path: string): FieldError[] {
  const faults = qualifiedNameFaults(name).map((fault) => invalid(path, name, fault));
  return faults.length > 0 || !isNative(name) || name === "storage" ? faults : [notSupported(path, name, ["storage"])];
}

/** Amounts are shown as numbers here, rounded up. */
function amountErrors(amount: JsonObject[string], path: string): FieldError[] {
  const value = amountOf(amount) / 1_000_000_000n;
  return value < 0n ? [invalid(path, Number(value), "must be a valid resource quantity")] : [];
}

function statusErrors(object: JsonObject): FieldError[] {
  const status = part(object, "status");
  const [states, amounts] = ["status.allocatedResourceStatuses", "status.allocatedResources"] as const;
  return [
    ...sorted(part(status, "capacity")).flatMap(([name, amount]) => amountErrors(amount, `status.capacity[${name}]`)),
    ...sorted(part(status, "allocatedResourceStatuses")).flatMap(([name, state]) => [
      ...resourceErrors(name, states),
      ...resizing.includes(String(state)) ? [] : [notSupported(states, name, resizing)],
    ]),
    ...sorted(part(status, "allocatedResources")).flatMap(([name, amount]) => {
      const faults = resourceErrors(name, amounts);
      return faults.length > 0 ? faults : amountErrors(amount, `${amounts}[${name}]`);
    }),
  ];
}

function warningsOf(object: JsonObject): string[] {
  const told = annotationOf(object) === undefined
    ? []
    : [`metadata.annotations[${olderClass}]: deprecated since v1.8; use "storageClassName" attribute instead`];
  return [
    ...told,
    ...["requests", "limits"].flatMap((kind) => {
      const amount = part(object, "spec", "resources", kind).storage;
      if (amount === undefined || amountOf(amount) % 1_000_000_000n === 0n) return [];
      const why = `fractional byte value "${amountText(amount)}" is invalid, must be an integer`;
      return [`spec.resources.${kind}[storage]: ${why}`];
    }),
  ];
}

/** Claims. */
export const claimRules: Rules = {
  admit: (object, old, around) => old ? object : withStorageClass(object, around),
  confirm: confirmSize,
  prepareCreate: (object) => ({
    ...protectedBy(withSources(object, undefined), "kubernetes.io/pvc-protection"),
    status: {},
  }),
  whenRead: (object) => ({ ...object, status: { phase: "Pending" } }),
  prepareUpdate: (object, old, subresource) => subresource === undefined ? withSources(object, old) : object,
  validate(object, old, subresource, warn) {
    if (subresource !== undefined) return statusErrors(object);
    warningsOf(object).forEach((text) => warn?.(text));
    const errors = claimSpecErrors(part(object, "spec"), "spec");
    return old ? [...errors, ...changeErrors(object, old)] : errors;
  },
};
