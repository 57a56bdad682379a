/**
 * Mutating policies: they are stored, and the fake runs none of them. A write that one of them is about is refused: it would be another
 * one on a genuine server.
 *
 * @module
 */
import type { Call } from "../store/world.ts";
import { quote } from "../types/quote.ts";
import { isObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { notImplemented } from "../types/status.ts";
import { type Admission, matchedVersion } from "./match.ts";

const group = "admissionregistration.k8s.io";

/** @throws {Refusal} 501, where a mutating policy is about a write. Its own conditions are not looked at. */
export function refuseUnserved(call: Call, admission: Admission): void {
  const { store } = call.world;
  const policies = store.collection(`${group}/mutatingadmissionpolicies`);
  if (policies.size === 0) return;
  const bindings = store.collection(`${group}/mutatingadmissionpolicybindings`).all();
  const bound = new Set(bindings.map(([, { spec }]) => isObject(spec) ? spec.policyName : undefined));
  for (const [, policy] of policies.all()) {
    const { name } = metaOf(policy);
    if (!bound.has(name!) || !isObject(policy.spec)) continue;
    if (matchedVersion(policy.spec.matchConstraints, call, admission) === undefined) continue;
    throw notImplemented(`mutatingadmissionpolicies ${quote(name!)}, which is about this write,`);
  }
}
