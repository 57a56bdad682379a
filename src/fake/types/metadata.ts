/**
 * What the server does with `metadata` on every write, in the words of `k8s.io/apimachinery/pkg/api/validation`.
 *
 * @module
 */
import { type FieldError, forbidden, immutable, invalid, required, tooLong } from "./field-error.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { type Meta, metaOf, type OwnerReference } from "./meta.ts";
import { labelValueFaults, qualifiedNameFaults } from "./names.ts";
import type { ResourceType } from "./resource.ts";
import { decodeShape, ShapeError } from "./shape.ts";
import { objectMeta, ownerReference } from "./shapes.ts";

const annotationLimit = 256 * 1024;

/** Decodes the `metadata` of a custom resource. Pure. @throws {ShapeError} */
export function decodeMetadata(metadata: Json | undefined): { metadata: Meta; unknown: readonly string[] } {
  if (metadata === undefined || metadata === null) return { metadata: {}, unknown: [] };
  if (!isObject(metadata)) {
    const kind = Array.isArray(metadata) ? "array" : typeof metadata === "boolean" ? "bool" : typeof metadata;
    throw new ShapeError(`json: cannot unmarshal ${kind} into Go value of type v1.ObjectMeta`);
  }
  const { value, unknown } = decodeShape(objectMeta, metadata);
  return { metadata: value, unknown: unknown.map((path) => `metadata.${path}`) };
}

const controls = (reference: OwnerReference) => reference.controller === true;

function ownerErrors(references: readonly OwnerReference[]): FieldError[] {
  const field = "metadata.ownerReferences";
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const reference of references) {
    if (reference.apiVersion === "") errors.push(invalid(`${field}.apiVersion`, "", "version must not be empty"));
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

function finalizerErrors(finalizers: readonly string[]): FieldError[] {
  const errors = finalizers.flatMap((name) =>
    qualifiedNameFaults(name).map((fault) => invalid("metadata.finalizers", name, fault))
  );
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(invalid("metadata.finalizers", [...finalizers], "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  return errors;
}

function labelErrors(labels: Readonly<Record<string, string>>, path: string): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameFaults(key).map((fault) => invalid(`${path}.labels`, key, fault)),
    ...labelValueFaults(value).map((fault) => invalid(`${path}.labels`, value, fault)),
  ]);
}

/** Checks the metadata of an object inside of another: its name is nobody's business. Pure. */
export function embeddedMetadataErrors(metadata: Meta, path: string): FieldError[] {
  const keys = Object.keys(metadata.annotations ?? {});
  const annotations = keys.flatMap((key) =>
    qualifiedNameFaults(key.toLowerCase()).map((fault) => invalid(`${path}.annotations`, key, fault))
  );
  return [...labelErrors(metadata.labels ?? {}, path), ...annotations];
}

/** Checks the metadata of a new object or of the new state of one. Pure. */
export function validateMetadata(type: ResourceType, metadata: Meta): FieldError[] {
  const errors: FieldError[] = [];
  if (metadata.generateName !== undefined && metadata.generateName !== "") {
    errors.push(
      ...type.nameRule(metadata.generateName, true).map((fault) =>
        invalid("metadata.generateName", metadata.generateName, fault)
      ),
    );
  }
  if ((metadata.name ?? "") === "") errors.push(required("metadata.name", "name or generateName is required"));
  else errors.push(...type.nameRule(metadata.name!).map((fault) => invalid("metadata.name", metadata.name, fault)));
  errors.push(...labelErrors(metadata.labels ?? {}, "metadata"));
  let size = 0;
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    errors.push(...qualifiedNameFaults(key.toLowerCase()).map((fault) => invalid("metadata.annotations", key, fault)));
    size += new TextEncoder().encode(key + value).length;
  }
  if (size > annotationLimit) errors.push(tooLong("metadata.annotations", annotationLimit));
  errors.push(...ownerErrors(metadata.ownerReferences ?? []));
  errors.push(...finalizerErrors(metadata.finalizers ?? []));
  return errors;
}

/** Checks what may not change in metadata. The errors come twice, as the genuine server reports them. Pure. */
export function validateMetadataUpdate(type: ResourceType, next: Meta, old: Meta): FieldError[] {
  const once: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    const added = (next.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer));
    if (added.length > 0) {
      const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(", ")}}`;
      once.push(
        forbidden(
          "metadata.finalizers",
          `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
        ),
      );
    }
  }
  for (const member of ["name", "namespace", "uid", "deletionTimestamp", "deletionGracePeriodSeconds"]) {
    if (next[member] !== old[member]) once.push(immutable(`metadata.${member}`, next[member] ?? null));
  }
  const general = validateMetadata(type, next);
  return [...once, ...general, ...once];
}

/** Warnings that metadata gives rise to. Pure. */
export function metadataWarnings(metadata: Meta, old: Meta | undefined): string[] {
  const warnings: string[] = [];
  for (const finalizer of metadata.finalizers ?? []) {
    if (finalizer.includes("/") || ["orphan", "foregroundDeletion", "kubernetes"].includes(finalizer)) continue;
    if (old?.finalizers?.includes(finalizer)) continue;
    warnings.push(
      `metadata.finalizers: ${
        JSON.stringify(finalizer)
      }: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    );
  }
  return warnings;
}

/** Drops references to an owner that was named before. Pure. @returns The references, and the uids that came twice. */
export function dedupeOwners(references: readonly OwnerReference[]): { references: OwnerReference[]; twice: string[] } {
  const seen = new Set<string>();
  const twice = new Set<string>();
  const kept = references.filter((reference) => {
    const text = JSON.stringify(reference);
    if (seen.has(reference.uid)) twice.add(reference.uid);
    seen.add(reference.uid);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
  return { references: kept, twice: [...twice] };
}

/** Metadata of the new state of an object, with what only the server sets taken from the old one. Pure. */
export function carryMetadata(object: JsonObject, old: JsonObject): Meta {
  const before = metaOf(old);
  const next: Meta = { ...metaOf(object) };
  delete next.managedFields;
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
