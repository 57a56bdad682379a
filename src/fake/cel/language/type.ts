/**
 * The types of the language.
 *
 * @module
 */

/** What kind of values a type has. `param` stands for any type that is found out; `opaque` are those of libraries. */
export type TypeKind =
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bytes"
  | "null"
  | "timestamp"
  | "duration"
  | "dyn"
  | "error"
  | "list"
  | "map"
  | "type"
  | "opaque"
  | "struct"
  | "param";

/** A type. */
export interface Type {
  readonly kind: TypeKind;
  /** As values of it are called when an expression runs. */
  readonly name: string;
  /** Of items; of keys and values; of what is optional. */
  readonly params: readonly Type[];
  /** The members of a struct, by the name that an expression writes. */
  readonly fields?: ReadonlyMap<string, Type>;
  /** How a struct is called in messages. */
  readonly shown?: string;
}

const simple = (kind: TypeKind, name: string = kind): Type => ({ kind, name, params: [] });

type SimpleName = "bool" | "int" | "uint" | "double" | "string" | "bytes" | "null" | "timestamp" | "duration" | "dyn" | "error";

/** Types without parts, by the names that signatures write. */
export const types: Readonly<Record<SimpleName, Type>> = {
  bool: simple("bool"),
  int: simple("int"),
  uint: simple("uint"),
  double: simple("double"),
  string: simple("string"),
  bytes: simple("bytes"),
  null: simple("null", "null_type"),
  timestamp: simple("timestamp", "google.protobuf.Timestamp"),
  duration: simple("duration", "google.protobuf.Duration"),
  dyn: simple("dyn"),
  error: simple("error", "!error!"),
};

/** `list(items)`. */
export const listOf = (items: Type): Type => ({ kind: "list", name: "list", params: [items] });
/** `map(keys, values)`. */
export const mapOf = (keys: Type, values: Type): Type => ({ kind: "map", name: "map", params: [keys, values] });
/** `optional_type(value)`. */
export const optionalOf = (value: Type): Type => ({ kind: "opaque", name: "optional_type", params: [value] });
/** The type of a type. */
export const typeOf = (type?: Type): Type => ({ kind: "type", name: "type", params: type ? [type] : [] });
/** A type that a library brings. */
export const opaque = (name: string): Type => ({ kind: "opaque", name, params: [] });
/** A type that is found out. */
export const param = (name: string): Type => ({ kind: "param", name, params: [] });
/** An object with known members. */
export const structOf = (name: string, shown: string, fields: ReadonlyMap<string, Type>): Type => ({
  kind: "struct",
  name,
  shown,
  params: [],
  fields,
});

/** Whether two types are the same. Pure. */
export const isSame = (a: Type, b: Type): boolean =>
  a === b ||
  (a.kind === b.kind && a.name === b.name && a.params.length === b.params.length &&
    a.params.every((part, at) => isSame(part, b.params[at]!)));

/** A type as messages print it. Pure. */
export function shownType(type: Type): string {
  switch (type.kind) {
    case "timestamp":
    case "duration":
    case "null":
      return type.kind;
    case "struct":
      return type.shown ?? type.name;
    default:
      return type.params.length === 0 ? type.name : `${type.name}(${type.params.map(shownType).join(", ")})`;
  }
}

/** What is optional, or the type itself. Pure. */
export const unwrapped = (type: Type): { readonly type: Type; readonly isOptional: boolean } =>
  type.kind === "opaque" && type.name === "optional_type"
    ? { type: type.params[0]!, isOptional: true }
    : { type, isOptional: false };

/** Finds out the types that stand for others. */
export class Bindings {
  readonly #bound: Map<string, Type> = new Map();
  /** What stood for each that was bound, in turn. */
  readonly #changes: (readonly [name: string, before: Type | undefined])[] = [];
  #next = 0;

  /** A type that is not known yet. */
  fresh(): Type {
    return param(`_var${this.#next++}`);
  }

