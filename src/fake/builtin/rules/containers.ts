/**
 * The containers of a pod.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, notListed, required } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { resizeErrors, resourcesErrors } from "./amounts.ts";
import { at, each, isUnset, labelErrors, oneOf, part, portErrors, protocols } from "./checks.ts";
import { formInside } from "../internal-types.ts";
import { environmentErrors } from "./environment.ts";
import { handlersErrors, noHandlersErrors, portNameErrors } from "./handlers.ts";
import { textsOf } from "./selectors.ts";
import { descendingErrors } from "./volumes.ts";

/** What containers refer to. */
export interface Neighbours {
  readonly volumes: ReadonlySet<string>;
  /** Those of volumes that are claims. */
  readonly claimed: ReadonlySet<string>;
  /** Claims of resources. */
  readonly claims: ReadonlySet<string>;
  /** How long a pod may take to end, in seconds. */
  readonly grace: number;
}

const notFound = (field: string, value: Json | undefined): FieldError => ({
  field,
  reason: "NotFound",
  text: `Not found: ${JSON.stringify(value ?? "")}`,
});

function portsErrors(container: JsonObject, path: string): FieldError[] {
  const names = new Set<string>();
  return each(container, "ports").flatMap((port, index) => {
    const here = `${path}.ports[${index}]`;
    const name = String(port.name ?? "");
    const named = name === "" ? [] : portNameErrors(name, `${here}.name`);
    if (named.length === 0 && names.has(name)) named.push(duplicate(`${here}.name`, name));
    if (name !== "") names.add(name);
    return [
      ...named,
      ...isUnset(port.containerPort) || port.containerPort === 0
        ? [required(`${here}.containerPort`)]
        : portErrors(port.containerPort, `${here}.containerPort`),
      ...port.hostPort === 0 ? [] : portErrors(port.hostPort, `${here}.hostPort`),
      ...oneOf(port, here, "protocol", ...protocols),
    ];
  });
}

/** Two containers cannot have one port of their host. Pure. @param taken Those of others; it grows. */
export const hostPortErrors = (containers: readonly JsonObject[], path: string, taken: Set<string>): FieldError[] =>
  containers.flatMap((container, index) =>
    each(container, "ports").flatMap((port, place): FieldError[] => {
      if (isUnset(port.hostPort) || port.hostPort === 0) return [];
      const text = `${port.protocol ?? ""}/${port.hostIP ?? ""}/${port.hostPort}`;
      if (taken.has(text)) return [duplicate(`${path}[${index}].ports[${place}].hostPort`, text)];
      taken.add(text);
      return [];
    })
  );

function mountErrors(container: JsonObject, path: string, { volumes }: Neighbours): FieldError[] {
  const places = new Set<string>();
  const propagations = ["Bidirectional", "HostToContainer", "None"];
  return each(container, "volumeMounts").flatMap((mount, index) => {
    const here = `${path}.volumeMounts[${index}]`;
    // The server says some things of the list.
    const list = `${path}.volumeMounts`;
    const errors: FieldError[] = [];
    const place = String(mount.mountPath ?? "");
    if (isUnset(mount.name)) errors.push(required(`${here}.name`));
    if (!volumes.has(String(mount.name ?? ""))) errors.push(notFound(`${here}.name`, mount.name));
    if (place === "") errors.push(required(`${here}.mountPath`));
    if (places.has(place)) errors.push(invalid(`${here}.mountPath`, place, "must be unique"));
    places.add(place);
    if (!isUnset(mount.subPath)) errors.push(...descendingErrors(String(mount.subPath), `${list}.subPath`));
    if (!isUnset(mount.subPathExpr)) {
      if (!isUnset(mount.subPath)) {
        errors.push(invalid(`${list}.subPathExpr`, mount.subPathExpr, "subPathExpr and subPath are mutually exclusive"));
      }
      errors.push(...descendingErrors(String(mount.subPathExpr), `${list}.subPathExpr`));
    }
    const { mountPropagation } = mount;
    if (mountPropagation === "Bidirectional" && at(container, "securityContext", "privileged") !== true) {
      errors.push(
        forbidden(`${list}.mountPropagation`, "Bidirectional mount propagation is available only to privileged containers"),
      );
    } else if (mountPropagation !== undefined && !propagations.includes(String(mountPropagation))) {
      errors.push(notListed(`${list}.mountPropagation`, mountPropagation, propagations));
    }
    return errors;
  });
}

function deviceErrors(container: JsonObject, path: string, { volumes, claimed }: Neighbours): FieldError[] {
  const [names, places] = [new Set<string>(), new Set<string>()];
  return each(container, "volumeDevices").flatMap((device, index) => {
    const here = `${path}.volumeDevices[${index}]`;
    const [name, place] = [String(device.name ?? ""), String(device.devicePath ?? "")];
    const errors: FieldError[] = [];
    if (name === "") errors.push(required(`${here}.name`));
    if (names.has(name)) errors.push(invalid(`${here}.name`, name, "must be unique"));
    if (!volumes.has(name)) errors.push(notFound(`${here}.name`, name));
    else if (!claimed.has(name)) {
      const why = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
      errors.push(invalid(`${here}.name`, name, why));
    }
    if (place === "") errors.push(required(`${here}.devicePath`));
    if (places.has(place)) errors.push(invalid(`${here}.devicePath`, place, "must be unique"));
    if (place.split("/").includes("..")) errors.push(invalid(`${here}.devicePath`, place, "can not contain backsteps ('..')"));
    names.add(name);
    places.add(place);
    return errors;
  });
}

