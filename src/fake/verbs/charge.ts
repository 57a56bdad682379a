/**
 * Charging quotas: what is used is written before what uses it.
 *
 * @module
 */
import type { Admission } from "../admission/match.ts";
import { chargedQuotas } from "../admission/quotas.ts";
import { trackUpdate } from "../managed/tracking.ts";
import { keyOf } from "../store/store.ts";
import type { Call } from "../store/world.ts";
import { metaOf } from "../types/meta.ts";
import { writerOf } from "./owners.ts";
import { putObject } from "./put.ts";

/** Checks a write against quotas, and writes down what is used with it, as the server itself does. @throws {Refusal} 403 */
export function chargeQuotas(call: Call, admission: Admission): void {
  const { world } = call;
  const charged = chargedQuotas(call, admission);
  if (admission.dryRun || charged.length === 0) return;
  const type = world.registry.all().find(({ storage, custom }) => storage === "/resourcequotas" && !custom)!;
  const own = { ...call, type, subresource: "status" };
  for (const quota of charged) {
    const { namespace, name } = metaOf(quota);
    const old = world.store.collection(type.storage).get(keyOf(namespace, name!))!;
    putObject(world, type, trackUpdate(writerOf(own, "kube-apiserver"), old, quota));
  }
}
