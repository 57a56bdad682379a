/**
 * Go types that are written by hand: the parts that they are made of, and what all objects have.
 *
 * @module
 */
import type { Field, Shape, Struct } from "./shape.ts";

/** A text. */
export const string: Shape = { type: "string" };
/** A uid. */
export const uid: Shape = { type: "string", named: "types.UID" };
/** True or false. */
export const bool: Shape = { type: "bool" };
/** A 32-bit integer. */
export const int32: Shape = { type: "int32" };
/** A 64-bit integer. */
export const int64: Shape = { type: "int64" };
/** A floating-point number. */
export const float64: Shape = { type: "float64" };
/** An RFC 3339 time in whole seconds. */
export const time: Shape = { type: "time" };
/** Whatever JSON there is. */
export const any: Shape = { type: "any" };
/** Bytes, in base64. */
export const bytes: Shape = { type: "bytes" };

/** A list that field managers own as a whole. */
export const list = (of: Shape): Shape => ({ type: "list", of });
/** A list without doubles, which field managers own item by item. */
export const set = (of: Shape): Shape => ({ type: "list", of, listType: "set" });
/** A list whose items are told apart by keys, by which field managers own them. */
export const keyed = (of: Shape, ...listMapKeys: string[]): Shape => ({ type: "list", of, listType: "map", listMapKeys });
/** A map with texts as keys. */
export const map = (of: Shape): Shape => ({ type: "map", of });
/** A struct that field managers own as a whole. */
export const atomic = (of: Struct): Struct => ({ ...of, mapType: "atomic" });
/** A member that is not printed when it is zero. */
export const omit = (name: string, shape: Shape = string): Field => ({ name, shape, empty: "omit" });
/** A pointer: printed when it was given. */
export const keep = (name: string, shape: Shape = string): Field => ({ name, shape, empty: "keep" });
/** A member that is always printed. */
export const always = (name: string, shape: Shape = string): Field => ({ name, shape, empty: "always" });
/** A list that a strategic merge patch merges. @param key What its items are told apart by; texts by themselves. */
export const merged = (field: Field, key: string = ""): Field => ({ ...field, merge: key });
/** A struct. */
export const struct = (name: string, ...fields: Field[]): Struct => ({ type: "struct", name, fields });

/** `meta/v1 OwnerReference`. */
export const ownerReference: Struct = atomic(struct(
  "v1.OwnerReference",
  always("apiVersion"),
  always("kind"),
  always("name"),
  always("uid", uid),
  keep("controller", bool),
  keep("blockOwnerDeletion", bool),
));

/** `meta/v1 ObjectMeta`. */
export const objectMeta: Struct = struct(
  "v1.ObjectMeta",
  omit("name"),
  omit("generateName"),
  omit("namespace"),
  omit("selfLink"),
  omit("uid", uid),
  omit("resourceVersion"),
  omit("generation", int64),
  omit("creationTimestamp", time),
  omit("deletionTimestamp", time),
  keep("deletionGracePeriodSeconds", int64),
  omit("labels", map(string)),
  omit("annotations", map(string)),
  merged(omit("ownerReferences", keyed(ownerReference, "uid")), "uid"),
  merged(omit("finalizers", set(string))),
  // An empty list says something in a body, and never stays.
  keep(
    "managedFields",
    list(struct(
      "v1.ManagedFieldsEntry",
      omit("manager"),
      omit("operation"),
      omit("apiVersion"),
      omit("time", time),
      omit("fieldsType"),
      keep("fieldsV1", any),
      omit("subresource"),
    )),
  ),
);

/** An API object: kind and apiVersion, metadata, then what the type adds. */
export const object = (name: string, ...fields: Field[]): Struct =>
  struct(`v1.${name}`, omit("kind"), omit("apiVersion"), always("metadata", objectMeta), ...fields);
