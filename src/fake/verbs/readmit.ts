/**
 * What a mutating webhook has made of an object.
 *
 * @module
 */
import { fit } from "../http/body.ts";
import { withTypeMeta } from "../http/type-meta.ts";
import { EntriesError, readEntries } from "../managed/entries.ts";
import { encode, equal, type JsonObject } from "../types/json.ts";
import { metaOf, withMeta } from "../types/meta.ts";
import { dedupeOwners } from "../types/metadata.ts";
import { ShapeError } from "../types/shape.ts";
import { internalError, plainError } from "../types/status.ts";
import type { Call } from "../store/world.ts";

/**
 * An object that was patched after it had been read, as one of the type: with defaults, and without unknown fields. Nobody owns what a
 * webhook has set.
 *
 * @param before What the webhook was shown.
 * @throws {Refusal} 500 in Go's words where it does not fit the type.
 */
export function readmitted(call: Call, patched: JsonObject, before: JsonObject): JsonObject {
  const { type, world, warnings } = call;
  let object: JsonObject;
  try {
    withTypeMeta(patched);
    const incoming = fit(type, patched, world.registry.readable(), { text: () => encode(patched) });
    object = incoming.type === type ? incoming.object : type.fromStorage(incoming.type.toStorage(incoming.object));
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw error.message.startsWith("converting ") ? plainError(error.message) : internalError(error.message);
  }
  const metadata = { ...metaOf(object) };
  if (metadata.ownerReferences) {
    const { references, warnings: said } = dedupeOwners(metadata.ownerReferences, " after mutating admission happens");
    metadata.ownerReferences = references;
    warnings.push(...said);
  }
  if (metadata.managedFields?.length === 0) delete metadata.managedFields;
  const { managedFields } = metaOf(before);
  if (!equal(metadata.managedFields ?? null, managedFields ?? null)) {
    try {
      readEntries(metadata.managedFields);
    } catch (error) {
      if (!(error instanceof EntriesError)) throw error;
      metadata.managedFields = managedFields!;
      warnings.push(
        `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${error.message}`,
      );
    }
  }
  return withMeta(object, metadata);
}
