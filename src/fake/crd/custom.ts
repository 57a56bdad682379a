/**
 * The resource types that a CRD makes.
 *
 * @module
 */
import { checkRules } from "../cel/check.ts";
import { columnsOf } from "./columns.ts";
import { type CrdSpec, type CrdVersion, hasCondition, specOf, statusOf } from "./crd.ts";
import { scaleErrors } from "./scale.ts";
import { memberNames } from "./selectable.ts";
import { conversionOf, formsIn, renamed, type StoredForms, storedForms, unconverted } from "./stored-form.ts";
import { applyDefaults, fillDefaults } from "../schema/defaults.ts";
import { byText } from "../types/by-text.ts";
import {
  decodedLeaf,
  equal,
  inOrder,
  isObject,
  type Json,
  type JsonObject,
  settledLeaf,
  sorted,
  sortedBeside,
} from "../types/json.ts";
import { following } from "../types/numeral.ts";
import { fitEmbedded } from "../schema/embedded.ts";
import { decodeMetadata } from "../types/metadata.ts";
import { metaOf } from "../types/meta.ts";
import { subdomainName } from "../types/names.ts";
import { byBytes } from "../types/order.ts";
import { pruneUnknown } from "../schema/prune.ts";
import type { Accepted, ResourceType, Subresource } from "../types/resource.ts";
import { versionHash } from "../types/hash.ts";
import { validateCustom } from "../schema/validate.ts";

const verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
/** Those that are shown while its CRD is being deleted. */
const lastVerbs = ["delete", "deletecollection", "get", "list", "watch"];

function subresourcesOf(version: CrdVersion): readonly Subresource[] {
  const found: Subresource[] = [];
  const short = ["get", "patch", "update"];
  if (version.subresources?.status) found.push({ name: "status", verbs: short });
  if (version.subresources?.scale) {
    found.push({ name: "scale", verbs: short, group: "autoscaling", version: "v1", kind: "Scale" });
  }
  return found;
}

/** The steps of a simple JSONPath. */
const stepsOf = (path: Json | undefined): readonly string[] | undefined =>
  typeof path === "string" ? path.replace(/^\./, "").split(".") : undefined;

function scalePathsOf(version: CrdVersion): ResourceType["scale"] {
  const scale = version.subresources?.scale;
  if (!scale) return undefined;
  const selector = stepsOf(scale.labelSelectorPath);
  return { spec: stepsOf(scale.specReplicasPath)!, status: stepsOf(scale.statusReplicasPath)!, ...selector && { selector } };
}

function selectableOf(version: CrdVersion): ResourceType["selectable"] {
  const fields = (version.selectableFields ?? []).map(({ jsonPath }) => {
    const names = memberNames(jsonPath);
    const read = (object: JsonObject) => {
      const step = (value: Json | undefined, name: string) =>
        isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
      const value = names.reduce(step, object);
      return value === undefined || value === null ? "" : String(value);
    };
    return [jsonPath.replace(/^\./, ""), read] as const;
  });
  return Object.fromEntries(fields);
}

const withoutMeta = ({ metadata: _, ...rest }: JsonObject): JsonObject => rest;

/** Whether anything outside metadata, and outside the status where that is a subresource, differs. */
function counts(object: JsonObject, old: JsonObject, hasStatus: boolean): boolean {
  const [a, b] = [withoutMeta(object), withoutMeta(old)];
  if (hasStatus) delete a.status, delete b.status;
  return !equal(a, b);
}

function prepareUpdate(object: JsonObject, old: JsonObject, subresource: string | undefined, hasStatus: boolean): JsonObject {
  let next: JsonObject;
  if (subresource === "status") {
    const { status: _, ...rest } = old;
    next = { ...rest, metadata: keepMetadata(object, old), ...(object.status === undefined ? {} : { status: object.status }) };
  } else if (hasStatus) {
    const { status: _, ...rest } = object;
    next = old.status === undefined ? rest : { ...rest, status: old.status };
  } else next = object;
  if (!counts(next, old, hasStatus)) return next;
  return { ...next, metadata: { ...metaOf(next), generation: following(metaOf(old).generation ?? 1) } };
}

// Through /status, metadata stays; the name and the version are still compared, so that a mismatch is refused.
function keepMetadata(object: JsonObject, old: JsonObject): JsonObject {
  const { name, namespace, resourceVersion, managedFields } = metaOf(object);
  const { managedFields: _, ...rest } = metaOf(old);
  return { ...rest, name, namespace, resourceVersion, ...managedFields && { managedFields } };
}

const hasDefault = (schema: JsonObject | undefined, name: string): boolean => {
  const member = isObject(schema?.properties) ? schema.properties[name] : undefined;
  return isObject(member) && member.default !== undefined;
};

