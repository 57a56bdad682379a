/**
 * The checks of a pod's specification, wherever it stands.
 *
 * @module
 */
import { duplicate, type FieldError, invalid, notSupported, required } from "../../types/field-error.ts";
import type { JsonObject } from "../../types/json.ts";
import { canonicalQuantity, nanosOf } from "../../types/quantity.ts";
import { each, isUnset, labelErrors, oneOf, part, portErrors, protocols } from "./checks.ts";

function portsErrors(container: JsonObject, path: string): FieldError[] {
  return each(container, "ports").flatMap((port, index) => {
    const at = `${path}.ports[${index}]`;
    return [
      ...isUnset(port.containerPort) || port.containerPort === 0
        ? [required(`${at}.containerPort`)]
        : portErrors(port.containerPort, `${at}.containerPort`),
      ...oneOf(port, at, "protocol", ...protocols),
    ];
  });
}

function mountErrors(container: JsonObject, path: string, volumes: ReadonlySet<string>): FieldError[] {
  return each(container, "volumeMounts").flatMap((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    const errors: FieldError[] = [];
    if (isUnset(mount.name)) errors.push(required(`${at}.name`));
    else if (!volumes.has(String(mount.name))) {
      errors.push({ field: `${at}.name`, reason: "NotFound", text: `Not found: ${JSON.stringify(mount.name)}` });
    }
    if (isUnset(mount.mountPath)) errors.push(required(`${at}.mountPath`));
    return errors;
  });
}

function resourceErrors(container: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const limits = part(container, "resources", "limits");
  for (const kind of ["limits", "requests"]) {
    for (const [name, value] of Object.entries(part(container, "resources", kind))) {
      const amount = nanosOf(String(value));
      const limit = kind === "requests" && limits[name] !== undefined ? nanosOf(String(limits[name])) : undefined;
      const at = `${path}.resources.${kind}`;
      if (amount !== undefined && amount < 0n) {
        errors.push(invalid(`${at}[${name}]`, value, "must be greater than or equal to 0"));
      } else if (amount !== undefined && limit !== undefined && amount > limit) {
        const shown = canonicalQuantity(String(limits[name]));
        errors.push(invalid(at, value, `must be less than or equal to ${name} limit of ${shown}`));
      }
    }
  }
  return errors;
}

function containerErrors(container: JsonObject, path: string, names: Set<string>, volumes: ReadonlySet<string>): FieldError[] {
  const name = String(container.name ?? "");
  const errors = labelErrors(container.name, `${path}.name`);
  if (errors.length === 0 && names.has(name)) errors.push(duplicate(`${path}.name`, name));
  names.add(name);
  if (isUnset(container.image)) errors.push(required(`${path}.image`));
  return [
    ...errors,
    ...portsErrors(container, path),
    ...each(container, "env").flatMap((variable, index) =>
      isUnset(variable.name) ? [required(`${path}.env[${index}].name`)] : []
    ),
    ...mountErrors(container, path, volumes),
    ...oneOf(container, path, "imagePullPolicy", "Always", "IfNotPresent", "Never"),
    ...resourceErrors(container, path),
  ];
}

function volumeErrors(spec: JsonObject, path: string): FieldError[] {
  const names = new Set<string>();
  return each(spec, "volumes").flatMap((volume, index) => {
    const at = `${path}.volumes[${index}].name`;
    const errors = labelErrors(volume.name, at);
    if (errors.length === 0 && names.has(String(volume.name))) errors.push(duplicate(at, volume.name));
    names.add(String(volume.name));
    return errors;
  });
}

/** Checks a pod's specification. Pure. @param path Where it stands. */
export function podSpecErrors(spec: JsonObject, path: string): FieldError[] {
  const volumes = new Set(each(spec, "volumes").map(({ name }) => String(name)));
  const names = new Set<string>();
  const containers = each(spec, "containers");
  return [
    ...volumeErrors(spec, path),
    ...containers.length === 0 ? [required(`${path}.containers`)] : [],
    ...containers.flatMap((container, index) => containerErrors(container, `${path}.containers[${index}]`, names, volumes)),
    ...each(spec, "initContainers").flatMap((container, index) =>
      containerErrors(container, `${path}.initContainers[${index}]`, names, volumes)
    ),
    ...oneOf(spec, path, "restartPolicy", "Always", "OnFailure", "Never"),
    ...oneOf(spec, path, "dnsPolicy", "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
  ];
}

/** The restart policy of a template whose pods go on for ever. Pure. */
export const alwaysErrors = (spec: JsonObject, path: string): FieldError[] =>
  isUnset(spec.restartPolicy) || spec.restartPolicy === "Always"
    ? []
    : [notSupported(`${path}.restartPolicy`, spec.restartPolicy, ["Always"])];

/** What a null selector means is said. Pure. */
export const podSpecWarnings = (spec: JsonObject, path: string): string[] =>
  each(spec, "topologySpreadConstraints").flatMap((constraint, index) =>
    constraint.labelSelector === undefined
      ? [`${path}.topologySpreadConstraints[${index}].labelSelector: a null labelSelector results in matching no pod`]
      : []
  );
