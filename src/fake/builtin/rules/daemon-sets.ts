/**
 * Daemon sets.
 *
 * @module
 */
import { type FieldError, invalid, notListed, required } from "../../types/field-error.ts";
import { equal, isObject, type JsonObject } from "../../types/json.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import type { Rules } from "../selectable.ts";
import { at, countOrShareErrors, isUnset, overallErrors, part } from "./checks.ts";
import { endlessErrors, fixedSelector, goRolling, isNone, rulesOf } from "./workloads.ts";

const generationKey = "deprecated.daemonset.template.generation";

/** Counts the templates of a daemon set in an annotation. */
function withTemplateGeneration(object: JsonObject, generation: number): JsonObject {
  const metadata = metaOf(object);
  return withMeta(object, { ...metadata, annotations: { ...metadata.annotations, [generationKey]: String(generation) } });
}

/** What only daemon sets have. */
function daemonErrors(spec: JsonObject): FieldError[] {
  const { type, rollingUpdate } = part(spec, "updateStrategy");
  const endless = endlessErrors(spec, "DaemonSet");
  if (!isUnset(type) && type !== "RollingUpdate" && type !== "OnDelete") {
    const shown = { Type: type!, RollingUpdate: isObject(rollingUpdate) ? goRolling(rollingUpdate) : null };
    return [...endless, notListed("spec.updateStrategy", shown, ["RollingUpdate", "OnDelete"])];
  }
  if (type !== "RollingUpdate" || !isObject(rollingUpdate)) return endless;
  const { maxUnavailable = 1, maxSurge = 0 } = rollingUpdate;
  const path = "spec.updateStrategy.rollingUpdate";
  const errors = [
    ...countOrShareErrors(maxUnavailable, `${path}.maxUnavailable`),
    ...countOrShareErrors(maxSurge, `${path}.maxSurge`),
    ...overallErrors(maxUnavailable, `${path}.maxUnavailable`),
    ...overallErrors(maxSurge, `${path}.maxSurge`),
  ];
  if (isNone(maxUnavailable) && isNone(maxSurge)) {
    errors.push(required(`${path}.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
  } else if (!isNone(maxUnavailable) && !isNone(maxSurge)) {
    errors.push(invalid(`${path}.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero"));
  }
  return [...endless, ...errors];
}

const daemonNumbers = [
  ...["currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration"],
  ...["updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount"],
];

/** Daemon sets. */
export const daemonSetRules: Rules = {
  ...rulesOf({ word: "daemonset", changes: fixedSelector, more: daemonErrors, numbers: daemonNumbers, changesFirst: true }),
  // The member of the struct that is stored, shown as an annotation: it is there whatever is said.
  setDefaults: (object) => withTemplateGeneration(object, Number(metaOf(object).annotations?.[generationKey] ?? 0)),
  prepareCreate: (object) => withTemplateGeneration(object, 1),
  prepareUpdate(object, old, subresource) {
    if (subresource !== undefined) return object;
    const before = Number(metaOf(old).annotations?.[generationKey] ?? 1);
    return withTemplateGeneration(
      object,
      equal(at(object, "spec", "template") ?? null, at(old, "spec", "template") ?? null) ? before : before + 1,
    );
  },
};
