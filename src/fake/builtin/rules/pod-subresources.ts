/**
 * What of a pod is changed by its subresources: debugging containers that are added, resources that are resized.
 *
 * LIMITS: where Go adds the difference of two structs to its words, they end before it.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, required } from "../../types/field-error.ts";
import { equal, type JsonObject } from "../../types/json.ts";
import { following } from "../../types/numeral.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import { at, each, isUnset, labelErrors, part } from "./checks.ts";
import { podSpecErrors } from "./podspec.ts";

const named = (list: readonly JsonObject[], name: unknown) => list.find((container) => container.name === name);

/** What a subresource leaves of a write: nothing but its own part of the specification. */
function kept(object: JsonObject, old: JsonObject, spec: JsonObject): JsonObject {
  const { name, namespace, uid, resourceVersion, managedFields } = metaOf(object);
  const { generation, managedFields: _, ...metadata } = metaOf(old);
  const isSame = equal(spec, part(old, "spec"));
  return withMeta({ ...old, spec }, {
    ...metadata,
    ...{ name, namespace, uid, resourceVersion },
    ...generation !== undefined && { generation: isSame ? generation : following(generation) },
    ...managedFields && { managedFields },
  });
}

/** The pod with the debugging containers of a write. Pure. */
export function withEphemeral(object: JsonObject, old: JsonObject): JsonObject {
  const { ephemeralContainers: _, ...spec } = part(old, "spec");
  const given = at(object, "spec", "ephemeralContainers");
  return kept(object, old, Array.isArray(given) && given.length > 0 ? { ...spec, ephemeralContainers: given } : spec);
}

const barred = ["ports", "resources", "resizePolicy", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];
const isGiven = (value: JsonObject[string]) => !isUnset(value) && !equal(value!, {});

/** The faults of debugging containers. Pure. */
export function ephemeralErrors(object: JsonObject, old: JsonObject): FieldError[] {
  const spec = part(object, "spec");
  const path = "spec.ephemeralContainers";
  const others = [...each(spec, "containers"), ...each(spec, "initContainers")];
  const containers = each(spec, "ephemeralContainers");
  const own = containers.flatMap((container, index): FieldError[] => {
    const place = `${path}[${index}]`;
    const { name, image, targetContainerName: target } = container;
    const isTaken = named(others, name) !== undefined || containers.findIndex((each) => each.name === name) < index;
    return [
      ...labelErrors(name, `${place}.name`),
      ...isTaken ? [duplicate(`${place}.name`, name)] : [],
      ...isUnset(image) ? [required(`${place}.image`)] : [],
      ...barred.filter((member) => isGiven(container[member])).map((member) =>
        forbidden(`${place}.${member}`, "cannot be set for an Ephemeral Container")
      ),
      ...!isUnset(target) && !named(others, target)
        ? [{ field: `${place}.targetContainerName`, reason: "NotFound" as const, text: `Not found: ${JSON.stringify(target)}` }]
        : [],
    ];
  });
  const changes = each(old, "spec", "ephemeralContainers").flatMap((before) => {
    const after = named(containers, before.name);
    if (after && equal(after, before)) return [];
    const what = `existing ephemeral containers "${before.name}" may not be ${after ? "changed" : "removed"}\n`;
    return [forbidden(path, what)];
  });
  return [...own, ...changes];
}

/** The pod with the resources of a write. Pure. */
export function resized(object: JsonObject, old: JsonObject): JsonObject {
  const spec = part(old, "spec");
  const take = (list: "containers" | "initContainers") => {
    const given = each(object, "spec", list);
    return each(spec, list).map((container) => {
      const { resources = {}, resizePolicy } = named(given, container.name) ?? container;
      const { resizePolicy: _, ...rest } = container;
      return { ...rest, resources, ...resizePolicy !== undefined && { resizePolicy } };
    });
  };
  const initContainers = take("initContainers");
  return kept(object, old, { ...spec, containers: take("containers"), ...initContainers.length > 0 && { initContainers } });
}

const kinds = ["requests", "limits"];
const scalable = ["cpu", "memory"];

/** A specification without what a resize may change. */
function unscaled(spec: JsonObject): JsonObject {
  const copy = structuredClone(spec) as JsonObject;
  for (const container of each(copy, "containers")) {
    for (const kind of kinds) {
      const amounts = part(container, "resources", kind);
      for (const name of scalable) delete amounts[name];
      if (Object.keys(amounts).length === 0) delete part(container, "resources")[kind];
    }
  }
  return copy;
}

/** The faults of a resize. Pure. @param qualityOf How sure a pod may be of its resources. */
export function resizeErrors(object: JsonObject, old: JsonObject, qualityOf: (spec: JsonObject) => string): FieldError[] {
  const [spec, before] = [part(object, "spec"), part(old, "spec")];
  const removed = each(before, "containers").flatMap((container, index) =>
    kinds.filter((kind) => {
      const amounts = part(each(spec, "containers")[index]!, "resources", kind);
      return scalable.some((name) => Object.hasOwn(part(container, "resources", kind), name) && !Object.hasOwn(amounts, name));
    }).map((kind) => forbidden(`spec.containers[${index}].resources.${kind}`, `resource ${kind} cannot be removed`))
  );
  const quality = String(part(old, "status").qosClass ?? qualityOf(before));
  return [
    ...podSpecErrors(spec, "spec", true),
    ...qualityOf(spec) === quality ? [] : [invalid("spec", quality, "Pod QOS Class may not change as a result of resizing")],
    ...removed,
    ...equal(unscaled(spec), unscaled(before)) ? [] : [forbidden("spec", "only cpu and memory resources are mutable")],
  ];
}
