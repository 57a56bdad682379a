/**
 * The volumes of a pod.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, required } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { subdomainName } from "../../types/names.ts";
import { nanosOf } from "../../types/quantity.ts";
import { each, isUnset, labelErrors, oneOf, part } from "./checks.ts";
import { fieldRefErrors, resourceRefErrors } from "./environment.ts";

/** Whether a path leads out of its folder. Pure. */
export const backsteps = (path: string): boolean => path.split("/").includes("..");

/** A path below another. Pure. */
export function descendingErrors(path: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (path.startsWith("/")) errors.push(invalid(field, path, "must be a relative path"));
  if (backsteps(path)) errors.push(invalid(field, path, "must not contain '..'"));
  return errors;
}

/** A path below another that is no name of its own for what went before. */
const ownPathErrors = (path: string, field: string): FieldError[] => {
  const errors = descendingErrors(path, field);
  if (path.startsWith("..") && !backsteps(path)) errors.push(invalid(field, path, "must not start with '..'"));
  return errors;
};

const modeErrors = (mode: Json | undefined, field: string): FieldError[] =>
  isNumber(mode) && (mode < 0 || mode > 0o777)
    ? [invalid(field, mode, "must be a number between 0 and 0777 (octal), both inclusive")]
    : [];

const itemsErrors = (source: JsonObject, at: string): FieldError[] =>
  each(source, "items").flatMap((item, index) => {
    const place = `${at}.items[${index}]`;
    return [
      ...isUnset(item.key) ? [required(`${place}.key`)] : [],
      ...isUnset(item.path) ? [required(`${place}.path`)] : ownPathErrors(String(item.path), `${place}.path`),
      ...modeErrors(item.mode, `${place}.mode`),
    ];
  });

/** A member that has to be there. Pure. */
export const named = (source: JsonObject, at: string, name: string): FieldError[] =>
  isUnset(source[name]) ? [required(`${at}.${name}`)] : [];

/** A path from the root. Pure. */
export const absolute = (source: JsonObject, at: string, name: string): FieldError[] => {
  const path = source[name];
  if (isUnset(path)) return [required(`${at}.${name}`)];
  return String(path).startsWith("/") ? [] : [invalid(`${at}.${name}`, path, "must be an absolute path")];
};

