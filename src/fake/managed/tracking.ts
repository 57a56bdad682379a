/**
 * What becomes of `metadata.managedFields` with a write: the layers of `k8s.io/apimachinery/pkg/util/managedfields`.
 *
 * @module
 */
import { capUpdaters } from "./cap.ts";
import { ConflictError, conflictRefusal, conflictsWithout } from "./conflict.ts";
import {
  EntriesError,
  identify,
  isReset,
  knownEntries,
  type Managed,
  noManagers,
  readEntries,
  tellsSame,
  writeEntries,
} from "./entries.ts";
import { difference, isEmpty, setOf, union } from "./field-set.ts";
import type { Kind } from "./kind.ts";
import { lastAppliedFields, migrating, withLastApplied } from "./last-applied.ts";
import { fieldElement, PathElementError } from "./path-element.ts";
import { TypedError } from "./typed-error.ts";
import { checkTyped } from "./validate.ts";
import { applyTo, updateManagers } from "./updater.ts";
import { equal, isObject, type JsonObject } from "../types/json.ts";
import { type Meta, metaOf, withMeta } from "../types/meta.ts";

/** Who writes, where and when. */
export interface Writer {
  readonly kind: Kind;
  readonly manager: string;
  /** The subresource that is written to. */
  readonly subresource: string | undefined;
  /** RFC 3339 in whole seconds. */
  readonly now: string;
}

/** What nobody owns: the server itself sets it. */
const unowned = setOf(
  ...["apiVersion", "kind", "metadata"].map((name) => [fieldElement(name)]),
  ...[
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
  ]
    .map((name) => [fieldElement("metadata"), fieldElement(name)]),
);

function idOf({ kind, manager, subresource }: Writer, operation: "Apply" | "Update"): string {
  return identify({ manager: manager || "unknown", operation, apiVersion: kind.apiVersion, subresource });
}

function withoutEntries(object: JsonObject): JsonObject {
  if (!isObject(object.metadata) || !Object.hasOwn(object.metadata, "managedFields")) return object;
  const { managedFields: _, ...metadata } = metaOf(object);
  return withMeta(object, metadata);
}

/** @param live The object as it is: entries that still hold are its own. */
function withEntries(object: JsonObject, managed: Managed, { isStruct }: Kind, live: JsonObject): JsonObject {
  const before = metaOf(live)?.managedFields;
  const managedFields = tellsSame(before, managed) ? before : writeEntries(managed, isStruct);
  const { managedFields: _, ...rest } = metaOf(object) ?? {};
  return withMeta(object, (managedFields ? { ...rest, managedFields } : rest) as Meta);
}

const isUnreadable = (error: unknown) => error instanceof EntriesError || error instanceof PathElementError;

/** The managers that entries name; nobody, where they cannot be read. */
function readOr<T>(object: JsonObject, otherwise: T): Managed | T {
  try {
    return readEntries(metaOf(object)?.managedFields);
  } catch (error) {
    if (isUnreadable(error)) return otherwise;
    throw error;
  }
}

/** Entries that come from elsewhere, as they are stored. Pure. @returns Nothing where they name nobody. */
export const storedEntries = (object: JsonObject, isStruct: boolean): Meta["managedFields"] =>
  writeEntries(readOr(object, noManagers()), isStruct);

/** Through a subresource, the managers in a body do not count; else they do, where they can be read. */
function managersBefore(live: JsonObject, next: JsonObject, subresource: string | undefined): Managed {
  if (subresource !== undefined) return readOr(live, noManagers());
  if (isReset(metaOf(next)?.managedFields)) return noManagers();
  const given = readOr(next, undefined);
  return given === undefined || given.fields.size === 0 ? readOr(live, noManagers()) : given;
}

function strip({ fields }: Managed, id: string): void {
  const owned = fields.get(id);
  if (!owned) return;
  const set = difference(owned.set, unowned);
  if (isEmpty(set)) fields.delete(id);
  else if (set !== owned.set) fields.set(id, { ...owned, set });
}

const current = "current-operation";

