/**
 * API services: which server answers for a group and version.
 *
 * @module
 */
import { type FieldError, invalid, notSupported, required } from "../../types/field-error.ts";
import { isObject, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { labelFaults, segmentName, subdomainName } from "../../types/names.ts";
import { quote } from "../../types/quote.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset, part } from "./checks.ts";

/** Its name is made of what it serves. */
function nameErrors(object: JsonObject): FieldError[] {
  const name = metaOf(object).name ?? "";
  const { version = "", group = "" } = part(object, "spec");
  const wanted = `${version}.${group}`;
  return name === "" || name === wanted || segmentName(name).length > 0
    ? []
    : [invalid("metadata.name", name, `must be \`spec.version+"."+spec.group\`: ${quote(wanted)}`)];
}

function priorityErrors(spec: JsonObject, member: string, most: number): FieldError[] {
  const priority = Number(spec[member] ?? 0);
  return priority <= 0 || priority > most ? [invalid(`spec.${member}`, priority, `must be positive and less than ${most}`)] : [];
}

function serviceErrors(spec: JsonObject): FieldError[] {
  const { service, insecureSkipTLSVerify: insecure } = spec;
  const bundle = atob(String(spec.caBundle ?? ""));
  if (!isObject(service)) {
    return [
      ...bundle === "" ? [] : [invalid("spec.caBundle", `${bundle.length} bytes`, "local APIServices may not have a caBundle")],
      ...insecure === true
        ? [invalid("spec.insecureSkipTLSVerify", insecure, "local APIServices may not have insecureSkipTLSVerify")]
        : [],
    ];
  }
  const port = Number(service.port ?? 0);
  return [
    ...["namespace", "name"].filter((member) => isUnset(service[member])).map((member) => required(`spec.service.${member}`)),
    ...port < 1 || port > 65535
      ? [invalid("spec.service.port", port, "port is not valid: must be between 1 and 65535, inclusive")]
      : [],
    ...insecure === true && bundle !== ""
      ? [invalid("spec.insecureSkipTLSVerify", insecure, "may not be true if caBundle is present")]
      : [],
  ];
}

function specErrors(spec: JsonObject): FieldError[] {
  const { group = "", version = "" } = spec;
  return [
    ...group === "" && version !== "v1"
      ? [required("spec.group", "only v1 may have an empty group and it better be legacy kube")]
      : [],
    ...group === "" ? [] : subdomainName(String(group)).map((fault) => invalid("spec.group", group, fault)),
    ...labelFaults(String(version)).map((fault) => invalid("spec.version", version, fault)),
    ...priorityErrors(spec, "groupPriorityMinimum", 20_000),
    ...priorityErrors(spec, "versionPriority", 1000),
    ...serviceErrors(spec),
  ];
}

/** API services. What has no service is the server's own, and there. */
export const apiServiceRules: Rules = {
  prepareCreate(object, { now }) {
    const { status: _, ...rest } = object;
    if (isObject(part(object, "spec").service)) return { ...rest, status: {} };
    const condition = {
      type: "Available",
      status: "True",
      lastTransitionTime: now,
      reason: "Local",
      message: "Local APIServices are always available",
    };
    return { ...rest, status: { conditions: [condition] } };
  },
  validate(object, _old, subresource) {
    if (subresource === "status") {
      const allowed = ["True", "False", "Unknown"];
      return each(object, "status", "conditions").flatMap(({ status = "" }, index) =>
        allowed.includes(String(status)) ? [] : [notSupported(`status.conditions[${index}].status`, status, allowed)]
      );
    }
    return [...nameErrors(object), ...specErrors(part(object, "spec"))];
  },
};
