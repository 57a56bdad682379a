/**
 * What a namespace that is being deleted says about what is left in it.
 *
 * @module
 */
import type { JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import type { ResourceType } from "../types/resource.ts";

/** How often each text comes, as `<text><word> <count> resource instances`, in alphabetic order. Pure. */
function counted(texts: readonly string[], word: string): string {
  const names = [...new Set(texts)].sort();
  return names.map((name) => `${name}${word} ${texts.filter((each) => each === name).length} resource instances`).join(", ");
}

/** A namespace with the conditions that tell what holds it. Pure. @param now RFC 3339. */
export function withRemainder(
  namespace: JsonObject,
  left: readonly JsonObject[],
  types: readonly ResourceType[],
  now: string,
): JsonObject {
  const status = namespace.status as JsonObject & { conditions?: JsonObject[] };
  const before = status.conditions ?? [];
  const finalizers = left.flatMap((object) => metaOf(object).finalizers ?? []);
  const fine = [
    ["NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"],
    ["NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"],
    ["NamespaceDeletionContentFailure", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"],
  ];
  const remaining = counted(types.map(({ plural, group }) => `${plural}.${group}`), " has");
  const held = counted(finalizers, " in");
  const waiting = [
    ["NamespaceContentRemaining", "SomeResourcesRemain", `Some resources are remaining: ${remaining}`],
    ["NamespaceFinalizersRemaining", "SomeFinalizersRemain", `Some content in the namespace has finalizers remaining: ${held}`],
  ];
  const condition = (state: string) => ([type, reason, message]: readonly string[]): JsonObject => {
    const old = before.find((each) => each.type === type && each.status === state);
    return { type: type!, status: state, lastTransitionTime: old?.lastTransitionTime ?? now, reason: reason!, message: message! };
  };
  const own = [...fine.map(condition("False")), ...waiting.map(condition("True"))];
  const others = before.filter((each) => !own.some(({ type }) => type === each.type));
  return { ...namespace, status: { ...status, conditions: [...others, ...own] } };
}