/** The type that one version of a CRD makes. Nothing in it is of one cluster. */
function toType(spec: CrdSpec, version: CrdVersion, forms: StoredForms): ResourceType {
  const { names, group } = spec;
  const apiVersion = `${group}/${version.name}`;
  const storageVersion = spec.versions.find((each) => each.storage)!;
  const schema = version.schema?.openAPIV3Schema;
  const hasStatus = version.subresources?.status !== undefined;
  const scale = scalePathsOf(version);
  const conversion = conversionOf(spec);
  const type: ResourceType = {
    group,
    version: version.name,
    plural: names.plural,
    singular: names.singular!,
    kind: names.kind,
    listKind: names.listKind!,
    namespaced: spec.scope === "Namespaced",
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs,
    subresources: subresourcesOf(version),
    storage: `${group}/${names.plural}`,
    ...scale && { scale },
    storageVersionHash: () => versionHash(`${group}/${storageVersion.name}/${names.kind}`),
    custom: true,
    schema,
    deprecation: version.deprecated
      ? version.deprecationWarning ?? `${apiVersion} ${names.kind} is deprecated${successor(spec, version)}`
      : undefined,
    nameRule: subdomainName,
    bareFinalizers: "warned",
    metadataChecks: () => "SCC",
    counted: true,
    createOnUpdate: false,
    unconditionalUpdate: false,
    returnsDeleted: false,
    columns: columnsOf(version),
    selectable: selectableOf(version),
    unknownField: (field) => `field label not supported: ${field}`,
    decode: (value, like) =>
      decodeCustom(value, schema, apiVersion, like?.apiVersion === apiVersion && forms.fits(like) ? like : undefined),
    arrange: (object) => inOrder(object, settledLeaf),
    ...formsIn(apiVersion, forms, conversion ? unconverted : renamed),
    // What a write has said of the status is dropped: a default may come into its place once it is read.
    ...hasStatus && hasDefault(schema, "status") && { noteShown: undefined },
    ...conversion && { conversion },
    setDefaults(object) {
      const copy = sorted(object);
      if (schema) fillDefaults(copy, schema);
      return copy;
    },
    prepareCreate(object) {
      const next = { ...object };
      if (hasStatus) delete next.status;
      return next;
    },
    prepareUpdate: (object, old, subresource) => prepareUpdate(object, old, subresource, hasStatus),
    validate(object, old, subresource, warn = () => {}) {
      if (!schema) return [];
      const errors = validateCustom(object, schema, old, subresource, scaleErrors(object, scale, subresource));
      return [...errors, ...checkRules(object, schema, { old, errors, warn })];
    },
  };
  if (conversion) type.convertedBy = (converter) => ({ ...type, ...formsIn(apiVersion, forms, converter) });
  return type;
}

function successor({ group, names, versions }: CrdSpec, version: CrdVersion): string {
  const better = versions.filter((each) => each.served && !each.deprecated).map((each) => each.name).sort(compareVersions)[0];
  if (better === undefined || compareVersions(better, version.name) > 0) return "";
  return `; use ${group}/${better} ${names.kind}`;
}

/** @throws {ShapeError} */
function decodeCustom(value: JsonObject, schema: JsonObject | undefined, apiVersion: string, like?: JsonObject): Accepted {
  const { metadata: given, ...rest } = value;
  const { metadata, unknown } = decodeMetadata(given);
  // Of a version that is not this one, nothing is known.
  const group = apiVersion.slice(0, apiVersion.indexOf("/") + 1);
  const foreign = typeof value.apiVersion === "string" && value.apiVersion.startsWith(group) && value.apiVersion !== apiVersion;
  const fit = new Set<unknown>();
  const object: JsonObject = sortedBeside({ ...rest, metadata } as JsonObject, foreign ? undefined : like, fit, decodedLeaf);
  const found = foreign && schema ? pruneUnknown(object, {}) : schema ? pruneUnknown(object, schema, { fit }) : [];
  if (schema && !foreign) {
    found.push(...fitEmbedded(object, schema, fit));
    applyDefaults(object, schema, fit);
  }
  return { object, unknown: [...unknown.toSorted(byBytes), ...found] };
}

const versionParts = (name: string) => /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(name);

/** Orders versions as the server prefers them: v2, v1, v1beta1, v1alpha1, anything else by the alphabet. Pure. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [versionParts(a), versionParts(b)];
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : a > b ? 1 : 0;
  const rank = (parts: RegExpExecArray) => parts[2] === undefined ? 2 : parts[2] === "beta" ? 1 : 0;
  return rank(y) - rank(x) || Number(y[1]) - Number(x[1]) || Number(y[3] ?? 0) - Number(x[3] ?? 0);
}

/** The types that an established CRD makes. */
export interface CustomTypes {
  /** Those that are served, the preferred version first. */
  readonly served: readonly ResourceType[];
  /** The others: managers and bodies may name them. */
  readonly unserved: readonly ResourceType[];
  /** The one in which the objects are stored, served or not. */
  readonly storage: ResourceType;
}

/** What the types of an established CRD depend on: what it says, with the names that it has. Pure. */
export const servedSpec = (crd: JsonObject): JsonObject => ({ ...specOf(crd), names: statusOf(crd).acceptedNames });

/** The types that an established CRD makes; once for all clusters that have it. */
export const typesOf = (crd: JsonObject): CustomTypes =>
  typesOfSpec({ spec: servedSpec(crd), ends: hasCondition(crd, "Terminating") });

const typesOfSpec = byText(32, ({ spec, ends }) => customTypes(spec as unknown as CrdSpec, ends === true));

function customTypes(spec: CrdSpec, ends: boolean): CustomTypes {
  const served = spec.versions.filter((version) => version.served);
  const forms = storedForms(spec);
  const made = (version: CrdVersion) => ({ ...toType(spec, version, forms), ...ends && { shownVerbs: lastVerbs } });
  const unserved = spec.versions.filter((version) => !version.served);
  return {
    served: served.sort((a, b) => compareVersions(a.name, b.name)).map(made),
    unserved: unserved.map(made),
    storage: made(spec.versions.find((version) => version.storage)!),
  };
}
