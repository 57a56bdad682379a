/**
 * What classes, claims and slices of devices share: names, selectors, what drivers are told.
 *
 * @module
 */
import { compile, type Compiled } from "../../cel/engine.ts";
import { mapOf, opaque, structOf, types } from "../../cel/language/type.ts";
import { type FieldError, invalid, required, tooLong, tooMany } from "../../types/field-error.ts";
import { byteLength } from "../../types/bytes.ts";
import { encode, isObject, type JsonObject } from "../../types/json.ts";
import { subdomainName } from "../../types/names.ts";
import { notImplemented } from "../../types/status.ts";
import { each } from "./checks.ts";

const longest = { driver: 63, id: 32, domain: 63, expression: 10 * 1024, parameters: 10 * 1024 };
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

/** A list of at most so many. Pure. */
export const mostErrors = (list: readonly JsonObject[], path: string, limit: number = most): FieldError[] =>
  list.length > limit ? [tooMany(path, list.length, limit)] : [];

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
  const selectors = each(object, "selectors");
  return [
    ...mostErrors(selectors, `${path}.selectors`),
    ...selectors.flatMap(({ cel }, index) => {
      const here = `${path}.selectors[${index}].cel`;
      return isObject(cel) ? expressionErrors(String(cel.expression ?? ""), `${here}.expression`) : [required(here)];
    }),
  ];
}

/** What a driver is told. Pure. */
export function configurationErrors({ opaque: told }: JsonObject, path: string): FieldError[] {
  const here = `${path}.opaque`;
  if (!isObject(told)) return [required(here)];
  const { driver, parameters } = told;
  const errors = driverErrors(String(driver ?? ""), `${here}.driver`);
  const at = `${here}.parameters`;
  if ((parameters ?? null) === null) return [...errors, required(at)];
  if (byteLength(encode(parameters!)) > longest.parameters) return [...errors, tooLong(at, longest.parameters)];
  return isObject(parameters) ? errors : [...errors, invalid(at, "<value omitted>", "must be a valid JSON object")];
}
