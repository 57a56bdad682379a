/**
 * What must hold before an object may be created.
 *
 * @module
 */
import { metaOf } from "../types/meta.ts";
import { forbiddenBecause, notFound } from "../types/status.ts";
import type { Call } from "../store/world.ts";

const namespaces = { group: "", plural: "namespaces" };

/** Refuses objects in a namespace that is missing or being deleted, and those of a CRD that is. @throws {Refusal} 404, 403 */
export function admitNamespace(call: Call, name: string): void {
  const { world, type, namespace } = call;
  if (type.namespaced && namespace !== undefined) {
    const found = world.store.collection("/namespaces").get(namespace);
    if (!found) throw notFound(namespaces, namespace);
    if (metaOf(found).deletionTimestamp !== undefined) {
      throw forbiddenBecause(
        type,
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
        {
          causes: [{
            reason: "NamespaceTerminating",
            message: `namespace ${namespace} is being terminated`,
            field: "metadata.namespace",
          }],
        },
      );
    }
  }
  if (!type.custom) return;
  const crd = world.store.collection("apiextensions.k8s.io/customresourcedefinitions").get(`${type.plural}.${type.group}`);
  if (crd && metaOf(crd).deletionTimestamp !== undefined) {
    throw forbiddenBecause(type, name, "create not allowed while custom resource definition is terminating");
  }
}
