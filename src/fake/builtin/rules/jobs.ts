/**
 * Jobs and cron jobs.
 *
 * @module
 */
import { type FieldError, immutable, invalid, notListed, required } from "../../types/field-error.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import { selects } from "../../types/labels.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import { formInside } from "../internal-types.ts";
import { type Rules, selectable } from "../selectable.ts";
import { at, each, isUnset, notNegative, oneOf, part } from "./checks.ts";
import { templateErrors } from "./pod-templates.ts";
import { isTimeZone, scheduleFault } from "./schedules.ts";
import { selectorErrors, textsOf } from "./selectors.ts";
import { jobWarnings } from "./workload-warnings.ts";
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

const templateLabels = (object: JsonObject) => at(object, "spec", "template", "metadata", "labels");

/** A job that has its template's labels has those that were made for it, too. */
function withShared(object: JsonObject, given: JsonObject): JsonObject {
  const own = metaOf(object).labels;
  if (own === undefined || own as Json !== templateLabels(given)) return object;
  return withMeta(object, { ...metaOf(object), labels: templateLabels(object) as Record<string, string> });
}

/** A job without labels has those of its template. */
function withLabels(object: JsonObject): JsonObject {
  const labels = templateLabels(object);
  if (!isObject(labels) || Object.keys(metaOf(object).labels ?? {}).length > 0) return object;
  return withMeta(object, { ...metaOf(object), labels: labels as Record<string, string> });
}

/** What is to happen when a pod fails. */
function failureRuleErrors(rule: JsonObject, path: string): FieldError[] {
  const errors = oneOf(rule, path, "action", "Count", "FailIndex", "FailJob", "Ignore");
  const { onExitCodes: codes } = rule;
  const conditions = each(rule, "onPodConditions");
  if (isObject(codes)) {
    errors.push(...oneOf(codes, `${path}.onExitCodes`, "operator", "In", "NotIn"));
    textsOf(codes.values).forEach((code, index) => {
      if (code === "0" && codes.operator === "In") {
        errors.push(invalid(`${path}.onExitCodes.values[${index}]`, 0, "must not be 0 for the In operator"));
      }
    });
  }
  const given = Number(isObject(codes)) + Number(conditions.length > 0);
  const literal = (text: string): FieldError => ({ field: path, reason: "Invalid", text: `Invalid value: ${text}` });
  if (given === 0) errors.push(literal("specifying one of OnExitCodes and OnPodConditions is required"));
  if (given > 1) errors.push(literal("specifying both OnExitCodes and OnPodConditions is not supported"));
  return errors;
}

/** What depends on whether a job's pods are counted. */
function indexErrors(spec: JsonObject, path: string): FieldError[] {
  const { completionMode: mode, managedBy } = spec;
  const isIndexed = mode === "Indexed";
  const errors = oneOf(spec, path, "completionMode", "NonIndexed", "Indexed");
  if (isIndexed && Number(spec.parallelism ?? 1) > 100_000) {
    const why = "must be less than or equal to 100000 when completion mode is Indexed";
    errors.push(invalid(`${path}.parallelism`, spec.parallelism, why));
  }
  if (!isUnset(spec.maxFailedIndexes) && isUnset(spec.backoffLimitPerIndex)) {
    errors.push(required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"));
  }
  for (const name of isIndexed ? [] : ["backoffLimitPerIndex", "maxFailedIndexes"]) {
    if (!isUnset(spec[name])) errors.push(invalid(`${path}.${name}`, spec[name], "requires indexed completion mode"));
  }
  if (!isIndexed && isObject(spec.successPolicy)) {
    const shown = { Rules: spec.successPolicy.rules ?? [] };
    errors.push(invalid(`${path}.successPolicy`, shown, "requires indexed completion mode"));
  }
  each(spec, "podFailurePolicy", "rules").forEach((rule, index) => {
    const here = `${path}.podFailurePolicy.rules[${index}]`;
    errors.push(...failureRuleErrors(rule, here));
  });
  errors.push(...oneOf(spec, path, "podReplacementPolicy", "Failed", "TerminatingOrFailed"));
  if (!isUnset(managedBy) && !String(managedBy).includes("/")) {
    errors.push(invalid(`${path}.managedBy`, managedBy, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  }
  return errors;
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
    ...indexErrors(spec, path),
    ...templateErrors(spec.template, `${path}.template`),
    ...policy === "OnFailure" || policy === "Never"
      ? []
      : isUnset(policy) || policy === "Always"
      ? [required(`${at}.restartPolicy`, 'valid values: "OnFailure", "Never"')]
      : [notListed(`${at}.restartPolicy`, policy, ["OnFailure", "Never"])],
  ];
}

/** A job's selector, made by hand or by the server. */
function selectionErrors(spec: JsonObject): FieldError[] {
  const { selector } = spec;
  if (!isObject(selector)) return [required("spec.selector"), ...matchErrors(spec, "spec.template")];
  const faults = selectorErrors(selector, "spec.selector");
  if (faults.length > 0) return faults;
  return matchErrors(spec, "spec.template");
}

/** A selector that the server makes is the server's. */
function generatedErrors(spec: JsonObject, object: JsonObject): FieldError[] {
  const { selector } = spec;
  const { uid = "", name = "" } = metaOf(object);
  if (spec.manualSelector === true || !isObject(selector) || selectorErrors(selector, "").length > 0) return [];
  return selects(selector, generatedLabels(uid, name))
    ? []
    : [invalid("spec.selector", selector, "`selector` not auto-generated")];
}

/** A template as the server has it in itself. */
const templateInside = (template: JsonObject): JsonObject => ({
  ...part(template, "metadata"),
  Spec: formInside("PodSpec", part(template, "spec")),
});

/** A template without what says where its pods go. */
function withoutPlaces(spec: JsonObject): JsonObject {
  const template = part(spec, "template");
  const { labels: _l, annotations: _a, ...metadata } = part(template, "metadata");
  const { nodeSelector: _n, tolerations: _t, schedulingGates: _s, affinity, ...pod } = part(template, "spec");
  const { nodeAffinity: _f, ...near } = isObject(affinity) ? affinity : {};
  return { ...template, metadata, spec: Object.keys(near).length === 0 ? pod : { ...pod, affinity: near } };
}

const neverBegan = (job: JsonObject) => part(job, "spec").suspend === true && isUnset(part(job, "status").startTime);

/** @param isWaiting Whether it is suspended, and has never begun. */
function jobChanges(spec: JsonObject, before: JsonObject, isWaiting: boolean): FieldError[] {
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
    return !(name === "template" && isWaiting && equal(withoutPlaces(spec), withoutPlaces(before)));
  }).map((name) => immutable(`spec.${name}`, name === "template" ? templateInside(part(spec, name)) : spec[name]));
}

