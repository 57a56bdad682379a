/**
 * Resources of a pod's containers that are changed while it is there.
 *
 * @module
 */
import { type FieldError, forbidden, invalid } from "../../types/field-error.ts";
import { isObject, type JsonObject } from "../../types/json.ts";
import { sameInside } from "../internal-types.ts";
import { at, each, part } from "./checks.ts";
import { isMirror } from "./pod-annotations.ts";
import { podSpecErrors } from "./podspec.ts";

const lists = ["containers", "initContainers"] as const;
const kinds = ["requests", "limits"] as const;
const scalable = ["cpu", "memory"];

/** What is wrong with a pod as a whole. */
const whole = (detail: string) => forbidden("[]", detail);

/** A container with the resources of another one. */
function withResources(container: JsonObject, { resources = {}, resizePolicy }: JsonObject): JsonObject {
  const { resizePolicy: _, ...rest } = container;
  return { ...rest, resources, ...resizePolicy !== undefined && { resizePolicy } };
}

/** What a write leaves of a specification: nothing but resources, unless its containers are others. Pure. */
export function resizedSpec(spec: JsonObject, old: JsonObject): JsonObject {
  if (lists.some((list) => each(spec, list).length !== each(old, list).length)) return spec;
  const next: JsonObject = { ...old };
  for (const list of lists) {
    const [given, before] = [each(spec, list), each(old, list)];
    if (before.length === 0) continue;
    const isSame = before.every(({ name }, index) => given[index]!.name === name);
    next[list] = isSame ? before.map((container, index) => withResources(container, given[index]!)) : [...given];
  }
  return next;
}

/** The containers stay, in their order. */
const orderErrors = (spec: JsonObject, old: JsonObject): FieldError[] =>
  lists.flatMap((list) => {
    const [given, before] = [each(spec, list), each(old, list)];
    if (given.length !== before.length) return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)];
    return before.flatMap(({ name }, index) =>
      given[index]!.name === name
        ? []
        : [forbidden(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)]
    );
  });

const isSidecar = ({ restartPolicy }: JsonObject) => restartPolicy === "Always";

function removalErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  return (["initContainers", "containers"] as const).flatMap((list) =>
    each(old, list).flatMap((container, index) => {
      if (list === "initContainers" && !isSidecar(container)) return [];
      const next = each(spec, list)[index];
      return kinds.filter((kind) => {
        const given = part(next, "resources", kind);
        return Object.keys(part(container, "resources", kind)).some((name) => !Object.hasOwn(given, name));
      }).map((kind) => forbidden(`spec.${list}[${index}].resources.${kind}`, `resource ${kind} cannot be removed`));
    })
  );
}

/** A container with the processors and the memory of another one: what else differs may not. */
function withScalable(container: JsonObject, old: JsonObject): JsonObject {
  const resources: JsonObject = {};
  for (const kind of kinds) {
    const amounts = { ...part(container, "resources", kind) };
    const before = part(old, "resources", kind);
    for (const name of scalable) {
      if (before[name] === undefined) delete amounts[name];
      else amounts[name] = before[name];
    }
    if (Object.keys(amounts).length > 0) resources[kind] = amounts;
  }
  return { ...container, resources };
}

const onlyScalable = "only cpu and memory resources are mutable";

function kindErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  const isSame = (container: JsonObject, before: JsonObject) => sameInside("Container", container, before);
  return lists.flatMap((list) =>
    each(spec, list).flatMap((container, index) => {
      const before = each(old, list)[index]!;
      if (list === "initContainers" && !isSidecar(container)) {
        return isSame(container, before) ? [] : [forbidden("spec", "resources for non-sidecar init containers are immutable")];
      }
      const why = list === "containers" ? onlyScalable : "only cpu and memory resources for sidecar containers are mutable";
      return isSame(withScalable(container, before), before) ? [] : [forbidden("spec", why)];
    })
  );
}

/** Whether the node of a pod knows resizing: it tells what its containers that run have. */
function isKnown(pod: JsonObject): boolean {
  const running = each(pod, "status", "containerStatuses").find((status) => isObject(at(status, "state", "running")));
  return running === undefined || running.resources !== undefined;
}

const hasOwnResources = (spec: JsonObject) => kinds.some((kind) => Object.keys(part(spec, "resources", kind)).length > 0);

/** What is wrong with a resize. Pure. @param qualityOf How sure a pod may be of its resources. */
export function resizeErrors(object: JsonObject, old: JsonObject, qualityOf: (spec: JsonObject) => string): FieldError[] {
  const [spec, before] = [part(object, "spec"), part(old, "spec")];
  if (isMirror(old)) return [whole("static pods cannot be resized")];
  if (at(before, "os", "name") === "windows") return [whole("windows pods cannot be resized")];
  const quality = String(part(old, "status").qosClass ?? qualityOf(before));
  const errors = [
    ...podSpecErrors(spec, "spec", true),
    ...qualityOf(spec) === quality ? [] : [invalid("spec", quality, "Pod QOS Class may not change as a result of resizing")],
    ...isKnown(old) ? [] : [forbidden("spec", "Pod running on node without support for resize")],
  ];
  if (hasOwnResources(spec) || hasOwnResources(before)) {
    const gate = "InPlacePodLevelResourcesVerticalScalingEnabled";
    return [...errors, whole(`resize of pods with pod-level resources is forbidden when ${gate} feature gate is disabled`)];
  }
  const moved = orderErrors(spec, before);
  if (moved.length > 0) return [...errors, ...moved];
  return [...errors, ...removalErrors(spec, before), ...kindErrors(spec, before)];
}
