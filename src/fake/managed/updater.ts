/**
 * Who owns what after a write: the rules of server-side apply.
 *
 * @module
 */
import { compare, type Comparison } from "./compare.ts";
import { ConflictError, conflictsWith, together } from "./conflict.ts";
import type { Owned } from "./entries.ts";
import { difference, emptySet, type FieldSet, intersection, isEmpty, union, without } from "./field-set.ts";
import type { FieldType } from "./field-type.ts";
import type { Kind, Versioned } from "./kind.ts";
import { merge } from "./merge.ts";
import { fieldsOf, withNamed } from "./owned.ts";
import { reconcile } from "./reconcile.ts";
import { removeFields } from "./remove.ts";
import { TypedError } from "./typed-error.ts";
import { equal, type JsonObject } from "../types/json.ts";

type Managers = Map<string, Owned>;

const versioned = (kind: Kind, object: JsonObject): Versioned => ({ object, type: kind.type, apiVersion: kind.apiVersion });

/** @param what What is said, before the reason, when it cannot be converted. */
function inVersion(kind: Kind, from: Versioned, apiVersion: string, what: string): Versioned | undefined {
  return from.apiVersion === apiVersion ? from : saying(what, () => kind.convert(from, apiVersion));
}

function saying<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof TypedError ? new TypedError(what + error.message) : error;
  }
}

function compareIn(kind: Kind, before: Versioned, after: Versioned): Comparison {
  const { removed, modified, added } = compare(before.object, after.object, after.type);
  const reset = kind.reset(after.apiVersion);
  return { removed: without(removed, reset), modified: without(modified, reset), added: without(added, reset) };
}

/** What a manager owns, in a set that fits the type: it is noted that it does. */
function fitted(owned: Owned, type: FieldType): Owned {
  if (owned.fits === type) return owned;
  const set = reconcile(owned.set, type);
  if (set !== owned.set) return { ...owned, set, fits: type };
  owned.fits = type;
  return owned;
}

/** Fits the sets to the schemas of today. Managers of versions that are gone are forgotten. */
function reconciled(kind: Kind, live: JsonObject, managers: Managers): Managers {
  const found: Managers = new Map();
  for (const [id, owned] of managers) {
    const there = inVersion(kind, versioned(kind, live), owned.apiVersion, "");
    if (!there) continue;
    found.set(id, fitted(owned, there.type));
  }
  return found;
}

/** A manager to whom what has changed is given afterwards, but for what nobody owns: it is not taken from him first. */
export interface Heir {
  readonly id: string;
  readonly unowned: FieldSet;
}

/** Takes from all others what has changed. @throws {ConflictError} unless forced. */
function take(
  kind: Kind,
  before: JsonObject,
  after: JsonObject,
  managers: Managers,
  { self, force, heir }: { readonly self: string; readonly force: boolean; readonly heir?: Heir },
): Comparison {
  const [old, next] = [versioned(kind, before), versioned(kind, after)];
  const own = compareIn(kind, old, next);
  const comparisons = new Map([[kind.apiVersion, own]]);
  const conflicts: Managers = new Map();
  const removed = new Map<string, FieldSet>();
  /** What of the changed fields a manager loses. */
  const lost = (id: string, { apiVersion, applied }: Owned, changed: FieldSet) =>
    heir?.id === id && apiVersion === kind.apiVersion && !applied ? intersection(changed, heir.unowned) : changed;
  for (const [id, owned] of managers) {
    if (id === self) continue;
    const { apiVersion } = owned;
    if (!comparisons.has(apiVersion)) {
      const was = inVersion(kind, old, apiVersion, "failed to convert old object: ");
      const is = inVersion(kind, next, apiVersion, "failed to convert new object: ");
      if (!was || !is) {
        managers.delete(id);
        continue;
      }
      comparisons.set(apiVersion, compareIn(kind, was, is));
    }
    const comparison = comparisons.get(apiVersion)!;
    const conflicting = intersection(owned.set, lost(id, owned, union(comparison.modified, comparison.added)));
    if (!isEmpty(conflicting)) conflicts.set(id, { ...owned, set: conflicting });
    if (!isEmpty(comparison.removed)) removed.set(id, comparison.removed);
  }
  if (!force && conflicts.size > 0) throw new ConflictError(conflictsWith(conflicts));
  for (const [id, { set }] of conflicts) managers.set(id, less(managers.get(id)!, set));
  for (const [id, set] of removed) managers.set(id, less(managers.get(id)!, set));
  for (const [id, { set }] of managers) if (isEmpty(set)) managers.delete(id);
  return own;
}

