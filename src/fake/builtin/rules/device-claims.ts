/**
 * Classes of devices, claims of some, and templates of claims.
 *
 * LIMITS: what is allocated is not judged; of a claim that was changed only the requests are printed as the server prints them.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from "../../types/field-error.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import { labelName, subdomainName } from "../../types/names.ts";
import { unprocessable } from "../../types/status.ts";
import type { Surroundings } from "../../types/resource.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset, part } from "./checks.ts";
import { configurationErrors, deviceSelectorErrors, fullAttributeErrors, mostErrors } from "./device-names.ts";
import { templateMetadataErrors, textsOf } from "./selectors.ts";

const group = "resource.k8s.io";

const withoutMember = (object: JsonObject, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

/** What a gate of 1.35 takes away that is off by default. */
function gatedClass(object: JsonObject): JsonObject {
  return isObject(object.spec) ? { ...object, spec: withoutMember(object.spec, "extendedResourceName") } : object;
}

const configErrors = (
  object: JsonObject,
  path: string,
  own: (config: JsonObject, path: string) => FieldError[],
): FieldError[] => {
  const config = each(object, "config");
  return [
    ...mostErrors(config, `${path}.config`),
    ...config.flatMap((one, index) => {
      const here = `${path}.config[${index}]`;
      return [...own(one, here), ...configurationErrors(one, here)];
    }),
  ];
};

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

/** Those that have the name of one before. */
const twiceErrors = (list: readonly JsonObject[], index: number, path: string): FieldError[] => {
  const name = String(list[index]!.name ?? "");
  return list.findIndex((other) => String(other.name ?? "") === name) < index ? [duplicate(path, name)] : [];
};

const oneOf = "exactly one of `exactly` or `firstAvailable` is required";
const mostOfOne = 8;

function requestErrors(request: JsonObject, path: string): FieldError[] {
  const { exactly } = request;
  const first = each(request, "firstAvailable");
  const errors = nameErrors(request, path);
  if (isObject(exactly) && first.length > 0) return [...errors, invalid(path, null, `${oneOf}, but multiple fields are set`)];
  if (isObject(exactly)) return [...errors, ...exactErrors(exactly, `${path}.exactly`)];
  if (first.length === 0) return [...errors, required(path, oneOf)];
  const here = (index: number) => `${path}.firstAvailable[${index}]`;
  return [
    ...errors,
    ...mostErrors(first, `${path}.firstAvailable`, mostOfOne),
    ...first.flatMap((one, index) => [
      ...nameErrors(one, here(index)),
      ...exactErrors(one, here(index)),
      ...twiceErrors(first, index, here(index)),
    ]),
  ];
}

const unknown = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** The requests that a constraint or a configuration is about. */
function namesErrors({ requests }: JsonObject, known: ReadonlySet<string>, path: string): FieldError[] {
  const names = textsOf(requests);
  return names.flatMap((name, index) => {
    const here = `${path}.requests[${index}]`;
    return [
      ...name.split("/").flatMap((step) => labelName(step).map((fault) => invalid(here, step, fault))),
      ...known.has(name) ? [] : [invalid(here, name, unknown)],
      ...names.indexOf(name) < index ? [duplicate(here, name)] : [],
    ];
  });
}

function devicesErrors(devices: JsonObject, path: string): FieldError[] {
  const [requests, constraints] = [each(devices, "requests"), each(devices, "constraints")];
  const known = new Set(requests.flatMap((request) => [
    String(request.name ?? ""),
    ...each(request, "firstAvailable").map(({ name }) => `${request.name ?? ""}/${name ?? ""}`),
  ]));
  return [
    ...mostErrors(requests, `${path}.requests`),
    ...requests.flatMap((request, index) => {
      const here = `${path}.requests[${index}]`;
      return [...requestErrors(request, here), ...twiceErrors(requests, index, here)];
    }),
    ...mostErrors(constraints, `${path}.constraints`),
    ...constraints.flatMap((constraint, index) => {
      const here = `${path}.constraints[${index}]`;
      const { matchAttribute: name } = constraint;
      return [
        ...namesErrors(constraint, known, here),
        ...typeof name === "string" ? fullAttributeErrors(name, `${here}.matchAttribute`) : [required(`${here}.matchAttribute`)],
      ];
    }),
    ...configErrors(devices, path, (config, here) => namesErrors(config, known, here)),
  ];
}

