import type { KubernetesObject } from "../../ports.ts";

/**
 * Whether two views of an object say the same. Pure.
 *
 * The order of members says nothing; neither do `kind` and `apiVersion`, which the items of a built-in list lack, nor
 * who manages which field.
 */
export function isSame(a: KubernetesObject, b: KubernetesObject): boolean {
  return equalMembers(a, b, (name) => name === "kind" || name === "apiVersion" || name === "metadata") &&
    equalMembers(a.metadata, b.metadata, (name) => name === "managedFields");
}

/** Compares two values as JSON has them: an absent member and an undefined one are equal. Pure. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (!Array.isArray(a)) return !Array.isArray(b) && equalMembers(a, b);
  return Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
}

function equalMembers(a: object, b: object, ignores: (name: string) => boolean = () => false): boolean {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const name of Object.keys(left)) {
    if (left[name] !== undefined && !ignores(name) && !(Object.hasOwn(right, name) && isEqual(left[name], right[name]))) {
      return false;
    }
  }
  for (const name of Object.keys(right)) {
    if (right[name] !== undefined && !ignores(name) && !(Object.hasOwn(left, name) && left[name] !== undefined)) return false;
  }
  return true;
}
