/**
 * Patches that are refused where the object has moved on since it was read.
 *
 * @module
 */
import type { KubernetesObject, ObjectKey, PatchOperation } from "../../ports.ts";
import { isEqual } from "../store/same.ts";

/** What a patch begins with: another version is refused with 409, another object of the same name with 409 or 422. Pure. */
export const isUnchanged = ({ metadata: { uid, resourceVersion } }: KubernetesObject): PatchOperation[] => [
  { op: "replace", path: "/metadata/uid", value: uid },
  { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
];

/** Names an object. Pure. */
export const addressOf = ({ metadata: { namespace, name } }: KubernetesObject): ObjectKey => ({ namespace, name });

/** A step of a JSON pointer (RFC 6901). Pure. */
const step = (name: string): string => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

/**
 * What makes the members of an object what they should be; those that are not named are left alone. Pure.
 *
 * @param path Of the object, as a JSON pointer.
 * @param before The object; undefined where it is not there.
 * @param wanted Its members, each as a whole; undefined removes one.
 * @returns Nothing where all are so already.
 */
export function membersPatch(path: string, before: object | undefined, wanted: object): PatchOperation[] {
  const members = Object.entries(wanted);
  if (before === undefined) {
    const value = Object.fromEntries(members.filter(([, value]) => value !== undefined));
    return Object.keys(value).length > 0 ? [{ op: "add", path, value }] : [];
  }
  return members.flatMap(([name, value]): PatchOperation[] => {
    const old = (before as Record<string, unknown>)[name];
    if (isEqual(old, value)) return [];
    return [value === undefined ? { op: "remove", path: path + step(name) } : { op: "add", path: path + step(name), value }];
  });
}
