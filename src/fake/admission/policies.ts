/**
 * ValidatingAdmissionPolicies: whether a write may happen.
 *
 * LIMITS: annotations of an audit are evaluated, and written nowhere: there is no audit log.
 *
 * @module
 */
import { EvaluationError } from "../cel/language/value.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { selects } from "../types/labels.ts";
import { metaOf } from "../types/meta.ts";
import { ConversionError, groupVersion } from "../types/resource.ts";
import { forbiddenBecause, Refusal } from "../types/status.ts";
import { keyOf } from "../store/store.ts";
import type { Call } from "../store/world.ts";
import { valuesOf } from "./attributes.ts";
import { type Admission, matchedVersion } from "./match.ts";
import { conditionsHold, Evaluation, OutOfBudget } from "./evaluation.ts";
import { compilePolicy, type Policy } from "./policy.ts";
import { plainValue } from "./values.ts";

const group = "admissionregistration.k8s.io";
const longestMessage = 5120;

/** Compiled once for each state of a policy. */
const compiled = new WeakMap<JsonObject, Policy>();
function policyOf(object: JsonObject): Policy {
  let policy = compiled.get(object);
  if (!policy) compiled.set(object, policy = compilePolicy(object.spec as JsonObject));
  return policy;
}

interface Denial {
  readonly message: string;
  readonly reason: string;
}

/** What the policy decides, where it does not let the request pass. */
function decide(policy: Policy, spec: JsonObject, values: Readonly<Record<string, unknown>>): Denial[] {
  const fails = spec.failurePolicy !== "Ignore";
  const failed = (error: EvaluationError): Denial[] => fails ? [{ message: error.message, reason: "Invalid" }] : [];
  try {
    if (!conditionsHold(policy.conditions, policy.variables, values)) return [];
  } catch (error) {
    if (error instanceof EvaluationError) return failed(error);
    throw error;
  }
  const evaluation = new Evaluation(policy.variables, values);
  const denials: Denial[] = [];
  for (const validation of policy.validations) {
    try {
      if (evaluation.run(validation) === true) continue;
      denials.push({ message: messageOf(evaluation, validation), reason: validation.reason });
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      if (error instanceof OutOfBudget) return failed(error);
      denials.push(...failed(error));
    }
  }
  for (const { key: _, ...annotation } of policy.auditAnnotations) {
    try {
      evaluation.run(annotation);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      denials.push(...failed(error));
    }
  }
  return denials;
}

function messageOf(evaluation: Evaluation, { text, message, messageExpression }: Policy["validations"][number]): string {
  const fallback = message.trim() || `failed expression: ${text.trim()}`;
  if (!messageExpression) return fallback;
  try {
    const said = evaluation.run(messageExpression);
    const words = typeof said === "string" ? said.trim() : "";
    const isUsable = words !== "" && !words.includes("\n") && new TextEncoder().encode(words).length <= longestMessage;
    return isUsable ? words : fallback;
  } catch (error) {
    if (error instanceof EvaluationError) return fallback;
    throw error;
  }
}

