/**
 * What classes, claims and slices of devices share: names, selectors, what drivers are told.
 *
 * @module
 */
import { unset } from "../../types/emptiness.ts";
import { compile, type Compiled } from "../../cel/engine.ts";
import { mapOf, opaque, structOf, types } from "../../cel/language/type.ts";
import { duplicate, type FieldError, invalid, required, tooLong, tooMany } from "../../types/field-error.ts";
import { byteLength } from "../../types/bytes.ts";
import { encode, equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import { labelName, subdomainName } from "../../types/names.ts";
import { notImplemented } from "../../types/status.ts";
import { each } from "./checks.ts";

const longest = { driver: 63, pool: 253, id: 32, domain: 63, expression: 10 * 1024, parameters: 10 * 1024 };
const most = 32;

const idForm = "[A-Za-z_][A-Za-z0-9_]*";
const idFault =
  `a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '${idForm}')`;

function idErrors(id: string, path: string): FieldError[] {
  return [
    ...byteLength(id) > longest.id ? [tooLong(path, longest.id)] : [],
    ...new RegExp(`^${idForm}$`).test(id) ? [] : [invalid(path, id, idFault)],
  ];
}

/** The name of an attribute or of a capacity, with a domain or without one. Pure. */
export function attributeErrors(name: string, path: string): FieldError[] {
  const [first = "", second, ...more] = name.split("/");
  if (second === undefined) return idErrors(first, path);
  // What has more steps is not looked at.
  if (more.length > 0) return [];
  const domain = first === ""
    ? [invalid(path, "", "the domain must not be empty")]
    : byteLength(first) > longest.domain
    ? [tooLong(path, longest.domain)]
    : subdomainName(first).map((fault) => invalid(path, first, fault));
  return [...domain, ...second === "" ? [invalid(path, "", "the name must not be empty")] : idErrors(second, path)];
}

/** The name of an attribute with its domain. Pure. */
export const fullAttributeErrors = (name: string, path: string): FieldError[] => [
  ...attributeErrors(name, path),
  ...name.includes("/") ? [] : [invalid(path, name, "a fully qualified name must be a domain and a name separated by a slash")],
];

/** The name of a driver. Pure. */
export function driverErrors(driver: string, path: string): FieldError[] {
  if (driver === "") return [required(path)];
  return [
    ...byteLength(driver) > longest.driver ? [tooLong(path, longest.driver)] : [],
    ...subdomainName(driver).map((fault) => invalid(path, driver, fault)),
  ];
}

/** The name of a pool. Pure. */
export function poolNameErrors(name: string, path: string): FieldError[] {
  if (name === "") return [required(path)];
  return [
    ...byteLength(name) > longest.pool ? [tooLong(path, longest.pool)] : [],
    ...name.split("/").flatMap((step) => subdomainName(step).map((fault) => invalid(path, step, fault))),
  ];
}

const unknown = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** The name of a request of a claim, or of one of several that it may be. Pure. @param known Those that there are. */
export function requestNameErrors(name: string, known: ReadonlySet<string>, path: string): FieldError[] {
  const steps = name.split("/");
  if (steps.length > 2) return [invalid(path, name, unknown)];
  return [
    ...steps.flatMap((step) => labelName(step).map((fault) => invalid(path, step, fault))),
    ...known.has(name) ? [] : [invalid(path, name, unknown)],
  ];
}

/** An object without some members. Pure. */
export function withoutMembers(object: JsonObject, ...names: readonly string[]): JsonObject {
  const rest = { ...object };
  for (const name of names) unset(rest, name);
  return rest;
}

/** A list: of one that is too long nothing else is said. Pure. */
export function listErrors<T>(
  list: readonly T[],
  path: string,
  errors: (item: T, path: string) => FieldError[],
  limit: number = most,
): FieldError[] {
  if (list.length > limit) return [tooMany(path, list.length, limit)];
  return list.flatMap((item, index) => errors(item, `${path}[${index}]`));
}

/** A list without two of the same: that some are is said behind all else. Pure. */
export function setErrors<T extends Json>(
  list: readonly T[],
  path: string,
  errors: (item: T, path: string) => FieldError[],
  { keyOf = (item) => item, limit = most }: { readonly keyOf?: (item: T) => Json; readonly limit?: number } = {},
): FieldError[] {
  const keys = list.map(keyOf);
  const twice = keys.flatMap((key, index) =>
    keys.findIndex((other) => equal(other, key)) < index ? [duplicate(`${path}[${index}]`, key)] : []
  );
  return [...listErrors(list, path, errors, limit), ...list.length > limit ? [] : twice];
}

const device = structOf(
  "kubernetes.DRADevice",
  "kubernetes.DRADevice",
  new Map([
    ["driver", types.string],
    ["attributes", mapOf(types.string, mapOf(types.string, types.dyn))],
    ["capacity", mapOf(types.string, mapOf(types.string, opaque("kubernetes.Quantity")))],
  ]),
);
const variables = new Map([["device", device]]);
const compiled = new Map<string, Compiled>();
const kept = 200;

/** @throws {Refusal} 501 for what is not known here. */
function expressionErrors(expression: string, path: string): FieldError[] {
  if (byteLength(expression) > longest.expression) return [tooLong(path, longest.expression)];
  const found = compiled.get(expression) ?? compile(expression, { variables, sizeAt: () => undefined });
  if (compiled.size >= kept) compiled.clear();
  compiled.set(expression, found);
  if ("unsupported" in found) throw notImplemented(`${found.unsupported} in selectors of devices: ${path}: ${expression}`);
  if ("fault" in found) return [invalid(path, expression, found.fault)];
  const { kind, name } = found.program.type;
  return ["bool", "dyn"].includes(kind)
    ? []
    : [invalid(path, expression, `must evaluate to bool or the unknown type, not ${name}`)];
}

/** Which devices fit. @throws {Refusal} 501 for what is not known here. */
export function deviceSelectorErrors(object: JsonObject, path: string): FieldError[] {
  return listErrors(
    each(object, "selectors"),
    `${path}.selectors`,
    ({ cel }, here) =>
      isObject(cel) ? expressionErrors(String(cel.expression ?? ""), `${here}.cel.expression`) : [required(`${here}.cel`)],
  );
}

/** A value that has to be an object. Pure. @param limit Bytes. */
export function objectErrors(value: Json | undefined, path: string, limit: number): FieldError[] {
  if ((value ?? null) === null) return [required(path)];
  if (byteLength(encode(value!)) > limit) return [tooLong(path, limit)];
  return isObject(value) ? [] : [invalid(path, "<value omitted>", "must be a valid JSON object")];
}

/** What a driver is told. Pure. */
export function configurationErrors({ opaque: told }: JsonObject, path: string): FieldError[] {
  const here = `${path}.opaque`;
  if (!isObject(told)) return [required(here)];
  return [
    ...driverErrors(String(told.driver ?? ""), `${here}.driver`),
    ...objectErrors(told.parameters, `${here}.parameters`, longest.parameters),
  ];
}
