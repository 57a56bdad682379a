/**
 * What the server knows about one type of resource, built-in or custom.
 *
 * @module
 */
import type { FieldError } from "./field-error.ts";
import type { JsonObject } from "./json.ts";
import type { NameRule } from "./names.ts";
import type { Struct } from "./shape.ts";
import type { Subject } from "./status.ts";

/** A column of a Table. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
  /** The cell for an object. @param now Milliseconds since the epoch. */
  readonly cell: (object: JsonObject, now: number) => JsonObject[string];
}

/** A subresource as discovery shows it. */
export interface Subresource {
  readonly name: string;
  readonly verbs: readonly string[];
  /** Where the kind is not the resource's own. */
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
}

/** What a body became: the object, and the members that the type does not know, as paths. */
export interface Accepted {
  readonly object: JsonObject;
  readonly unknown: readonly string[];
}

/** Where an object keeps what its scale shows. */
export interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  readonly selector?: readonly string[];
}

/** What there is around an object that is about to be created. */
export interface Surroundings {
  /** The subresource by which an object is made, where that is possible. */
  readonly subresource?: string | undefined;
  /** The objects of a collection (`group/plural`), as they are stored. */
  objects(storage: string): readonly JsonObject[];
  /** RFC 3339. */
  readonly now: string;
  /** Whether it is tried only. */
  readonly dryRun?: boolean;
  /** Makes a uid. */
  uuid(): string;
  /** Takes what clients are told, whether it is accepted or not. */
  warn?(text: string): void;
  /** Who creates it; nobody, where the cluster is set up. */
  readonly user?: Requesting | undefined;
}

/** Somebody who asks, as an object may show it. */
export interface Requesting {
  readonly user: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  /** What else is known. */
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** The webhook that converts the objects of a CRD, as the CRD names it. */
export interface ConversionWebhook {
  /** The name of the CRD. */
  readonly crd: string;
  readonly clientConfig: JsonObject;
  /** Versions of the review that it reads, in its order. */
  readonly reviewVersions: readonly string[];
}

/** How the objects of a CRD get from one version to another. */
export interface Converter {
  /**
   * An object in another version, as it comes: neither pruned nor with defaults.
   *
   * @param of The stored object that it was made of, where it is shown and not written.
   * @throws {ConversionError}
   */
  convert(object: JsonObject, apiVersion: string, of?: JsonObject): JsonObject;
  /** Finds out, at the same time, what conversions need from outside of the process. */
  ahead(conversions: readonly { readonly object: JsonObject; readonly of: JsonObject }[], apiVersion: string): void;
}

/** An object cannot be had in another version. The message is the server's. */
export class ConversionError extends Error {}

/** One resource in one version. */
export interface ResourceType extends Subject {
  readonly version: string;
  readonly singular: string;
  /** The group under which errors name the kind, where it is another one. */
  readonly kindGroup?: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  /** Those that discovery names, where it does not name all. */
  readonly shownVerbs?: readonly string[];
  readonly subresources: readonly Subresource[];
  /** The collection in the store: `group/plural`. */
  readonly storage: string;
  storageVersionHash(): string;
  /** Whether it comes from a CRD. */
  readonly custom: boolean;
  /** The Go type of a built-in; a custom resource has a schema instead. */
  readonly shape?: Struct;
  /** Versions of a built-in kind that the genuine server can read and serves elsewhere, or no more. */
  readonly otherVersions?: readonly string[];
  /** The schema of a custom resource, as written in its CRD. */
  readonly schema?: JsonObject;
  /** Of a custom resource with a scale. */
  readonly scale?: ScalePaths;
  /** Whether a deletion orphans dependents unless told otherwise. */
  readonly orphans?: boolean;
  /** What clients of this version are told. */
  readonly deprecation?: string;
  readonly nameRule: NameRule;
  /** What is done about finalizers without a domain. */
  readonly bareFinalizers: "accepted" | "warned" | "refused";
  /** Whether the metadata of a new object is judged last, and only where nothing else is wrong. */
  readonly metadataLast?: boolean;
  /** The checks of a new state's metadata, in their order: see `validateMetadataUpdate`. */
  metadataChecks(subresource: string | undefined): string;
  /** Of kinds that judge a change before the new state: what is wrong with it. */
  validateChange?(object: JsonObject, old: JsonObject): FieldError[];
  /** Whether `metadata.generation` counts. */
  readonly counted: boolean;
  /** Whether PUT creates what is not there. */
  readonly createOnUpdate: boolean;
  /** Whether PUT may come without a resourceVersion. */
  readonly unconditionalUpdate: boolean;
  /** Whether DELETE answers with the object. */
  readonly returnsDeleted: boolean;
  /** The columns of a Table, without the name where the type is custom. */
  readonly columns: readonly Column[];
  /** The fields that a field selector may name, beside name and namespace. */
  readonly selectable: Readonly<Record<string, (object: JsonObject) => string>>;
  /** What an unknown field in a field selector is answered. */
  readonly unknownField: (field: string) => string;

