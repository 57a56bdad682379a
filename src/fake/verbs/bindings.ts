/**
 * POST on `binding` of a pod, or on `bindings`: the pod is the node's from now on.
 *
 * @module
 */
import { each, isUnset, part } from "../builtin/rules/checks.ts";
import { type FieldValidation, writeOptions } from "../http/options.ts";
import { notSupported, required } from "../types/field-error.ts";
import type { JsonObject } from "../types/json.ts";
import { metaOf, withMeta } from "../types/meta.ts";
import { badRequest, conflict, plainError } from "../types/status.ts";
import { admitAction } from "./admit.ts";
import { checkNamespace } from "./create.ts";
import { checkName, decodeAction, done } from "./pod-actions.ts";
import { existing, preconditionConflict } from "./update.ts";
import { type Call, nowText, type Reply } from "../store/world.ts";

const decode = (call: Call, validation: FieldValidation) => decodeAction(call, "Binding", "api/core/v1.Binding", validation);

/** Refuses to bind to what is no node. @throws {Refusal} 500 */
function checkTarget(binding: JsonObject): void {
  const { kind, name } = part(binding, "target");
  const errors = [
    ...isUnset(kind) || kind === "Node" ? [] : [notSupported("target.kind", kind, ["Node", "<empty>"])],
    ...isUnset(name) ? [required("target.name")] : [],
  ].map(({ field, text }) => `${field}: ${text}`);
  if (errors.length > 0) throw plainError(errors.length === 1 ? errors[0]! : `[${errors.join(", ")}]`);
}

/** @throws {Refusal} 409 */
function checkUnbound(name: string, pod: JsonObject): void {
  const subject = { group: "", plural: "pods/binding" };
  const spec = part(pod, "spec");
  if (metaOf(pod).deletionTimestamp !== undefined) {
    throw conflict(subject, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (!isUnset(spec.nodeName)) throw conflict(subject, name, `pod ${name} is already assigned to node "${spec.nodeName}"`);
  if (!isUnset(spec.schedulingGates)) throw conflict(subject, name, `pod ${name} has non-empty .spec.schedulingGates`);
}

/** A condition takes the place of the one of its type; the time of a change stays where nothing changes. */
function withCondition(conditions: readonly JsonObject[], next: JsonObject): JsonObject[] {
  const place = conditions.findIndex(({ type }) => type === next.type);
  if (place < 0) return [...conditions, next];
  const { status, lastTransitionTime } = conditions[place]!;
  const settled = status === next.status && lastTransitionTime !== undefined ? { ...next, lastTransitionTime } : next;
  return conditions.map((condition, index) => index === place ? settled : condition);
}

/** A pod as it is once it is a node's. */
function bound(pod: JsonObject, binding: JsonObject, now: string): JsonObject {
  const [metadata, given] = [metaOf(pod), metaOf(binding) ?? {}];
  const { nominatedNodeName: _, ...status } = part(pod, "status");
  const merged = (member: "labels" | "annotations") => {
    const all = { ...metadata[member], ...given[member] };
    return Object.keys(all).length > 0 ? { [member]: all } : {};
  };
  const scheduled = { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: now };
  return withMeta({
    ...pod,
    spec: { ...part(pod, "spec"), nodeName: part(binding, "target").name! },
    status: { ...status, conditions: withCondition(each(status, "conditions"), scheduled) },
  }, { ...metadata, ...merged("labels"), ...merged("annotations") });
}

function bind(call: Call, binding: JsonObject, dryRun: boolean): Reply {
  const { world, name } = call;
  const type = world.registry.find("", "v1", "pods")!;
  checkTarget(binding);
  admitAction(call, binding, dryRun);
  const pod = existing({ ...call, type });
  const [given, stored] = [metaOf(binding) ?? {}, metaOf(pod)];
  for (const [member, what] of [["uid", "UID"], ["resourceVersion", "ResourceVersion"]] as const) {
    const wanted = given[member] ?? "";
    if (wanted === "" || wanted === stored[member]) continue;
    throw preconditionConflict(call, type, what, { given: wanted, stored: stored[member] ?? "", dryRun });
  }
  checkUnbound(name!, pod);
  if (!dryRun) world.store.put(type, bound(pod, binding, nowText(world)));
  return done;
}

/** POST on `binding` of a pod. */
export function bindPod(call: Call): Reply {
  const { dryRun, fieldValidation } = writeOptions(call.query, "CreateOptions");
  const binding = decode(call, fieldValidation);
  checkNamespace(call, metaOf(binding) ?? {});
  checkName(call, binding, "Binding");
  return bind(call, binding, dryRun);
}

/** POST on `bindings`, whose body names the pod. */
export function bindNamed(call: Call): Reply {
  const { dryRun, fieldValidation } = writeOptions(call.query, "CreateOptions");
  const binding = decode(call, fieldValidation);
  const { name = "" } = metaOf(binding) ?? {};
  if (name === "") throw badRequest("Name parameter required.");
  checkNamespace(call, metaOf(binding));
  return bind({ ...call, name }, binding, dryRun);
}
