/**
 * Objects inside of custom resources: `x-kubernetes-embedded-resource`.
 *
 * @module
 */
import { type FieldError, invalid, required } from "../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import type { Meta } from "../types/meta.ts";
import { decodeMetadata, embeddedMetadataErrors } from "../types/metadata.ts";
import { labelFaults } from "../types/names.ts";
import { byBytes } from "../types/order.ts";
import { ShapeError } from "../types/shape.ts";
import { type Fit, index, isEmbedded, isNamed, key, member, memberSchema, somewhere } from "./walk.ts";

const hasEmbedded = somewhere(isEmbedded);

/** Calls back for every embedded object below a value. */
function visit(
  value: Json | undefined,
  schema: JsonObject,
  path: string,
  found: (object: JsonObject, path: string) => void,
  fit?: Fit,
): void {
  if (fit?.has(value) || !hasEmbedded(schema)) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (isObject(items)) value.forEach((item, at) => visit(item, items, index(path, at), found, fit));
    return;
  }
  if (!isObject(value)) return;
  if (path !== "" && isEmbedded(schema)) found(value, path);
  for (const [name, own] of Object.entries(value)) {
    const known = memberSchema(schema, name);
    if (known) visit(own, known, isNamed(schema, name) ? member(path, name) : key(path, name), found, fit);
  }
}

/** The kind or the metadata of an embedded object does not fit its Go type. */
export class EmbeddedError extends ShapeError {
  readonly fault: FieldError;

  constructor(fault: FieldError) {
    super(`${fault.field}: ${fault.text}`);
    this.fault = fault;
  }
}

const refuse = (path: string, value: Json | undefined, why: string): never => {
  throw new EmbeddedError(invalid(path, value, why));
};

/**
 * Fits the kind and metadata of embedded objects to their Go types, in place.
 *
 * @param fit Parts where they do.
 * @returns The unknown members, in alphabetic order.
 * @throws {EmbeddedError}
 */
export function fitEmbedded(object: JsonObject, schema: JsonObject, fit?: Fit): string[] {
  const unknown: string[] = [];
  visit(object, schema, "", (embedded, path) => {
    for (const name of ["apiVersion", "kind"]) {
      const own = embedded[name];
      if (own !== undefined && typeof own !== "string") refuse(member(path, name), own, "must be a string");
    }
    const { metadata } = embedded;
    if (metadata === undefined) return;
    try {
      const decoded = decodeMetadata(metadata);
      embedded.metadata = decoded.metadata;
      unknown.push(...decoded.unknown.map((each) => member(path, each)));
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      refuse(member(path, "metadata"), metadata, error.message);
    }
  }, fit);
  return unknown.sort(byBytes);
}

function versionFault(version: string): string | undefined {
  if (version === "") return "must not be empty";
  return version.split("/").length > 2 ? `unexpected GroupVersion string: ${version}` : undefined;
}

function kindFault(kind: string): string | undefined {
  if (kind === "") return "must not be empty";
  const faults = labelFaults(kind.toLowerCase());
  return faults.length === 0 ? undefined : `may have mixed case, but should otherwise match: ${faults.join(",")}`;
}

/** Checks embedded objects. Pure. */
export function embeddedErrors(object: JsonObject, schema: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  visit(object, schema, "", (embedded, path) => {
    const { apiVersion, kind, metadata } = embedded;
    for (const name of ["apiVersion", "kind"]) if (embedded[name] === undefined) errors.push(required(member(path, name)));
    for (const [name, own, faultOf] of [["apiVersion", apiVersion, versionFault], ["kind", kind, kindFault]] as const) {
      const fault = typeof own === "string" ? faultOf(own) : undefined;
      if (fault !== undefined) errors.push(invalid(member(path, name), own, fault));
    }
    if (isObject(metadata)) errors.push(...embeddedMetadataErrors(metadata as Meta, member(path, "metadata")));
  });
  return errors;
}
