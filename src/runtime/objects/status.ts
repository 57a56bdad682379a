import type { CallOptions, Cluster, KubernetesObject, Resource } from "../../ports.ts";
import { addressOf, isUnchanged, membersPatch } from "./conditional.ts";

/** An object that has a status. */
export type WithStatus = KubernetesObject & { readonly status?: object };

/**
 * Writes what differs of a status, by the subresource of that name; nothing where nothing does. Members that are not named are
 * left alone, `undefined` removes one.
 *
 * @param cluster The one of the reconcile's context: so the next call waits for what is written.
 * @param object As it was decided on: the write is refused with a conflict where it has moved on.
 * @returns The object as it is now.
 *
 * @example
 * ```ts
 * import { type Cluster, type Condition, setCondition, updateStatus, type WithStatus } from "crd-watcher/runtime";
 *
 * const WEBSITES = { group: "example.com", version: "v1", plural: "websites" };
 * type Website = WithStatus & { status?: { observedGeneration?: number; conditions?: readonly Condition[] } };
 * async function markPublished(cluster: Cluster, site: Website, now: number) {
 *   const conditions = setCondition(site.status?.conditions, { type: "Ready", status: "True", reason: "Published" }, now);
 *   return await updateStatus(cluster, WEBSITES, site, { observedGeneration: site.metadata.generation, conditions });
 * }
 * ```
 */
export async function updateStatus<T extends WithStatus>(
  cluster: Cluster,
  resource: Resource,
  object: T,
  status: Partial<NonNullable<T["status"]>>,
  options?: CallOptions,
): Promise<T> {
  const changes = membersPatch("/status", object.status, status);
  if (changes.length === 0) return object;
  const how = { ...options, subresource: "status" } as const;
  return await cluster.patch<T>(resource, addressOf(object), [...isUnchanged(object), ...changes], how);
}
