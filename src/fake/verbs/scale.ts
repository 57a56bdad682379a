/**
 * The scale subresource: how many there are of what an object makes, as `autoscaling/v1 Scale`.
 *
 * @module
 */
import { scaleColumns } from "../builtin/columns.ts";
import { goStruct } from "../builtin/go-types.ts";
import { checkSize, decodeObject } from "../http/body.ts";
import { patchType, patchTypes } from "../http/media-type.ts";
import { writeOptions } from "../http/options.ts";
import { trackUpdate } from "../managed/tracking.ts";
import { otherKind } from "./other-kind.ts";
import { invalid } from "../types/field-error.ts";
import { clone, isObject, type Json, type JsonObject } from "../types/json.ts";
import { type Meta, metaOf, withMeta } from "../types/meta.ts";
import type { ResourceType, ScalePaths } from "../types/resource.ts";
import { decodeShape } from "../types/shape.ts";
import { badRequest, internalError, unprocessable } from "../types/status.ts";
import { writerOf } from "./owners.ts";
import { checkExport } from "./get.ts";
import { appliedTo } from "./apply.ts";
import { scaleOwners, withManagers } from "./scale-owners.ts";
import { patchedFrom } from "./patch.ts";
import { checkIdentity, existing, store } from "./update.ts";
import type { Call, Reply } from "../store/world.ts";

/** Where a built-in kind keeps what the scale shows. */
const builtin: ScalePaths = { spec: ["spec", "replicas"], status: ["status", "replicas"], selector: ["spec", "selector"] };

function valueAt(object: JsonObject, path: readonly string[] | undefined): Json | undefined {
  let value: Json | undefined = path ? object : undefined;
  for (const step of path ?? []) value = isObject(value) ? value[step] : undefined;
  return value;
}

function withValue(object: JsonObject, path: readonly string[], value: Json): JsonObject {
  const copy = clone(object);
  let at = copy;
  for (const step of path.slice(0, -1)) at = (isObject(at[step]) ? at[step] : at[step] = {}) as JsonObject;
  at[path.at(-1)!] = value;
  return copy;
}

function expressionText(each: JsonObject): string {
  const values = (each.values as string[] | undefined ?? []).toSorted().join(",");
  if (each.operator === "Exists") return String(each.key);
  return each.operator === "DoesNotExist" ? `!${each.key}` : `${each.key} ${String(each.operator).toLowerCase()} (${values})`;
}

/** A selector in words. */
function selectorText(selector: Json | undefined): string {
  if (typeof selector === "string") return selector;
  if (!isObject(selector)) return "";
  const isPlain = !Object.hasOwn(selector, "matchLabels") && !Object.hasOwn(selector, "matchExpressions");
  const labels = Object.entries((isPlain ? selector : selector.matchLabels ?? {}) as JsonObject).map(([key, value]) =>
    `${key}=${value}`
  );
  const more = isPlain ? [] : ((selector.matchExpressions ?? []) as JsonObject[]).map(expressionText);
  return [...labels, ...more].sort().join(",");
}

function scaleOf(object: JsonObject, paths: ScalePaths): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metaOf(object);
  const replicas = valueAt(object, paths.spec);
  const scale = {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as Meta,
    spec: { replicas: replicas ?? 0 },
    status: { replicas: valueAt(object, paths.status) ?? 0, selector: selectorText(valueAt(object, paths.selector)) },
  };
  return arranged(scale as unknown as JsonObject);
}

const shape = () => goStruct("api/autoscaling/v1.Scale");
const arranged = (scale: JsonObject): JsonObject => ({
  ...decodeShape(shape(), scale).value,
  kind: "Scale",
  apiVersion: "autoscaling/v1",
});

/** The call as one for a scale: its body is one. */
function asScale(call: Call): Call {
  return { ...call, type: scaleType(call) };
}

/** A scale as a type: of what it is the scale of, the name of the resource is left. */
function scaleType({ type, world }: Call): ResourceType {
  const age = world.registry.builtin("Namespace").columns.find(({ name }) => name === "Age")!;
  return otherKind(type, { group: "autoscaling", version: "v1", kind: "Scale", shape, columns: scaleColumns(age) });
}

/** Replicas of which nothing is said: what a patch leaves so is refused. */
const unset = -2_147_483_648;

/** A genuine server cannot apply the scale of a custom resource either. */
const notConverted = "request to convert CR to an invalid group/version: autoscaling/v1";

/** Handles a request for the scale of an object. @throws {Refusal} */
export function scaleObject(call: Call): Reply {
  const { type, verb, name } = call;
  const paths = type.scale ?? builtin;
  const inner = asScale(call);
  const place = `".${paths.spec.join(".")}"`;
  const isUnset = (object: JsonObject) => type.custom && valueAt(object, paths.spec) === undefined;
  const reply = (object: JsonObject): Reply => ({ code: 200, object: scaleOf(object, paths), type: inner.type });
  if (verb === "get") {
    checkExport(call.query);
    const object = existing(call);
    if (isUnset(object)) throw internalError(`the spec replicas field ${place} does not exist`);
    return reply(object);
  }
  const media = patchType(call.contentType);
  checkSize(call.body);
  const options = writeOptions(
    call.query,
    verb === "patch" ? "PatchOptions" : "UpdateOptions",
    verb === "patch" ? media : undefined,
  );
  // A patch is read where there is something to be patched, a whole scale before that is looked for.
  const whole = verb === "patch" ? undefined : decodeObject(inner, options.fieldValidation);
  if (whole) checkIdentity(inner, metaOf(whole));
  const old = existing(call);
  const before = isUnset(old) ? withValue(old, paths.spec, unset) : old;
  const applies = verb === "patch" && media === patchTypes.apply;
  const owners = scaleOwners(call, old, paths);
  const live = withManagers(scaleOf(before, paths), owners.shown());
  const given = applies
    ? appliedTo(inner, live, options, type.custom ? notConverted : undefined)
    : whole ?? patchedFrom(inner, media, live, options.fieldValidation);
  if (!whole) checkIdentity(inner, metaOf(given));
  const replicas = Number((given.spec as JsonObject | undefined)?.replicas ?? 0);
  if (!type.custom && replicas < 0) {
    throw unprocessable({ group: "autoscaling", plural: "Scale" }, name!, [
      invalid("spec.replicas", replicas, "must be greater than or equal to 0"),
    ]);
  }
  if (type.custom && replicas === unset) throw badRequest(`the spec replicas field ${place} cannot be empty`);
  const changed = withValue(old, paths.spec, replicas);
  const next = withMeta(changed, {
    ...metaOf(changed),
    resourceVersion: metaOf(given).resourceVersion || metaOf(old).resourceVersion!,
  });
  const tracked = applies ? given : trackUpdate(writerOf(inner, options.fieldManager), live, given);
  const stored = store(call, withManagers(next, owners.kept(metaOf(tracked).managedFields)), old, options);
  return reply(stored);
}
