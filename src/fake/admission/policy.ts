/**
 * The expressions of a ValidatingAdmissionPolicy, compiled.
 *
 * @module
 */
import { compile, type Compiled } from "../cel/engine.ts";
import { listOf, mapOf, opaque, shownType, structOf, type Type, types } from "../cel/language/type.ts";
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from "../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { qualifiedNameFaults } from "../types/names.ts";
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

const isBlank = (value: Json | undefined) => text(value).trim() === "";

/** Words that no variable may be called by. */
const reserved: ReadonlySet<string> = new Set(
  ("true false null in as break const continue else for function if import let loop package namespace return var void while")
    .split(" "),
);

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
  if (type.kind === "ValidatingAdmissionPolicy") return policyErrors(object, isObject(object.spec) ? object.spec : {});
  if (!type.kind.endsWith("WebhookConfiguration")) return [];
  return items(object.webhooks).flatMap(({ matchConditions }, at) =>
    compileConditions(matchConditions).flatMap((each, index) =>
      expressionErrors(`webhooks[${at}].matchConditions[${index}].expression`, each, ["bool"])
    )
  );
}

const mostConditions = 64;

function conditionErrors(given: readonly JsonObject[], compiled: readonly Expression[]): FieldError[] {
  const path = "spec.matchConditions";
  if (given.length > mostConditions) return [tooMany(path, given.length, mostConditions)];
  return given.flatMap((condition, at) => {
    const [name, here] = [text(condition.name), `${path}[${at}]`];
    return [
      ...isBlank(condition.expression)
        ? [required(`${here}.expression`)]
        : expressionErrors(`${here}.expression`, compiled[at]!, ["bool"]),
      ...name === ""
        ? [required(`${here}.name`)]
        : qualifiedNameFaults(name).map((fault) => invalid(`${here}.name`, name, fault)),
      ...given.findIndex((other) => text(other.name) === name) < at ? [duplicate(`${here}.name`, name)] : [],
    ];
  });
}

function variableErrors({ name: given, expression }: JsonObject, compiled: Expression, path: string): FieldError[] {
  const name = text(given);
  const isName = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !reserved.has(name);
  return [
    ...name === ""
      ? [required(`${path}.name`, "name is not specified")]
      : isName
      ? []
      : [invalid(`${path}.name`, name, "must be a valid CEL identifier")],
    ...isBlank(expression)
      ? [required(`${path}.expression`, "expression is not specified")]
      : expressionErrors(`${path}.expression`, compiled),
  ];
}

const blank = "must be non-empty if specified";

function validationErrors(given: JsonObject, compiled: Validation, path: string): FieldError[] {
  const { expression, messageExpression, message, reason } = given;
  const errors = isBlank(expression)
    ? [required(`${path}.expression`, "expression is not specified")]
    : expressionErrors(`${path}.expression`, compiled, ["bool"]);
  if (text(messageExpression) !== "") {
    const here = `${path}.messageExpression`;
    if (isBlank(messageExpression)) errors.push(invalid(here, messageExpression, blank));
    else errors.push(...expressionErrors(here, compiled.messageExpression!, ["string"]));
  }
  if (text(message) !== "") {
    const here = `${path}.message`;
    if (isBlank(message)) errors.push(invalid(here, message, blank));
    else if (/[\r\n]/.test(text(message).trim())) errors.push(invalid(here, message, "must not contain line breaks"));
  }
  if (reason !== undefined && reason !== null && !reasons.includes(String(reason))) {
    errors.push(notSupported(`${path}.reason`, reason, reasons));
  }
  return errors;
}

const mostAnnotations = 20;

/** @param name The policy's, under which annotations are written. */
function annotationErrors(given: readonly JsonObject[], compiled: Policy["auditAnnotations"], name: string): FieldError[] {
  const path = "spec.auditAnnotations";
  const errors = given.flatMap((annotation, at) => {
    const [key, here] = [text(annotation.key), `${path}[${at}]`];
    return [
      ...qualifiedNameFaults(`${name}/${key}`).map((fault) => invalid(`${here}.key`, `${name}/${key}`, fault)),
      ...isBlank(annotation.valueExpression)
        ? [required(`${here}.valueExpression`, "valueExpression is not specified")]
        : expressionErrors(`${here}.valueExpression`, compiled[at]!, ["string", "null"]),
      ...given.findIndex((other) => text(other.key) === key) < at ? [duplicate(`${here}.key`, key)] : [],
    ];
  });
  if (given.length <= mostAnnotations) return errors;
  const shown = given.map(({ key, valueExpression }) => ({ Key: text(key), ValueExpression: text(valueExpression) }));
  return [invalid(path, shown, `must not have more than ${mostAnnotations} auditAnnotations`), ...errors];
}

/** What is wrong behind the constraints of a policy: what is judged before is with the rules of its kind. */
function policyErrors(object: JsonObject, spec: JsonObject): FieldError[] {
  const policy = compilePolicy(spec);
  const [validations, annotations] = [items(spec.validations), items(spec.auditAnnotations)];
  const none = "validations or auditAnnotations must contain at least one item";
  return [
    ...conditionErrors(items(spec.matchConditions), policy.conditions),
    ...items(spec.variables).flatMap((each, at) => variableErrors(each, policy.variables[at]!, `spec.variables[${at}]`)),
    ...validations.length + annotations.length === 0
      ? [required("spec.validations", none), required("spec.auditAnnotations", none)]
      : [],
    ...validations.flatMap((each, at) => validationErrors(each, policy.validations[at]!, `spec.validations[${at}]`)),
    ...annotationErrors(annotations, policy.auditAnnotations, metaOf(object).name ?? ""),
  ];
}
