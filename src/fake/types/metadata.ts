/**
 * What the server does with `metadata` on every write, in the words of `k8s.io/apimachinery/pkg/api/validation`.
 *
 * @module
 */
import { byteLength } from "./bytes.ts";
import { type FieldError, forbidden, immutable, invalid, required, tooLong } from "./field-error.ts";
import { equal, isObject, type Json, type JsonObject, sorted } from "./json.ts";
import { type Meta, metaOf, type OwnerReference } from "./meta.ts";
import { labelName, labelValueFaults, type NameRule, qualifiedNameFaults, segmentName } from "./names.ts";
import { managerErrors } from "./field-manager.ts";
import { byBytes } from "./order.ts";
import { quote } from "./quote.ts";
import type { ResourceType } from "./resource.ts";
import { type Decoded, decodeShape, goKindOf, ShapeError } from "./shape.ts";
import { objectMeta, ownerReference } from "./shapes.ts";

const annotationLimit = 256 * 1024;

/** It is read from a Go map: the first that does not fit is the first by name. */
function decodeGoMap(metadata: JsonObject): Decoded {
  try {
    return decodeShape(objectMeta, metadata, "printed");
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return decodeShape(objectMeta, sorted(metadata) as JsonObject, "printed");
  }
}

/** Decodes the `metadata` of a custom resource. Pure. @throws {ShapeError} */
export function decodeMetadata(metadata: Json | undefined): { metadata: Meta; unknown: readonly string[] } {
  if (metadata === undefined || metadata === null) return { metadata: {}, unknown: [] };
  if (!isObject(metadata)) {
    throw new ShapeError(`json: cannot unmarshal ${goKindOf(metadata)} into Go value of type v1.ObjectMeta`);
  }
  const { value, unknown } = decodeGoMap(metadata);
  // That of a built-in type is kept: it asks to forget who owns what.
  if (Array.isArray(value.managedFields) && value.managedFields.length === 0) delete value.managedFields;
  return { metadata: value, unknown: unknown.map((path) => `metadata.${path}`) };
}

/** The `metadata` of a custom resource without the members that do not fit. Pure. */
export function coerceMetadata(metadata: JsonObject): Meta {
  try {
    return decodeMetadata(metadata).metadata;
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
  }
  return Object.assign(
    {},
    ...Object.entries(metadata).map(([name, member]) => {
      try {
        return decodeMetadata({ [name]: member }).metadata;
      } catch (error) {
        if (error instanceof ShapeError) return {};
        throw error;
      }
    }),
  ) as Meta;
}

const controls = (reference: OwnerReference) => reference.controller === true;

/** Whether a version stands in an apiVersion; what has more than one slash is none. */
const hasVersion = (apiVersion: string): boolean => {
  const steps = apiVersion.split("/");
  return steps.length <= 2 && steps.at(-1) !== "";
};

