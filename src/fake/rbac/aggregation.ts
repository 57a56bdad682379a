/**
 * Cluster roles that are made of others.
 *
 * @module
 */
import { equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import type { World } from "../store/world.ts";
import { rbacGroup } from "./roles.ts";

const texts = (value: Json | undefined): string[] => Array.isArray(value) ? value.map(String) : [];

/** Whether labels are those that a selector of an object asks for. Pure. */
export function selects(selector: JsonObject, labels: Readonly<Record<string, string>>): boolean {
  const wanted = isObject(selector.matchLabels) ? Object.entries(selector.matchLabels) : [];
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  const expressions = Array.isArray(selector.matchExpressions) ? selector.matchExpressions.filter(isObject) : [];
  return expressions.every(({ key, operator, values }) => {
    const label = Object.hasOwn(labels, String(key)) ? labels[String(key)] : undefined;
    switch (operator) {
      case "In":
        return label !== undefined && texts(values).includes(label);
      case "NotIn":
        return label === undefined || !texts(values).includes(label);
      case "Exists":
        return label !== undefined;
      case "DoesNotExist":
        return label === undefined;
      default:
        return false;
    }
  });
}

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
