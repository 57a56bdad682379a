/**
 * The objects of a CRD as they are stored, and as its versions show them.
 *
 * An object stays in the version that it was stored in until it is written again. Read, it gets the defaults of that version, is
 * converted, and loses what the version that it is shown in does not know; it gets none of that one's defaults.
 *
 * @module
 */
import type { CrdSpec } from "./crd.ts";
import { applyDefaults } from "../schema/defaults.ts";
import { pruneUnknown } from "../schema/prune.ts";
import { inOrder, isObject, type JsonObject, sorted } from "../types/json.ts";
import { coerceMetadata } from "../types/metadata.ts";
import { metaOf, withMeta } from "../types/meta.ts";
import { Note } from "../types/note.ts";
import { ConversionError, type ConversionWebhook, type Converter, type ResourceType } from "../types/resource.ts";

/** What the versions of a CRD share. */
export interface StoredForms {
  /** The apiVersion in which objects are stored. */
  readonly storage: string;
  /** The schemas by apiVersion, of all versions, served or not; undefined: there is no such version. */
  schemaOf(apiVersion: string): { readonly schema: JsonObject | undefined } | undefined;
  /** A stored object in its own version. */
  read(stored: JsonObject): JsonObject;
  /** Notes that a stored object was decoded by its own version: it is read as it is. */
  note(stored: JsonObject): void;
  /** Whether an object is as its own version decodes it. */
  fits(object: JsonObject): boolean;
}

/** Who converts the objects, where a webhook does. Pure. */
export function conversionOf({ conversion, group, names }: CrdSpec): ConversionWebhook | undefined {
  if (!isObject(conversion) || conversion.strategy !== "Webhook" || !isObject(conversion.webhook)) return undefined;
  const { clientConfig, conversionReviewVersions } = conversion.webhook;
  return {
    crd: `${names.plural}.${group}`,
    clientConfig: isObject(clientConfig) ? clientConfig : {},
    reviewVersions: Array.isArray(conversionReviewVersions) ? conversionReviewVersions.map(String) : [],
  };
}

/** Conversion that changes the apiVersion alone: strategy None. */
export const renamed: Converter = { convert: (object, apiVersion) => ({ ...object, apiVersion }), ahead() {} };

/** Nobody is asked: each object stays in the version that it has. What the server does by itself sees objects so. */
export const unconverted: Converter = { convert: (object) => object, ahead() {} };

/** What the versions of a CRD share. */
export function storedForms({ group, versions }: CrdSpec): StoredForms {
  const schemas = new Map<string, { readonly schema: JsonObject | undefined }>(
    versions.map(({ name, schema }) => [`${group}/${name}`, { schema: schema?.openAPIV3Schema }]),
  );
  /** How its own version reads an object: what that gives is read as it is. */
  const known = new Note<JsonObject>();
  return {
    storage: `${group}/${versions.find((version) => version.storage)!.name}`,
    schemaOf: (apiVersion) => schemas.get(apiVersion),
    read(stored) {
      let object = known.of(stored);
      if (!object) {
        const copy = sorted(stored);
        const schema = schemas.get(String(stored.apiVersion))?.schema;
        if (schema) pruneUnknown(copy, schema), applyDefaults(copy, schema);
        known.set(stored, object = inOrder(copy));
        known.set(object, object);
      }
      return object;
    },
    note: (stored) => known.set(stored, stored),
    fits: (object) => known.of(object) === object,
  };
}

function withoutRevision(object: JsonObject): JsonObject {
  const { resourceVersion: _, ...metadata } = metaOf(object);
  return withMeta(object, metadata);
}

function withRevisionOf(object: JsonObject, other: JsonObject): JsonObject {
  const { resourceVersion } = metaOf(other);
  return resourceVersion === undefined ? object : withMeta(object, { ...metaOf(object), resourceVersion });
}

/** How a version shows what is stored, and is stored itself. */
export function formsIn(
  own: string,
  forms: StoredForms,
  converter: Converter,
): Pick<ResourceType, "fromStorage" | "toStorage" | "noteShown" | "convert" | "ahead" | "checkStored"> {
  const { storage, schemaOf, read } = forms;
  const shownObjects = new Note<JsonObject>();
  const check = ({ apiVersion }: JsonObject) => {
    if (!schemaOf(String(apiVersion))) {
      throw new ConversionError(`request to convert CR from an invalid group/version: ${apiVersion}`);
    }
  };
  /** The storage knows no resourceVersion. */
  const converted = (object: JsonObject, apiVersion: string, of?: JsonObject) => {
    check(object);
    const bare = sorted(converter.convert(withoutRevision(object), apiVersion, of));
    const schema = schemaOf(String(bare.apiVersion))?.schema;
    if (schema) pruneUnknown(bare, schema);
    return inOrder(withRevisionOf(withMeta(bare, coerceMetadata(bare.metadata as JsonObject)), object));
  };
  return {
    checkStored: check,
    fromStorage(stored) {
      const object = read(stored);
      if (stored.apiVersion === own) return object;
      let shown = shownObjects.of(stored);
      if (!shown) shownObjects.set(stored, shown = converted(object, own, stored));
      return shown;
    },
    noteShown(stored, old) {
      if (stored.apiVersion === own && (!old || forms.fits(old))) forms.note(stored);
    },
    toStorage: (object) => object.apiVersion === storage ? object : converted(object, storage),
    convert(object, apiVersion) {
      if (object.apiVersion === apiVersion) return object;
      if (!schemaOf(apiVersion)) throw new ConversionError(`request to convert CR to an invalid group/version: ${apiVersion}`);
      check(object);
      return converter.convert(object, apiVersion);
    },
    ...converter !== renamed && converter !== unconverted && {
      ahead: (stored: readonly JsonObject[]) =>
        converter.ahead(
          stored.filter((each) =>
            each.apiVersion !== own && schemaOf(String(each.apiVersion)) && shownObjects.of(each) === undefined
          )
            .map((of) => ({ object: withoutRevision(read(of)), of })),
          own,
        ),
    },
  };
}
