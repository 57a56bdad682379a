/**
 * The expressions of a ValidatingAdmissionPolicy, compiled.
 *
 * @module
 */
import { compile, type Compiled } from "../cel/engine.ts";
import { listOf, mapOf, opaque, shownType, structOf, type Type, types } from "../cel/language/type.ts";
import { type FieldError, invalid, notSupported } from "../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import type { ResourceType } from "../types/resource.ts";
import { notImplemented } from "../types/status.ts";

/** A policy's expression: the text, and what became of it. */
export interface Expression {
  readonly text: string;
  readonly compiled: Compiled;
}

/** An expression that others name. */
export interface Variable extends Expression {
  readonly name: string;
}

/** One validation. */
export interface Validation extends Expression {
  readonly message: string;
  readonly messageExpression: Expression | undefined;
  readonly reason: string;
}

/** A policy, ready to run. */
export interface Policy {
  readonly variables: readonly Variable[];
  readonly conditions: readonly Expression[];
  readonly validations: readonly Validation[];
  readonly auditAnnotations: readonly (Expression & { readonly key: string })[];
}

const struct = (name: string, fields: Readonly<Record<string, Type>>) => structOf(name, name, new Map(Object.entries(fields)));
const texts = listOf(types.string);
const kind = struct("kubernetes.GroupVersionKind", { group: types.string, version: types.string, kind: types.string });
const resource = struct("kubernetes.GroupVersionResource", {
  group: types.string,
  version: types.string,
  resource: types.string,
});
const userInfo = struct("kubernetes.UserInfo", {
  username: types.string,
  uid: types.string,
  groups: texts,
  extra: mapOf(types.string, texts),
});
const request = struct("kubernetes.AdmissionRequest", {
  kind,
  resource,
  subResource: types.string,
  requestKind: kind,
  requestResource: resource,
  requestSubResource: types.string,
  name: types.string,
  namespace: types.string,
  operation: types.string,
  userInfo,
  dryRun: types.bool,
  options: types.dyn,
});
const labels = mapOf(types.string, types.string);
const namespaceObject = struct("kubernetes.Namespace", {
  metadata: struct("kubernetes.NamespaceMetadata", {
    name: types.string,
    generateName: types.string,
    namespace: types.string,
    labels,
    annotations: labels,
    UID: types.string,
    creationTimestamp: types.timestamp,
    deletionGracePeriodSeconds: types.int,
    deletionTimestamp: types.timestamp,
    generation: types.int,
    resourceVersion: types.string,
    finalizers: texts,
  }),
  spec: struct("kubernetes.NamespaceSpec", { finalizers: texts }),
  status: struct("kubernetes.NamespaceStatus", { conditions: listOf(types.dyn), phase: types.string }),
});

/** What `reason` may say, as the genuine server lists it. */
const reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];

const items = (value: Json | undefined): JsonObject[] => Array.isArray(value) ? value.filter(isObject) : [];
const text = (value: Json | undefined) => typeof value === "string" ? value : "";

const base: ReadonlyMap<string, Type> = new Map<string, Type>([
  ["object", types.dyn],
  ["oldObject", types.dyn],
  ["request", request],
  ["namespaceObject", namespaceObject],
]);
const authorizing: readonly [string, Type][] = [
  ["authorizer", opaque("kubernetes.authorization.Authorizer")],
  ["authorizer.requestResource", opaque("kubernetes.authorization.ResourceCheck")],
];

/** Compiles the `matchConditions` of a webhook. */
export const compileConditions = (conditions: Json | undefined): Expression[] =>
  items(conditions).map(({ expression }) => {
    const source = text(expression).trim();
    const variables = new Map([...base, ...authorizing]);
    return { text: source, compiled: compile(source, { variables, sizeAt: () => undefined }) };
  });