/** An id of a user or group. Pure. */
export const idErrors = (context: JsonObject, path: string, ...names: readonly string[]): FieldError[] =>
  names.flatMap((name) => {
    const id = context[name];
    return isNumber(id) && (id < 0 || id > 2_147_483_647)
      ? [invalid(`${path}.${name}`, id, "must be between 0 and 2147483647, inclusive")]
      : [];
  });

/** What confines a container, or all of a pod. Pure. */
export function profileErrors(context: JsonObject, path: string): FieldError[] {
  const of = (name: string, word: string): FieldError[] => {
    const profile = context[name];
    if (!isObject(profile)) return [];
    const here = `${path}.${name}`;
    const types = ["Localhost", "RuntimeDefault", "Unconfined"];
    if (isUnset(profile.type)) return [required(`${here}.type`, `type is required when ${name} is set`)];
    if (!types.includes(String(profile.type))) return [notListed(`${here}.type`, profile.type, types)];
    const local = profile.localhostProfile;
    if (profile.type === "Localhost") {
      return isUnset(local) ? [required(`${here}.localhostProfile`, `must be set when ${word} type is Localhost`)] : [];
    }
    const why = word === "seccomp"
      ? "can only be set when seccomp type is Localhost"
      : "can only be set when AppArmor type is Localhost";
    return isUnset(local) ? [] : [invalid(`${here}.localhostProfile`, local, why)];
  };
  return [...of("seccompProfile", "seccomp"), ...of("appArmorProfile", "AppArmor")];
}

function contextErrors(container: JsonObject, path: string): FieldError[] {
  const context = container.securityContext;
  if (!isObject(context)) return [];
  const here = `${path}.securityContext`;
  const errors = [
    ...idErrors(context, here, "runAsUser", "runAsGroup"),
    ...profileErrors(context, here),
    ...oneOf(context, here, "procMount", "Default", "Unmasked"),
  ];
  if (context.allowPrivilegeEscalation === false) {
    const both = (what: string) =>
      invalid(here, formInside("SecurityContext", context), `cannot set \`allowPrivilegeEscalation\` to false and ${what}`);
    if (context.privileged === true) errors.push(both("`privileged` to true"));
    if (textsOf(at(context, "capabilities", "add")).includes("CAP_SYS_ADMIN")) {
      errors.push(both("`capabilities.Add` CAP_SYS_ADMIN"));
    }
  }
  return errors;
}

/** What all containers have in common. Pure. @param trimmed Whether an image must have no space around it. */
export function containerErrors(container: JsonObject, path: string, near: Neighbours, trimmed: boolean): FieldError[] {
  const { image } = container;
  const around = trimmed && typeof image === "string" && image.trim() !== image
    ? [invalid(`${path}.image`, image, "must not have leading or trailing whitespace")]
    : [];
  return [
    ...labelErrors(container.name, `${path}.name`),
    ...isUnset(image) ? [required(`${path}.image`)] : around,
    ...isUnset(container.terminationMessagePolicy) ||
        ["File", "FallbackToLogsOnError"].includes(String(container.terminationMessagePolicy))
      ? []
      : [
        notListed(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, ["File", "FallbackToLogsOnError"]),
      ],
    ...portsErrors(container, path),
    ...environmentErrors(container, path),
    ...mountErrors(container, path, near),
    ...deviceErrors(container, path, near),
    ...oneOf(container, path, "imagePullPolicy", "Always", "IfNotPresent", "Never"),
    ...resourcesErrors(container, path, near.claims),
    ...resizeErrors(container, path),
    ...contextErrors(container, path),
  ];
}

/** The containers that a pod is there for. Pure. @param names Those of all; it grows. */
export function mainErrors(
  containers: readonly JsonObject[],
  path: string,
  near: Neighbours,
  trimmed: boolean,
  names: Set<string>,
): FieldError[] {
  if (containers.length === 0) return [required(path)];
  const errors = containers.flatMap((container, index) => {
    const here = `${path}[${index}]`;
    const found = containerErrors(container, here, near, trimmed);
    const name = String(container.name ?? "");
    if (name !== "" && names.has(name)) found.push(duplicate(`${here}.name`, name));
    names.add(name);
    return [...found, ...handlersErrors(container, here, near.grace)];
  });
  return [...errors, ...hostPortErrors(containers, path, new Set())];
}

/** The containers that come first. Pure. @param names Those of all; it grows. */
export const firstErrors = (
  containers: readonly JsonObject[],
  path: string,
  near: Neighbours,
  trimmed: boolean,
  names: Set<string>,
): FieldError[] =>
  containers.flatMap((container, index) => {
    const here = `${path}[${index}]`;
    const lasts = container.restartPolicy === "Always";
    const found = [
      ...containerErrors(container, here, near, trimmed),
      ...oneOf(container, here, "restartPolicy", "Always", "Never", "OnFailure"),
    ];
    const name = String(container.name ?? "");
    if (name !== "" && names.has(name)) found.push(duplicate(`${here}.name`, name));
    names.add(name);
    return [...found, ...lasts ? handlersErrors(container, here, near.grace) : noHandlersErrors(container, here)];
  });

/** The names of volumes that are claims. Pure. */
export const claimedOf = (spec: JsonObject): ReadonlySet<string> =>
  new Set(
    each(spec, "volumes").filter((volume) =>
      isObject(volume.persistentVolumeClaim) || isObject(part(volume, "ephemeral").volumeClaimTemplate)
    ).map(({ name }) => String(name)),
  );
