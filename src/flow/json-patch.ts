/**
 * What a JSON patch of ours makes of a value (RFC 6902). Pure.
 *
 * @module
 */

import type { PatchOperation } from "../ports.ts";

/** What the operations of a write make of a value, which stays as it is. They are ours: what they name is there. */
export function applied<T>(value: T, operations: readonly PatchOperation[]): T {
  const copies: object[] = []; // made here: they may be changed. There are few
  let at: unknown = value;
  for (const operation of operations) at = changed(at, tokensOf(operation.path), 0, operation, copies);
  return at as T;
}

/** `at` with the operation made at the end of its path, of which `depth` tokens lead to it: a copy, or itself where it is one. */
function changed(at: unknown, tokens: readonly string[], depth: number, operation: PatchOperation, copies: object[]): unknown {
  const token = tokens[depth]!;
  const inside = depth + 1 < tokens.length;
  if (Array.isArray(at)) {
    const copy: unknown[] = copied(at, copies, () => [...at]);
    const index = token === "-" ? copy.length : Number(token);
    if (inside) copy[index] = changed(copy[index], tokens, depth + 1, operation, copies);
    else if (operation.op === "remove") copy.splice(index, 1);
    else copy.splice(index, operation.op === "add" ? 0 : 1, operation.value);
    return copy;
  }
  const object = at as Record<string, unknown>;
  if (!inside && operation.op === "remove") {
    const { [token]: _, ...rest } = object; // `delete` would make a slow object of it
    copies.push(rest);
    return rest;
  }
  const copy = copied(object, copies, () => ({ ...object }));
  copy[token] = inside ? changed(copy[token], tokens, depth + 1, operation, copies) : (operation as { value: unknown }).value;
  return copy;
}

function copied<T extends object>(value: T, copies: object[], copy: () => T): T {
  if (copies.includes(value)) return value;
  const made = copy();
  copies.push(made);
  return made;
}

/** RFC 6901, section 3. */
export const escapePointer = (token: string): string => token.replaceAll("~", "~0").replaceAll("/", "~1");

/** RFC 6901, section 4. */
function tokensOf(pointer: string): string[] {
  const tokens = pointer.slice(1).split("/");
  return pointer.includes("~") ? tokens.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~")) : tokens;
}
