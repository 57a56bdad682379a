/**
 * The garbage collector in the background: objects whose owners are gone go, too.
 *
 * It looks at what requests write and delete, a moment later. Objects that were there from the start are left alone until one of
 * their owners is deleted: they may come from a cluster whose other objects are not here.
 *
 * @module
 */
import { collect } from "./collector.ts";
import { afterRemoval, afterWrite } from "./controllers.ts";
import { removeObject } from "./removal.ts";
import { controllers, trackOwn } from "./owners.ts";
import type { JsonObject } from "../types/json.ts";
import { metaOf, type OwnerReference, withMeta } from "../types/meta.ts";
import { groupVersion, type ResourceType } from "../types/resource.ts";
import { keyOf } from "../store/store.ts";
import type { StoreEvent } from "../store/store.ts";
import type { World } from "../store/world.ts";

/** How long a genuine one is about it. Milliseconds. */
const delay = 10;

/** What a reference leads to. `unknown` is a kind that is not served: then nothing is done. */
type Owner = "solid" | "absent" | "waiting" | "unknown";

interface Place {
  readonly storage: string;
  readonly key: string;
}
const idOf = ({ storage, key }: Place) => `${storage} ${key}`;
const ownersIn = (object: JsonObject | undefined) => object ? metaOf(object).ownerReferences ?? [] : [];

class GarbageCollector {
  readonly #world: World;
  /** Who names an owner, by its uid. */
  #dependents = new Map<string, Map<string, Place>>();
  #due = new Map<string, Place>();
  #cancel: (() => void) | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#index();
  }

  #index(): void {
    this.#dependents = new Map();
    this.#due = new Map();
    for (const storage of this.#world.store.names()) {
      for (const [key, object] of this.#world.store.collection(storage).all()) this.#note({ storage, key }, object);
    }
  }

  #note(place: Place, object: JsonObject): void {
    for (const { uid } of ownersIn(object)) {
      const known = this.#dependents.get(uid) ?? new Map<string, Place>();
      this.#dependents.set(uid, known.set(idOf(place), place));
    }
  }
  #forget(place: Place, object: JsonObject): void {
    for (const { uid } of ownersIn(object)) {
      const known = this.#dependents.get(uid);
      known?.delete(idOf(place));
      if (known?.size === 0) this.#dependents.delete(uid);
    }
  }

  /** A change in the store, or all of it anew. */
  see(storage: string | undefined, event: StoreEvent | undefined): void {
    if (storage === undefined || !event) return this.#index();
    const { namespace, name, uid } = metaOf(event.object);
    const place = { storage, key: keyOf(namespace, name!) };
    if (event.previous) this.#forget(place, event.previous);
    if (event.type === "DELETED") {
      this.#due.delete(idOf(place));
      for (const dependent of this.#dependents.get(uid!)?.values() ?? []) this.#due.set(idOf(dependent), dependent);
    } else {
      this.#note(place, event.object);
      if (ownersIn(event.object).length > 0) this.#due.set(idOf(place), place);
    }
    if (this.#due.size > 0) this.#cancel ??= this.#world.clock.setTimer(delay, () => this.#run());
  }

  #run(): void {
    for (let next: Place | undefined; (next = this.#due.values().next().value);) {
      this.#due.delete(idOf(next));
      this.#attempt(next);
    }
    this.#cancel = undefined;
  }

  #owner(object: JsonObject, isNamespaced: boolean, { apiVersion, kind, name, uid }: OwnerReference): Owner {
    const { registry, store } = this.#world;
    const served = registry.all().find((type) => type.kind === kind && groupVersion(type) === apiVersion);
    // An object of the whole cluster is owned by none in a namespace: the genuine one says so and leaves it.
    if (!served || (served.namespaced && !isNamespaced)) return "unknown";
    const owner = store.collection(served.storage).get(keyOf(served.namespaced ? metaOf(object).namespace : undefined, name));
    if (!owner || metaOf(owner).uid !== uid) return "absent";
    const { deletionTimestamp, finalizers } = metaOf(owner);
    return deletionTimestamp !== undefined && finalizers?.includes("foregroundDeletion") ? "waiting" : "solid";
  }

  #attempt({ storage, key }: Place): void {
    const { registry, store } = this.#world;
    const type = registry.stored().find((each) => each.storage === storage);
    const stored = store.collection(storage).get(key);
    if (!type || !stored || metaOf(stored).deletionTimestamp !== undefined) return;
    const references = ownersIn(stored);
    const owners = references.map((reference) => this.#owner(stored, type.namespaced, reference));
    if (references.length === 0 || owners.includes("unknown") || owners.every((owner) => owner === "solid")) return;
    if (owners.includes("solid")) {
      const ownerReferences = references.filter((_, at) => owners[at] === "solid");
      const next = withMeta(stored, { ...metaOf(stored), ownerReferences });
      store.put(type, trackOwn(this.#world, type, stored, next, { manager: controllers }));
    } else this.#delete(type, type.fromStorage(stored), owners.includes("waiting"));
  }

  #delete(type: ResourceType, object: JsonObject, ownerWaits: boolean): void {
    const world = this.#world;
    const { uid, finalizers = [] } = metaOf(object);
    const waits = finalizers.includes("foregroundDeletion") || (ownerWaits && this.#dependents.has(uid!));
    const collecting = finalizers.includes("orphan") ? "orphan" : waits ? "foregroundDeletion" : undefined;
    const removal = removeObject(world, type, object, false, collecting);
    if (removal.gone) afterRemoval(world, type, object);
    else if (collecting) collect(world, type, removal.object, (gone, last) => afterRemoval(world, gone, last));
    else afterWrite(world, type, removal.object);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#due.clear();
  }
}

/** Collects garbage from now on. @returns A function that ends it. */
export function collectGarbage(world: World): () => void {
  const collector = new GarbageCollector(world);
  const leave = world.store.observe((name, event) => collector.see(name, event));
  return () => {
    leave();
    collector.stop();
  };
}