/** What gates of 1.35 take away that are off by default. */
function gatedSpec(spec: JsonObject): JsonObject {
  if (!isObject(spec.devices)) return spec;
  const gated = (request: JsonObject) => withoutMember(request, "tolerations", "capacity");
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
    next.constraints = each(devices, "constraints").map((constraint) => withoutMember(constraint, "distinctAttribute"));
  }
  return { ...spec, devices: next };
}

const gatedClaim = (claim: JsonObject): JsonObject => isObject(claim.spec) ? { ...claim, spec: gatedSpec(claim.spec) } : claim;
const gatedTemplate = (template: JsonObject): JsonObject =>
  isObject(template.spec) ? { ...template, spec: gatedClaim(template.spec) } : template;

const privilege = "resource.kubernetes.io/admin-access";

/** Refuses a claim of devices that others use, where its namespace does not allow that. @throws {Refusal} 422 */
function confirmAccess(kind: string, object: JsonObject, devices: JsonObject, path: string, { objects }: Surroundings): void {
  const requests = each(devices, "requests");
  const { name = "", namespace } = metaOf(object);
  if (requests.every((request) => part(request, "exactly").adminAccess !== true)) return;
  const found = objects("/namespaces").find((each) => metaOf(each).name === namespace);
  if (found && metaOf(found).labels?.[privilege] === "true") return;
  const why = `admin access to devices requires the \`${privilege}: true\` label on the containing namespace`;
  const errors = requests.flatMap((request, index) =>
    part(request, "exactly").adminAccess === true ? [forbidden(`${path}.requests[${index}].adminAccess`, why)] : []
  );
  throw unprocessable({ group, plural: kind }, name, errors);
}

const goExactly = (given: JsonObject): JsonObject => ({
  DeviceClassName: given.deviceClassName ?? "",
  Selectors: given.selectors ?? null,
  AllocationMode: given.allocationMode ?? "",
  Count: given.count ?? 0,
  AdminAccess: given.adminAccess ?? null,
  Tolerations: given.tolerations ?? null,
  Capacity: given.capacity ?? null,
});

function goSpec(spec: JsonObject): JsonObject {
  const devices = part(spec, "devices");
  const requests = each(devices, "requests").map((request): JsonObject => ({
    Name: request.name ?? "",
    Exactly: isObject(request.exactly) ? goExactly(request.exactly) : null,
    FirstAvailable: request.firstAvailable ?? null,
  }));
  return {
    Devices: {
      Requests: requests.length === 0 ? null : requests,
      Constraints: devices.constraints ?? null,
      Config: devices.config ?? null,
    },
  };
}

const changed = (object: JsonObject, old: JsonObject, shown: (spec: JsonObject) => Json): FieldError[] =>
  equal(object.spec ?? null, old.spec ?? null) ? [] : [invalid("spec", shown(part(object, "spec")), "field is immutable")];

/** Claims of devices. */
export const claimOfDevicesRules: Rules = {
  prepareCreate(object, around) {
    confirmAccess("ResourceClaim", object, part(object, "spec", "devices"), "spec.devices", around);
    return gatedClaim(object);
  },
  prepareUpdate: gatedClaim,
  validate(object, old, subresource) {
    if (subresource === "status") return [];
    if (old) return changed(object, old, goSpec);
    return devicesErrors(part(object, "spec", "devices"), "spec.devices");
  },
};

/** Templates of claims of devices. */
export const claimTemplateRules: Rules = {
  prepareCreate(object, around) {
    // The server names the place as that of a claim.
    confirmAccess("ResourceClaimTemplate", object, part(object, "spec", "spec", "devices"), "spec.devices", around);
    return gatedTemplate(object);
  },
  prepareUpdate: gatedTemplate,
  validate(object, old) {
    const spec = part(object, "spec");
    return [
      ...templateMetadataErrors(spec, "spec.metadata"),
      ...Object.keys(part(spec, "metadata")).filter((name) => !["labels", "annotations"].includes(name)).map((name) =>
        forbidden(`spec.metadata.${name}`, "cannot be set")
      ),
      ...devicesErrors(part(spec, "spec", "devices"), "spec.spec.devices"),
      ...old ? changed(object, old, (each) => ({ ...part(each, "metadata"), Spec: goSpec(part(each, "spec")) })) : [],
    ];
  },
};