/** The managers after an update. */
function updated(writer: Writer, live: JsonObject, next: JsonObject, before: Managed): Managed {
  const { kind, now } = writer;
  // A new object is tracked from its beginning; one without managers, not before something is applied to it.
  if (before.fields.size === 0 && (metaOf(live)?.uid ?? "") !== "") return before;
  const id = idOf(writer, "Update");
  const managed: Managed = {
    fields: updateManagers(kind, live, next, before.fields, { self: current, heir: { id, unowned } }),
    times: new Map(before.times),
  };
  strip(managed, current);
  const own = managed.fields.get(current);
  if (own) {
    managed.fields.delete(current);
    const previous = managed.fields.get(id);
    const set = previous ? union(previous.set, own.set) : own.set;
    managed.fields.set(id, previous?.set === set && previous.apiVersion === own.apiVersion ? previous : { ...own, set });
    managed.times.set(id, now);
  }
  capUpdaters(managed);
  // These were made of sets that fit, and of differences by the same type.
  for (const owned of managed.fields.values()) if (owned.apiVersion === kind.apiVersion) owned.fits = kind.type;
  return managed;
}

/** What is known of the managers of an object. */
const knownManagers = (object: JsonObject): Managed | undefined => knownEntries(metaOf(object).managedFields);

/** What a request leaves as it is, whatever it says, has to fit nevertheless. Go types have seen to that. @throws {TypedError} */
function checkIgnored({ isStruct, apiVersion, type, reset }: Kind, live: JsonObject, next: JsonObject): void {
  if (isStruct) return;
  for (const element of Object.keys(reset(apiVersion))) {
    const name = element.slice("f:".length);
    const member = next[name];
    if (name === "metadata" || member === undefined || equal(member, live[name])) continue;
    checkTyped({ [name]: member }, type, { unique: false });
  }
}

/**
 * The new state of an object, with its managers as they are after a create, an update or a patch that is none of apply.
 * Where the object does not fit its field type there are none. Pure.
 *
 * @param live The object as it is; a new one's is empty, but for its kind.
 */
export function trackUpdate(writer: Writer, live: JsonObject, next: JsonObject): JsonObject {
  const before = managersBefore(live, next, writer.subresource);
  const { type } = writer.kind;
  const [old, bare] = [withoutEntries(live), withoutEntries(next)];
  // What says that it is of another kind fits no field type of this one.
  if (!writer.kind.isStruct && (next.kind !== live.kind || next.apiVersion !== live.apiVersion)) return bare;
  try {
    if (before.fields.size > 0 && knownManagers(live)?.fits !== type) {
      checkTyped(old, type, { unique: false });
      checkTyped(bare, type, { unique: false });
    } else checkIgnored(writer.kind, old, bare);
    const tracked = withEntries(bare, updated(writer, old, bare, before), writer.kind, live);
    const managers = knownManagers(tracked);
    if (managers) managers.fits = type;
    return tracked;
  } catch (error) {
    if (error instanceof TypedError) return bare;
    throw error;
  }
}

function applied(writer: Writer, live: JsonObject, object: JsonObject, before: Managed, force: boolean) {
  const id = idOf(writer, "Apply");
  const managed: Managed = { fields: new Map(before.fields), times: new Map(before.times) };
  const result = applyTo(writer.kind, live, object, managed.fields, id, force);
  const after: Managed = { fields: result.managers, times: managed.times };
  strip(after, id);
  if (result.object) after.times.set(id, writer.now);
  return { object: result.object ?? live, managed: after };
}

/** What kubectl has applied from the client's side is no conflict. */
function appliedByKubectl(writer: Writer, live: JsonObject, object: JsonObject, before: Managed) {
  try {
    return applied(writer, live, object, before, false);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const allowed = lastAppliedFields(writer.kind, live);
    if (!allowed) throw error;
    const left = conflictsWithout(error.conflicts, allowed);
    if (left.length > 0) throw new ConflictError(left);
    return applied(writer, live, object, before, true);
  }
}

/**
 * The object that something is applied to, merged, with its managers. Pure.
 *
 * @param live The object as it is; a new one's is empty, but for its kind.
 * @throws {Refusal} 409 when others own what differs, unless `force`.
 * @throws {TypedError} When the object does not fit its type.
 */
export function trackApply(
  writer: Writer,
  live: JsonObject,
  object: JsonObject,
  { force, empty }: { readonly force: boolean; readonly empty: JsonObject },
): JsonObject {
  const bare = withoutEntries(live);
  let before = readEntries(metaOf(live)?.managedFields);
  if (before.fields.size === 0) before = updated({ ...writer, manager: "before-first-apply" }, empty, bare, before);
  try {
    const migrates = writer.manager === migrating;
    const result = migrates && !force
      ? appliedByKubectl(writer, bare, object, before)
      : applied(writer, bare, object, before, force);
    const merged = migrates ? withLastApplied(result.object, object) : result.object;
    return withEntries(merged, result.managed, writer.kind, live);
  } catch (error) {
    throw error instanceof ConflictError ? conflictRefusal(error.conflicts) : error;
  }
}
