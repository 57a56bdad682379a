/**
 * Disruption budgets, priority classes, roles and bindings.
 *
 * @module
 */
import { type FieldError, forbidden, immutable, invalid, notSupported, required } from "../../types/field-error.ts";
import { equal, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import type { Rules } from "../selectable.ts";
import { countOrShareErrors, each, isUnset, notNegative, overallErrors, part } from "./checks.ts";
import { confirmOnlyDefault } from "./default-classes.ts";
import { conditionsErrors } from "./conditions.ts";
import { selectorErrors } from "./selectors.ts";

const evictionPolicies = ["AlwaysAllow", "IfHealthyBudget"];

function budgetStatusErrors(object: JsonObject): FieldError[] {
  const status = part(object, "status");
  return [
    ...conditionsErrors(each(status, "conditions"), "status.conditions"),
    ...notNegative(status, "status", "disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"),
  ];
}

/** Disruption budgets. */
export const budgetRules: Rules = {
  metadataLast: true,
  validate(object, _old, subresource) {
    if (subresource === "status") return budgetStatusErrors(object);
    const spec = part(object, "spec");
    const both: FieldError[] = [];
    const policy = spec.unhealthyPodEvictionPolicy;
    if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
      const shown = {
        MinAvailable: spec.minAvailable ?? null,
        Selector: spec.selector ?? null,
        MaxUnavailable: spec.maxUnavailable ?? null,
        UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
      };
      both.push(invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set"));
    }
    return [
      ...both,
      ...["minAvailable", "maxUnavailable"].flatMap((name) => [
        ...countOrShareErrors(spec[name], `spec.${name}`),
        ...overallErrors(spec[name], `spec.${name}`),
      ]),
      ...selectorErrors(spec.selector, "spec.selector"),
      ...policy === undefined || evictionPolicies.includes(String(policy))
        ? []
        : [notSupported("spec.unhealthyPodEvictionPolicy", policy, evictionPolicies)],
    ];
  },
};

const highest = 1_000_000_000;

/** Priority classes. */
export const priorityClassRules: Rules = {
  confirm: confirmOnlyDefault,
  validate(object, old) {
    const name = metaOf(object).name ?? "";
    if (old) {
      return [
        ...object.value === old.value ? [] : [forbidden("value", "may not be changed in an update.")],
        ...object.preemptionPolicy === old.preemptionPolicy ? [] : [immutable("preemptionPolicy", object.preemptionPolicy)],
      ];
    }
    if (name.startsWith("system-")) {
      const why =
        `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`;
      return [forbidden("metadata.name", why)];
    }
    return Number(object.value ?? 0) > highest
      ? [forbidden("value", `maximum allowed value of a user defined priority is ${highest}`)]
      : [];
  },
};

function ruleErrors(rule: JsonObject, path: string, namespaced: boolean): FieldError[] {
  const errors = isUnset(rule.verbs) ? [required(`${path}.verbs`, "verbs must contain at least one value")] : [];
  if (!isUnset(rule.nonResourceURLs)) {
    if (namespaced) {
      errors.push(invalid(`${path}.nonResourceURLs`, rule.nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"));
    }
    if (!isUnset(rule.apiGroups) || !isUnset(rule.resources) || !isUnset(rule.resourceNames)) {
      errors.push(
        invalid(
          `${path}.nonResourceURLs`,
          rule.nonResourceURLs,
          "rules cannot apply to both regular resources and non-resource URLs",
        ),
      );
    }
    return errors;
  }
  if (isUnset(rule.apiGroups)) errors.push(required(`${path}.apiGroups`, "resource rules must supply at least one api group"));
  if (isUnset(rule.resources)) errors.push(required(`${path}.resources`, "resource rules must supply at least one resource"));
  return errors;
}

const roles = (namespaced: boolean): Rules => ({
  validate: (object) => each(object, "rules").flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`, namespaced)),
});

/** Roles. */
export const roleRules: Rules = roles(true);
/** Cluster roles. */
export const clusterRoleRules: Rules = roles(false);

const kinds = ["ServiceAccount", "User", "Group"];

function subjectErrors(subject: JsonObject, path: string): FieldError[] {
  const errors = isUnset(subject.name) ? [required(`${path}.name`)] : [];
  return kinds.includes(String(subject.kind)) ? errors : [...errors, notSupported(`${path}.kind`, subject.kind, kinds)];
}

const bindings = (...referable: readonly string[]): Rules => ({
  validate(object, old) {
    const role = part(object, "roleRef");
    const shown = { APIGroup: role.apiGroup ?? "", Kind: role.kind ?? "", Name: role.name ?? "" };
    if (old && !equal(role, part(old, "roleRef"))) return [invalid("roleRef", shown, "cannot change roleRef")];
    return [
      ...referable.includes(String(role.kind)) ? [] : [notSupported("roleRef.kind", role.kind, referable)],
      ...isUnset(role.name) ? [required("roleRef.name")] : [],
      ...each(object, "subjects").flatMap((subject, index) => subjectErrors(subject, `subjects[${index}]`)),
    ];
  },
});

/** Bindings in a namespace. */
export const bindingRules: Rules = bindings("Role", "ClusterRole");
/** Bindings of the cluster. */
export const clusterBindingRules: Rules = bindings("ClusterRole");
