/**
 * Finalizers of what is in use.
 *
 * @module
 */
import type { JsonObject } from "../../types/json.ts";
import { metaOf, withMeta } from "../../types/meta.ts";

/** What is in use is held by a finalizer. Pure. */
export function protectedBy(object: JsonObject, finalizer: string): JsonObject {
  const metadata = metaOf(object);
  const finalizers = metadata.finalizers ?? [];
  return finalizers.includes(finalizer) ? object : withMeta(object, { ...metadata, finalizers: [...finalizers, finalizer] });
}
