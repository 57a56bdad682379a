import type { KubernetesObject, ObjectMeta, OwnerReference } from "../../ports.ts";

/**
 * A reference to the owner that keeps an object as it should be: the object is deleted with it, and a change of the object
 * brings the owner to be reconciled, where the controller `owns` its kind.
 *
 * @param owner As it stands on the server. In the namespace of what it owns, or cluster-scoped.
 * @throws {TypeError} When it has no uid, kind or apiVersion yet.
 *
 * @example
 * ```ts
 * import { controllerReference } from "crd-watcher/runtime";
 *
 * const site = { apiVersion: "example.com/v1", kind: "Website", metadata: { name: "blog", namespace: "web", uid: "1-2-3" } };
 * const page = { metadata: { name: "blog", namespace: "web", ownerReferences: [controllerReference(site)] } };
 * console.log(page.metadata.ownerReferences[0].controller); // true
 * ```
 */
export function controllerReference(owner: KubernetesObject): OwnerReference {
  const { apiVersion, kind, metadata: { name, uid } } = owner;
  for (const [member, value] of Object.entries({ apiVersion, kind, "metadata.name": name, "metadata.uid": uid })) {
    if (!value) throw new TypeError(`Cannot refer to ${kind ?? "object"} "${name}" as an owner: it has no ${member}`);
  }
  return { apiVersion, kind, name, uid: uid!, controller: true, blockOwnerDeletion: true };
}

/** The reference to the owner that keeps an object as it should be; undefined where it has none. */
export const controllerOf = (
  { metadata }: { readonly metadata: Pick<ObjectMeta, "ownerReferences"> },
): OwnerReference | undefined => metadata.ownerReferences?.find(({ controller }) => controller === true);
