/**
 * Who owns the replicas of an object, as its scale shows it: `k8s.io/apimachinery/pkg/util/managedfields` ScaleHandler.
 *
 * @module
 */
import { type Managed, noManagers, type Owned, readEntries, writeEntries } from "../managed/entries.ts";
import { difference, has, isEmpty, type Path, setOf } from "../managed/field-set.ts";
import { fieldElement } from "../managed/path-element.ts";
import type { Call } from "../store/world.ts";
import type { Json, JsonObject } from "../types/json.ts";
import { type Meta, metaOf, withMeta } from "../types/meta.ts";
import { groupVersion, type ScalePaths } from "../types/resource.ts";

const scaleVersion = "autoscaling/v1";
const inScale: Path = ["spec", "replicas"].map(fieldElement);

/** The entries of an object and those of its scale. */
export interface ScaleOwners {
  /** Those of the scale: of whoever owns the replicas. */
  shown(): Json[] | undefined;
  /** Those of the object, once those of the scale have become these. */
  kept(entries: Json[] | undefined): Json[] | undefined;
}

/** An object with other entries. Pure. */
export function withManagers(object: JsonObject, managedFields: Json[] | undefined): JsonObject {
  const { managedFields: _, ...rest } = metaOf(object);
  return withMeta(object, (managedFields ? { ...rest, managedFields } : rest) as Meta);
}

/** Who owns the replicas of an object. @param paths Where they are, in the version of the call. */
export function scaleOwners({ type, world }: Call, object: JsonObject, paths: ScalePaths): ScaleOwners {
  const version = groupVersion(type);
  /** Where the replicas are in some version. Nothing: there is no such version. */
  const pathIn = (apiVersion: string): Path | undefined => {
    if (apiVersion === version) return paths.spec.map(fieldElement);
    const [own, group = ""] = apiVersion.split("/").toReversed();
    const other = world.registry.version(group, own!, type.plural);
    if (!other || other.storage !== type.storage) return undefined;
    return (other.scale ?? paths).spec.map(fieldElement);
  };
  const managed = readEntries(metaOf(object).managedFields);
  const owns = ({ set, apiVersion }: Owned): boolean => {
    const path = pathIn(apiVersion);
    return path !== undefined && has(set, path);
  };
  return {
    shown() {
      const scale = noManagers();
      for (const [id, owned] of managed.fields) {
        if (!owns(owned)) continue;
        scale.fields.set(id, { ...owned, set: setOf(inScale), apiVersion: scaleVersion });
        const time = managed.times.get(id);
        if (time !== undefined) scale.times.set(id, time);
      }
      return writeEntries(scale, true);
    },
    kept(entries) {
      const scale: Managed = readEntries(entries);
      const next = noManagers();
      const keep = (id: string, owned: Owned) => {
        next.fields.set(id, owned);
        // Who is new has no time.
        const time = managed.times.get(id);
        if (time !== undefined) next.times.set(id, time);
      };
      for (const [id, owned] of managed.fields) {
        const path = pathIn(owned.apiVersion);
        if (!path) continue;
        if (!has(owned.set, path) || scale.fields.has(id)) keep(id, owned);
        else {
          const set = difference(owned.set, setOf(path));
          if (!isEmpty(set)) keep(id, { ...owned, set });
        }
      }
      for (const [id, owned] of scale.fields) {
        if (has(owned.set, inScale)) keep(id, { ...owned, set: setOf(paths.spec.map(fieldElement)), apiVersion: version });
      }
      return writeEntries(next, !type.custom);
    },
  };
}
