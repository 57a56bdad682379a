/**
 * Autoscalers: `autoscaling/v2`, in which they are stored, and `autoscaling/v1`, which knows of one measure only.
 *
 * @module
 */
import { type FieldError, invalid, required } from "../../types/field-error.ts";
import type { JsonObject } from "../../types/json.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import type { Rules, View } from "../selectable.ts";
import { at, each, isUnset, part } from "./checks.ts";

const isCpu = (metric: JsonObject) => metric.type === "Resource" && part(metric, "resource").name === "cpu";
const others = "autoscaling.alpha.kubernetes.io/metrics";
const currentOnes = "autoscaling.alpha.kubernetes.io/current-metrics";
const conditionsKey = "autoscaling.alpha.kubernetes.io/conditions";
const behaviorKey = "autoscaling.alpha.kubernetes.io/behavior";

function annotated(object: JsonObject, annotations: Readonly<Record<string, string>>): JsonObject {
  if (Object.keys(annotations).length === 0) return object;
  return withMeta(object, { ...metaOf(object), annotations: { ...metaOf(object).annotations, ...annotations } });
}

/** What `v1` has no member for is kept in annotations. */
function fromStorage(scaler: JsonObject): JsonObject {
  const { metrics: _m, behavior, ...spec } = part(scaler, "spec");
  const { currentMetrics: _c, conditions, ...status } = part(scaler, "status");
  const all = each(scaler, "spec", "metrics");
  const cpu = all.find((metric) => isCpu(metric) && at(metric, "resource", "target", "averageUtilization") !== undefined);
  const rest = all.filter((metric) => metric !== cpu);
  const current = each(scaler, "status", "currentMetrics");
  const measured = current.find((metric) =>
    isCpu(metric) && at(metric, "resource", "current", "averageUtilization") !== undefined
  );
  const annotations: Record<string, string> = {};
  if (rest.length > 0) annotations[others] = JSON.stringify(rest.map(metricOfV1));
  if (current.length > (measured ? 1 : 0) || measured) annotations[currentOnes] = JSON.stringify(current.map(currentOfV1));
  if (each(scaler, "status", "conditions").length > 0) annotations[conditionsKey] = JSON.stringify(conditions);
  if (behavior !== undefined) annotations[behaviorKey] = JSON.stringify(behavior);
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

function metricOfV1(metric: JsonObject): JsonObject {
  const resource = part(metric, "resource");
  if (metric.type !== "Resource") return metric;
  const { averageUtilization, averageValue } = part(resource, "target");
  return {
    type: "Resource",
    resource: {
      name: resource.name!,
      ...averageUtilization !== undefined && { targetAverageUtilization: averageUtilization },
      ...averageValue !== undefined && { targetAverageValue: averageValue },
    },
  };
}

function currentOfV1(metric: JsonObject): JsonObject {
  const resource = part(metric, "resource");
  if (metric.type !== "Resource") return metric;
  const { averageUtilization, averageValue } = part(resource, "current");
  return {
    type: "Resource",
    resource: {
      name: resource.name!,
      ...averageUtilization !== undefined && { currentAverageUtilization: averageUtilization },
      currentAverageValue: averageValue ?? "0",
    },
  };
}

function metricOfV2(metric: JsonObject): JsonObject {
  if (metric.type !== "Resource") return metric;
  const { name, targetAverageUtilization, targetAverageValue } = part(metric, "resource");
  const target = targetAverageUtilization !== undefined
    ? { type: "Utilization", averageUtilization: targetAverageUtilization }
    : { type: "AverageValue", averageValue: targetAverageValue ?? "0" };
  return { type: "Resource", resource: { name: name!, target } };
}

const readList = (text: string | undefined): JsonObject[] => {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
};

function toStorage(scaler: JsonObject): JsonObject {
  const { targetCPUUtilizationPercentage: cpu, ...spec } = part(scaler, "spec");
  const { currentCPUUtilizationPercentage: measured, ...status } = part(scaler, "status");
  const { [others]: kept, [currentOnes]: _c, [conditionsKey]: conditions, [behaviorKey]: behavior, ...annotations } =
    metaOf(scaler).annotations ?? {};
  const metrics = readList(kept).map(metricOfV2);
  if (cpu !== undefined) {
    metrics.unshift({ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpu } } });
  }
  const stored = {
    ...scaler,
    apiVersion: "autoscaling/v2",
    spec: { ...spec, ...metrics.length > 0 && { metrics }, ...behavior !== undefined && { behavior: JSON.parse(behavior) } },
    status: {
      ...status,
      ...measured !== undefined && {
        currentMetrics: [{
          type: "Resource",
          resource: { name: "cpu", current: { averageUtilization: measured, averageValue: "0" } },
        }],
      },
      ...conditions !== undefined && { conditions: readList(conditions) },
    },
  } as JsonObject;
  const { annotations: _a, ...metadata } = metaOf(scaler);
  return withMeta(stored, Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata);
}

function scalerErrors(object: JsonObject): FieldError[] {
  const spec = part(object, "spec");
  const target = part(spec, "scaleTargetRef");
  const max = Number(spec.maxReplicas ?? 0);
  const min = Number(spec.minReplicas ?? 1);
  const errors: FieldError[] = [];
  if (min < 1) errors.push(invalid("spec.minReplicas", min, "must be greater than or equal to 1"));
  if (max < 1) errors.push(invalid("spec.maxReplicas", max, "must be greater than 0"));
  if (max < min) errors.push(invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`"));
  for (const name of ["kind", "name"]) if (isUnset(target[name])) errors.push(required(`spec.scaleTargetRef.${name}`));
  if (!String(target.apiVersion ?? "").includes("/") && target.kind !== "ReplicationController") {
    errors.push(invalid("spec.scaleTargetRef.apiVersion", target.apiVersion ?? "", "apiVersion must specify API group"));
  }
  return errors;
}

const validate: Rules["validate"] = (object, _old, subresource) => subresource === undefined ? scalerErrors(object) : [];

/** `autoscaling/v2`. */
export const autoscalerRules: Rules = { validate };

const view: View = { of: "autoscaling/v2/horizontalpodautoscalers", fromStorage, toStorage };

/** `autoscaling/v1`. */
export const oldAutoscalerRules: Rules = { validate, view };