function ownerErrors(references: readonly OwnerReference[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const reference of references) {
    if (!hasVersion(String(reference.apiVersion ?? ""))) {
      errors.push(invalid(`${field}.apiVersion`, reference.apiVersion ?? "", "version must not be empty"));
    }
    for (const member of ["kind", "name", "uid"]) {
      if (reference[member] === "") errors.push(invalid(`${field}.${member}`, "", "must not be empty"));
    }
    if (reference.apiVersion === "v1" && reference.kind === "Event") {
      errors.push(invalid(field, reference, `/v1, Kind=Event is disallowed from being an owner`));
    }
    if (!controls(reference)) continue;
    const self = `${reference.kind}/${reference.name}`;
    if (controller !== undefined) {
      errors.push(
        invalid(
          field,
          // Printed in the order of the struct, whatever the order of the stored members.
          references.map((each) => decodeShape(ownerReference, each).value),
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${self}`,
        ),
      );
    } else controller = self;
  }
  return errors;
}

function finalizerErrors(finalizers: readonly string[], field: string): FieldError[] {
  const errors = finalizers.flatMap((name) => qualifiedNameFaults(name).map((fault) => invalid(field, name, fault)));
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(invalid(field, [...finalizers], "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  return errors;
}

const isBare = (finalizer: string) =>
  !finalizer.includes("/") && !["orphan", "foregroundDeletion", "kubernetes"].includes(finalizer);

function bareErrors(type: ResourceType, finalizers: readonly string[]): FieldError[] {
  if (type.bareFinalizers !== "refused") return [];
  return finalizers.flatMap(bareError);
}

function bareError(name: string, index: number): FieldError[] {
  const fault = "name is neither a standard finalizer name nor is it fully qualified";
  return isBare(name) ? [invalid(`metadata.finalizers[${index}]`, name, fault)] : [];
}

/** Checks labels. Pure. @param path Of the metadata. */
export function labelErrors(labels: Readonly<Record<string, string>>, path: string): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameFaults(key).map((fault) => invalid(`${path}.labels`, key, fault)),
    ...labelValueFaults(value).map((fault) => invalid(`${path}.labels`, value, fault)),
  ]);
}

/** The annotations of an object, or of a template. Pure. */
export function annotationErrors(annotations: Readonly<Record<string, string>>, field: string): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...qualifiedNameFaults(key.toLowerCase()).map((fault) => invalid(field, key, fault)));
    size += byteLength(key) + byteLength(value);
  }
  if (size > annotationLimit) errors.push(tooLong(field, annotationLimit));
  return errors;
}

function nameErrors(metadata: Meta, rule: NameRule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { generateName = "", name = "" } = metadata;
  if (generateName !== "") {
    errors.push(...rule(generateName, true).map((fault) => invalid(`${path}.generateName`, generateName, fault)));
  }
  if (name === "") errors.push(required(`${path}.name`, "name or generateName is required"));
  else errors.push(...rule(name).map((fault) => invalid(`${path}.name`, name, fault)));
  return errors;
}

const mapErrors = (metadata: Meta, path: string): FieldError[] => [
  ...labelErrors(metadata.labels ?? {}, path),
  ...annotationErrors(metadata.annotations ?? {}, `${path}.annotations`),
  ...ownerErrors(metadata.ownerReferences ?? [], `${path}.ownerReferences`),
];

/** Checks what all kinds of metadata have in common. */
const managersErrors = ({ managedFields = [] }: Meta, path: string): FieldError[] =>
  managedFields.flatMap((entry, index) => {
    const manager = isObject(entry) ? entry.manager : undefined;
    return typeof manager === "string" ? managerErrors(manager, `${path}.managedFields[${index}].manager`) : [];
  });

const commonErrors = (metadata: Meta, path: string): FieldError[] => [
  ...(metadata.generation ?? 0) < 0
    ? [invalid(`${path}.generation`, metadata.generation, "must be greater than or equal to 0")]
    : [],
  ...mapErrors(metadata, path),
  ...finalizerErrors(metadata.finalizers ?? [], `${path}.finalizers`),
  ...managersErrors(metadata, path),
];

/** Checks the metadata of an object inside of another: it need not have a name. Pure. */
export function embeddedMetadataErrors(metadata: Meta, path: string): FieldError[] {
  const { namespace = "", name } = metadata;
  return [
    ...nameErrors({ ...metadata, name: name || "fakename" }, segmentName, path),
    ...(namespace === "" ? [] : labelName(namespace)).map((fault) => invalid(`${path}.namespace`, namespace, fault)),
    ...commonErrors(metadata, path),
  ];
}

/** Checks the metadata of a new object or of the new state of one. Pure. */
export const validateMetadata = (type: ResourceType, metadata: Meta): FieldError[] => [
  ...nameErrors(metadata, type.nameRule, "metadata"),
  ...commonErrors(metadata, "metadata"),
  ...bareErrors(type, metadata.finalizers ?? []),
];

function changeErrors(next: Meta, old: Meta): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    const added = (next.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer));
    if (added.length > 0) {
      const list = `[]string{${added.map((finalizer) => quote(finalizer)).join(", ")}}`;
      const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
      errors.push(forbidden("metadata.finalizers", why));
    }
  }
  for (const member of ["name", "namespace", "uid", "deletionTimestamp", "deletionGracePeriodSeconds"]) {
    if (next[member] !== old[member]) errors.push(immutable(`metadata.${member}`, next[member] ?? null));
  }
  return [...errors, ...mapErrors(next, "metadata"), ...managersErrors(next, "metadata")];
}

/** The checks that most built-in kinds make of the metadata of a new state: see {@link validateMetadataUpdate}. */
export const usualChecks = "SCCBNSB";
/** And those of what comes through `/status`. */
export const usualStatusChecks = "SCCB";

/**
 * Checks the metadata of the new state of an object. The same is found several times, and reported as often, because the genuine
 * server first checks every kind alike, and then each as its own rules have it. Pure.
 *
 * @param checks In their order: `S` what holds for the metadata of every state, `C` for changes, `N` for names, `B` for finalizers
 * without a domain, `R` for what the kind's own rules say of the change.
 * @param own What these say.
 */
export function validateMetadataUpdate(
  type: ResourceType,
  next: Meta,
  old: Meta,
  checks: string,
  own: readonly FieldError[] = [],
): FieldError[] {
  const errorsOf: Record<string, () => readonly FieldError[]> = {
    S: () => commonErrors(next, "metadata"),
    C: () => changeErrors(next, old),
    N: () => nameErrors(next, type.nameRule, "metadata"),
    B: () => (next.finalizers ?? []).flatMap(bareError),
  };
  const found: Record<string, readonly FieldError[]> = { R: own };
  return [...checks].flatMap((check) => found[check] ??= errorsOf[check]?.() ?? []);
}

/** Warnings that metadata gives rise to. Pure. */
export function metadataWarnings(type: ResourceType, metadata: Meta, old: Meta | undefined): string[] {
  if (type.bareFinalizers !== "warned") return [];
  const bare = (metadata.finalizers ?? []).filter((finalizer) => isBare(finalizer) && !old?.finalizers?.includes(finalizer));
  return [...new Set(bare)].sort(byBytes).map((finalizer) =>
    `metadata.finalizers: ${
      quote(finalizer)
    }: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`
  );
}

/**
 * Drops references that were there before, all the same in what they say. Pure.
 *
 * @param when Where it is looked at once more, and not as it came.
 * @returns The references, and what is said of those that came twice.
 */
export function dedupeOwners(
  references: readonly OwnerReference[],
  when: "" | " after mutating admission happens",
): { references: OwnerReference[]; warnings: string[] } {
  const kept: OwnerReference[] = [];
  const twice = new Set<string>();
  for (const reference of references) {
    if (kept.some((each) => equal(each as JsonObject, reference as JsonObject))) twice.add(reference.uid);
    else kept.push(reference);
  }
  const uids = [...twice].join(", ");
  const warnings = twice.size === 0 ? [] : [
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids}`,
  ];
  return { references: kept, warnings };
}

/** Metadata of the new state of an object, with what only the server sets taken from the old one. Pure. */
export function carryMetadata(object: JsonObject, old: JsonObject): Meta {
  const before = metaOf(old);
  const next: Meta = { ...metaOf(object) };
  delete next.selfLink;
  const set = <K extends "generation" | "creationTimestamp" | "uid" | "deletionTimestamp" | "deletionGracePeriodSeconds">(
    key: K,
    value: Meta[K],
  ) => value === undefined ? delete next[key] : (next[key] = value);
  set("generation", before.generation);
  set("creationTimestamp", before.creationTimestamp);
  if (!next.uid) set("uid", before.uid);
  if (next.deletionTimestamp === undefined) set("deletionTimestamp", before.deletionTimestamp);
  if (next.deletionGracePeriodSeconds === undefined) set("deletionGracePeriodSeconds", before.deletionGracePeriodSeconds);
  return next;
}
