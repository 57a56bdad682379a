import { isAlreadyExists } from "../../errors.ts";
import type { CallOptions, Cluster, KubernetesObject, NewObject, OwnerReference, PatchOperation, Resource } from "../../ports.ts";
import { addressOf, isUnchanged, membersPatch } from "./conditional.ts";
import { controllerOf } from "./owner.ts";
import { isEqual } from "../store/same.ts";
import { keyOf } from "../store/store.ts";

/** What `ensure` has found or made. */
export interface Ensured<T> {
  /** The object as it is now. */
  readonly object: T;
  /** What had to be done. */
  readonly result: "created" | "updated" | "unchanged";
}

/**
 * Creates an object, or changes it where it is not as it should be: no write where there is nothing to change.
 *
 * What `desired` names is made so: each of its members as a whole (`data`, `spec`), each label, annotation and owner
 * reference for itself. What it does not name is left alone, and so are `status` and finalizers. Where the server fills in
 * defaults inside of a member, build that on what is there: `spec: { ...current?.spec, replicas: 3 }`.
 *
 * **Guarantees**: a change is conditional on the version that `current` has; the digits of numbers that are not changed stay
 * as they are, whatever JavaScript makes of them. **Assumptions**: an object that nobody controls may be taken over.
 *
 * @param cluster The one of the reconcile's context: so the next call waits for what is written.
 * @param current As a cache shows it; undefined where it is not there. Where it is there all the same, it is read.
 * @param desired Its name and namespace, and what it should be.
 * @returns An object that is being deleted is left alone.
 * @throws {StatusError} What the server says; a conflict where the object has moved on since `current`.
 * @throws {Error} When another owner controls it.
 *
 * @example A ConfigMap for an owner
 * ```ts
 * import { controllerReference, ensure, type KubernetesObject, type Reconcile } from "crd-watcher/runtime";
 *
 * const CONFIG_MAPS = { group: "", version: "v1", plural: "configmaps" };
 * type Website = KubernetesObject & { spec: { title: string } };
 * const reconcile: Reconcile<Website> = async (_key, { object: site, cluster, owned }) => {
 *   if (!site) return;
 *   const { name, namespace } = site.metadata;
 *   await ensure(cluster, CONFIG_MAPS, owned(CONFIG_MAPS)[0], {
 *     apiVersion: "v1",
 *     kind: "ConfigMap",
 *     metadata: { name: `${name}-page`, namespace, ownerReferences: [controllerReference(site)] },
 *     data: { "index.html": `<h1>${site.spec.title}</h1>` },
 *   });
 * };
 * ```
 */
export async function ensure<T extends KubernetesObject, D extends NewObject = NewObject>(
  cluster: Cluster,
  resource: Resource,
  current: T | undefined,
  desired: D & { readonly metadata: { readonly name: string } },
  options?: CallOptions,
): Promise<Ensured<T>> {
  const { name, namespace } = desired.metadata;
  if (!current) {
    try {
      return { object: await cluster.create<T>(resource, desired, options), result: "created" };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      current = await cluster.get<T>(resource, { name, namespace }, options);
    }
  }
  const key = keyOf(current);
  if (current.metadata.name !== name || current.metadata.namespace !== namespace) {
    throw new TypeError(`Cannot make ${resource.plural} "${key}" into "${namespace}/${name}": an object keeps its name`);
  }
  const [controller, other] = [controllerOf(desired), controllerOf(current)];
  if (controller && other && controller.uid !== other.uid) {
    throw new Error(`Cannot change ${resource.plural} "${key}": it is controlled by ${other.kind} "${other.name}"`);
  }
  if (current.metadata.deletionTimestamp !== undefined) return { object: current, result: "unchanged" };
  const changes = changesOf(current, desired);
  if (changes.length === 0) return { object: current, result: "unchanged" };
  const operations = [...isUnchanged(current), ...changes];
  return { object: await cluster.patch<T>(resource, addressOf(current), operations, options), result: "updated" };
}

/** What makes an object as it should be. Pure. */
function changesOf(current: KubernetesObject, desired: NewObject): PatchOperation[] {
  const { apiVersion: _, kind: __, metadata, status: ___, ...members } = desired as NewObject & { readonly status?: unknown };
  const { labels, annotations, ownerReferences } = metadata;
  const before = current.metadata;
  return [
    ...labels ? membersPatch("/metadata/labels", before.labels, labels) : [],
    ...annotations ? membersPatch("/metadata/annotations", before.annotations, annotations) : [],
    ...ownerReferences ? ownersPatch(before.ownerReferences, ownerReferences) : [],
    ...membersPatch("", current, members),
  ];
}

/** Each owner stands once, by its uid. */
function ownersPatch(before: readonly OwnerReference[] = [], wanted: readonly OwnerReference[]): PatchOperation[] {
  const others = before.filter(({ uid }) => !wanted.some((owner) => owner.uid === uid));
  const missing = wanted.some((owner) => !before.some((reference) => isEqual(reference, owner)));
  return missing ? [{ op: "add", path: "/metadata/ownerReferences", value: [...others, ...wanted] }] : [];
}
