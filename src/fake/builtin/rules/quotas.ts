/**
 * Quotas: how much there may be in a namespace.
 *
 * @module
 */
import { type FieldError, immutable, invalid, required } from "../../types/field-error.ts";
import { asGiven } from "../../types/emptiness.ts";
import type { Json, JsonObject } from "../../types/json.ts";
import { amountOf, amountText } from "../../types/quantity.ts";
import type { Rules } from "../selectable.ts";
import { each, part } from "./checks.ts";
import { isQuotaResource, isWhole, quotaResourceErrors } from "./resource-names.ts";
import { textsOf } from "./selectors.ts";

const ofPods = ["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
/** What each scope lets a quota count. */
const countable: Readonly<Record<string, readonly string[]>> = {
  Terminating: ofPods,
  NotTerminating: ofPods,
  NotBestEffort: ofPods,
  PriorityClass: ofPods,
  CrossNamespacePodAffinity: ofPods,
  BestEffort: ["pods"],
  VolumeAttributesClass: ["persistentvolumeclaims", "requests.storage"],
};
/** Of two of these a pod is in one. */
const opposites = [["BestEffort", "NotBestEffort"], ["NotTerminating", "Terminating"]] as const;
const wide = ["BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"];
const onlyExists =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

const amountsErrors = (amounts: JsonObject, path: string): FieldError[] =>
  Object.entries(amounts).flatMap(([name, amount]) => {
    const at = `${path}[${name}]`;
    const errors = quotaResourceErrors(name, at);
    if (amountOf(amount) < 0n) errors.push(invalid(at, amountText(amount), "must be greater than or equal to 0"));
    if (isWhole(name) && amountOf(amount) % 1_000_000_000n !== 0n) {
      errors.push(invalid(at, amountText(amount), "must be an integer"));
    }
    return errors;
  });

/** Resources that a scope does not let a quota count, in their order. */
const uncounted = (scope: string, hard: JsonObject) =>
  Object.keys(hard).sort().filter((name) => isQuotaResource(name) && !(countable[scope]?.includes(name) ?? true));

const pairErrors = (all: readonly string[], scopes: Json | undefined, path: string): FieldError[] =>
  opposites.filter((pair) => pair.every((scope) => all.includes(scope))).map(() =>
    invalid(path, scopes ?? null, "conflicting scopes")
  );

function scopeErrors({ scopes, hard }: JsonObject): FieldError[] {
  const all = textsOf(scopes);
  const path = "spec.scopes";
  return [
    ...all.flatMap((scope) => [
      ...countable[scope] ? [] : [invalid(path, scopes, "unsupported scope")],
      ...uncounted(scope, hard as JsonObject ?? {}).map(() => invalid(path, scopes, "unsupported scope applied to resource")),
    ]),
    ...pairErrors(all, scopes, path),
  ];
}

const goRequirement = (requirement: JsonObject): JsonObject => ({
  ScopeName: requirement.scopeName ?? "",
  Operator: requirement.operator ?? "",
  Values: asGiven(requirement, "values") ?? null,
});

function requirementErrors(requirement: JsonObject, all: readonly JsonObject[], hard: JsonObject): FieldError[] {
  const path = "spec.scopeSelector.matchExpressions";
  const { scopeName = "", operator = "" } = requirement;
  const scope = String(scopeName);
  const values = textsOf(requirement.values);
  const shown = { MatchExpressions: all.map(goRequirement) };
  const errors = countable[scope] ? [] : [invalid(`${path}.scopeName`, scope, "unsupported scope")];
  errors.push(...uncounted(scope, hard).map(() => invalid(path, shown, "unsupported scope applied to resource")));
  if (wide.includes(scope) && operator !== "Exists") errors.push(invalid(`${path}.operator`, operator, onlyExists));
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0) {
      const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      errors.push(required(`${path}.values`, why));
    }
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (values.length > 0) {
      const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      errors.push(invalid(`${path}.values`, requirement.values, why));
    }
  } else errors.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
  return errors;
}

function specErrors(spec: JsonObject): FieldError[] {
  const hard = part(spec, "hard");
  const requirements = each(spec, "scopeSelector", "matchExpressions");
  return [
    ...amountsErrors(hard, "spec.hard"),
    ...scopeErrors(spec),
    ...requirements.flatMap((requirement) => requirementErrors(requirement, requirements, hard)),
    ...pairErrors(
      requirements.map(({ scopeName }) => String(scopeName)),
      asGiven(spec, "scopes"),
      "spec.scopeSelector.matchExpressions",
    ),
  ];
}

/** Requests should not be more than limits. */
function warnOfRequests(hard: JsonObject, warn: (text: string) => void): void {
  for (const name of ["cpu", "memory", "storage", "ephemeral-storage"]) {
    const bare = ["cpu", "memory"].includes(name) ? [name] : [];
    const request = [`requests.${name}`, ...bare].find((each) => hard[each] !== undefined);
    const limit = `limits.${name}`;
    if (request === undefined || hard[limit] === undefined || amountOf(hard[request]) <= amountOf(hard[limit])) continue;
    const [wanted, most] = [amountText(hard[request]), amountText(hard[limit])];
    warn(`ResourceQuota ${request} (${wanted}) should be less than ${limit} (${most})`);
  }
}

/** Quotas. */
export const quotaRules: Rules = {
  validate(object, old, subresource, warn) {
    if (subresource === "status") {
      const status = part(object, "status");
      return [...amountsErrors(part(status, "hard"), "status.hard"), ...amountsErrors(part(status, "used"), "status.used")];
    }
    const spec = part(object, "spec");
    if (!old) {
      if (warn) warnOfRequests(part(spec, "hard"), warn);
      return specErrors(spec);
    }
    const scopes = (quota: JsonObject) => [...new Set(textsOf(part(quota, "spec").scopes))].sort().join();
    return [
      ...specErrors(spec),
      ...scopes(object) === scopes(old) ? [] : [immutable("spec.scopes", asGiven(spec, "scopes"))],
    ];
  },
};
