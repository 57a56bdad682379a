/**
 * ValidatingAdmissionPolicies: whether a write may happen.
 *
 * LIMITS: annotations of an audit are evaluated, and written nowhere: there is no audit log.
 *
 * @module
 */
import { authorizerOf, type Check } from "../cel/library/authorizer.ts";
import { EvaluationError, type LibraryValue } from "../cel/language/value.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { selects } from "../types/labels.ts";
import { metaOf } from "../types/meta.ts";
import { groupVersion } from "../types/resource.ts";
import { forbiddenBecause, Refusal } from "../types/status.ts";
import { keyOf } from "../store/store.ts";
import type { Call, Requester } from "../store/world.ts";
import { type Admission, matchedVersion } from "./match.ts";
import { refuseUnserved } from "./unserved.ts";
import { compilePolicy, type Expression, type Policy } from "./policy.ts";
import { LazyObject, plainValue } from "./values.ts";

const group = "admissionregistration.k8s.io";
const budget = 10_000_000;
const conditionBudget = 2_500_000;
const outOfBudget = "validation failed due to running out of cost budget, no further validation rules will be run";
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

/** One run of a policy, with one object of parameters. */
class Evaluation {
  readonly #values: Record<string, unknown>;
  #left = budget;

  constructor(policy: Policy, values: Readonly<Record<string, unknown>>) {
    const variables = new Map(policy.variables.map((variable) => [variable.name, () => this.#variable(variable)]));
    this.#values = { ...values, variables: new LazyObject(variables) };
  }

  #variable({ name, compiled }: Expression & { readonly name: string }): unknown {
    if (!("program" in compiled)) {
      throw new EvaluationError(`composited variable "${name}" fails to compile: ${failureOf(compiled)}`);
    }
    const { value, error, cost } = compiled.program.run(this.#values);
    this.#left -= cost;
    if (error) throw new EvaluationError(`composited variable "${name}" fails to evaluate: ${error.message}`);
    return value;
  }

  /** @throws {EvaluationError} With what is said of it. */
  run({ text, compiled }: Expression): unknown {
    if (!("program" in compiled)) throw new EvaluationError(`compilation error: ${failureOf(compiled)}`);
    const { value, error, cost } = compiled.program.run(this.#values);
    this.#left -= cost;
    if (this.#left < 0) throw new OutOfBudget(outOfBudget);
    if (error) throw new EvaluationError(`expression '${text}' resulted in error: ${error.message}`);
    return value;
  }

  restrict(left: number): void {
    this.#left = left;
  }
}

/** Nothing further is run. */
class OutOfBudget extends EvaluationError {}

const failureOf = (compiled: { readonly fault: string } | { readonly unsupported: string }) =>
  "fault" in compiled ? compiled.fault : compiled.unsupported;

/** What the policy decides, where it does not let the request pass. */
function decide(policy: Policy, spec: JsonObject, values: Readonly<Record<string, unknown>>): Denial[] {
  const fails = spec.failurePolicy !== "Ignore";
  const failed = (error: EvaluationError): Denial[] => fails ? [{ message: error.message, reason: "Invalid" }] : [];
  const conditions = new Evaluation(policy, values);
  conditions.restrict(conditionBudget);
  const errors: EvaluationError[] = [];
  for (const condition of policy.conditions) {
    try {
      if (conditions.run(condition) === false) return [];
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      errors.push(error);
    }
  }
  if (errors.length > 0) {
    const texts = [...new Set(errors.map(({ message }) => message))];
    return failed(new EvaluationError(texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`));
  }
  const evaluation = new Evaluation(policy, values);
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

function requestOf(call: Call, { operation, name, dryRun }: Admission, version: string, requester: Requester): JsonObject {
  const { type, namespace, subresource } = call;
  const kind = (version: string): JsonObject => ({ group: type.group, version, kind: type.kind });
  const resource = (version: string): JsonObject => ({ group: type.group, version, resource: type.plural });
  const isNamespace = !type.custom && type.kind === "Namespace" && type.group === "";
  const where = isNamespace ? name : namespace;
  const verb = operation[0] + operation.slice(1).toLowerCase();
  return {
    kind: kind(version),
    resource: resource(version),
    ...(subresource === undefined ? {} : { subResource: subresource, requestSubResource: subresource }),
    requestKind: kind(type.version),
    requestResource: resource(type.version),
    name,
    ...(where === undefined || where === "" ? {} : { namespace: where }),
    operation,
    userInfo: {
      username: requester.user,
      ...(requester.uid === undefined ? {} : { uid: requester.uid }),
      ...(requester.groups.length === 0 ? {} : { groups: [...requester.groups] }),
    },
    dryRun,
    options: { kind: `${verb}Options`, apiVersion: "meta.k8s.io/v1" },
  };
}

function authority(requester: Requester): (check: Check) => { allowed: boolean; reason: string } {
  return ({ serviceAccount, ...asked }) => {
    const other = serviceAccount && `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}`;
    const { allowed, reason = "" } = requester.may(asked, other);
    return { allowed, reason };
  };
}

/** The check of what the request itself is about. */
function ownCheck(call: Call, { name }: Admission, authorizer: LibraryValue): unknown {
  const { type, namespace, subresource } = call;
  const asking = authorizer as LibraryValue & { with(word: string, more: Omit<Check, "verb">): LibraryValue };
  return asking.with("ResourceCheck", {
    group: type.group,
    resource: type.plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    name,
  });
}

/** Kinds that no policy is about: nobody shall lock himself out. */
const isExempt = ({ type }: Call) => !type.custom && type.group === group;

/** Asks all policies. Warnings are noted. @throws {Refusal} Where one denies. */
export function admit(call: Call, admission: Admission): void {
  const { requester, world: { store } } = call;
  if (isExempt(call)) return;
  refuseUnserved(call, admission);
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
    const values = valuesOf(call, admission, version, requester);
    for (const binding of own) {
      const bound = binding.spec as JsonObject;
      if (matchedVersion(bound.matchResources, call, admission) === undefined) continue;
      const bindingName = metaOf(binding).name!;
      try {
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

function valuesOf(call: Call, admission: Admission, version: string, requester: Requester): Record<string, unknown> {
  const { type, world, namespace } = call;
  const apiVersion = type.group === "" ? version : `${type.group}/${version}`;
  const seen = (object: JsonObject | undefined) => object && { ...object, apiVersion, kind: type.kind };
  const authorizer = authorizerOf(authority(requester));
  const home = namespace === undefined ? undefined : world.store.collection("/namespaces").get(namespace);
  return {
    object: plainValue(seen(admission.object)),
    oldObject: plainValue(seen(admission.oldObject)),
    request: plainValue(requestOf(call, admission, version, requester)),
    namespaceObject: plainValue(home),
    authorizer,
    "authorizer.requestResource": ownCheck(call, admission, authorizer),
  };
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