  /** Whether a value of one type may stand where the other is wanted; what it takes is remembered. */
  assign(from: Type, to: Type): boolean {
    return this.assignAll([from], [to]);
  }

  /** The same for several; nothing is remembered where one of them does not fit. */
  assignAll(from: readonly Type[], to: readonly Type[]): boolean {
    const changes = this.#changes.length;
    if (this.#fitAll(from, to)) return true;
    for (const [name, before] of this.#changes.splice(changes).reverse()) {
      if (before) this.#bound.set(name, before);
      else this.#bound.delete(name);
    }
    return false;
  }

  /** Puts in what was found out. @param rest What stands for what was not. */
  resolve(type: Type, rest?: Type): Type {
    if (type.kind === "param") {
      const bound = this.#bound.get(type.name);
      return bound ? this.resolve(bound, rest) : rest ?? type;
    }
    if (type.params.length === 0) return type;
    return { ...type, params: type.params.map((part) => this.resolve(part, rest)) };
  }

  #fitAll(from: readonly Type[], to: readonly Type[]): boolean {
    return from.length === to.length && from.every((type, at) => this.#fits(type, to[at]!));
  }

  #fits(a: Type, b: Type): boolean {
    if (b.kind === "param") {
      const { valid, hadOne } = this.#substitutes(a, b);
      if (valid) return true;
      if (hadOne) return false;
    }
    if (a.kind === "param") return this.#substitutes(b, a).valid;
    if (isLoose(a) || isLoose(b)) return true;
    if (a.kind === "null") return isNullable(b);
    if (b.kind === "null") return isNullable(a);
    switch (a.kind) {
      case "type":
        return b.kind === "type";
      case "opaque":
      case "list":
      case "map":
        return a.kind === b.kind && a.name === b.name && this.#fitAll(a.params, b.params);
      default:
        return a.kind === b.kind && a.name === b.name;
    }
  }

  /** Whether a type can stand for a param. */
  #substitutes(type: Type, variable: Type): { valid: boolean; hadOne: boolean } {
    if (isSame(type, variable)) return { valid: true, hadOne: true };
    const bound = this.#bound.get(variable.name);
    if (bound) {
      if (isSame(type, bound)) return { valid: true, hadOne: true };
      if (!this.#fits(type, bound)) return { valid: false, hadOne: true };
      const general = mostGeneral(type, bound);
      if (!this.#occurs(variable, general)) this.#bind(variable.name, general);
      return { valid: true, hadOne: true };
    }
    if (this.#occurs(variable, type)) return { valid: false, hadOne: false };
    this.#bind(variable.name, type);
    return { valid: true, hadOne: false };
  }

  #bind(name: string, type: Type): void {
    this.#changes.push([name, this.#bound.get(name)]);
    this.#bound.set(name, type);
  }

  #occurs(variable: Type, within: Type): boolean {
    if (isSame(variable, within)) return true;
    if (within.kind === "param") {
      const bound = this.#bound.get(within.name);
      return bound !== undefined && this.#occurs(variable, bound);
    }
    return within.params.some((part) => this.#occurs(variable, part));
  }
}

const isLoose = (type: Type) => type.kind === "dyn" || type.kind === "error";
const isNullable = ({ kind }: Type) => ["null", "opaque", "struct", "duration", "timestamp"].includes(kind);

/** The one of two types, known to agree, that takes more values. Pure. */
export const mostGeneral = (a: Type, b: Type): Type => isGeneral(a, b) ? a : b;

function isGeneral(a: Type, b: Type): boolean {
  if (a.kind === "dyn" || a.kind === "param") return true;
  if (b.kind === "dyn" || b.kind === "param" || a.kind !== b.kind) return false;
  if (a.kind === "type") return true;
  return a.name === b.name && a.params.length === b.params.length && a.params.every((part, at) => isGeneral(part, b.params[at]!));
}
