/**
 * What a genuine server has by default and this one has not.
 *
 * @module
 */

import type { JsonObject } from "./types/json.ts";
import type { ResourceRoute } from "./http/route.ts";
import type { World } from "./store/world.ts";

const core =
  "bindings componentstatuses endpoints limitranges nodes persistentvolumeclaims persistentvolumes pods podtemplates replicationcontrollers resourcequotas services";

const groups =
  "admissionregistration.k8s.io apiregistration.k8s.io apps authentication.k8s.io authorization.k8s.io autoscaling batch certificates.k8s.io discovery.k8s.io flowcontrol.apiserver.k8s.io networking.k8s.io node.k8s.io policy rbac.authorization.k8s.io resource.k8s.io scheduling.k8s.io storage.k8s.io";

const cores = new Set(core.split(" "));
const others = new Set(groups.split(" "));

/** Whether the genuine server would serve this by default. Pure. */
export const isUnserved = (group: string, plural: string): boolean => group === "" ? cores.has(plural) : others.has(group);

// What `kubectl describe namespace` asks for.
const emptyKinds: Readonly<Record<string, string>> = { resourcequotas: "ResourceQuota", limitranges: "LimitRange" };

/** The list of objects that nobody can create here: it is empty, and says so. @returns Nothing for any other request. */
export function emptyList(world: World, { group, version, plural, verb, legacyWatch }: ResourceRoute): JsonObject | undefined {
  if (group !== "" || version !== "v1" || verb !== "list" || legacyWatch || !Object.hasOwn(emptyKinds, plural)) return undefined;
  const metadata = { resourceVersion: String(world.store.revision) };
  return { kind: `${emptyKinds[plural]}List`, apiVersion: "v1", metadata, items: [] };
}
