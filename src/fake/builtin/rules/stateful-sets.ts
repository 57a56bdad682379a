/**
 * Stateful sets.
 *
 * @module
 */
import { type FieldError, forbidden, invalid } from "../../types/field-error.ts";
import { equal, isObject, type JsonObject } from "../../types/json.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset, labelErrors, notNegative, oneOf, part } from "./checks.ts";
import { claimSpecErrors } from "./claims.ts";
import { endlessErrors, rulesOf } from "./workloads.ts";

const changeable = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

const statefulText =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function statefulChanges(spec: JsonObject, before: JsonObject): FieldError[] {
  const rest = (given: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(given).filter(([name]) => !changeable.includes(name)));
  return equal(rest(spec), rest(before)) ? [] : [forbidden("spec", statefulText)];
}

/** What only stateful sets have. */
function statefulErrors(spec: JsonObject, isNew: boolean): FieldError[] {
  const { podManagementPolicy: order } = spec;
  const kept = part(spec, "persistentVolumeClaimRetentionPolicy");
  return [
    ...isUnset(order) || ["OrderedReady", "Parallel"].includes(String(order))
      ? []
      : [invalid("spec.podManagementPolicy", order, "must be 'OrderedReady' or 'Parallel'")],
    ...statefulStrategy(spec),
    ...["whenDeleted", "whenScaled"].flatMap((when) =>
      oneOf(kept, "spec.persistentVolumeClaimRetentionPolicy", when, "Retain", "Delete")
    ),
    // What stays as it is is judged where it is new only.
    ...(isNew ? each(spec, "volumeClaimTemplates") : []).flatMap((claim, index) =>
      claimSpecErrors(part(claim, "spec"), `spec.volumeClaimTemplates[${index}].spec`)
    ),
  ];
}

/** By which number its pods begin, and which service names them. */
const statefulNames = (spec: JsonObject, isNew: boolean): FieldError[] => [
  ...notNegative(part(spec, "ordinals"), "spec.ordinals", "start"),
  ...isUnset(spec.serviceName) || !isNew ? [] : labelErrors(spec.serviceName, "spec.serviceName"),
];

/** What a rolling update says counts for it alone. */
function statefulStrategy(spec: JsonObject): FieldError[] {
  const { type, rollingUpdate } = part(spec, "updateStrategy");
  if (!isUnset(type) && type !== "RollingUpdate" && type !== "OnDelete") {
    const shown = { Type: type!, RollingUpdate: rollingUpdate ?? null };
    return [invalid("spec.updateStrategy", shown, "must be 'RollingUpdate' or 'OnDelete'")];
  }
  if (type === "RollingUpdate" && isObject(rollingUpdate)) {
    return notNegative(rollingUpdate, "spec.updateStrategy.rollingUpdate", "partition");
  }
  if (type !== "OnDelete" || !isObject(rollingUpdate)) return [];
  const shown = { Partition: rollingUpdate.partition ?? 0, MaxUnavailable: rollingUpdate.maxUnavailable ?? null };
  return [invalid("spec.updateStrategy.rollingUpdate", shown, "only allowed for updateStrategy 'RollingUpdate'")];
}

/** Claims of templates are printed with their kind. */
function withClaimKinds(object: JsonObject): JsonObject {
  const spec = part(object, "spec");
  if (!Array.isArray(spec.volumeClaimTemplates)) return object;
  const volumeClaimTemplates = each(spec, "volumeClaimTemplates").map((claim) => ({
    kind: "PersistentVolumeClaim",
    apiVersion: "v1",
    ...claim,
    status: { phase: "Pending", ...part(claim, "status") },
  }));
  return { ...object, spec: { ...spec, volumeClaimTemplates } };
}

/** Stateful sets. */
export const statefulSetRules: Rules = {
  setDefaults: withClaimKinds,
  ...rulesOf({
    word: "statefulset",
    changes: statefulChanges,
    before: statefulErrors,
    after: statefulNames,
    more: (spec) => endlessErrors(spec, "StatefulSet"),
    limitless: true,
    numbers: [
      ...["replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas", "observedGeneration"],
      "collisionCount",
    ],
    parts: ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"],
  }),
};
