/**
 * What functions there are: their overloads, written as signatures.
 *
 * @module
 */
import { listOf, mapOf, opaque, optionalOf, param, type Type, typeOf, types } from "./type.ts";

/** What a function does with values. */
// deno-lint-ignore no-explicit-any -- the signature says the types of the arguments
export type Implementation = (...args: any[]) => unknown;

/** One way in which a function can be called. */
export interface Overload {
  readonly id: string;
  /** With its namespace. */
  readonly name: string;
  /** Whether the first argument stands before a dot. */
  readonly isMember: boolean;
  readonly args: readonly Type[];
  readonly result: Type;
  readonly run: Implementation;
}

/** A name for the overload, its signature, and what it does: `["size_string", "string.size(): int", ...]`. */
export type Declaration = readonly [id: string, signature: string, run: Implementation];

/** All functions, by their names with their namespaces. */
export interface Functions {
  has(name: string): boolean;
  /** The overloads of a function. */
  get(name: string): readonly Overload[] | undefined;
}

/** Types that libraries bring, by the word that signatures write. */
const libraryTypes: Readonly<Record<string, Type>> = {
  Quantity: opaque("kubernetes.Quantity"),
  URL: opaque("kubernetes.URL"),
  Semver: opaque("kubernetes.Semver"),
  Format: opaque("kubernetes.NamedFormat"),
  IP: opaque("net.IP"),
  CIDR: opaque("net.CIDR"),
  Authorizer: opaque("kubernetes.authorization.Authorizer"),
  PathCheck: opaque("kubernetes.authorization.PathCheck"),
  GroupCheck: opaque("kubernetes.authorization.GroupCheck"),
  ResourceCheck: opaque("kubernetes.authorization.ResourceCheck"),
  Decision: opaque("kubernetes.authorization.Decision"),
};

/** Reads a type as signatures write it: `list<A>`, `map<K, V>`, `optional<A>`, `type<A>`. */
export function readType(text: string): Type {
  const [, name = "", inner] = /^(\w+)(?:<(.*)>)?$/.exec(text.trim()) ?? [];
  if (inner !== undefined) {
    const parts = splitTypes(inner).map(readType) as [Type, Type];
    switch (name) {
      case "list":
        return listOf(parts[0]);
      case "map":
        return mapOf(parts[0], parts[1]);
      case "optional":
        return optionalOf(parts[0]);
      case "type":
        return typeOf(parts[0]);
    }
  }
  if (Object.hasOwn(types, name)) return types[name as keyof typeof types];
  const known = libraryTypes[name];
  if (known) return known;
  if (!/^[A-Z]$/.test(name)) throw new TypeError(`Not a type in a signature: ${text}`);
  return param(name);
}

function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (char === "<") depth++;
    else if (char === ">") depth--;
    if (depth > 0 || (char !== "," && at < text.length)) continue;
    if (text.slice(from, at).trim() !== "") parts.push(text.slice(from, at));
    from = at + 1;
  }
  return parts;
}

function overloadOf([id, signature, run]: Declaration): Overload {
  const match = /^(?:([A-Za-z]\w*(?:<.*>)?)\.)?(@?[^()]+)\((.*)\): (.+)$/.exec(signature);
  if (!match) throw new TypeError(`Not a signature: ${signature}`);
  const [, receiver, name = "", args = "", result = ""] = match;
  const types = splitTypes(args).map(readType);
  return {
    id,
    name,
    isMember: receiver !== undefined,
    args: receiver === undefined ? types : [readType(receiver), ...types],
    result: readType(result),
    run,
  };
}

/** The name in a signature, with its namespace: what stands before the arguments, without a type before a dot. */
function nameOf(signature: string): string {
  const head = signature.slice(0, signature.indexOf("("));
  return /^[A-Za-z]/.test(head) ? head.slice(head.lastIndexOf(".") + 1).replace("::", ".") : head;
}

/**
 * The functions of several libraries. A function with a namespace is written `strings::quote(string): string`. Signatures are read of
 * those that an expression names: there are hundreds.
 */
export function functionsOf(declarations: readonly Declaration[]): Functions {
  const written = Map.groupBy(declarations, ([, signature]) => nameOf(signature));
  const functions = new Map<string, readonly Overload[]>();
  return {
    has: (name) => written.has(name),
    get(name) {
      let found = functions.get(name);
      const own = written.get(name);
      if (!found && own) functions.set(name, found = own.map((each) => ({ ...overloadOf(each), name })));
      return found;
    },
  };
}
