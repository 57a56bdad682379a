/**
 * What may be changed of a pod that is there.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, required } from "../../types/field-error.ts";
import { unset } from "../../types/emptiness.ts";
import { equal, isObject, type JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { differenceInside, formInside, sameInside } from "../internal-types.ts";
import { at, each, part } from "./checks.ts";
import { tolerationsErrors } from "./scheduling.ts";

const changeable = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

/** Containers keep their number; undefined where they do not. */
function imageErrors(spec: JsonObject, old: JsonObject, list: string): FieldError[] | undefined {
  const containers = each(spec, list);
  if (containers.length !== each(old, list).length) return undefined;
  return containers.flatMap(({ image }, index) => {
    const [text, path] = [String(image ?? ""), `spec.${list}[${index}].image`];
    return [
      ...text === "" ? [required(path)] : [],
      ...text.trim() === text ? [] : [invalid(path, text, "must not have leading or trailing whitespace")],
    ];
  });
}

const longest = 2_147_483_647;

/** A deadline may come nearer. @returns Whether nothing else is looked at, beside what is wrong. */
function deadlineErrors(spec: JsonObject, old: JsonObject): { readonly errors: FieldError[]; readonly isLast: boolean } {
  const [next, before] = [spec.activeDeadlineSeconds, old.activeDeadlineSeconds];
  const path = "spec.activeDeadlineSeconds";
  if (!isNumber(next)) {
    const errors = isNumber(before) ? [invalid(path, undefined, "must not update from a positive integer to nil value")] : [];
    return { errors, isLast: false };
  }
  if (next < 0 || next > longest) {
    return { errors: [invalid(path, next, `must be between 0 and ${longest}, inclusive`)], isLast: true };
  }
  if (isNumber(before) && before < next) {
    return { errors: [invalid(path, next, "must be less than or equal to previous value")], isLast: true };
  }
  return { errors: [], isLast: false };
}

/** Tolerations are only added; for how long one holds may change. */
function tolerationErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  const untimed = ({ tolerationSeconds: _, ...rest }: JsonObject) => rest as JsonObject;
  const given = each(spec, "tolerations").map(untimed);
  const isKept = each(old, "tolerations").every((before) => given.some((next) => equal(next, untimed(before))));
  return isKept
    ? tolerationsErrors(each(spec, "tolerations"), "spec.tolerations")
    : [forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")];
}

const gateNames = (spec: JsonObject) => each(spec, "schedulingGates").map(({ name }) => String(name ?? ""));

function gateErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  const before = gateNames(old);
  const places = new Map(gateNames(spec).map((name, index) => [name, index]));
  return [...places].filter(([name]) => !before.includes(name)).map(([name, index]) =>
    forbidden(
      `spec.schedulingGates[${index}].name`,
      `only deletion is allowed, but found new scheduling gate '${name}'`,
    )
  );
}

const onlyAdded = "only additions are allowed (no mutations or deletions)";
const wanted = "requiredDuringSchedulingIgnoredDuringExecution";

/** A pod that waits may be told of more nodes' labels that it wants. */
function selectorErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  const [next, before] = [part(spec, "nodeSelector"), part(old, "nodeSelector")];
  if (Object.entries(before).every(([key, value]) => next[key] === value)) return [];
  const why = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
  return [invalid("spec.nodeSelector", spec.nodeSelector, why)];
}

/** A term as it is inside. */
const termShown = (term: JsonObject) => formInside("NodeSelectorTerm", term);

const requirements = ["matchExpressions", "matchFields"];
const startsWith = (term: JsonObject, old: JsonObject, list: string) => {
  const [next, before] = [each(term, list), each(old, list)];
  return before.length <= next.length && before.every((requirement, index) => equal(requirement, next[index]!));
};

