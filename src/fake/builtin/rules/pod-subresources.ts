/**
 * What of a pod is changed by its subresources: debugging containers that are added, resources that are resized.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden } from "../../types/field-error.ts";
import { equal, type JsonObject } from "../../types/json.ts";
import { following } from "../../types/numeral.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import { differenceInside, sameInside } from "../internal-types.ts";
import { at, each, isUnset, part } from "./checks.ts";
import { containerErrors } from "./containers.ts";
import { isMirror } from "./pod-annotations.ts";
import { resizedSpec } from "./pod-resizing.ts";
import { neighboursOf } from "./podspec.ts";

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

const barred = [
  "ports",
  "resources",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
];
const isGiven = (value: JsonObject[string]) => !isUnset(value) && !equal(value!, {});

const type = "EphemeralContainer";

/** The faults of debugging containers. Pure. */
export function ephemeralErrors(object: JsonObject, old: JsonObject): FieldError[] {
  const spec = part(object, "spec");
  const path = "spec.ephemeralContainers";
  const others = [...each(spec, "containers"), ...each(spec, "initContainers")];
  const containers = each(spec, "ephemeralContainers");
  const own = containers.flatMap((container, index): FieldError[] => {
    const place = `${path}[${index}]`;
    const { name, targetContainerName: target } = container;
    const isTaken = named(others, name) !== undefined || containers.findIndex((each) => each.name === name) < index;
    return [
      ...containerErrors(container, place, neighboursOf(spec), true),
      ...isTaken ? [duplicate(`${place}.name`, name)] : [],
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
    const what = `existing ephemeral containers "${before.name}" may not be`;
    if (!after) return [forbidden(path, `${what} removed\n`)];
    if (sameInside(type, before, after)) return [];
    return [forbidden(path, `${what} changed\n${differenceInside(type, before, after)}`)];
  });
  return isMirror(old) ? [forbidden("[]", "static pods do not support ephemeral containers")] : [...own, ...changes];
}

/** The pod with the resources of a write. Pure. */
export const resized = (object: JsonObject, old: JsonObject): JsonObject =>
  kept(object, old, resizedSpec(part(object, "spec"), part(old, "spec")));
