/**
 * Whether an applied object fits its field type, in the server's words.
 *
 * @module
 */
import { type FieldType, type ListType, type MapType, memberType, partOf, type Scalar } from "./field-type.ts";
import { itemElement } from "./list-item.ts";
import { fieldElement, type PathElement, printElement } from "./path-element.ts";
import { type Fault, TypedError } from "./typed-error.ts";
import { goPrint, goSyntax, goTypeName } from "../types/go-value.ts";
import { isObject, type Json } from "../types/json.ts";
import { isNumber } from "../types/numeral.ts";

const fault = (text: string): Fault[] => [{ path: "", text }];
const below = (element: PathElement, faults: readonly Fault[]): Fault[] =>
  faults.map(({ path, text }) => ({ path: printElement(element) + path, text }));
/** How Go prints the value that it has wrapped. */
const wrapped = (value: Json) => `&{${goPrint(value)}}`;

function scalarFaults(scalar: Scalar, value: Json): Fault[] {
  if (value === null || (scalar === "numeric" ? isNumber(value) : typeof value === scalar)) return [];
  switch (scalar) {
    case "numeric":
      return fault(`expected numeric (int or float), got ${goTypeName(value)}`);
    case "string":
      return fault(`expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
    case "boolean":
      return fault(`expected boolean, got ${wrapped(value)}`);
    default:
      return typeof value === "object" ? fault(`expected any scalar, got ${wrapped(value)}`) : [];
  }
}

function listFaults(list: ListType, value: Json, unique: boolean): Fault[] {
  if (value === null) return [];
  if (!Array.isArray(value)) return fault(`expected list, got ${wrapped(value)}`);
  const faults: Fault[] = [];
  const seen = new Set<PathElement>();
  for (const [at, item] of value.entries()) {
    let element: PathElement = `i:${at}`;
    if (list.owned !== "atomic") {
      try {
        element = itemElement(list, item);
      } catch (error) {
        if (!(error instanceof TypedError)) throw error;
        return [...faults, ...fault(`element ${at}: ${error.message}`)];
      }
      if (unique && seen.has(element)) faults.push(...fault(`duplicate entries for key ${printElement(element)}`));
      seen.add(element);
    }
    faults.push(...below(element, faultsOf(item, list.of, unique)));
  }
  return faults;
}

function mapFaults(map: MapType, value: Json, unique: boolean): Fault[] {
  if (value === null) return [];
  if (!isObject(value)) return fault(`expected map, got ${wrapped(value)}`);
  const faults: Fault[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const type = memberType(map, name);
    // What is behind it is not looked at.
    if (!type) return [...faults, ...below(fieldElement(name), fault("field not declared in schema"))];
    faults.push(...below(fieldElement(name), faultsOf(member, type, unique)));
  }
  return faults;
}

function faultsOf(value: Json, type: FieldType, unique: boolean): Fault[] {
  switch (partOf(type, value)) {
    case "map":
      return mapFaults(type.map!, value, unique);
    case "list":
      return listFaults(type.list!, value, unique);
    default:
      return scalarFaults(type.scalar!, value);
  }
}

/** Checks an object. Pure. @param options `unique`: whether no item may come twice. @throws {TypedError} with all that is wrong. */
export function checkTyped(value: Json, type: FieldType, { unique = true }: { readonly unique?: boolean } = {}): void {
  const faults = faultsOf(value, type, unique);
  if (faults.length > 0) throw new TypedError(faults);
}