/** Compiles all expressions of a policy. */
export function compilePolicy(spec: JsonObject): Policy {
  const known = new Map<string, Type>();
  const own = new Map(base);
  if (isObject(spec.paramKind)) own.set("params", types.dyn);
  const expression = (source: Json | undefined, mayAuthorize: boolean, hasVariables = true): Expression => {
    const variables = new Map([...own, ...(mayAuthorize ? authorizing : [])]);
    if (hasVariables && items(spec.variables).length > 0) {
      variables.set("variables", structOf("kubernetes.variables", "kubernetes.variables", known));
    }
    return { text: text(source), compiled: compile(text(source), { variables, sizeAt: () => undefined }) };
  };
  const conditions = items(spec.matchConditions).map((each) => expression(text(each.expression).trim(), true, false));
  const variables = items(spec.variables).map((each) => {
    const compiled = expression(each.expression, true);
    known.set(text(each.name), "program" in compiled.compiled ? compiled.compiled.program.type : types.dyn);
    return { name: text(each.name), ...compiled };
  });
  const validations = items(spec.validations).map((each): Validation => ({
    ...expression(each.expression, true),
    message: text(each.message),
    messageExpression: text(each.messageExpression) === "" ? undefined : expression(each.messageExpression, false),
    reason: text(each.reason) || "Invalid",
  }));
  const auditAnnotations = items(spec.auditAnnotations).map((each) => ({
    key: text(each.key),
    ...expression(text(each.valueExpression).trim(), true),
    text: text(each.valueExpression),
  }));
  return { variables, conditions, validations, auditAnnotations };
}

/** What is wrong with one expression. @throws {Refusal} 501 for what is not known here. */
function expressionErrors(path: string, { text, compiled }: Expression, wanted: readonly Type["kind"][] = []): FieldError[] {
  if ("unsupported" in compiled) throw notImplemented(`${compiled.unsupported} in policies: ${path}: ${text}`);
  if (text.trim() === "") return [];
  if ("fault" in compiled) return [invalid(path, text, compiled.fault)];
  const { type } = compiled.program;
  if (wanted.length === 0 || wanted.includes(type.kind)) return [];
  const one = wanted.length === 1
    ? `must evaluate to ${wanted[0]}`
    : `must evaluate to one of [${wanted.map((each) => each === "null" ? "null_type" : each).join(" ")}]`;
  return [invalid(path, text, `${one} but got ${shownType(type)}`)];
}

/**
 * What is wrong with the expressions of a policy or of webhooks that are written; nothing, for objects of another kind.
 *
 * @throws {Refusal} 501 for what is not known here.
 */
export function expressionFaults(type: ResourceType, object: JsonObject): FieldError[] {
  if (type.custom || type.group !== "admissionregistration.k8s.io") return [];
  if (type.kind === "ValidatingAdmissionPolicy") return policyErrors(isObject(object.spec) ? object.spec : {});
  if (!type.kind.endsWith("WebhookConfiguration")) return [];
  return items(object.webhooks).flatMap(({ matchConditions }, at) =>
    compileConditions(matchConditions).flatMap((each, index) =>
      expressionErrors(`webhooks[${at}].matchConditions[${index}].expression`, each, ["bool"])
    )
  );
}

function policyErrors(spec: JsonObject): FieldError[] {
  const policy = compilePolicy(spec);
  const errors: FieldError[] = [];
  const check = (...given: Parameters<typeof expressionErrors>) => void errors.push(...expressionErrors(...given));
  policy.conditions.forEach((each, at) => check(`spec.matchConditions[${at}].expression`, each, ["bool"]));
  policy.variables.forEach((each, at) => check(`spec.variables[${at}].expression`, each));
  policy.validations.forEach((each, at) => {
    check(`spec.validations[${at}].expression`, each, ["bool"]);
    if (each.messageExpression) check(`spec.validations[${at}].messageExpression`, each.messageExpression, ["string"]);
  });
  items(spec.validations).forEach(({ reason }, at) => {
    if (reason === undefined || reason === null || reasons.includes(String(reason))) return;
    errors.push(notSupported(`spec.validations[${at}].reason`, reason, reasons));
  });
  policy.auditAnnotations.forEach((each, at) => check(`spec.auditAnnotations[${at}].valueExpression`, each, ["string", "null"]));
  return errors;
}
