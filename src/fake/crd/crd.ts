/**
 * CustomResourceDefinitions: what the server completes in them, and the resource types that they make.
 *
 * @module
 */
import { equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { following } from "../types/numeral.ts";
import { metaOf } from "../types/meta.ts";

/** The parts of a CRD that are read here. */
export interface CrdSpec extends JsonObject {
  group: string;
  scope: string;
  names: CrdNames;
  versions: CrdVersion[];
}

/** `spec.names`. */
export interface CrdNames extends JsonObject {
  plural: string;
  kind: string;
  singular?: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

/** One of `spec.versions`. */
export interface CrdVersion extends JsonObject {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: JsonObject };
  subresources?: { status?: JsonObject; scale?: JsonObject };
  additionalPrinterColumns?: JsonObject[];
  selectableFields?: { jsonPath: string }[];
}

/** `status` of a CRD. */
export interface CrdStatus extends JsonObject {
  conditions: JsonObject[] | null;
  acceptedNames: JsonObject;
  storedVersions: string[];
}

/** The spec of a CRD that was decoded. Pure. */
export const specOf = (crd: JsonObject): CrdSpec => crd.spec as unknown as CrdSpec;

/** The status of a CRD that was decoded. Pure. */
export const statusOf = (crd: JsonObject): CrdStatus => crd.status as unknown as CrdStatus;

/** A webhook of which the service has a port. */
function withPort(webhook: JsonObject): JsonObject {
  const { clientConfig } = webhook;
  if (!isObject(clientConfig) || !isObject(clientConfig.service)) return webhook;
  return { ...webhook, clientConfig: { ...clientConfig, service: { port: 443, ...clientConfig.service } } };
}

/** How objects are converted; a webhook of which nothing is said is none. */
function conversionOf({ conversion }: CrdSpec): JsonObject {
  if (!isObject(conversion)) return { strategy: "None" };
  const { webhook, ...rest } = conversion;
  const says = isObject(webhook) && (isObject(webhook.clientConfig) || Array.isArray(webhook.conversionReviewVersions));
  return says ? { ...rest, webhook: withPort(webhook) } : rest;
}

/** A CRD with what is derived from its names, and its default conversion. Pure. */
export function withCrdDefaults(crd: JsonObject): JsonObject {
  const spec = specOf(crd);
  const { names } = spec;
  return {
    ...crd,
    spec: {
      group: spec.group,
      names: {
        plural: names.plural,
        ...(names.singular || names.kind ? { singular: names.singular || names.kind.toLowerCase() } : {}),
        ...(names.shortNames ? { shortNames: names.shortNames } : {}),
        kind: names.kind,
        ...(names.listKind || names.kind ? { listKind: names.listKind || `${names.kind}List` } : {}),
        ...(names.categories ? { categories: names.categories } : {}),
      },
      scope: spec.scope,
      versions: spec.versions as Json,
      conversion: conversionOf(spec),
      ...(spec.preserveUnknownFields ? { preserveUnknownFields: true } : {}),
    },
    ...isObject(crd.status) ? { status: withStoredVersions(crd.status, spec) } : {},
  };
}

/** A status that names a version in which objects are stored. */
function withStoredVersions(status: JsonObject, { versions }: CrdSpec): JsonObject {
  const { storedVersions } = status;
  if (Array.isArray(storedVersions) && storedVersions.length > 0) return status;
  const stored = versions?.find((version) => version.storage)?.name;
  return stored === undefined ? status : { ...status, storedVersions: [stored] };
}

const storageVersion = (crd: JsonObject) => specOf(crd).versions?.find((version) => version.storage)?.name;

/** Completes a CRD that is about to be created. */
export function prepareCrd(crd: JsonObject): JsonObject {
  const stored = storageVersion(crd);
  return {
    ...crd,
    status: {
      conditions: null,
      acceptedNames: { plural: "", kind: "" },
      storedVersions: (stored === undefined ? null : [stored]) as unknown as string[],
    },
  };
}

/** Completes a CRD that is about to be updated. */
export function prepareCrdUpdate(crd: JsonObject, old: JsonObject, subresource: string | undefined): JsonObject {
  if (subresource === "status") return { ...old, metadata: crd.metadata, status: crd.status };
  const next: JsonObject = { ...crd, status: old.status };
  if (!equal(next.spec!, old.spec!)) {
    next.metadata = { ...metaOf(next), generation: following(metaOf(old).generation ?? 1) };
  }
  const stored = storageVersion(next);
  const status = statusOf(old);
  if (stored !== undefined && !status.storedVersions.includes(stored)) {
    next.status = { ...status, storedVersions: [...status.storedVersions, stored] };
  }
  return next;
}

/** A copy of a CRD with a condition set. The time moves only when the condition's status does. Pure. */
export function withCondition(
  crd: JsonObject,
  type: string,
  status: string,
  reason: string,
  message: string,
  time: string,
): JsonObject {
  const before = statusOf(crd);
  const conditions = [...(before.conditions ?? [])];
  const index = conditions.findIndex((condition) => condition.type === type);
  const old = conditions[index];
  const condition: JsonObject = {
    type,
    status,
    lastTransitionTime: old?.status === status ? old.lastTransitionTime : time,
    reason,
    message,
  };
  if (index === -1) conditions.push(condition);
  else conditions[index] = condition;
  return { ...crd, status: { ...before, conditions } };
}

/** Whether a condition of a CRD is True. Pure. */
export const hasCondition = (crd: JsonObject, type: string): boolean =>
  (statusOf(crd).conditions ?? []).some((condition) => condition.type === type && condition.status === "True");
