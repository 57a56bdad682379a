/**
 * How operations are called and what is said of them, by the rules of the API server.
 *
 * @module
 */

/** A text as a part of a name: what is neither a letter, a digit nor `_` goes, and what follows is large. Pure. */
export function operationPart(text: string, isLarge: boolean): string {
  let name = "";
  let large = isLarge;
  for (const [index, char] of [...text].entries()) {
    if (!/[\p{L}_]/u.test(char) && (index === 0 || !/\p{Nd}/u.test(char))) large = true;
    else {
      name += large ? char.toUpperCase() : char;
      large = false;
    }
  }
  return name;
}

const groupOf = (group: string) => group.endsWith(".k8s.io") ? group.slice(0, -".k8s.io".length) : group;

/** The id of an operation: `list`, `NamespacedPod`. Pure. */
export const operationId = (verb: string, group: string, version: string, rest: string): string =>
  verb + [groupOf(group), version, rest].map((part) => operationPart(part, true)).join("");

/** The tag of a group's version. Pure. */
export const operationTag = (group: string, version: string): string =>
  `${operationPart(groupOf(group), false)}_${operationPart(version, false)}`;

/** A kind with its article. Pure. */
export function withArticle(kind: string): string {
  if (kind.endsWith("s") && !kind.endsWith("ss")) return kind;
  return `${/^[aeiou]/i.test(kind) ? "an" : "a"} ${kind}`;
}
