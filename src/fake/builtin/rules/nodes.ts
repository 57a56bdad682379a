/**
 * Nodes.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, notListed, required } from "../../types/field-error.ts";
import { equal, isObject, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { labelValueFaults } from "../../types/names.ts";
import { isNumber } from "../../types/numeral.ts";
import { byBytes } from "../../types/order.ts";
import { annotatedListErrors, annotatedObjectErrors } from "./annotated-lists.ts";
import { amountOf, amountText } from "../../types/quantity.ts";
import { formInside } from "../internal-types.ts";
import { type Rules, selectable } from "../selectable.ts";
import { each, isUnset, part } from "./checks.ts";
import { familyErrors, legacyRangeErrors, rangeWarnings } from "./legacy-addresses.ts";
import { isWhole } from "./resource-names.ts";
import { labelKeyErrors, textsOf } from "./selectors.ts";

const notReady = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/** A node's old member for its addresses is the first of the list; where both say something, the old one counts. */
function withPodCidrs(object: JsonObject): JsonObject {
  const spec = part(object, "spec");
  const [own, list] = [spec.podCIDR, textsOf(spec.podCIDRs)];
  if (!isUnset(own) && list[0] !== own) return { ...object, spec: { ...spec, podCIDRs: [own!] } };
  if (!isUnset(own) || list.length === 0) return object;
  const { podCIDRs, ...rest } = spec;
  return { ...object, spec: { podCIDR: list[0]!, podCIDRs: podCIDRs!, ...rest } };
}

/** What a node does not say of how much of it pods may have: all of it. */
function withAllocatable(object: JsonObject): JsonObject {
  const status = part(object, "status");
  return status.capacity === undefined || status.allocatable !== undefined
    ? object
    : { ...object, status: { ...status, allocatable: { ...status.capacity as JsonObject } } };
}

/** Nothing is configured that way any more. */
function withoutConfig(object: JsonObject): JsonObject {
  const [spec, status] = [part(object, "spec"), part(object, "status")];
  const { configSource, ...nextSpec } = spec;
  const { config, ...nextStatus } = status;
  return { ...object, ...configSource !== undefined && { spec: nextSpec }, ...config !== undefined && { status: nextStatus } };
}

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

function taintsErrors(taints: readonly JsonObject[], place: string): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const path = `${place}[${index}]`;
    const [key, value, effect] = ["key", "value", "effect"].map((name) => String(taint[name] ?? "")) as [string, string, string];
    const faults = labelValueFaults(value);
    const pair = JSON.stringify([effect, key]);
    const twice = duplicate(path, formInside("Taint", taint));
    const isTwice = seen.has(pair);
    seen.add(pair);
    return [
      ...labelKeyErrors(key, `${path}.key`),
      ...faults.length > 0 ? [invalid(`${path}.value`, value, faults.join(";"))] : [],
      ...effect === ""
        ? [required(`${path}.effect`)]
        : effects.includes(effect)
        ? []
        : [notListed(`${path}.effect`, effect, effects)],
      ...isTwice ? [{ ...twice, text: `${twice.text}: taints must be unique by key and effect pair` }] : [],
    ];
  });
}

const annotated = { taints: "scheduler.alpha.kubernetes.io/taints", avoid: "scheduler.alpha.kubernetes.io/preferAvoidPods" };

/** Pods that a node would rather not have: those of a controller. */
function avoidErrors(avoid: JsonObject, place: string): FieldError[] {
  return each(avoid, "preferAvoidPods").flatMap((entry, index) => {
    const path = `${place}[${index}].PodSignature`;
    const controller = part(entry, "podSignature").podController;
    if (!isObject(controller)) return [required(path)];
    return controller.controller === false
      ? [invalid(`${path}.PodController.Controller`, false, "must point to a controller")]
      : [];
  });
}

function annotationErrors(object: JsonObject): FieldError[] {
  const path = "metadata.annotations";
  const { taints, avoid } = annotated;
  const text = (key: string) => metaOf(object).annotations?.[key];
  return [
    ...annotatedListErrors(
      { key: taints, text: text(taints), path, type: "core.Taint" },
      (items) => taintsErrors(items, `${path}.${taints}`),
    ),
    ...annotatedObjectErrors(
      { key: avoid, text: text(avoid), path: `${path}.AvoidPods`, type: "v1.AvoidPods" },
      (value) => avoidErrors(value, `${path}.${avoid}`),
    ),
  ];
}

function amountErrors(status: JsonObject): FieldError[] {
  return ["capacity", "allocatable"].flatMap((member) =>
    Object.entries(part(status, member)).sort(([a], [b]) => byBytes(a, b)).flatMap(([name, amount]) => {
      const [path, value] = [`status.${member}.${name}`, amountOf(amount)];
      return [
        ...value < 0n ? [invalid(path, amountText(amount), "must be greater than or equal to 0")] : [],
        ...isWhole(name) && value % 1_000_000_000n !== 0n ? [invalid(path, amountText(amount), "must be an integer")] : [],
      ];
    })
  );
}

