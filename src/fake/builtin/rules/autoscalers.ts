/**
 * Autoscalers: `autoscaling/v2`, in which they are stored, and `autoscaling/v1`, which knows of one measure only.
 *
 * @module
 */
import { type FieldError, invalid } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import { completeAutoscaler } from "../default-values.ts";
import type { Rules, View } from "../selectable.ts";
import { at, each, part } from "./checks.ts";
import { metricsErrors, referenceErrors } from "./metrics.ts";
import { behaviorOfGo, goBehavior } from "./go-behavior.ts";
import { metricOfOld, oldMetric } from "./old-metrics.ts";
import { behaviorErrors } from "./scaling.ts";

const isCpu = (metric: JsonObject) => metric.type === "Resource" && part(metric, "resource").name === "cpu";
const others = "autoscaling.alpha.kubernetes.io/metrics";
const currentOnes = "autoscaling.alpha.kubernetes.io/current-metrics";
const conditionsKey = "autoscaling.alpha.kubernetes.io/conditions";
const behaviorKey = "autoscaling.alpha.kubernetes.io/behavior";

function annotated(object: JsonObject, annotations: Readonly<Record<string, string>>): JsonObject {
  if (Object.keys(annotations).length === 0) return object;
  return withMeta(object, { ...metaOf(object), annotations: { ...metaOf(object).annotations, ...annotations } });
}

/** Annotations that keep what belongs to the status. */
const ofStatus = [currentOnes, conditionsKey];

const chosen = (object: JsonObject, isMeant: (key: string) => boolean): Record<string, string> =>
  Object.fromEntries(Object.entries(metaOf(object).annotations ?? {}).filter(([key]) => isMeant(key)));
const onlyAnnotations = (object: JsonObject, keys: readonly string[]) => chosen(object, (key) => keys.includes(key));

function withoutAnnotations(object: JsonObject, keys: readonly string[]): JsonObject {
  const { annotations, ...metadata } = metaOf(object);
  if (annotations === undefined) return object;
  const left = chosen(object, (key) => !keys.includes(key));
  return withMeta(object, Object.keys(left).length > 0 ? { ...metadata, annotations: left } : metadata);
}

const hasShare = (amount: "target" | "current") => (metric: JsonObject) =>
  isCpu(metric) && at(metric, "resource", amount, "averageUtilization") !== undefined;

/** What `v1` has no member for is kept in annotations. */
function fromStorage(scaler: JsonObject): JsonObject {
  const { metrics: _m, behavior, ...spec } = part(scaler, "spec");
  const { currentMetrics: _c, conditions, ...status } = part(scaler, "status");
  const all = each(scaler, "spec", "metrics");
  const cpu = all.find(hasShare("target"));
  const rest = all.filter((metric) => metric !== cpu);
  const current = each(scaler, "status", "currentMetrics");
  const measured = current.find(hasShare("current"));
  const annotations: Record<string, string> = {};
  if (rest.length > 0) annotations[others] = JSON.stringify(rest.map((metric) => oldMetric(metric, "target")));
  if (current.length > 0) annotations[currentOnes] = JSON.stringify(current.map((metric) => oldMetric(metric, "current")));
  if (each(scaler, "status", "conditions").length > 0) annotations[conditionsKey] = JSON.stringify(conditions);
  if (isObject(behavior)) annotations[behaviorKey] = JSON.stringify(goBehavior(behavior));
  const shown = {
    ...scaler,
    apiVersion: "autoscaling/v1",
    spec: { ...spec, ...cpu && { targetCPUUtilizationPercentage: at(cpu, "resource", "target", "averageUtilization")! } },
    status: {
      ...status,
      ...measured && { currentCPUUtilizationPercentage: at(measured, "resource", "current", "averageUtilization")! },
    },
  };
  return annotated(shown, annotations);
}

/** What an annotation keeps; nothing where it is no JSON. */
function kept(text: string | undefined): Json | undefined {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}

const listOf = (text: string | undefined): JsonObject[] => {
  const value = kept(text);
  return Array.isArray(value) ? value.filter(isObject) : [];
};

const measuredCpu = (share: Json): JsonObject => ({
  type: "Resource",
  resource: { name: "cpu", current: { averageUtilization: share, averageValue: "0" } },
});

function toStorage(scaler: JsonObject): JsonObject {
  const { targetCPUUtilizationPercentage: cpu, ...spec } = part(scaler, "spec");
  const { currentCPUUtilizationPercentage: measured, ...status } = part(scaler, "status");
  const { [others]: targets, [currentOnes]: seen, [conditionsKey]: said, [behaviorKey]: scaling, ...annotations } =
    metaOf(scaler).annotations ?? {};
  const metrics = listOf(targets).map((metric) => metricOfOld(metric, "target"));
  if (cpu !== undefined) {
    metrics.push({ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpu } } });
  }
  const current = listOf(seen).map((metric) => metricOfOld(metric, "current"));
  if (current.length === 0 && measured !== undefined) current.push(measuredCpu(measured));
  const conditions = listOf(said);
  const behavior = behaviorOfGo(kept(scaling));
  const complete: JsonObject = { ...spec, metrics, ...behavior && { behavior } };
  completeAutoscaler(complete);
  const stored: JsonObject = {
    ...scaler,
    apiVersion: "autoscaling/v2",
    spec: complete,
    status: {
      ...status,
      ...current.length > 0 && { currentMetrics: current },
      ...conditions.length > 0 && { conditions },
    },
  };
  const { annotations: _a, ...metadata } = metaOf(scaler);
  return withMeta(stored, Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata);
}

function scalerErrors(object: JsonObject): FieldError[] {
  const spec = part(object, "spec");
  const max = Number(spec.maxReplicas ?? 0);
  const min = Number(spec.minReplicas ?? 1);
  const errors: FieldError[] = [];
  if (min < 1) errors.push(invalid("spec.minReplicas", min, "must be greater than or equal to 1"));
  if (max < 1) errors.push(invalid("spec.maxReplicas", max, "must be greater than 0"));
  if (max < min) errors.push(invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`"));
  return [
    ...errors,
    ...referenceErrors(part(spec, "scaleTargetRef"), "spec.scaleTargetRef", true),
    ...metricsErrors(spec, "spec.metrics"),
    ...behaviorErrors(spec, "spec.behavior"),
  ];
}

/** `autoscaling/v2`. */
export const autoscalerRules: Rules = {
  validate: (object, _old, subresource) => subresource === undefined ? scalerErrors(object) : [],
};

const view: View = { of: "autoscaling/v2/horizontalpodautoscalers", fromStorage, toStorage };

/** `autoscaling/v1`. */
export const oldAutoscalerRules: Rules = {
  view,
  prepareCreate: (object) => withoutAnnotations(object, ofStatus),
  prepareUpdate: (object, old, subresource) =>
    subresource === undefined ? annotated(withoutAnnotations(object, ofStatus), onlyAnnotations(old, ofStatus)) : object,
  // It is read into what is stored, and what that has no place for is gone.
  setDefaults: (object) => fromStorage(toStorage(object)),
  validate: (object, _old, subresource) => subresource === undefined ? scalerErrors(toStorage(object)) : [],
};