/** The parameters of a binding. @throws {ConfigurationError} */
function paramsOf(call: Call, policy: JsonObject, binding: JsonObject): readonly (JsonObject | undefined)[] {
  const spec = policy.spec as JsonObject;
  const { paramKind } = spec;
  const { paramRef } = binding.spec as JsonObject;
  if (!isObject(paramKind) || !isObject(paramRef)) return [undefined];
  const type = call.world.registry.all().find((each) =>
    each.kind === paramKind.kind && groupVersion(each) === paramKind.apiVersion
  );
  if (!type) {
    throw new ConfigurationError(
      `failed to find resource referenced by paramKind: '${
        String(paramKind.apiVersion).replace(/^(?!.*\/)/, "/")
      }, Kind=${paramKind.kind}'`,
      true,
    );
  }
  const given = typeof paramRef.namespace === "string" && paramRef.namespace !== "" ? paramRef.namespace : undefined;
  if (!type.namespaced && given !== undefined) {
    throw new ConfigurationError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`", false);
  }
  const namespace = type.namespaced ? given ?? call.namespace : undefined;
  if (type.namespaced && namespace === undefined) {
    throw new ConfigurationError("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources", false);
  }
  const collection = call.world.store.collection(type.storage);
  let found: JsonObject[];
  if (typeof paramRef.name === "string" && paramRef.name !== "") {
    const param = collection.get(keyOf(namespace, paramRef.name));
    found = param ? [param] : [];
  } else {
    const selector = isObject(paramRef.selector) ? paramRef.selector : {};
    found = collection.all().map(([, each]) => each).filter((each) =>
      metaOf(each).namespace === namespace && selects(selector, metaOf(each).labels ?? {})
    );
  }
  if (found.length === 0 && paramRef.parameterNotFoundAction === "Deny") {
    throw new ConfigurationError("no params found for policy binding with `Deny` parameterNotFoundAction", false);
  }
  return found.map((each) => ({ ...type.fromStorage(each), apiVersion: groupVersion(type), kind: type.kind }));
}

/** A policy or a binding cannot be used as it is. */
class ConfigurationError extends Error {
  readonly isOfPolicy: boolean;

  constructor(message: string, isOfPolicy: boolean) {
    super(message);
    this.isOfPolicy = isOfPolicy;
  }
}

/** @throws {ConfigurationError} where an object cannot be had in the version that the policy is about. */
function convertedOr<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new ConfigurationError(`failed to convert object version: ${error.message}`, false);
  }
}

/** Asks all policies. Warnings are noted. @throws {Refusal} Where one denies. */
export function askPolicies(call: Call, admission: Admission): void {
  const { requester, world: { store } } = call;
  const policies = store.collection(`${group}/validatingadmissionpolicies`);
  if (policies.size === 0 || !requester) return;
  const bindings = store.collection(`${group}/validatingadmissionpolicybindings`).all().map(([, each]) => each);
  const denials: (Denial & { readonly policy: string; readonly binding: string | undefined })[] = [];
  for (const [, object] of policies.all()) {
    const spec = object.spec as JsonObject;
    const name = metaOf(object).name!;
    const own = bindings.filter((each) => isObject(each.spec) && each.spec.policyName === name);
    const version = own.length === 0 ? undefined : matchedVersion(spec.matchConstraints, call, admission);
    if (version === undefined) continue;
    const policy = policyOf(object);
    for (const binding of own) {
      const bound = binding.spec as JsonObject;
      if (matchedVersion(bound.matchResources, call, admission) === undefined) continue;
      const bindingName = metaOf(binding).name!;
      try {
        const values = convertedOr(() => valuesOf(call, admission, version, requester));
        for (const params of paramsOf(call, object, binding)) {
          for (const denial of decide(policy, spec, { ...values, params: plainValue(params) })) {
            const actions = Array.isArray(bound.validationActions) ? bound.validationActions : [];
            if (actions.includes("Deny")) denials.push({ ...denial, policy: name, binding: bindingName });
            if (actions.includes("Warn")) {
              call.warnings.push(
                `Validation failed for ValidatingAdmissionPolicy '${name}' with binding '${bindingName}': ${denial.message}`,
              );
            }
          }
        }
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        if (spec.failurePolicy === "Ignore") continue;
        const what = error.isOfPolicy ? "policy" : "binding";
        denials.push({
          message: `failed to configure ${what}: ${error.message}`,
          reason: "Invalid",
          policy: name,
          binding: error.isOfPolicy ? undefined : bindingName,
        });
      }
    }
  }
  const [first] = denials;
  if (first) throw refusalOf(call, admission, first);
}

const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413, Invalid: 422 };

function refusalOf(
  call: Call,
  admission: Admission,
  { policy, binding, message, reason }: Denial & { readonly policy: string; readonly binding: string | undefined },
): Refusal {
  const whose = binding === undefined ? "" : ` with binding '${binding}'`;
  const text = `ValidatingAdmissionPolicy '${policy}'${whose} denied request: ${message}`;
  const name = admission.name || (admission.object && metaOf(admission.object).name) || "Unknown";
  const { message: said, details } = forbiddenBecause(call.type, name, text, { causes: [{ message: text }] });
  return new Refusal(codes[reason] ?? 422, reason, said, { details: details! });
}