/** And each of the terms, one of which its node has to meet, may become narrower. */
function affinityErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  const path = `spec.affinity.nodeAffinity.${wanted}.nodeSelectorTerms`;
  const termsOf = (each: JsonObject) => at(each, "affinity", "nodeAffinity", wanted, "nodeSelectorTerms");
  const [next, before] = [termsOf(spec), termsOf(old)];
  if (!Array.isArray(before) || before.length === 0) return [];
  const terms = Array.isArray(next) ? next as JsonObject[] : [];
  if (terms.length !== before.length) {
    const shown = next === undefined ? undefined : terms.map(termShown);
    return [invalid(path, shown, "no additions/deletions to non-empty NodeSelectorTerms list are allowed")];
  }
  return terms.flatMap((term, index) => {
    const was = before[index] as JsonObject;
    const asks = (term: JsonObject) => requirements.some((list) => each(term, list).length > 0);
    const isNarrower = requirements.every((list) => startsWith(term, was, list)) && (asks(was) || !asks(term));
    return isNarrower ? [] : [invalid(`${path}[${index}]`, termShown(term), onlyAdded)];
  });
}

/** What of a pod that waited may not have changed, with the rest as it was. */
function withOldNodes(spec: JsonObject, old: JsonObject): JsonObject {
  const { affinity: given, ...rest } = spec;
  if (!equal(part(spec, "nodeSelector"), part(old, "nodeSelector"))) unset(rest, "nodeSelector");
  const before = at(old, "affinity", "nodeAffinity");
  const { nodeAffinity, ...others } = isObject(given) ? given : {} as JsonObject;
  const selector = old.nodeSelector === undefined ? {} : { nodeSelector: old.nodeSelector };
  if (equal(nodeAffinity ?? null, before ?? null)) {
    return { ...rest, ...given === undefined ? {} : { affinity: given }, ...selector };
  }
  const isGone = Object.keys(others).length === 0 && old.affinity === undefined;
  return {
    ...rest,
    ...isGone ? {} : { affinity: { ...before === undefined ? {} : { nodeAffinity: before }, ...others } },
    ...selector,
  };
}

/** A specification with all that may be changed as it was. */
function withOld(spec: JsonObject, old: JsonObject): JsonObject {
  const next: JsonObject = { ...spec };
  for (const list of ["containers", "initContainers"]) {
    // A list without any was made anew, which leaves none.
    if (each(spec, list).length === 0) unset(next, list);
    else next[list] = each(spec, list).map((container, index) => ({ ...container, image: each(old, list)[index]!.image ?? "" }));
  }
  const names = ["activeDeadlineSeconds", "schedulingGates", "tolerations"];
  const [grace, before] = [spec, old].map((each) => each.terminationGracePeriodSeconds);
  if (grace === 1 && isNumber(before) && before < 0) names.push("terminationGracePeriodSeconds");
  for (const name of names) {
    if (old[name] === undefined) unset(next, name);
    else next[name] = old[name];
  }
  return next;
}

/** What may not be changed of a pod's specification. Pure. */
export function podChangeErrors(object: JsonObject, stored: JsonObject): FieldError[] {
  const [spec, old] = [part(object, "spec"), part(stored, "spec")];
  const errors: FieldError[] = [];
  for (const list of ["containers", "initContainers"]) {
    const found = imageErrors(spec, old, list);
    if (!found) return [...errors, forbidden(`spec.${list}`, "pod updates may not add or remove containers")];
    errors.push(...found);
  }
  const deadline = deadlineErrors(spec, old);
  errors.push(...deadline.errors);
  if (deadline.isLast) return errors;
  errors.push(...tolerationErrors(spec, old), ...gateErrors(spec, old));
  if (sameInside("PodSpec", spec, old)) return errors;
  let next = withOld(spec, old);
  if (gateNames(old).length > 0) {
    errors.push(...selectorErrors(spec, old), ...affinityErrors(spec, old));
    next = withOldNodes(next, old);
  }
  if (sameInside("PodSpec", next, old)) return errors;
  const why = `pod updates may not change fields other than ${changeable}\n${differenceInside("PodSpec", old, next)}`;
  return [...errors, forbidden("spec", why)];
}
