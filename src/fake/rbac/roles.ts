/**
 * Roles and bindings: who has which rules.
 *
 * @module
 */
import type { JsonObject } from "../types/json.ts";
import { isObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { quote } from "../types/quote.ts";
import { keyOf, type Store } from "../store/store.ts";
import { defaultBindings, defaultRoles } from "./default-roles.ts";
import { lets, type PolicyRule, rulesIn, type Wanted } from "./rule.ts";

/** The group of all kinds of this. */
export const rbacGroup = "rbac.authorization.k8s.io";

/** Somebody. */
export interface Subject {
  readonly user: string;
  /** All of them, `system:authenticated` included. */
  readonly groups: readonly string[];
}

/** What was decided. */
export interface Decision {
  readonly allowed: boolean;
  /** Which binding let it pass; where none did, which roles are bound and not there. */
  readonly reason?: string;
}

interface Grant {
  readonly rule: PolicyRule;
  readonly reason: string;
}

/** The group whose members may do everything, whatever roles say. */
export const masters = "system:masters";

const collectionOf = (plural: string) => `${rbacGroup}/${plural}`;
const text = (value: unknown) => typeof value === "string" ? value : "";

/** The subject of a binding that somebody is, in words. */
function matching(binding: JsonObject, { user, groups }: Subject): string | undefined {
  const { namespace: home = "" } = metaOf(binding);
  for (const subject of Array.isArray(binding.subjects) ? binding.subjects : []) {
    if (!isObject(subject)) continue;
    const name = text(subject.name);
    const namespace = text(subject.namespace) || home;
    if (subject.kind === "User" && name === user) return `User ${quote(name)}`;
    if (subject.kind === "Group" && groups.includes(name)) return `Group ${quote(name)}`;
    if (subject.kind === "ServiceAccount" && user === `system:serviceaccount:${namespace}:${name}`) {
      return `ServiceAccount ${quote(`${name}/${namespace}`)}`;
    }
  }
  return undefined;
}

/** Reads roles and bindings from a store. */
export class Roles {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The rules that a reference names; undefined: there is no such role. @param namespace Of the binding. */
  rulesOf(reference: JsonObject, namespace: string | undefined): readonly PolicyRule[] | undefined {
    const name = text(reference.name);
    const isCluster = reference.kind === "ClusterRole";
    const found = this.#store.collection(collectionOf(isCluster ? "clusterroles" : "roles")).get(
      keyOf(isCluster ? undefined : namespace, name),
    );
    if (found) return rulesIn(found);
    return isCluster ? defaultRoles[name] : undefined;
  }

  /** @param missing Gets what is said of roles that are bound and not there. */
  *#grants(subject: Subject, namespace: string | undefined, missing = new Set<string>()): Iterable<Grant> {
    for (const { group, role, binding } of defaultBindings) {
      if (!subject.groups.includes(group)) continue;
      const reason = `RBAC: allowed by ClusterRoleBinding ${quote(binding)} of ClusterRole ${quote(role)} to Group ${
        quote(group)
      }`;
      for (const rule of defaultRoles[role]!) yield { rule, reason };
    }
    yield* this.#from("clusterrolebindings", undefined, subject, missing);
    if (namespace !== undefined && namespace !== "") yield* this.#from("rolebindings", namespace, subject, missing);
  }

  *#from(plural: string, namespace: string | undefined, subject: Subject, missing: Set<string>): Iterable<Grant> {
    for (const [, binding] of this.#store.collection(collectionOf(plural)).all()) {
      const meta = metaOf(binding);
      if (meta.namespace !== namespace || !isObject(binding.roleRef)) continue;
      const whom = matching(binding, subject);
      if (whom === undefined) continue;
      const { roleRef } = binding;
      const which = namespace === undefined
        ? `ClusterRoleBinding ${quote(meta.name!)}`
        : `RoleBinding ${quote(`${meta.name}/${namespace}`)}`;
      const reason = `RBAC: allowed by ${which} of ${text(roleRef.kind)} ${quote(text(roleRef.name))} to ${whom}`;
      const rules = this.rulesOf(roleRef, namespace);
      if (!rules) missing.add(`${text(roleRef.kind).toLowerCase()}.${rbacGroup} ${quote(text(roleRef.name))} not found`);
      for (const rule of rules ?? []) yield { rule, reason };
    }
  }

  /** All rules that somebody has in a namespace. */
  rules(subject: Subject, namespace: string | undefined): PolicyRule[] {
    return [...this.#grants(subject, namespace)].map(({ rule }) => rule);
  }

  /** Whether somebody may do something. */
  decide(subject: Subject, wanted: Wanted & { readonly namespace?: string | undefined }): Decision {
    if (subject.groups.includes(masters)) return { allowed: true };
    const missing = new Set<string>();
    for (const { rule, reason } of this.#grants(subject, wanted.namespace, missing)) {
      if (lets(rule, wanted)) return { allowed: true, reason };
    }
    if (missing.size === 0) return { allowed: false };
    const all = [...missing].join(", ");
    return { allowed: false, reason: `RBAC: ${missing.size > 1 ? `[${all}]` : all}` };
  }
}
