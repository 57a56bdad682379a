/**
 * Whether a write may happen, and what becomes of it: all that stands between a request that is well and what is stored.
 *
 * @module
 */
import type { JsonObject } from "../types/json.ts";
import type { Call } from "../store/world.ts";
import type { Admission } from "./match.ts";
import { askPolicies } from "./policies.ts";
import { refuseUnserved } from "./unserved.ts";
import { askMutating, askValidating } from "./webhooks.ts";

/** Kinds that no policy and no webhook is about: nobody shall lock himself out. */
const isExempt = ({ type, requester }: Call) =>
  // Nor is anything where a cluster is set up.
  !requester || (!type.custom && type.group === "admissionregistration.k8s.io");

/**
 * What shall be written, after all who may change it. Comes before anything that looks at the object as it is to be.
 *
 * @param accept Makes what somebody has changed an object of the type.
 * @returns Undefined for a deletion.
 * @throws {Refusal}
 */
export function mutate(call: Call, admission: Admission, accept: (patched: JsonObject) => JsonObject): JsonObject | undefined {
  if (isExempt(call)) return admission.object;
  refuseUnserved(call, admission);
  return askMutating(call, admission, accept);
}

/** Asks all who may refuse a write. Warnings are noted. @throws {Refusal} */
export function validate(call: Call, admission: Admission): void {
  if (isExempt(call)) return;
  askPolicies(call, admission);
  askValidating(call, admission);
}
