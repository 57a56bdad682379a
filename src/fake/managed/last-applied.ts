/**
 * From `kubectl apply` of the client's side to that of the server's: the annotation in which it keeps what it has applied.
 *
 * @module
 */
import { compare } from "./compare.ts";
import { difference, type FieldSet } from "./field-set.ts";
import type { Kind } from "./kind.ts";
import { fieldsOf } from "./owned.ts";
import { TypedError } from "./typed-error.ts";
import { encode, isObject, type Json, type JsonObject, sorted } from "../types/json.ts";
import { type Meta, metaOf, withMeta } from "../types/meta.ts";
import { checkTyped } from "./validate.ts";

const annotation = "kubectl.kubernetes.io/last-applied-configuration";
/** The one manager for whom this is done. */
export const migrating = "kubectl";
const sizeLimit = 256 * 1024;

const annotationsOf = (object: JsonObject): Record<string, string> =>
  (metaOf(object)?.annotations ?? {}) as Record<string, string>;

function parsed(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The fields that were applied from the client's side, and still are as they were applied. Pure. */
export function lastAppliedFields(kind: Kind, live: JsonObject): FieldSet | undefined {
  const last = parsed(annotationsOf(live)[annotation] ?? "");
  if (!last || last.apiVersion !== kind.apiVersion) return undefined;
  try {
    checkTyped(last, kind.type);
    const { modified, added, removed } = compare(last, live, kind.type);
    return difference(difference(difference(fieldsOf(last, kind.type), modified), added), removed);
  } catch (error) {
    if (error instanceof TypedError) return undefined;
    throw error;
  }
}

function sizeOf(annotations: Readonly<Record<string, string>>): number {
  const encoder = new TextEncoder();
  return Object.entries(annotations).reduce((size, [key, value]) => size + encoder.encode(key + value).length, 0);
}

/** What was applied, as kubectl would have noted it down. */
function noted(applied: JsonObject): string {
  const metadata = { ...(isObject(applied.metadata) ? applied.metadata : {}) };
  const { [annotation]: _, ...annotations } = (isObject(metadata.annotations) ? metadata.annotations : {}) as JsonObject;
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  else delete metadata.annotations;
  return `${encode(sorted({ ...applied, metadata }))}\n`;
}

/** Keeps the annotation up to date, where there is one, so that kubectl could go back. Pure. */
export function withLastApplied(object: JsonObject, applied: JsonObject): JsonObject {
  const annotations = annotationsOf(object);
  if ((annotations[annotation] ?? "") === "") return object;
  const { [annotation]: _, ...others } = annotations;
  const next = { ...annotations, [annotation]: noted(applied) };
  const metadata: Meta = { ...metaOf(object), annotations: sizeOf(next) > sizeLimit ? others : next };
  return withMeta(object, metadata);
}
