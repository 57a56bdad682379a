/**
 * `metadata.managedFields`: who owns what, as it is stored and shown.
 *
 * @module
 */
import { type FieldSet, readFieldSet } from "./field-set.ts";
import { encode, equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { Note } from "../types/note.ts";
import { byBytes } from "../types/order.ts";
import type { FieldType } from "./field-type.ts";

/** Who a manager is. */
export interface Identity {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource?: string;
}

/** What a manager owns. */
export interface Owned {
  readonly set: FieldSet;
  /** The version in which it was written. */
  readonly apiVersion: string;
  /** Whether it was applied. */
  readonly applied: boolean;
  /** The type that the set is known to fit, and every part of it. */
  fits?: FieldType | undefined;
}

/** All managers of an object. */
export interface Managed {
  /** By the text that identifies a manager. */
  readonly fields: Map<string, Owned>;
  /** When each has last changed something, RFC 3339 in whole seconds. Who has not has no time. */
  readonly times: Map<string, string>;
  /** The type that the object is known to fit which they are the managers of: it may not any more when the schema has changed. */
  fits?: FieldType;
}

/** Entries that say nothing that could be understood. */
export class EntriesError extends Error {}

/** The text that identifies a manager. An applier is the same in all versions. Pure. */
export function identify({ manager, operation, apiVersion, subresource }: Identity): string {
  return encode({
    ...manager !== "" && { manager },
    operation,
    ...operation === "Update" && { apiVersion },
    ...subresource && { subresource },
  });
}

/** Nobody. */
export const noManagers = (): Managed => ({ fields: new Map(), times: new Map() });

const text = (value: Json | undefined): string => typeof value === "string" ? value : "";

/** Whether a body asks to forget all managers: with no entry, or with one that is empty. Pure. */
export function isReset(entries: Json | undefined): boolean {
  if (!Array.isArray(entries)) return false;
  return entries.length === 0 || (entries.length === 1 && isObject(entries[0]) && Object.keys(entries[0]).length === 0);
}

/** What entries say that were written here: those of an object are read by its next write. */
const known = new Note<Managed>();

/** What entries are known to say that were written here. */
export const knownEntries = (entries: Json | undefined): Managed | undefined =>
  Array.isArray(entries) ? known.of(entries) : undefined;

/** Reads entries. Pure; what it returns is not to be changed. @throws {EntriesError | PathElementError} */
export const readEntries = (entries: Json | undefined): Managed =>
  knownEntries(entries) ?? (Array.isArray(entries) ? read(entries) : noManagers());

function read(entries: readonly Json[]): Managed {
  const managed = noManagers();
  for (const entry of entries) {
    if (!isObject(entry)) throw new EntriesError("an entry is no object");
    const { operation, time } = entry;
    const apiVersion = text(entry.apiVersion);
    if (operation !== "Apply" && operation !== "Update") throw new EntriesError("operation must be `Apply` or `Update`");
    if (apiVersion === "") throw new EntriesError("apiVersion must not be empty");
    if (entry.fieldsType !== "FieldsV1") throw new EntriesError("fieldsType must be FieldsV1");
    const id = identify({ manager: text(entry.manager), operation, apiVersion, subresource: text(entry.subresource) });
    managed.fields.set(id, { set: readFieldSet(entry.fieldsV1), apiVersion, applied: operation === "Apply" });
    if (typeof time === "string") managed.times.set(id, time);
    else managed.times.delete(id);
  }
  return managed;
}

const identities = new Map<string, Partial<Identity>>();
const identitiesKept = 500;

/** Who a text identifies. Pure. */
export function identityOf(id: string): Partial<Identity> {
  let found = identities.get(id);
  if (!found) {
    if (identities.size >= identitiesKept) identities.clear();
    identities.set(id, found = JSON.parse(id) as Partial<Identity>);
  }
  return found;
}

function compareEntries(a: JsonObject, b: JsonObject): number {
  for (const member of ["operation", "time", "manager", "apiVersion", "subresource"]) {
    const order = byBytes(text(a[member]), text(b[member]));
    if (order !== 0) return order;
  }
  return 0;
}

/** Whether entries that were written here tell of these managers, and nothing else. */
export function tellsSame(entries: Json | undefined, { fields, times }: Managed): boolean {
  const told = knownEntries(entries);
  if (!told || told.fields.size !== fields.size) return false;
  for (const [id, { set, apiVersion, applied }] of fields) {
    const other = told.fields.get(id);
    if (other?.set !== set || other.apiVersion !== apiVersion || other.applied !== applied) return false;
    if (told.times.get(id) !== times.get(id)) return false;
  }
  return true;
}

const inAlphabet = ["apiVersion", "fieldsType", "fieldsV1", "manager", "operation", "subresource", "time"] as const;
const inStruct = ["manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource"] as const;

/**
 * The entries of some managers, in their order, frozen. Pure.
 *
 * @param isStruct Whether the object is of a Go type: their members are in its order then, else in alphabetic order.
 * @returns Nothing for nobody.
 */
export function writeEntries({ fields, times }: Managed, isStruct: boolean): Json[] | undefined {
  if (fields.size === 0) return undefined;
  const written = [...fields].map(([id, owned]) => {
    const { set, apiVersion, applied } = owned;
    const { manager, subresource } = identityOf(id);
    const time = times.get(id);
    const operation = applied ? "Apply" : "Update";
    const given = { manager, operation, apiVersion, time, fieldsType: "FieldsV1", fieldsV1: set as JsonObject, subresource };
    const entry: JsonObject = {};
    for (const member of isStruct ? inStruct : inAlphabet) if (given[member] !== undefined) entry[member] = given[member];
    return { id, owned, entry: Object.freeze(entry) };
  });
  written.sort((a, b) => compareEntries(a.entry, b.entry));
  const entries: Json[] = written.map(({ entry }) => entry);
  // The next write reads them as they are, unless they tell another manager than the one that they are of: that of a scale.
  const isReadSo = written.every(({ id, owned: { apiVersion, applied } }) => {
    const identity = identityOf(id);
    return applied ? identity.operation === "Apply" : identity.operation === "Update" && identity.apiVersion === apiVersion;
  });
  if (isReadSo) {
    const left = [...times].filter(([id]) => fields.has(id));
    known.set(entries, { fields: new Map(written.map(({ id, owned }) => [id, owned])), times: new Map(left) });
  }
  return Object.freeze(entries) as Json[];
}

const timeless = (entry: Json | undefined) => {
  const { time: _, ...rest } = entry as JsonObject;
  return rest;
};

/** Whether entries differ in nothing but times, and in these. Pure. */
export function differInTimeOnly(a: Json | undefined, b: Json | undefined): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length || equal(a, b)) return false;
  return a.every((entry, at) => equal(timeless(entry), timeless(b[at])));
}
