/**
 * Whether a write may happen, and what becomes of it: all that stands between a request that is well and what is stored.
 *
 * @module
 */
import type { JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { forbiddenBecause, notFound } from "../types/status.ts";
import { hasCondition } from "../crd/crd.ts";
import type { Call } from "../store/world.ts";
import type { Admission } from "../admission/match.ts";
import { checkLimits, withDefaultLimits } from "../admission/limit-ranger.ts";
import { askPolicies } from "../admission/policies.ts";
import { checkSecurity } from "../admission/security/pod-security.ts";
import { refuseUnserved } from "../admission/unserved.ts";
import { chargeQuotas } from "./charge.ts";
import { surroundingsOf } from "./surroundings.ts";
import { askMutating, askValidating } from "../webhooks/ask.ts";

/** Kinds that no policy and no webhook is about: nobody shall lock himself out. */
const isExempt = ({ type, requester }: Call) =>
  // Nor is anything where a cluster is set up.
  !requester || (!type.custom && type.group === "admissionregistration.k8s.io");

/** What the server itself makes of what shall be written. */
function ownChanges(call: Call, admission: Admission, object: JsonObject | undefined): JsonObject | undefined {
  const { type, subresource, requester } = call;
  if (!object || admission.operation === "DELETE" || subresource !== undefined) return object;
  // Where a cluster is set up, no limits are set.
  const limited = requester ? withDefaultLimits(call, { ...admission, object })! : object;
  return type.admit?.(limited, admission.oldObject, surroundingsOf(call)) ?? limited;
}

/**
 * What shall be written, after all who may change it. Comes before anything that looks at the object as it is to be.
 *
 * @param accept Makes what somebody has changed an object of the type.
 * @returns Undefined for a deletion.
 * @throws {Refusal}
 */
export function mutate(call: Call, admission: Admission, accept: (patched: JsonObject) => JsonObject): JsonObject | undefined {
  if (isExempt(call)) return ownChanges(call, admission, admission.object);
  refuseUnserved(call, admission);
  const given = ownChanges(call, admission, admission.object);
  const changed = askMutating(call, { ...admission, object: given }, accept);
  // Where somebody has changed it, the server looks at it again.
  return changed === given ? given : ownChanges(call, admission, changed);
}

/** Asks all who may refuse a write. Warnings are noted. @throws {Refusal} */
export function validate(call: Call, admission: Admission): void {
  if (isExempt(call)) return;
  checkLimits(call, admission);
  checkSecurity(call, admission);
  const { type, subresource } = call;
  if (admission.object && admission.operation !== "DELETE" && subresource === undefined) {
    type.confirm?.(admission.object, admission.oldObject, surroundingsOf(call));
  }
  askPolicies(call, admission);
  askValidating(call, admission);
  chargeQuotas(call, admission);
}

/** Asks webhooks about an action on a pod. LIMIT: policies are not asked about these. @throws {Refusal} */
export function admitAction(call: Call, action: JsonObject, dryRun: boolean): void {
  const admission = { operation: "CREATE", object: action, oldObject: undefined, name: call.name!, dryRun } as const;
  mutate(call, admission, (patched) => patched);
  askValidating(call, admission);
}

/** Asks both about what is carried out otherwise than by storing this object. @throws {Refusal} */
export function admit(call: Call, admission: Admission): void {
  mutate(call, admission, (patched) => patched);
  validate(call, admission);
}

const namespaces = { group: "", plural: "namespaces" };

/** Refuses objects in a namespace that is missing or being deleted, and those of a CRD that is. @throws {Refusal} 404, 403 */
export function admitNamespace(call: Call, name: string): void {
  const { world, type, namespace } = call;
  if (type.namespaced && namespace !== undefined) {
    const found = world.store.collection("/namespaces").get(namespace);
    if (!found) throw notFound(namespaces, namespace);
    if (metaOf(found).deletionTimestamp !== undefined) {
      throw forbiddenBecause(
        type,
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
        {
          causes: [{
            reason: "NamespaceTerminating",
            message: `namespace ${namespace} is being terminated`,
            field: "metadata.namespace",
          }],
        },
      );
    }
  }
  if (!type.custom) return;
  const crd = world.store.collection("apiextensions.k8s.io/customresourcedefinitions").get(`${type.plural}.${type.group}`);
  if (crd && hasCondition(crd, "Terminating")) {
    throw forbiddenBecause(type, name, "create not allowed while custom resource definition is terminating");
  }
}
