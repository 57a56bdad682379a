/**
 * Classes of devices, claims of some, and templates of claims.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, notSupported, required } from "../../types/field-error.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import { labelName, subdomainName } from "../../types/names.ts";
import type { Surroundings } from "../../types/resource.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset, part } from "./checks.ts";
import { formInside, sameInside } from "../internal-types.ts";
import { claimStatusErrors, withOwnDevices } from "./device-allocations.ts";
import {
  configurationErrors,
  deviceSelectorErrors,
  fullAttributeErrors,
  listErrors,
  requestNameErrors,
  setErrors,
  withoutMembers,
} from "./device-names.ts";
import { templateMetadataErrors, textsOf } from "./selectors.ts";

/** What a gate of 1.35 takes away that is off by default. */
function gatedClass(object: JsonObject): JsonObject {
  return isObject(object.spec) ? { ...object, spec: withoutMembers(object.spec, "extendedResourceName") } : object;
}

const configErrors = (
  object: JsonObject,
  path: string,
  own: (config: JsonObject, path: string) => FieldError[],
): FieldError[] =>
  listErrors(each(object, "config"), `${path}.config`, (one, here) => [...own(one, here), ...configurationErrors(one, here)]);

/** Classes of devices. */
export const deviceClassRules: Rules = {
  prepareCreate: gatedClass,
  prepareUpdate(object, old) {
    const next = gatedClass(object);
    // What is taken away makes no generation.
    return equal(next.spec ?? null, old.spec ?? null)
      ? withMeta(next, { ...metaOf(next), generation: metaOf(old).generation! })
      : next;
  },
  validate(object) {
    const spec = part(object, "spec");
    return [...deviceSelectorErrors(spec, "spec"), ...configErrors(spec, "spec", () => [])];
  },
};

const modes = ["All", "ExactCount"];

