/**
 * What an autoscaler measures, and what it is to come to, in the words of `k8s.io/kubernetes/pkg/apis/autoscaling/validation`.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, notListed, required } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { segmentName } from "../../types/names.ts";
import { isNumber } from "../../types/numeral.ts";
import { canonicalQuantity, nanosOf } from "../../types/quantity.ts";
import { each, isUnset, labelErrors, part } from "./checks.ts";

/** A text that has to be there, and to be fit for a path. @param missing What is said where it is not there. */
function segmentErrors(value: Json | undefined, path: string, missing?: string): FieldError[] {
  if (isUnset(value)) return [required(path, missing)];
  return segmentName(String(value)).map((fault) => invalid(path, value, fault));
}

/**
 * What another object is named by. Pure.
 *
 * @param grouped Whether it has to be said of which group it is.
 */
export function referenceErrors(reference: JsonObject, path: string, grouped: boolean): FieldError[] {
  const { kind, name, apiVersion = "" } = reference;
  const errors = [...segmentErrors(kind, `${path}.kind`), ...segmentErrors(name, `${path}.name`)];
  const version = String(apiVersion);
  if (version.split("/").length > 2) {
    errors.push(invalid(`${path}.apiVersion`, version, `unexpected GroupVersion string: ${version}`));
  } else if (grouped && !/^[^/]+\//.test(version) && kind !== "ReplicationController") {
    errors.push(invalid(`${path}.apiVersion`, version, "apiVersion must specify API group"));
  }
  return errors;
}

const isPositive = (amount: Json | undefined) => (nanosOf(String(amount)) ?? 0n) > 0n;

function targetErrors(target: JsonObject, path: string): FieldError[] {
  const { type = "", averageUtilization: share } = target;
  const errors = type === "" ? [required(`${path}.type`, "must specify a metric target type")] : [];
  if (!["Utilization", "Value", "AverageValue"].includes(String(type))) {
    errors.push(invalid(`${path}.type`, type, "must be either Utilization, Value, or AverageValue"));
  }
  for (const name of ["value", "averageValue"]) {
    const amount = target[name];
    if (isUnset(amount) || isPositive(amount)) continue;
    errors.push(invalid(`${path}.${name}`, canonicalQuantity(String(amount)) ?? amount, "must be positive"));
  }
  if (isNumber(share) && share < 1) errors.push(invalid(`${path}.averageUtilization`, share, "must be greater than 0"));
  return errors;
}

/** What a source says of its measure. */
type SourceCheck = (source: JsonObject, path: string) => FieldError[];

const measured: SourceCheck = (source, path) =>
  segmentErrors(part(source, "metric").name, `${path}.metric.name`, "must specify a metric name");

const target = (source: JsonObject) => part(source, "target");

const ofObject: SourceCheck = (source, path) => [
  ...referenceErrors(part(source, "describedObject"), `${path}.describedObject`, false),
  ...measured(source, path),
  ...targetErrors(target(source), `${path}.target`),
  ...isUnset(target(source).value) && isUnset(target(source).averageValue)
    ? [required(`${path}.target.averageValue`, "must set either a target value or averageValue")]
    : [],
];

const external: SourceCheck = (source, path) => {
  const { value, averageValue } = target(source);
  const errors = [...measured(source, path), ...targetErrors(target(source), `${path}.target`)];
  if (isUnset(value) && isUnset(averageValue)) {
    errors.push(required(`${path}.target.averageValue`, "must set either a target value for metric or a per-pod target"));
  }
  if (!isUnset(value) && !isUnset(averageValue)) {
    errors.push(forbidden(`${path}.target.value`, "may not set both a target value for metric and a per-pod target"));
  }
  return errors;
};

const ofPods: SourceCheck = (source, path) => [
  ...measured(source, path),
  ...targetErrors(target(source), `${path}.target`),
  ...!isUnset(target(source).averageValue)
    ? []
    : [required(`${path}.target.averageValue`, "must specify a positive target averageValue")],
];

const ofResource: SourceCheck = (source, path) => {
  const { averageUtilization, averageValue } = target(source);
  const errors = isUnset(source.name) ? [required(`${path}.name`, "must specify a resource name")] : [];
  errors.push(...targetErrors(target(source), `${path}.target`));
  if (isUnset(averageUtilization) && isUnset(averageValue)) {
    errors.push(
      required(`${path}.target.averageUtilization`, "must set either a target raw value or a target utilization"),
    );
  }
  if (!isUnset(averageUtilization) && !isUnset(averageValue)) {
    errors.push(forbidden(`${path}.target.averageValue`, "may not set both a target raw value and a target utilization"));
  }
  return errors;
};

const ofContainer: SourceCheck = (source, path) => {
  const errors = ofResource(source, path);
  const own = isUnset(source.container)
    ? [required(`${path}.container`, "must specify a container")]
    : labelErrors(source.container, `${path}.container`);
  errors.splice(isUnset(source.name) ? 1 : 0, 0, ...own);
  return errors;
};

/** The sources, in the order in which they are looked at: only the first that is there is looked into. */
const sources: readonly (readonly [member: string, type: string, check: SourceCheck])[] = [
  ["object", "Object", ofObject],
  ["external", "External", external],
  ["pods", "Pods", ofPods],
  ["resource", "Resource", ofResource],
  ["containerResource", "ContainerResource", ofContainer],
];

const types = sources.map(([, type]) => type).sort();

function metricErrors(metric: JsonObject, path: string): FieldError[] {
  const { type = "" } = metric;
  const errors = type === "" ? [required(`${path}.type`, "must specify a metric source type")] : [];
  const unknown = types.includes(String(type)) ? [] : [notListed(`${path}.type`, type, types)];
  errors.push(...unknown);
  const present = sources.filter(([member]) => isObject(metric[member]));
  const [first] = present;
  if (first) errors.push(...first[2](metric[first[0]] as JsonObject, `${path}.${first[0]}`));
  const expected = sources.find(([, each]) => each === type);
  // What is known of no source is named once more.
  errors.push(...unknown);
  if (expected && !present.includes(expected)) {
    errors.push(required(`${path}.${expected[0]}`, "must populate information for the given metric source"));
  }
  const others = present.length === 1 ? [] : present.filter((source) => source !== expected);
  return [...errors, ...others.map(([member]) => forbidden(`${path}.${member}`, "must populate the given metric source only"))];
}

/** What an autoscaler measures. Pure. @param spec Of `autoscaling/v2`. */
export function metricsErrors(spec: JsonObject, path: string): FieldError[] {
  const metrics = each(spec, "metrics");
  const errors = metrics.flatMap((metric, index) => metricErrors(metric, `${path}[${index}]`));
  if (spec.minReplicas === 0 && !metrics.some(({ type }) => type === "Object" || type === "External")) {
    errors.push(forbidden(path, "must specify at least one Object or External metric to support scaling to zero replicas"));
  }
  return errors;
}
