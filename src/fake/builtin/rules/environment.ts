/**
 * The variables of a container, and what else names fields and keys.
 *
 * @module
 */
import { type FieldError, invalid, notSupported, required } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { qualifiedNameFaults, subdomainName } from "../../types/names.ts";
import { each, isUnset } from "./checks.ts";

const variableFaults = (name: string): string[] =>
  /^[\x20-\x3c\x3e-\x7e]+$/.test(name)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];

/** What is wrong with the key of a config map or secret. Pure. */
export function configKeyFaults(key: string): string[] {
  const faults: string[] = [];
  if (key.length > 253) faults.push("must be no more than 253 characters");
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    faults.push(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    );
  }
  if (key === ".") faults.push("must not be '.'");
  else if (key === "..") faults.push("must not be '..'");
  else if (key.startsWith("..")) faults.push("must not start with '..'");
  return faults;
}

const configKeyErrors = (key: Json | undefined, path: string): FieldError[] =>
  isUnset(key) ? [required(path)] : configKeyFaults(String(key)).map((fault) => invalid(path, key, fault));

const convertible = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.restartPolicy",
  "spec.serviceAccountName",
  "spec.schedulerName",
  "status.phase",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
const inVariables = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
const inFiles = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

/** A field of a pod that is told to its containers. Pure. @param to Where it is told. */
export function fieldRefErrors(ref: JsonObject, path: string, to: "variables" | "files"): FieldError[] {
  const text = String(ref.fieldPath ?? "");
  const place = `${path}.fieldPath`;
  if (text === "") return [required(place)];
  const [, field = text, subscript] = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/s.exec(text) ?? [];
  if (!convertible.includes(field)) {
    return [invalid(place, text, `error converting fieldPath: field label not supported: ${field}`)];
  }
  if (subscript !== undefined) {
    const key = field === "metadata.annotations" ? subscript.toLowerCase() : subscript;
    return qualifiedNameFaults(key).map((fault) => invalid(path, subscript, fault));
  }
  const allowed = to === "variables" ? inVariables : inFiles;
  return allowed.includes(field) ? [] : [notSupported(place, text, allowed)];
}

const resources = ["limits", "requests"].flatMap((kind) =>
  ["cpu", "ephemeral-storage", "memory"].map((name) => `${kind}.${name}`)
);

/** A container's resource that is told to it. Pure. */
export function resourceRefErrors(ref: JsonObject, path: string, needsName: boolean): FieldError[] {
  const text = String(ref.resource ?? "");
  if (needsName && isUnset(ref.containerName)) return [required(`${path}.containerName`)];
  if (text === "") return [required(`${path}.resource`)];
  return resources.includes(text) || /^(limits|requests)\.hugepages-/.test(text)
    ? []
    : [notSupported(`${path}.resource`, text, resources)];
}

const keyRefErrors = (ref: JsonObject, path: string): FieldError[] => [
  ...subdomainName(String(ref.name ?? "")).map((fault) => invalid(`${path}.name`, ref.name ?? "", fault)),
  ...configKeyErrors(ref.key, `${path}.key`),
];

function sourceErrors(variable: JsonObject, path: string): FieldError[] {
  const source = variable.valueFrom;
  if (!isObject(source)) return [];
  const given = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"].filter((name) =>
    isObject(source[name])
  );
  const errors = given.flatMap((name): FieldError[] => {
    const [ref, at] = [source[name] as JsonObject, `${path}.${name}`];
    if (name === "fieldRef") return fieldRefErrors(ref, at, "variables");
    if (name === "resourceFieldRef") return resourceRefErrors(ref, at, false);
    return name === "fileKeyRef" ? [] : keyRefErrors(ref, at);
  });
  if (given.length === 0) {
    const all = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
    return [...errors, invalid(path, "", `must specify one of: ${all}`)];
  }
  if (!isUnset(variable.value)) return [...errors, invalid(path, "", "may not be specified when `value` is not empty")];
  return given.length > 1 ? [...errors, invalid(path, "", "may not have more than one field specified at a time")] : errors;
}

const variableErrors = (variable: JsonObject, path: string): FieldError[] => [
  ...isUnset(variable.name)
    ? [required(`${path}.name`)]
    : variableFaults(String(variable.name)).map((fault) => invalid(`${path}.name`, variable.name, fault)),
  ...sourceErrors(variable, `${path}.valueFrom`),
];

/** @param list Where the list stands: faults of the choice are said of it, not of its item. */
function manyErrors(from: JsonObject, path: string, list: string): FieldError[] {
  const given = ["configMapRef", "secretRef"].filter((name) => isObject(from[name]));
  const errors = [
    ...isUnset(from.prefix)
      ? []
      : variableFaults(String(from.prefix)).map((fault) => invalid(`${path}.prefix`, from.prefix, fault)),
    ...given.flatMap((name) => {
      const ref = from[name] as JsonObject;
      const at = `${path}.${name}.name`;
      return isUnset(ref.name) ? [required(at)] : subdomainName(String(ref.name)).map((fault) => invalid(at, ref.name, fault));
    }),
  ];
  if (given.length === 0) return [...errors, invalid(list, "", "must specify one of: `configMapRef` or `secretRef`")];
  return given.length > 1 ? [...errors, invalid(list, "", "may not have more than one field specified at a time")] : errors;
}

/** A container's variables. Pure. */
export const environmentErrors = (container: JsonObject, path: string): FieldError[] => [
  ...each(container, "env").flatMap((variable, index) => variableErrors(variable, `${path}.env[${index}]`)),
  ...each(container, "envFrom").flatMap((from, index) => manyErrors(from, `${path}.envFrom[${index}]`, `${path}.envFrom`)),
];
