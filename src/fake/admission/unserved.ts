/**
 * Webhooks and mutating policies: they are stored, and the fake runs none of them. A write that one of them is about is refused: it would
 * be another one on a genuine server.
 *
 * @module
 */
import type { Call } from "../store/world.ts";
import { quote } from "../types/quote.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { notImplemented } from "../types/status.ts";
import { type Admission, matchedVersion } from "./match.ts";

const group = "admissionregistration.k8s.io";
const configurations = ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"];

/** @throws {Refusal} 501, where a webhook or a mutating policy is about a write. Their own conditions are not looked at. */
export function refuseUnserved(call: Call, admission: Admission): void {
  const { store } = call.world;
  const all = (plural: string) => store.collection(`${group}/${plural}`).all().map(([, object]) => object);
  for (const plural of configurations) {
    for (const configuration of all(plural)) {
      for (const webhook of objectsIn(configuration.webhooks)) {
        if (objectsIn(webhook.rules).length === 0) continue;
        const constraints = { ...webhook, resourceRules: webhook.rules } as JsonObject;
        if (matchedVersion(constraints, call, admission) === undefined) continue;
        const { name } = metaOf(configuration);
        throw notImplemented(
          `the webhook ${quote(String(webhook.name))} of ${plural} ${quote(name!)}, which is about this write,`,
        );
      }
    }
  }
  const bound = new Set(all("mutatingadmissionpolicybindings").map(({ spec }) => isObject(spec) ? spec.policyName : undefined));
  for (const policy of all("mutatingadmissionpolicies")) {
    const { name } = metaOf(policy);
    if (!bound.has(name!) || !isObject(policy.spec)) continue;
    if (matchedVersion(policy.spec.matchConstraints, call, admission) === undefined) continue;
    throw notImplemented(`mutatingadmissionpolicies ${quote(name!)}, which is about this write,`);
  }
}

const objectsIn = (value: Json | undefined): JsonObject[] => Array.isArray(value) ? value.filter(isObject) : [];
