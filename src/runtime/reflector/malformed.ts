import type { KubernetesObject } from "../../ports.ts";

/** What an object lacks that every object has; undefined where it is whole. */
export function faultOf(object: KubernetesObject | null | undefined): string | undefined {
  const metadata = object?.metadata as { readonly name?: unknown; readonly resourceVersion?: unknown } | null | undefined;
  if (typeof metadata !== "object" || metadata === null) return "without metadata";
  if (typeof metadata.name !== "string" || metadata.name === "") return "without a name";
  return typeof metadata.resourceVersion !== "string" || metadata.resourceVersion === ""
    ? "without a resourceVersion"
    : undefined;
}
