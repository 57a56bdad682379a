/**
 * Why an expression does not compile, in the words of the genuine compiler.
 *
 * @module
 */
import { allOf, offsetOf, type Part, pointed } from "./place.ts";
import type { ObjectType } from "./types.ts";

/** Why an expression does not compile: the text, with the place marked below the expression. */
export interface Fault {
  readonly text: string;
}

/** An error of the library. */
export interface LibraryError extends Error {
  readonly code?: string;
  readonly summary?: string;
  readonly node?: Part;
  readonly range?: { readonly start: number; readonly end: number };
}

type Objects = ReadonlyMap<string, ObjectType>;

const operators: Readonly<Record<string, string>> = { in: "@in", "[]": "_[_]", "?:": "_?_:_" };

/** A type of the library as the genuine compiler names it. Pure. */
export function shownType(name: string, objects: Objects): string {
  const shown = name.replace(/object\d+/g, (found) => objects.get(found)?.shown ?? found)
    .replaceAll("google.protobuf.Timestamp", "timestamp").replaceAll("google.protobuf.Duration", "duration")
    .replaceAll("optional<", "optional_type(").replaceAll("<", "(").replaceAll(">", ")")
    .replaceAll("IpAddress", "net.IP").replaceAll("Cidr", "net.CIDR").replaceAll("Link", "kubernetes.URL")
    .replace(/\bQuantity\b/g, "kubernetes.Quantity");
  return shown === "list" ? "list(dyn)" : shown === "map" ? "map(dyn, dyn)" : shown;
}

/** The fault that an error of the type check means. Pure. @param root The whole expression. */
export function faultOf(error: LibraryError, root: Part, objects: Objects): Fault {
  const [part, message] = explain(error, error.node ?? root, objects, root);
  return { text: pointed(root.input ?? "", offsetOf(part), message) };
}

/** The fault that an error of the parser means. Pure. */
export function syntaxFault(error: LibraryError, expression: string): Fault {
  const message = error.code === "invalid_macro_argument"
    ? "argument must be a simple name"
    : `Syntax error: ${syntax(error, expression)}`;
  return { text: pointed(expression, error.range?.start ?? 0, message) };
}

const starts = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

function syntax(error: LibraryError, expression: string): string {
  const { start = 0, end = start } = error.range ?? {};
  const token = start >= expression.length ? "<EOF>" : expression.slice(start, Math.max(end, start + 1));
  if (/^Unexpected token/.test(error.summary ?? "")) return `mismatched input '${token}' expecting ${starts}`;
  const wanted = /^Expected (\w+),/.exec(error.summary ?? "")?.[1];
  if (wanted === "RPAREN") return `missing ')' at '${token}'`;
  if (wanted === "IDENTIFIER") return `no viable alternative at input '.${token === "<EOF>" ? "" : token}'`;
  if (/^Unexpected character/.test(error.summary ?? "")) {
    return `${expression.slice(end).trim() === "" ? "extraneous" : "mismatched"} input '${token}' expecting <EOF>`;
  }
  return error.summary ?? error.message;
}

/** Of what was not checked, because something before it was wrong. */
const literals: Readonly<Record<string, string>> = { boolean: "bool", bigint: "int", number: "double" };

function explain(error: LibraryError, node: Part, objects: Objects, root: Part): [Part, string] {
  const args = node.args as Part[];
  const typeOf = (part: Part) => shownType(part.checkedType?.name ?? literals[typeof part.args] ?? "dyn", objects);
  const said = shownType(error.summary ?? "", objects);
  const overload = (name: string, parts: readonly Part[]): [Part, string] => [
    node,
    `found no matching overload for '${name}' applied to '(${parts.map(typeOf).join(", ")})'`,
  ];
  switch (error.code) {
    case "unknown_variable":
      return [node, `undeclared reference to '${node.args}' (in container '')`];
    case "no_such_key":
      if (node.op === "[]") return overload("_[_]", args);
      return [node, `undefined field '${(node.args as [Part, string])[1]}'`];
    case "cannot_index_type":
    case "invalid_index_type":
      return node.op === "[]" ? overload("_[_]", args) : [node, `type '${typeOf(args[0]!)}' does not support field selection`];
    case "no_such_overload":
      if (node.op === "!_" || node.op === "-_") return overload(node.op, [node.args as Part]);
      return overload(operators[node.op] ?? `_${node.op}_`, args);
    case "incompatible_ternary_branches":
      return overload("_?_:_", args);
    case "invalid_condition_type": {
      // The node is the condition alone: what asks for it is a ternary or a macro.
      const label = (node as Part & { meta?: { label?: string } }).meta?.label;
      if (label !== undefined) return [node, `expected type 'bool' but found '${typeOf(node)}'`];
      const ternary = allOf(root).find((part) => part.op === "?:" && (part.args as Part[])[0] === node);
      return ternary ? [ternary, overload("_?_:_", ternary.args as Part[])[1]] : [node, said];
    }
    case "invalid_logical_operand": {
      const wrong = args.find((part) => !["bool", "dyn"].includes(part.checkedType?.name ?? "dyn")) ?? node;
      return [wrong, `expected type 'bool' but found '${typeOf(wrong)}'`];
    }
    case "not_bool":
      return [node, `expected type 'bool' but found '${said}'`];
    case "heterogeneous_list_element":
    case "heterogeneous_map_key":
    case "heterogeneous_map_value":
      return [node, said.replace(/^.*?, /, "")];
    case "invalid_comprehension_range":
      return [
        node,
        `expression of type '${
          node.checkedType ? typeOf(node) : said
        }' cannot be range of a comprehension (must be list, map, or dynamic)`,
      ];
    case "invalid_macro_argument":
      return /has\(\)/.test(said) ? [node, "invalid argument to has() macro"] : [node, "argument must be a simple name"];
    case "no_matching_overload":
      return [node, call(node, typeOf)];
    default:
      return [node, said];
  }
}

function call(node: Part, typeOf: (part: Part) => string): string {
  if (node.op === "call") {
    const [name, parts] = node.args as [string, Part[]];
    return `found no matching overload for '${name.replace(/_$/, "")}' applied to '(${parts.map(typeOf).join(", ")})'`;
  }
  const [name, receiver, parts] = node.args as [string, Part, Part[]];
  const types = parts.map(typeOf).join(", ");
  return `found no matching overload for '${name.replace(/_$/, "")}' applied to '${typeOf(receiver)}.(${types})'`;
}
