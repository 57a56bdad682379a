/**
 * What a JSON patch of ours makes of a value (RFC 6902). Pure.
 *
 * @module
 */

import type { PatchOperation } from "../ports.ts";

/** What the operations of a write make of a value, which stays as it is. They are ours: what they name is there. */
export function applied<T>(value: T, operations: readonly PatchOperation[]): T {
  const copies = new Set<object>(); // made here: they may be changed
  let at: unknown = value;
  for (const operation of operations) at = changed(at, tokensOf(operation.path), 0, operation, copies);
  return at as T;
}

/** `at` with the operation made at the end of its path, of which `depth` tokens lead to it: a copy, or itself where it is one. */
function changed(at: unknown, tokens: readonly string[], depth: number, operation: PatchOperation, copies: Set<object>): unknown {
  const token = tokens[depth]!;
  const inside = depth + 1 < tokens.length;
  const valueFor = (member: unknown) =>
    inside ? changed(member, tokens, depth + 1, operation, copies) : "value" in operation ? operation.value : undefined;
  const removes = !inside && operation.op === "remove";
  if (Array.isArray(at)) {
    const copy: unknown[] = copies.has(at) ? at : [...at];
    copies.add(copy);
    const index = token === "-" ? copy.length : Number(token);
    const taken = removes || inside || operation.op !== "add" ? 1 : 0;
    if (removes) copy.splice(index, 1);
    else if (taken === 1) copy[index] = valueFor(copy[index]);
    else copy.splice(index, 0, valueFor(undefined));
    return copy;
  }
  const object = at as Record<string, unknown>;
  const copy = copies.has(object) ? object : { ...object };
  copies.add(copy);
  if (removes) delete copy[token];
  else copy[token] = valueFor(copy[token]);
  return copy;
}

/** RFC 6901, section 3. */
export const escapePointer = (token: string): string => token.replaceAll("~", "~0").replaceAll("/", "~1");

/** RFC 6901, section 4. */
function tokensOf(pointer: string): string[] {
  const tokens = pointer.slice(1).split("/");
  return pointer.includes("~") ? tokens.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~")) : tokens;
}
