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

const mask = 0xffff_ffff_ffff_ffffn;

/** A text's hash, by Go's `fnv.New64`. */
function fnv(text: string): bigint {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const byte of new TextEncoder().encode(text)) hash = (hash * 0x100_0000_01b3n & mask) ^ BigInt(byte);
  return hash;
}

/** What a parameter is called that several operations share. Pure. @param text The parameter, as JSON. */
export function sharedName(name: string, text: string): string {
  const hex = fnv(text).toString(16).padStart(16, "0").slice(0, 12);
  const bytes = hex.match(/../g)!.map((pair) => String.fromCharCode(parseInt(pair, 16))).join("");
  return `${name}-${btoa(bytes).replaceAll("+", "-").replaceAll("/", "_")}`;
}
