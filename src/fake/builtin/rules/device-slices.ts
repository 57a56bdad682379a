/**
 * Slices of devices: what a driver has on a node.
 *
 * @module
 */
import { byteLength } from "../../types/bytes.ts";
import { type FieldError, invalid, required, tooLong } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { labelName, subdomainName } from "../../types/names.ts";
import { byBytes } from "../../types/order.ts";
import { type Rules, selectable } from "../selectable.ts";
import { each, part } from "./checks.ts";
import { attributeErrors, driverErrors, poolNameErrors, setErrors } from "./device-names.ts";
import { nodeSelectorErrors } from "./scheduling.ts";

const longest = { value: 64 };
const most = { devices: 128, values: 32 };

/** Of a device, what is there without gates that are off by default. */
const shownDevice = ({ name, attributes, capacity }: JsonObject): JsonObject => ({
  ...name !== undefined && { name },
  ...attributes !== undefined && { attributes },
  ...isObject(capacity) && {
    capacity: Object.fromEntries(
      Object.entries(capacity).map(([key, value]) => {
        const { requestPolicy: _, ...rest } = value as JsonObject;
        return [key, rest];
      }),
    ),
  },
});

function gated(slice: JsonObject): JsonObject {
  if (!isObject(slice.spec)) return slice;
  const { perDeviceNodeSelection: _p, sharedCounters: _s, ...spec } = slice.spec;
  return { ...slice, spec: { ...spec, ...Array.isArray(spec.devices) && { devices: each(spec, "devices").map(shownDevice) } } };
}

function poolErrors(pool: JsonObject, path: string): FieldError[] {
  const name = String(pool.name ?? "");
  const [count, generation] = [pool.resourceSliceCount ?? 0, pool.generation ?? 0];
  return [
    ...poolNameErrors(name, `${path}.name`),
    ...Number(count) <= 0 ? [invalid(`${path}.resourceSliceCount`, count, "must be greater than zero")] : [],
    ...Number(generation) < 0 ? [invalid(`${path}.generation`, generation, "must be greater than or equal to zero")] : [],
  ];
}

const oneOf = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";

function selectorErrors(selector: JsonObject): FieldError[] {
  const path = "spec.nodeSelector.nodeSelectorTerms";
  const terms = each(selector, "nodeSelectorTerms");
  const shown = terms.map(({ matchExpressions = null, matchFields = null }) => ({
    MatchExpressions: matchExpressions,
    MatchFields: matchFields,
  }));
  return [
    ...nodeSelectorErrors(selector, "spec.nodeSelector"),
    ...terms.length === 1 ? [] : [invalid(path, terms.length === 0 ? null : shown, "must have exactly one node selector term")],
  ];
}

/** Where the devices are: said in one way. */
function placeErrors({ nodeName, nodeSelector, allNodes }: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const given: string[] = [];
  if (nodeName === "") errors.push(invalid("spec.nodeName", "", "must be either unset or set to a non-empty string"));
  else if (typeof nodeName === "string") {
    given.push("`nodeName`");
    errors.push(...subdomainName(nodeName).map((fault) => invalid("spec.nodeName", nodeName, fault)));
  }
  if (isObject(nodeSelector)) {
    given.push("`nodeSelector`");
    errors.push(...selectorErrors(nodeSelector));
  }
  if (allNodes === true) given.push("`allNodes`");
  else if (allNodes === false) errors.push(invalid("spec.allNodes", false, "must be either unset or set to true"));
  if (given.length === 0) errors.push(required("spec", oneOf));
  if (given.length > 1) errors.push(invalid("spec", `{${given.join(", ")}}`, `${oneOf}, but multiple fields are set`));
  return errors;
}

const number = "(?:0|[1-9][0-9]*)";
const word = `(?:${number}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
const semver = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-${word}(?:\\.${word})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

const kinds = ["int", "bool", "string", "version"];

function valueErrors(value: JsonObject, path: string): FieldError[] {
  const given = kinds.filter((kind) => (value[kind] ?? null) !== null);
  if (given.length === 0) return [invalid(path, "", "exactly one value must be specified")];
  if (given.length > 1) {
    const [int, bool, text, version] = kinds.map((kind) => value[kind] ?? null) as [Json, Json, Json, Json];
    const shown = { IntValue: int, BoolValue: bool, StringValue: text, VersionValue: version };
    return [invalid(path, shown, "exactly one value must be specified")];
  }
  const { string: text, version } = value;
  if (typeof text === "string" && byteLength(text) > longest.value) return [tooLong(`${path}.string`, longest.value)];
  if (typeof version !== "string") return [];
  const why = "must be a string compatible with semver.org spec 2.0.0";
  return [
    ...semver.test(version) ? [] : [invalid(`${path}.version`, version, why)],
    ...byteLength(version) > longest.value ? [tooLong(`${path}.version`, longest.value)] : [],
  ];
}

const sorted = (map: JsonObject) => Object.entries(map).sort(([a], [b]) => byBytes(a, b));

function deviceErrors(device: JsonObject, path: string): FieldError[] {
  const name = String(device.name ?? "");
  const [attributes, capacity] = [sorted(part(device, "attributes")), sorted(part(device, "capacity"))];
  const count = attributes.length + capacity.length;
  return [
    ...labelName(name).map((fault) => invalid(`${path}.name`, name, fault)),
    ...count > most.values
      ? [invalid(path, count, `the total number of attributes and capacities must not exceed ${most.values}`)]
      : [],
    ...attributes.flatMap(([key, value]) => {
      const here = `${path}.attributes[${key}]`;
      return [...attributeErrors(key, here), ...valueErrors(isObject(value) ? value : {}, here)];
    }),
    ...capacity.flatMap(([key]) => attributeErrors(key, `${path}.capacity[${key}]`)),
  ];
}

const unchanged = (path: string, value: Json | undefined, old: Json | undefined): FieldError[] =>
  (value ?? null) === (old ?? null) ? [] : [invalid(path, value ?? null, "field is immutable")];

/** Slices of devices. */
export const deviceSliceRules: Rules = {
  selectable: selectable("spec.nodeName", "spec.driver"),
  prepareCreate: gated,
  prepareUpdate: gated,
  validate(object, old) {
    const [spec, before] = [part(object, "spec"), part(old, "spec")];
    return [
      ...driverErrors(String(spec.driver ?? ""), "spec.driver"),
      ...poolErrors(part(spec, "pool"), "spec.pool"),
      ...old
        ? [
          ...unchanged("spec.pool.name", part(spec, "pool").name ?? "", part(before, "pool").name ?? ""),
          ...unchanged("spec.driver", spec.driver ?? "", before.driver ?? ""),
          ...unchanged("spec.nodeName", spec.nodeName, before.nodeName),
        ]
        : [],
      ...placeErrors(spec),
      ...setErrors(each(spec, "devices"), "spec.devices", deviceErrors, {
        keyOf: ({ name = "" }) => name,
        limit: most.devices,
      }),
    ];
  },
};