function downwardErrors(items: readonly JsonObject[], at: string): FieldError[] {
  return items.flatMap((item): FieldError[] => {
    const { fieldRef, resourceFieldRef, path } = item;
    const errors = isUnset(path) ? [required(`${at}.path`)] : ownPathErrors(String(path), `${at}.path`);
    if (isObject(fieldRef)) {
      errors.push(...fieldRefErrors(fieldRef, `${at}.fieldRef`, "files"));
      if (isObject(resourceFieldRef)) {
        errors.push(invalid(at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
      }
    } else if (isObject(resourceFieldRef)) {
      errors.push(...resourceRefErrors(resourceFieldRef, `${at}.resourceFieldRef`, true));
    } else errors.push(required(at, "one of fieldRef and resourceFieldRef is required"));
    return [...errors, ...modeErrors(item.mode, `${at}.mode`)];
  });
}

/** Files of several sources that would be one. @param seen All paths before. */
const clashErrors = (source: JsonObject, kind: string, seen: Set<string>, at: string): FieldError[] =>
  each(source, "items").flatMap(({ path }) => {
    const file = String(path ?? "");
    if (file === "" || !seen.has(file)) {
      seen.add(file);
      return [];
    }
    return [invalid(at, kind === "downwardAPI" ? file : source.name ?? "", "conflicting duplicate paths")];
  });

function projectedErrors(projected: JsonObject, at: string): FieldError[] {
  const errors = modeErrors(projected.defaultMode, `${at}.defaultMode`);
  const seen = new Set<string>();
  each(projected, "sources").forEach((source, index) => {
    const place = `${at}.sources[${index}]`;
    const kinds = ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"]
      .filter((kind) => isObject(source[kind]));
    for (const [order, kind] of kinds.entries()) {
      const given = source[kind] as JsonObject;
      const here = `${place}.${kind}`;
      if (order > 0) errors.push(forbidden(here, "may not specify more than 1 volume type per source"));
      else if (kind === "secret" || kind === "configMap") {
        errors.push(...named(given, here, "name"), ...itemsErrors(given, here), ...clashErrors(given, kind, seen, at));
      } else if (kind === "downwardAPI") {
        errors.push(...downwardErrors(each(given, "items"), here), ...clashErrors(given, kind, seen, at));
      } else if (kind === "serviceAccountToken") {
        const seconds = Number(given.expirationSeconds ?? 3600);
        if (seconds < 600) {
          errors.push(invalid(`${here}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes"));
        } else if (seconds > 2 ** 32) {
          errors.push(invalid(`${here}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds"));
        }
        if (isUnset(given.path)) errors.push(required(`${at}.path`));
        else errors.push(...ownPathErrors(String(given.path), `${at}.path`));
      }
    }
  });
  return errors;
}

const hostTypes = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

/** What is wrong with a folder of a node. Pure. */
export const hostPathErrors = (source: JsonObject, at: string): FieldError[] => [
  ...isUnset(source.path)
    ? [required(`${at}.path`)]
    : backsteps(String(source.path))
    ? [invalid(`${at}.path`, source.path, "must not contain '..'")]
    : [],
  ...oneOf(source, at, "type", ...hostTypes),
];

/** In the order in which the server looks at them. */
const sources: Readonly<Record<string, (source: JsonObject, at: string) => FieldError[]>> = {
  emptyDir: (source, at) =>
    !isUnset(source.sizeLimit) && (nanosOf(String(source.sizeLimit)) ?? 0n) < 0n
      ? [forbidden(`${at}.sizeLimit`, "SizeLimit field must be a valid resource quantity")]
      : [],
  hostPath: hostPathErrors,
  gitRepo: (source, at) => named(source, at, "repository"),
  gcePersistentDisk: (source, at) => named(source, at, "pdName"),
  awsElasticBlockStore: (source, at) => named(source, at, "volumeID"),
  secret: (source, at) => [
    ...named(source, at, "secretName"),
    ...modeErrors(source.defaultMode, `${at}.defaultMode`),
    ...itemsErrors(source, at),
  ],
  nfs: (source, at) => [...named(source, at, "server"), ...absolute(source, at, "path")],
  iscsi: (source, at) => [...named(source, at, "targetPortal"), ...named(source, at, "iqn")],
  glusterfs: (source, at) => [...named(source, at, "endpoints"), ...named(source, at, "path")],
  flocker: () => [],
  persistentVolumeClaim: (source, at) => named(source, at, "claimName"),
  rbd: (source, at) => [...isUnset(source.monitors) ? [required(`${at}.monitors`)] : [], ...named(source, at, "image")],
  cinder: (source, at) => named(source, at, "volumeID"),
  cephfs: (source, at) => isUnset(source.monitors) ? [required(`${at}.monitors`)] : [],
  quobyte: () => [],
  downwardAPI: (source, at) => [
    ...modeErrors(source.defaultMode, `${at}.defaultMode`),
    ...downwardErrors(each(source, "items"), at),
  ],
  fc: () => [],
  flexVolume: (source, at) => named(source, at, "driver"),
  configMap: (source, at) => [
    ...named(source, at, "name"),
    ...modeErrors(source.defaultMode, `${at}.defaultMode`),
    ...itemsErrors(source, at),
  ],
  azureFile: (source, at) => [...named(source, at, "secretName"), ...named(source, at, "shareName")],
  vsphereVolume: (source, at) => named(source, at, "volumePath"),
  photonPersistentDisk: () => [],
  azureDisk: (source, at) => [...named(source, at, "diskName"), ...named(source, at, "diskURI")],
  storageos: () => [],
  projected: projectedErrors,
  scaleIO: () => [],
  csi: (source, at) => named(source, at, "driver"),
  ephemeral: (source, at) => isObject(source.volumeClaimTemplate) ? [] : [required(`${at}.volumeClaimTemplate`)],
  image: () => [],
};

function sourceErrors(volume: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  for (const [name, check] of Object.entries(sources)) {
    const source = volume[name];
    if (!isObject(source)) continue;
    if (count++ > 0) errors.push(forbidden(`${at}.${name}`, "may not specify more than 1 volume type"));
    else errors.push(...check(source, `${at}.${name}`));
  }
  return count === 0 ? [...errors, required(at, "must specify a volume type")] : errors;
}

/** The volumes of a pod: what is wrong with them, and the names of those that are sound. Pure. @param path Where they stand. */
export function volumesOf(
  spec: JsonObject,
  path: string,
): { readonly errors: FieldError[]; readonly names: ReadonlySet<string> } {
  const names = new Set<string>();
  const errors = each(spec, "volumes").flatMap((volume, index) => {
    const at = `${path}[${index}]`;
    const found = [...sourceErrors(volume, at), ...labelErrors(volume.name, `${at}.name`)];
    if (names.has(String(volume.name))) found.push(duplicate(`${at}.name`, volume.name));
    if (found.length === 0) names.add(String(volume.name));
    return found;
  });
  return { errors, names };
}

/** Tokens are those of an account. Pure. */
export const tokenErrors = (spec: JsonObject, path: string): FieldError[] =>
  isUnset(spec.serviceAccountName)
    ? each(spec, "volumes").flatMap((volume, index) =>
      each(part(volume, "projected"), "sources").flatMap((source, place) =>
        isObject(source.serviceAccountToken)
          ? [
            forbidden(
              `${path}[${index}].projected.sources[${place}].serviceAccountToken`,
              "must not be specified when serviceAccountName is not set",
            ),
          ]
          : []
      )
    )
    : [];

/** The name of an object that a pod names. Pure. */
export const objectNameErrors = (name: Json | undefined, path: string): FieldError[] =>
  isUnset(name) ? [] : subdomainName(String(name)).map((fault) => invalid(path, name, fault));
