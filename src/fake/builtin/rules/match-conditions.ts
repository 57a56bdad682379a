/**
 * The conditions under which webhooks and policies are asked, and what their expressions know.
 *
 * @module
 */
import { compile, type Compiled } from "../../cel/engine.ts";
import { listOf, mapOf, opaque, shownType, structOf, type Type, types } from "../../cel/language/type.ts";
import { duplicate, type FieldError, invalid, required, tooMany } from "../../types/field-error.ts";
import type { Json, JsonObject } from "../../types/json.ts";
import { qualifiedNameFaults } from "../../types/names.ts";
import { notImplemented } from "../../types/status.ts";

/** An expression: the text, and what became of it. */
export interface Expression {
  readonly text: string;
  readonly compiled: Compiled;
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

const text = (value: Json | undefined) => typeof value === "string" ? value : "";

/** Whether a text says nothing. Pure. */
export const isBlank = (value: Json | undefined): boolean => text(value).trim() === "";

/** What all expressions know. */
export const base: ReadonlyMap<string, Type> = new Map<string, Type>([
  ["object", types.dyn],
  ["oldObject", types.dyn],
  ["request", request],
  ["namespaceObject", namespaceObject],
]);
/** What those know that may ask for rights. */
export const authorizing: readonly [string, Type][] = [
  ["authorizer", opaque("kubernetes.authorization.Authorizer")],
  ["authorizer.requestResource", opaque("kubernetes.authorization.ResourceCheck")],
];

/** Compiles conditions. @param known What they know besides what those of webhooks do. */
export const compileConditions = (conditions: readonly JsonObject[], known: ReadonlyMap<string, Type> = base): Expression[] =>
  conditions.map(({ expression }) => {
    const source = text(expression).trim();
    const variables = new Map([...known, ...authorizing]);
    return { text: source, compiled: compile(source, { variables, sizeAt: () => undefined }) };
  });

/** What is wrong with one expression. @throws {Refusal} 501 for what is not known here. */
export function expressionErrors(
  path: string,
  { text, compiled }: Expression,
  wanted: readonly Type["kind"][] = [],
): FieldError[] {
  if ("unsupported" in compiled) throw notImplemented(`${compiled.unsupported} in policies: ${path}: ${text}`);
  if (text.trim() === "") return [];
  if ("fault" in compiled) return [invalid(path, text, compiled.fault)];
  const { type } = compiled.program;
  if (wanted.length === 0 || wanted.includes(type.kind)) return [];
  const shown = (kind: string) => kind === "null" ? "null_type" : kind;
  const one = wanted.length === 1 ? shown(wanted[0]!) : `one of [${wanted.map(shown).join(" ")}]`;
  return [invalid(path, text, `must evaluate to ${one} but got ${shown(shownType(type))}`)];
}

const mostConditions = 64;

function conditionErrors(condition: JsonObject, compiled: Expression, path: string): FieldError[] {
  const name = text(condition.name);
  return [
    ...isBlank(condition.expression)
      ? [required(`${path}.expression`)]
      : expressionErrors(`${path}.expression`, compiled, ["bool"]),
    ...name === "" ? [required(`${path}.name`)] : qualifiedNameFaults(name).map((fault) => invalid(`${path}.name`, name, fault)),
  ];
}

/** What is wrong with conditions. @throws {Refusal} 501 for what is not known here. */
export function conditionsErrors(given: readonly JsonObject[], compiled: readonly Expression[], path: string): FieldError[] {
  const names = given.map(({ name }) => text(name));
  return [
    ...given.length > mostConditions ? [tooMany(path, given.length, mostConditions)] : [],
    ...given.flatMap((condition, at) => [
      ...conditionErrors(condition, compiled[at]!, `${path}[${at}]`),
      ...names[at] !== "" && names.indexOf(names[at]!) < at ? [duplicate(`${path}[${at}].name`, names[at])] : [],
    ]),
  ];
}
