/**
 * Cluster roles that are made of others.
 *
 * @module
 */
import { equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { selects } from "../types/labels.ts";
import { metaOf } from "../types/meta.ts";
import type { World } from "../store/world.ts";
import { rbacGroup } from "./roles.ts";

/** Makes each cluster role anew that others are part of. */
export function aggregateRoles(world: World): void {
  const type = world.registry.stored().find(({ group, kind }) => group === rbacGroup && kind === "ClusterRole");
  if (!type) return;
  const all = world.store.collection(type.storage).all().map(([, role]) => role);
  for (const role of all) {
    const selectors = isObject(role.aggregationRule) ? role.aggregationRule.clusterRoleSelectors : undefined;
    if (!Array.isArray(selectors)) continue;
    const parts = all.filter((other) =>
      other !== role && selectors.some((selector) => isObject(selector) && selects(selector, metaOf(other).labels ?? {}))
    );
    const rules: Json[] = [];
    for (const part of parts) {
      for (const rule of Array.isArray(part.rules) ? part.rules : []) {
        if (!rules.some((known) => equal(known, rule))) rules.push(rule);
      }
    }
    const next: JsonObject = { ...role, rules: rules.length === 0 ? null : rules };
    if (!equal(next.rules ?? null, role.rules ?? null)) world.store.put(type, next);
  }
}