/** What a request and one of several have in common. */
function exactErrors(request: JsonObject, path: string): FieldError[] {
  const { deviceClassName: name, allocationMode: mode = "", count = 0 } = request;
  const errors = [
    ...isUnset(name)
      ? [required(`${path}.deviceClassName`)]
      : subdomainName(String(name)).map((fault) => invalid(`${path}.deviceClassName`, name, fault)),
    ...deviceSelectorErrors(request, path),
  ];
  if (!modes.includes(String(mode))) errors.push(notSupported(`${path}.allocationMode`, mode, modes));
  else if (mode === "All") {
    if (count !== 0) errors.push(invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else if (Number(count) <= 0) errors.push(invalid(`${path}.count`, count, "must be greater than zero"));
  return errors;
}

const nameErrors = ({ name = "" }: JsonObject, path: string): FieldError[] =>
  labelName(String(name)).map((fault) => invalid(`${path}.name`, name, fault));

const byName = { keyOf: ({ name = "" }: JsonObject): Json => name };

const oneOf = "exactly one of `exactly` or `firstAvailable` is required";
const mostOfOne = 8;

function requestErrors(request: JsonObject, path: string): FieldError[] {
  const { exactly } = request;
  const first = each(request, "firstAvailable");
  const errors = nameErrors(request, path);
  if (isObject(exactly) && first.length > 0) return [...errors, invalid(path, null, `${oneOf}, but multiple fields are set`)];
  if (isObject(exactly)) return [...errors, ...exactErrors(exactly, `${path}.exactly`)];
  if (first.length === 0) return [...errors, required(path, oneOf)];
  const one = (request: JsonObject, here: string) => [...nameErrors(request, here), ...exactErrors(request, here)];
  return [...errors, ...setErrors(first, `${path}.firstAvailable`, one, { ...byName, limit: mostOfOne })];
}

/** The requests that a constraint or a configuration is about. */
const namesErrors = ({ requests }: JsonObject, known: ReadonlySet<string>, path: string): FieldError[] =>
  setErrors(textsOf(requests), `${path}.requests`, (name, here) => requestNameErrors(name, known, here));

/** The names of a claim's requests, and of those that each of them may be. */
const namesIn = (devices: JsonObject): ReadonlySet<string> =>
  new Set(
    each(devices, "requests").flatMap((request) => [
      String(request.name ?? ""),
      ...each(request, "firstAvailable").map(({ name }) => `${request.name ?? ""}/${name ?? ""}`),
    ]),
  );

function devicesErrors(devices: JsonObject, path: string): FieldError[] {
  const known = namesIn(devices);
  const constraint = (one: JsonObject, here: string) => [
    ...namesErrors(one, known, here),
    ...typeof one.matchAttribute === "string"
      ? fullAttributeErrors(one.matchAttribute, `${here}.matchAttribute`)
      : [required(`${here}.matchAttribute`)],
  ];
  return [
    ...setErrors(each(devices, "requests"), `${path}.requests`, requestErrors, byName),
    ...listErrors(each(devices, "constraints"), `${path}.constraints`, constraint),
    ...configErrors(devices, path, (config, here) => namesErrors(config, known, here)),
  ];
}

/** What gates of 1.35 take away that are off by default. */
function gatedSpec(spec: JsonObject): JsonObject {
  if (!isObject(spec.devices)) return spec;
  const gated = (request: JsonObject) => withoutMembers(request, "tolerations", "capacity");
  const { devices } = spec;
  const next: JsonObject = { ...devices };
  if (Array.isArray(devices.requests)) {
    next.requests = each(devices, "requests").map((request) => ({
      ...request,
      ...isObject(request.exactly) && { exactly: gated(request.exactly) },
      ...Array.isArray(request.firstAvailable) && { firstAvailable: each(request, "firstAvailable").map(gated) },
    }));
  }
  if (Array.isArray(devices.constraints)) {
    next.constraints = each(devices, "constraints").map((constraint) => withoutMembers(constraint, "distinctAttribute"));
  }
  return { ...spec, devices: next };
}

const gatedClaim = (claim: JsonObject): JsonObject => isObject(claim.spec) ? { ...claim, spec: gatedSpec(claim.spec) } : claim;
const gatedTemplate = (template: JsonObject): JsonObject =>
  isObject(template.spec) ? { ...template, spec: gatedClaim(template.spec) } : template;

const privilege = "resource.kubernetes.io/admin-access";

const notAllowed = `admin access to devices requires the \`${privilege}: true\` label on the containing namespace`;

/** Whether a namespace allows claims of devices that others use. */
const isAllowed = (name: string | undefined, objects: Surroundings["objects"]): boolean =>
  objects("/namespaces").some((each) => metaOf(each).name === name && metaOf(each).labels?.[privilege] === "true");

/** What is wrong with the first of some that is about devices that others use, where its namespace does not allow that. */
function accessErrors(
  object: JsonObject,
  shared: readonly boolean[],
  path: string,
  around: Surroundings | undefined,
): FieldError[] {
  const index = shared.indexOf(true);
  if (index < 0 || !around || isAllowed(metaOf(object).namespace, around.objects)) return [];
  return [forbidden(`${path}[${index}].adminAccess`, notAllowed)];
}

// The server names the place of a template's as that of a claim's.
const requestedErrors = (object: JsonObject, devices: JsonObject, around: Surroundings | undefined): FieldError[] => {
  const shared = each(devices, "requests").map((request) => part(request, "exactly").adminAccess === true);
  return accessErrors(object, shared, "spec.devices.requests", around);
};

function grantedErrors(object: JsonObject, old: JsonObject, around: Surroundings | undefined): FieldError[] {
  const shared = (of: JsonObject) =>
    each(of, "status", "allocation", "devices", "results").map(({ adminAccess }) => adminAccess === true);
  return shared(old).includes(true) ? [] : accessErrors(object, shared(object), "status.allocation.devices.results", around);
}

const changed = (object: JsonObject, old: JsonObject, type: string): FieldError[] => {
  const [spec, before] = [part(object, "spec"), part(old, "spec")];
  return sameInside(type, spec, before) ? [] : [invalid("spec", formInside(type, spec), "field is immutable")];
};

/** Claims of devices. */
export const claimOfDevicesRules: Rules = {
  prepareCreate: gatedClaim,
  prepareUpdate: (object, old, subresource) => subresource === "status" ? withOwnDevices(object, old) : gatedClaim(object),
  validate(object, old, subresource, _warn, around) {
    const devices = part(object, "spec", "devices");
    if (old && subresource === "status") {
      return [...grantedErrors(object, old, around), ...claimStatusErrors(object, old, namesIn(devices))];
    }
    if (old) return changed(object, old, "ResourceClaimSpec");
    return [...requestedErrors(object, devices, around), ...devicesErrors(devices, "spec.devices")];
  },
};

/** Templates of claims of devices. */
export const claimTemplateRules: Rules = {
  prepareCreate: gatedTemplate,
  prepareUpdate: gatedTemplate,
  validate(object, old, _subresource, _warn, around) {
    const spec = part(object, "spec");
    const devices = part(spec, "spec", "devices");
    return [
      ...old ? [] : requestedErrors(object, devices, around),
      ...templateMetadataErrors(spec, "spec.metadata"),
      ...Object.keys(part(spec, "metadata")).filter((name) => !["labels", "annotations"].includes(name)).map((name) =>
        forbidden(`spec.metadata.${name}`, "cannot be set")
      ),
      ...devicesErrors(devices, "spec.spec.devices"),
      ...old ? changed(object, old, "ResourceClaimTemplateSpec") : [],
    ];
  },
};