  /**
   * Decodes the JSON of a body.
   *
   * @param like An object that this type shows: of a custom type, what of the value is the very same is taken as it is there.
   * @throws {ShapeError} when it does not fit.
   */
  decode(value: JsonObject, like?: JsonObject): Accepted;
  /**
   * What requests at a place leave as it is, whatever they say, as dotted paths: by subresource, `""` being the object itself.
   *
   * @default Where there is a status: the object leaves `status`, the status `spec`
   */
  readonly resets?: Readonly<Record<string, readonly string[]>>;
  /** What a row of a table says of its object beside the cells. */
  rowConditions?(object: JsonObject): readonly JsonObject[];
  /** The order of members in which an object is printed, or stored: in the form that its apiVersion says. */
  arrange(object: JsonObject): JsonObject;
  /** The stored object as this version shows it. */
  fromStorage(object: JsonObject): JsonObject;
  /** Of a custom resource: looks whether the version that an object is stored in is there still. @throws {ConversionError} */
  checkStored?(stored: JsonObject): void;
  /** Notes that an object that is stored now was decoded by this version, but for what it has of the one that it replaced. */
  noteShown?(stored: JsonObject, old: JsonObject | undefined): void;
  /** The object of this version as it is stored. */
  toStorage(object: JsonObject): JsonObject;
  /** Of a custom resource: an object of this version in another one, neither pruned nor with defaults. @throws {ConversionError} */
  convert?(object: JsonObject, apiVersion: string): JsonObject;
  /** Where a webhook converts the objects: which. What nobody converts is shown and stored in the version that it has. */
  readonly conversion?: ConversionWebhook;
  /** The type with objects that are converted; only there where somebody has to be asked for that. */
  convertedBy?(converter: Converter): ResourceType;
  /** Finds out what showing stored objects needs from outside of the process; only there where they are converted so. */
  ahead?(stored: readonly JsonObject[]): void;
  /**
   * Fills in what was left out: with the decoding of an object, so that its writer owns it.
   *
   * @param object Belongs to the caller, and may be changed.
   */
  setDefaults(object: JsonObject): JsonObject;
  /**
   * What the server itself makes of an object that is about to be written, before anybody else sees it.
   *
   * @param old Undefined for a new one.
   * @throws {Refusal} 403
   */
  admit?(object: JsonObject, old: JsonObject | undefined, around: Surroundings): JsonObject;
  /** Refuses what is sound, and must not be all the same. @param old Undefined for a new one. @throws {Refusal} 403 */
  confirm?(object: JsonObject, old: JsonObject | undefined, around: Surroundings): void;
  /** Completes an object that is about to be created. @throws {Refusal} when what is around it does not allow that. */
  prepareCreate(object: JsonObject, around: Surroundings): JsonObject;
  /** What is filled in where a new object is read, and is stored with its first update only: that makes a version, whatever it says. */
  whenRead?(object: JsonObject): JsonObject;
  /** Completes an object that is about to replace `old`; for a subresource, takes only what belongs to it. @param now RFC 3339. */
  prepareUpdate(
    object: JsonObject,
    old: JsonObject,
    subresource: string | undefined,
    now: string,
    around: Surroundings,
  ): JsonObject;
  /**
   * Checks what is not metadata.
   *
   * @param old The object to be replaced.
   * @param warn Takes what is wrong and is let through, because it was there before.
   * @param around Not there where the server itself writes.
   */
  validate(
    object: JsonObject,
    old: JsonObject | undefined,
    subresource: string | undefined,
    warn?: (text: string) => void,
    around?: Surroundings,
  ): readonly FieldError[];
}

/** `example.com/v1`, or `v1` in the core group. Pure. */
export const groupVersion = (type: { readonly group: string; readonly version: string }): string =>
  type.group === "" ? type.version : `${type.group}/${type.version}`;

/** How a 422 names the type: by its kind. Pure. */
export const kindSubject = (type: ResourceType): Subject => ({ group: type.kindGroup ?? type.group, plural: type.kind });
