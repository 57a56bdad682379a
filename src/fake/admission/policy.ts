/**
 * The expressions of a ValidatingAdmissionPolicy, compiled.
 *
 * @module
 */
import {
  authorizing,
  base,
  compileConditions,
  conditionsErrors,
  type Expression,
  expressionErrors,
  isBlank,
} from "../builtin/rules/match-conditions.ts";
import { compile } from "../cel/engine.ts";
import { structOf, type Type, types } from "../cel/language/type.ts";
import { byteLength } from "../types/bytes.ts";
import { duplicate, type FieldError, invalid, notSupported, required } from "../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { qualifiedNameFaults } from "../types/names.ts";
import type { ResourceType } from "../types/resource.ts";

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

/** What `reason` may say, as the genuine server lists it. */
const reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];

/** Bytes. */
const longestValue = 5 * 1024;

const items = (value: Json | undefined): JsonObject[] => Array.isArray(value) ? value.filter(isObject) : [];
const text = (value: Json | undefined) => typeof value === "string" ? value : "";

/** Words that no variable may be called by. */
const reserved: ReadonlySet<string> = new Set(
  ("true false null in as break const continue else for function if import let loop package namespace return var void while")
    .split(" "),
);

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
  const conditions = compileConditions(items(spec.matchConditions), own);
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

/**
 * What is wrong with the expressions of a policy that is written; nothing, for objects of another kind.
 *
 * @throws {Refusal} 501 for what is not known here.
 */
export function expressionFaults(type: ResourceType, object: JsonObject): FieldError[] {
  if (type.custom || type.kind !== "ValidatingAdmissionPolicy") return [];
  return policyErrors(object, isObject(object.spec) ? object.spec : {});
}

function variableErrors({ name: given, expression }: JsonObject, compiled: Expression, path: string): FieldError[] {
  const name = text(given);
  const isName = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !reserved.has(name);
  return [
    ...isBlank(given)
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
        : byteLength(text(annotation.valueExpression).trim()) > longestValue
        ? [required(`${here}.valueExpression`, `must not exceed ${longestValue} bytes in length`)]
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
    ...conditionsErrors(items(spec.matchConditions), policy.conditions, "spec.matchConditions"),
    ...items(spec.variables).flatMap((each, at) => variableErrors(each, policy.variables[at]!, `spec.variables[${at}]`)),
    ...validations.length + annotations.length === 0
      ? [required("spec.validations", none), required("spec.auditAnnotations", none)]
      : [],
    ...validations.flatMap((each, at) => validationErrors(each, policy.validations[at]!, `spec.validations[${at}]`)),
    ...annotationErrors(annotations, policy.auditAnnotations, metaOf(object).name ?? ""),
  ];
}
