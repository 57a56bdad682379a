/**
 * Which resource types the server serves at the moment.
 *
 * @module
 */
import { builtinTypes, storedBuiltins } from "../builtin/builtin.ts";
import { hasCondition } from "../crd/crd.ts";
import { compareVersions, type CustomTypes, servedSpec, typesOf } from "../crd/custom.ts";
import { equal, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import type { ResourceType } from "../types/resource.ts";

/** The served types: the built-in ones and those of established CRDs. */
export class Registry {
  readonly #custom = new Map<string, CustomTypes & { readonly spec: JsonObject }>();
  readonly #index = new Map<string, ResourceType>();

  constructor() {
    for (const type of builtinTypes) this.#index.set(`${type.group}/${type.version}/${type.plural}`, type);
  }

  /** Takes up a CRD as it stands now. @returns Whether it is served otherwise than before. */
  install(crd: JsonObject): boolean {
    const name = metaOf(crd).name!;
    this.#forget(name);
    if (!hasCondition(crd, "Established")) return false;
    const types = typesOf(crd);
    const before = this.#custom.get(name);
    const spec = servedSpec(crd);
    this.#custom.set(name, { ...types, spec });
    for (const type of types.served) this.#index.set(`${type.group}/${type.version}/${type.plural}`, type);
    return !before || !equal(before.spec, spec);
  }

  /** Serves what another one serves, and nothing else. */
  become(other: Registry): void {
    this.#custom.clear();
    this.#index.clear();
    for (const [name, types] of other.#custom) this.#custom.set(name, types);
    for (const [path, type] of other.#index) this.#index.set(path, type);
  }

  /** Forgets a CRD. */
  uninstall(name: string): void {
    this.#forget(name);
    this.#custom.delete(name);
  }

  #forget(name: string): void {
    for (const type of this.#custom.get(name)?.served ?? []) this.#index.delete(`${type.group}/${type.version}/${type.plural}`);
  }

  /** The type behind a path. */
  find(group: string, version: string, plural: string): ResourceType | undefined {
    return this.#index.get(`${group}/${version}/${plural}`);
  }

  /** A version in which objects may have been written: also one of a CRD that is served no more. */
  version(group: string, version: string, plural: string): ResourceType | undefined {
    return this.find(group, version, plural) ??
      this.#custom.get(`${plural}.${group}`)?.unserved.find((type) => type.version === version);
  }

  /** The built-in type of that kind. */
  builtin(kind: string): ResourceType {
    return builtinTypes.find((type) => type.kind === kind)!;
  }

  /** The types in which objects are stored, one a collection. */
  stored(): readonly ResourceType[] {
    return [...storedBuiltins, ...[...this.#custom.values()].map((custom) => custom.storage)];
  }

  /** The type in which the objects of a CRD are stored. */
  storageOf(crd: string): ResourceType | undefined {
    return this.#custom.get(crd)?.storage;
  }

  /** All served types. */
  all(): readonly ResourceType[] {
    return [...this.#index.values()];
  }

  /** All types that a body can be read as: those that are served, and the versions of CRDs that are not. */
  readable(): readonly ResourceType[] {
    const unserved = [...this.#custom.values()].flatMap((custom) => custom.unserved);
    return unserved.length === 0 ? this.all() : [...this.all(), ...unserved];
  }

  /** The groups, built-in ones first, each with its versions in order of preference. */
  groups(): readonly { readonly group: string; readonly versions: readonly string[] }[] {
    const groups = new Map<string, Set<string>>();
    for (const type of this.#index.values()) {
      const versions = groups.get(type.group) ?? new Set();
      groups.set(type.group, versions.add(type.version));
    }
    return [...groups].map(([group, versions]) => ({ group, versions: [...versions].sort(compareVersions) }));
  }

  /** The types of one group and version. */
  of(group: string, version: string): readonly ResourceType[] {
    return this.all().filter((type) => type.group === group && type.version === version);
  }
}