/** Jobs. */
export const jobRules: Rules = {
  selectable: { "status.successful": (job) => String(Number(at(job, "status", "succeeded") ?? 0)), ...selectable() },
  prepareCreate: (object) => withShared(withSelector(object), object),
  whenRead: withLabels,
  validate(object, old, subresource, warn) {
    if (subresource !== undefined) return [];
    const spec = part(object, "spec");
    const own = old ? [] : generatedErrors(spec, object);
    const state = [...jobSpecErrors(spec, "spec"), ...selectionErrors(spec)];
    const errors = [...own, ...state];
    // A change is judged as a new state, and then once more as a change.
    if (old) errors.push(...state, ...jobChanges(spec, part(old, "spec"), neverBegan(old)));
    if (errors.length === 0) jobWarnings(object, old, spec, "spec").forEach((text) => warn?.(text));
    return errors;
  },
};

function scheduleErrors(schedule: string): FieldError[] {
  if (schedule === "") return [required("spec.schedule")];
  const fault = scheduleFault(schedule);
  return [
    ...fault === undefined ? [] : [invalid("spec.schedule", schedule, fault)],
    ...schedule.includes("TZ")
      ? [invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]
      : [],
  ];
}

function zoneErrors(zone: Json | undefined): FieldError[] {
  if (typeof zone !== "string") return [];
  if (zone === "") return [invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string")];
  if (zone.toLowerCase() === "local") {
    const why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    return [invalid("spec.timeZone", zone, why)];
  }
  return isTimeZone(zone) ? [] : [invalid("spec.timeZone", zone, `unknown time zone ${zone}`)];
}

/** Cron jobs. */
export const cronJobRules: Rules = {
  validate(object, old, subresource, warn) {
    if (subresource !== undefined) return [];
    const spec = part(object, "spec");
    const name = metaOf(object).name ?? "";
    const job = part(spec, "jobTemplate", "spec");
    const errors = [
      ...scheduleErrors(String(spec.schedule ?? "")),
      ...notNegative(spec, "spec", "startingDeadlineSeconds"),
      ...old && part(old, "spec").timeZone === spec.timeZone ? [] : zoneErrors(spec.timeZone),
      ...oneOf(spec, "spec", "concurrencyPolicy", "Allow", "Forbid", "Replace"),
      ...jobSpecErrors(job, "spec.jobTemplate.spec"),
      ...notNegative(spec, "spec", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"),
      // What is there already may have a longer one.
      ...name.length > 52 && !old ? [invalid("metadata.name", name, "must be no more than 52 characters")] : [],
    ];
    if (errors.length === 0) jobWarnings(object, old, job, "spec.jobTemplate.spec").forEach((text) => warn?.(text));
    return errors;
  },
};
