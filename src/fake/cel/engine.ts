/**
 * The only place that knows the CEL library: compiles an expression for variables of given types, and runs it.
 *
 * Replace this file to replace the library. What it must do: check types, take own functions, macros and types.
 *
 * LIMITS: moments have milliseconds; what a rule costs is not estimated, so that a rule which a genuine server finds too dear
 * is accepted; of several faults in an expression the first is told.
 *
 * @module
 */
import { type ASTNode, Environment, Optional, parse } from "@marcbachmann/cel-js";
import { type Fault, faultOf, type LibraryError, syntaxFault } from "./faults.ts";
import { type FunctionEntry, replaced, type Sameness } from "./library.ts";
import { lists } from "./lists.ts";
import { printed } from "./format.ts";
import { macros } from "./macros.ts";
import { Cidr, IpAddress, network } from "./network.ts";
import { quantities, Quantity } from "./quantity.ts";
import { misused, undeclared } from "./screen.ts";
import { strings } from "./strings.ts";
import type { ObjectType, RuleType } from "./types.ts";
import { Link, urls } from "./url.ts";
import { type ObjectValue, sameValue, ValueReader } from "./values.ts";

/** An expression that can be run. */
export interface Program {
  /** The type of its result, as the language names it. */
  readonly type: string;
  /** Whether it reads the variable `oldSelf`. */
  readonly usesOld: boolean;
  /** @throws {Error} Where the expression fails. */
  run(variables: Readonly<Record<string, unknown>>): unknown;
}

/** What became of an expression. */
export type Compiled = { readonly program: Program } | { readonly fault: Fault } | { readonly unsupported: string };

/** Names that functions stand behind, and the types that stand for them in signatures. */
const namespaces = { strings: "StringsNamespace", lists: "ListsNamespace", sets: "SetsNamespace", ip: "IpNamespace" };

const same: Sameness = (a, b) => equality({ a, b }) as boolean;
const equality = parse("a == b");
const durationOf = parse("duration(text)");

const more: readonly FunctionEntry[] = [
  ["string(google.protobuf.Timestamp): string", printed],
  ["string(google.protobuf.Duration): string", printed],
  ["int(google.protobuf.Timestamp): int", (moment: Date) => BigInt(Math.floor(moment.getTime() / 1000))],
  ["int(uint): int", (value: { valueOf(): bigint }) => value.valueOf()],
  ["list<A>.first(): optional<A>", (items: unknown[]) => items.length > 0 ? Optional.of(items[0]) : Optional.none()],
  ["list<A>.last(): optional<A>", (items: unknown[]) => items.length > 0 ? Optional.of(items.at(-1)) : Optional.none()],
  [
    "OptionalNamespace.ofNonZeroValue(A): optional<A>",
    (_: unknown, value: unknown) => isZero(value) ? Optional.none() : Optional.of(value),
  ],
];

function isZero(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  return value === "" || value === 0n || value === 0 || value === false || value === null;
}

function makeBase(): Environment {
  const base = new Environment({ enableOptionalTypes: true });
  for (const [name, type] of Object.entries(namespaces)) {
    const Namespace = class {};
    base.registerType(type, Namespace).registerConstant(name, type, new Namespace());
  }
  base.registerType("Quantity", Quantity).registerType("IpAddress", IpAddress).registerType("Cidr", Cidr).registerType(
    "Link",
    Link,
  );
  base.registerOperator("Quantity == Quantity", (a: Quantity, b: Quantity) => a.nanos === b.nanos);
  base.registerOperator("IpAddress == IpAddress", (a: IpAddress, b: IpAddress) => `${a}` === `${b}`);
  base.registerOperator("Cidr == Cidr", (a: Cidr, b: Cidr) => `${a.ip}/${a.prefix}` === `${b.ip}/${b.prefix}`);
  for (const [signature, handler] of [...strings, ...lists(same), ...quantities, ...network, ...urls, ...more]) {
    base.registerFunction(signature, handler, { async: false });
  }
  for (const [signature, expand] of macros(Optional.none(), (value) => Optional.of(value))) {
    base.registerFunction(signature, expand);
  }
  return base;
}

let base: Environment | undefined;

/** The name of a type in the library. */
function nameOf(type: RuleType): string {
  switch (type.kind) {
    case "list":
      return `list<${nameOf(type.items)}>`;
    case "map":
      return `map<string, ${nameOf(type.values)}>`;
    case "object":
      return type.name;
    case "scalar":
      return type.name === "timestamp" || type.name === "duration"
        ? `google.protobuf.${type.name === "timestamp" ? "Timestamp" : "Duration"}`
        : type.name;
  }
}

/** Compiles the expressions of one schema. */
export class Engine {
  /** Makes the values for the variables. */
  readonly values: ValueReader = new ValueReader((text) => durationOf({ text }));
  readonly #environment: Environment;
  readonly #objects: ReadonlyMap<string, ObjectType>;

  /** @param objects Every object type of the schema, inner ones first. */
  constructor(objects: readonly ObjectType[]) {
    base ??= makeBase();
    this.#environment = base.clone();
    this.#objects = new Map(objects.map((type) => [type.name, type]));
    for (const type of objects) {
      const fields = Object.fromEntries([...type.fields].map(([name, field]) => [name, nameOf(field.type)]));
      this.#environment.registerType(type.name, { ctor: this.values.classOf(type), fields });
      this.#environment.registerOperator(
        `${type.name} == ${type.name}`,
        (a: ObjectValue, b: ObjectValue) => sameValue(type, a.raw, b.raw),
      );
    }
  }

  /** Compiles an expression. @param isOptional Whether `oldSelf` may be absent. */
  compile(expression: string, self: RuleType, isOptional: boolean): Compiled {
    const environment = this.#environment.clone();
    environment.registerVariable("self", nameOf(self));
    environment.registerVariable("oldSelf", isOptional ? `optional<${nameOf(self)}>` : nameOf(self));
    try {
      const parsed = environment.parse(expression);
      const ast: ASTNode = parsed.ast;
      const found = undeclared(ast, replaced);
      if ("unsupported" in found || "fault" in found) return found;
      const checked = parsed.check();
      if (!checked.valid) return { fault: faultOf(checked.error as LibraryError, ast, this.#objects) };
      const wrong = misused(ast, self, this.#objects);
      if (wrong) return wrong;
      return { program: { type: checked.type!, usesOld: found.usesOld, run: parsed } };
    } catch (error) {
      if (/\[\s*\?|\{\s*\?|,\s*\?/.test(expression)) return { unsupported: "optional entries of lists and maps" };
      return { fault: syntaxFault(error as LibraryError, expression) };
    }
  }
}

/** A value of `oldSelf` that may be absent. */
export const optional = (value: unknown): unknown => value === undefined ? Optional.none() : Optional.of(value);