const featureForm = /^[A-Z][a-zA-Z0-9]*(?:\/[a-zA-Z0-9]+)*$/;

function featureErrors(status: JsonObject): FieldError[] {
  const features = textsOf(status.declaredFeatures);
  return features.flatMap((feature, index) => {
    const path = `status.declaredFeatures[${index}]`;
    const why =
      `invalid feature name "${feature}": must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`;
    const next = features[index + 1];
    const after = `status.declaredFeatures[${index + 1}]`;
    return [
      ...featureForm.test(feature) ? [] : [invalid(path, feature, why)],
      ...next === feature ? [duplicate(after, next)] : [],
      ...next !== undefined && byBytes(feature, next) > 0 ? [invalid(after, next, "list must be sorted alphabetically")] : [],
    ];
  });
}

function cidrErrors(spec: JsonObject): FieldError[] {
  const [cidrs, path] = [textsOf(spec.podCIDRs), "spec.podCIDRs"];
  return [
    ...cidrs.flatMap((cidr, index) => legacyRangeErrors(cidr, `${path}[${index}]`)),
    ...familyErrors(cidrs, "CIDR", path, {
      shown: [...cidrs],
      why: "invalid PodCIDRs. failed to check with dual stack",
    }),
  ];
}

/** What is wrong with the state of a node. */
function stateErrors(object: JsonObject): FieldError[] {
  const [spec, status] = [part(object, "spec"), part(object, "status")];
  const swap = part(status, "nodeInfo", "swap").capacity;
  return [
    ...annotationErrors(object),
    ...taintsErrors(each(spec, "taints"), "metadata.taints"),
    ...amountErrors(status),
    ...isNumber(swap) && swap <= 0 ? [invalid("metadata.nodeSwapStatus.capacity", swap, "must be greater than 0")] : [],
    ...featureErrors(status),
    ...cidrErrors(spec),
  ];
}

const settled = (name: string, shown: string) =>
  forbidden(`spec.${name}`, `node updates may not change ${shown} except from "" to valid`);

/** What of a node may not be changed, and what is wrong with what may. */
function changeErrors(object: JsonObject, old: JsonObject): FieldError[] {
  const [spec, before, status] = [part(object, "spec"), part(old, "spec"), part(object, "status")];
  const [cidrs, were] = [textsOf(spec.podCIDRs), textsOf(before.podCIDRs)];
  const moved = were.length === cidrs.length ? were.filter((cidr, index) => cidr !== cidrs[index]).length : 1;
  const addresses = each(status, "addresses");
  return [
    ...annotationErrors(object),
    ...amountErrors(status),
    ...featureErrors(status),
    ...addresses.flatMap((address, index) =>
      addresses.findIndex((other) => equal(other, address)) < index
        ? [duplicate(`status.addresses[${index}]`, formInside("NodeAddress", address))]
        : []
    ),
    ...were.length === 0 ? [] : Array.from({ length: moved }, () => settled("podCIDRs", "podCIDR")),
    ...isUnset(before.providerID) || spec.providerID === before.providerID ? [] : [settled("providerID", "providerID")],
    ...taintsErrors(each(spec, "taints"), "metadata.taints"),
    ...(spec.externalID ?? "") === (before.externalID ?? "") ? [] : [forbidden("spec.externalID", "may not be updated")],
  ];
}

const warningsOf = (spec: JsonObject): string[] => [
  ...isUnset(spec.externalID) ? [] : ["spec.externalID: this field is deprecated, and is unused by Kubernetes"],
  ...textsOf(spec.podCIDRs).flatMap((cidr, index) => rangeWarnings(cidr, `spec.podCIDRs[${index}]`)),
];

/** Nodes: a new one is not ready. */
export const nodeRules: Rules = {
  keepsStatus: true,
  selectable: { "spec.unschedulable": (node) => String(part(node, "spec").unschedulable ?? false), ...selectable() },
  setDefaults: (object) => withAllocatable(withPodCidrs(object)),
  prepareCreate(given) {
    const object = withoutConfig(given);
    const spec = part(object, "spec");
    const { declaredFeatures: _, ...status } = part(object, "status");
    const taints = each(spec, "taints");
    const isTold = taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect);
    return {
      ...object,
      spec: isTold ? spec : { ...spec, taints: [...taints, { ...notReady }] },
      ...object.status !== undefined && { status },
    };
  },
  prepareUpdate: (object) => withoutConfig(object),
  // A new state is judged before what has changed of its metadata.
  validateChange: stateErrors,
  validate(object, old, subresource, warn) {
    if (subresource === undefined) warningsOf(part(object, "spec")).forEach((text) => warn?.(text));
    return old ? changeErrors(object, old) : stateErrors(object);
  },
};
