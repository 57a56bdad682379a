/**
 * Typed access to `metadata`.
 *
 * @module
 */
import type { Json, JsonObject } from "./json.ts";
import type { GoNumber } from "./numeral.ts";

/** `meta/v1 OwnerReference`. */
export interface OwnerReference extends JsonObject {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** `meta/v1 ObjectMeta`. */
export interface Meta extends JsonObject {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: GoNumber;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: GoNumber;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: Json[];
}

/** The metadata of an object that was decoded. Pure. */
export const metaOf = (object: JsonObject): Meta => object.metadata as Meta;

/** A copy of an object with other metadata, at the same place among the members. Pure. */
export const withMeta = (object: JsonObject, metadata: Meta): JsonObject => ({ ...object, metadata: metadata as Json });

/** The second that was printed last: a write prints its own several times. */
let printed: { readonly second: number; readonly text: string } | undefined;

/** A time as the server prints it: RFC 3339, whole seconds. Pure. @param ms Milliseconds since the epoch. */
export function timestamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (printed?.second !== second) printed = { second, text: `${new Date(ms).toISOString().slice(0, 19)}Z` };
  return printed.text;
}