function less(owned: Owned, set: FieldSet): Owned {
  const left = difference(owned.set, set);
  return left === owned.set ? owned : { ...owned, set: left };
}

/** The managers of an object that was written as a whole. @throws {TypedError} */
export function updateManagers(
  kind: Kind,
  before: JsonObject,
  after: JsonObject,
  managers: ReadonlyMap<string, Owned>,
  { self, heir }: { readonly self: string; readonly heir: Heir },
): Managers {
  const next = reconciled(kind, before, new Map(managers));
  const { removed, modified, added } = take(kind, before, after, next, { self, force: true, heir });
  const { apiVersion } = kind;
  const owned = union(union(difference(next.get(self)?.set ?? emptySet, removed), modified), added);
  const set = without(owned, kind.reset(apiVersion));
  if (isEmpty(set)) next.delete(self);
  else next.set(self, { set, apiVersion, applied: false });
  return next;
}

/** What an object becomes that something is applied to. */
export interface Applied {
  /** Nothing, where it stays as it is. */
  readonly object: JsonObject | undefined;
  readonly managers: Managers;
}

/** Merges what is applied, and takes out what its applier has dropped. @throws {ConflictError | TypedError} */
export function applyTo(
  kind: Kind,
  live: JsonObject,
  applied: JsonObject,
  managers: ReadonlyMap<string, Owned>,
  self: string,
  force: boolean,
): Applied {
  const { apiVersion, type } = kind;
  const next = reconciled(kind, live, new Map(managers));
  const last = next.get(self);
  const set = without(fieldsOf(applied, type), kind.reset(apiVersion));
  next.set(self, { set, apiVersion, applied: true });
  const merged = saying("failed to merge config: ", () => merge(live, applied, type));
  const object = saying("failed to prune fields: ", () => prune(kind, merged, next, last));
  take(kind, live, object, next, { self, force });
  return { object: equal(live, object) ? undefined : object, managers: next };
}

/** Removes what was applied last time, is not this time, and nobody else owns. */
function prune(kind: Kind, merged: JsonObject, managers: Managers, last: Owned | undefined): JsonObject {
  if (!last || isEmpty(last.set)) return merged;
  const { apiVersion } = last;
  const why = "failed to convert merged object to last applied version: ";
  const there = inVersion(kind, versioned(kind, merged), apiVersion, why);
  if (!there) return merged;
  const lastSet = withNamed(last.set, there.type);
  const removed = { ...there, object: removeFields(there.object, lastSet, there.type) };
  const kept = saying("failed add back owned items: ", () => addBackOwned(kind, there, removed, managers, apiVersion));
  // In the version of another manager, maybe, by whom something was added back.
  const whyNot = "failed add back dangling items: failed to convert pruned object to last applied version: ";
  const dangling = inVersion(kind, kept, apiVersion, whyNot);
  if (!dangling) return there.object;
  const gone = difference(named(there), named(dangling));
  const pruned = { ...there, object: removeFields(there.object, intersection(gone, lastSet), there.type) };
  return inVersion(kind, pruned, kind.apiVersion, "")!.object;
}

const named = ({ object, type }: Versioned): FieldSet => withNamed(fieldsOf(object, type), type);

function addBackOwned(kind: Kind, merged: Versioned, pruned: Versioned, managers: Managers, first: string): Versioned {
  const byVersion = Map.groupBy(managers.values(), (owned) => owned.apiVersion);
  const versions = [...byVersion.keys()].sort((a, b) => Number(b === first) - Number(a === first));
  let [whole, left] = [merged, pruned];
  for (const version of versions) {
    const a = inVersion(kind, whole, version, `failed to convert merged object at version ${version}: `);
    const b = inVersion(kind, left, version, `failed to convert pruned object at version ${version}: `);
    if (!a || !b) continue;
    const owned = withNamed(together(byVersion.get(version)!.map(({ set }) => set)), a.type);
    whole = a;
    left = { ...a, object: removeFields(a.object, difference(named(a), union(named(b), owned)), a.type) };
  }
  return left;
}
