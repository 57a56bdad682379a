/**
 * Jobs and cron jobs.
 *
 * @module
 */
import { type FieldError, immutable, invalid, required } from "../../types/field-error.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import { selects } from "../../types/labels.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import { type Rules, selectable } from "../selectable.ts";
import { at, isUnset, notNegative, oneOf, part } from "./checks.ts";
import { podSpecErrors, podSpecWarnings } from "./podspec.ts";
import { selectorErrors, templateMetadataErrors } from "./selectors.ts";
import { matchErrors } from "./workloads.ts";

const uidLabel = "batch.kubernetes.io/controller-uid";

const generatedLabels = (uid: string, name: string): Record<string, string> => ({
  [uidLabel]: uid,
  "batch.kubernetes.io/job-name": name,
  "controller-uid": uid,
  "job-name": name,
});

/** A job's pods are told apart by its uid, unless it says how. */
function withSelector(object: JsonObject): JsonObject {
  const spec = part(object, "spec");
  if (spec.manualSelector === true) return object;
  const { uid = "", name = "" } = metaOf(object);
  const labels = generatedLabels(uid, name);
  const template = part(spec, "template");
  const metadata = part(template, "metadata");
  const labelled = { ...template, metadata: { ...metadata, labels: { ...part(metadata, "labels"), ...labels } } };
  const selector = { ...part(spec, "selector"), matchLabels: { ...part(spec, "selector", "matchLabels"), [uidLabel]: uid } };
  return { ...object, spec: { ...spec, manualSelector: spec.manualSelector ?? false, selector, template: labelled } };
}

/** A job without labels has those of its template. */
function withLabels(object: JsonObject, given: JsonObject): JsonObject {
  const labels = at(object, "spec", "template", "metadata", "labels");
  const own = metaOf(object).labels;
  const isShared = own !== undefined && own as Json === at(given, "spec", "template", "metadata", "labels");
  if (!isObject(labels) || (!isShared && own && Object.keys(own).length > 0)) return object;
  return withMeta(object, { ...metaOf(object), labels: labels as Record<string, string> });
}

function jobSpecErrors(spec: JsonObject, path: string): FieldError[] {
  const pod = part(spec, "template", "spec");
  const policy = pod.restartPolicy;
  const at = `${path}.template.spec`;
  return [
    ...notNegative(spec, path, "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"),
    ...spec.completionMode === "Indexed" && isUnset(spec.completions)
      ? [required(`${path}.completions`, "when completion mode is Indexed")]
      : [],
    ...templateMetadataErrors(spec.template, `${path}.template`),
    ...podSpecErrors(pod, at),
    ...policy === "OnFailure" || policy === "Never"
      ? []
      : [required(`${at}.restartPolicy`, 'valid values: "OnFailure", "Never"')],
  ];
}

/** A job's selector, made by hand or by the server. */
function selectionErrors(spec: JsonObject, object: JsonObject): FieldError[] {
  const { selector } = spec;
  if (!isObject(selector)) return [required("spec.selector"), ...matchErrors(spec, "spec.template")];
  const faults = selectorErrors(selector, "spec.selector");
  if (faults.length > 0) return faults;
  const errors = matchErrors(spec, "spec.template");
  const { uid = "", name = "" } = metaOf(object);
  if (spec.manualSelector === true || selects(selector, generatedLabels(uid, name))) return errors;
  return [...errors, invalid("spec.selector", selector, "`selector` not auto-generated")];
}

function jobChanges(spec: JsonObject, before: JsonObject): FieldError[] {
  const fixed = [
    "completions",
    "selector",
    "template",
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
  ];
  const elastic = spec.completionMode === "Indexed" && spec.completions === spec.parallelism;
  return fixed.filter((name) => !equal(spec[name] ?? null, before[name] ?? null)).filter((name) => {
    if (name === "completions" && elastic) return false;
    // While it is suspended and has never begun, where its pods may go can be changed.
    return !(name === "template" && before.suspend === true);
  }).map((name) => immutable(`spec.${name}`, spec[name]));
}

/** Jobs. */
export const jobRules: Rules = {
  selectable: { "status.successful": (job) => String(Number(at(job, "status", "succeeded") ?? 0)), ...selectable() },
  prepareCreate: (object) => withLabels(withSelector(object), object),
  validate(object, old, subresource, warn) {
    if (subresource !== undefined) return [];
    const spec = part(object, "spec");
    const errors = [...jobSpecErrors(spec, "spec"), ...selectionErrors(spec, object)];
    if (old) return [...errors, ...jobChanges(spec, part(old, "spec"))];
    if (errors.length === 0) {
      for (const text of podSpecWarnings(part(spec, "template", "spec"), "spec.template.spec")) warn?.(text);
    }
    return errors;
  },
};

const descriptors = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

function scheduleErrors(schedule: string): FieldError[] {
  if (schedule === "") return [required("spec.schedule")];
  if (schedule.startsWith("@")) {
    const known = descriptors.includes(schedule) || schedule.startsWith("@every ");
    return known ? [] : [invalid("spec.schedule", schedule, `unrecognized descriptor: ${schedule}`)];
  }
  const fields = schedule.trim().split(/\s+/);
  if (fields.length === 5) return [];
  return [invalid("spec.schedule", schedule, `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`)];
}

function zoneErrors(zone: JsonObject[string]): FieldError[] {
  if (typeof zone !== "string") return [];
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return [];
  } catch {
    return [invalid("spec.timeZone", zone, `unknown time zone ${zone}`)];
  }
}

/** Cron jobs. */
export const cronJobRules: Rules = {
  validate(object, _old, subresource) {
    if (subresource !== undefined) return [];
    const spec = part(object, "spec");
    return [
      ...scheduleErrors(String(spec.schedule ?? "")),
      ...zoneErrors(spec.timeZone ?? null),
      ...notNegative(spec, "spec", "startingDeadlineSeconds"),
      ...oneOf(spec, "spec", "concurrencyPolicy", "Allow", "Forbid", "Replace"),
      ...jobSpecErrors(part(spec, "jobTemplate", "spec"), "spec.jobTemplate.spec"),
      ...notNegative(spec, "spec", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"),
    ];
  },
};
