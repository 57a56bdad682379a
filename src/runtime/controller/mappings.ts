import { FUNCTION, type Members, required, RESOURCE, SELECTION } from "../../options.ts";
import type { KubernetesObject, Resource, Selection } from "../../ports.ts";
import { controllerOf } from "../objects/owner.ts";
import { keyOf, type StoreEvent } from "../store/store.ts";

/** A kind whose objects the controller makes, with a controller reference to an object of its own kind. */
export interface OwnedKind extends Selection {
  /** What it is called in the API. */
  readonly resource: Resource;
}

/** A kind of which objects matter to objects of the controller's kind. */
export interface MappedKind extends Selection {
  /** What it is called in the API. */
  readonly resource: Resource;
  /**
   * The keys that are to be reconciled when this object has changed. It is asked about the object before and after the change.
   * Pure; what it throws is logged.
   */
  map(object: KubernetesObject): Iterable<string>;
}

/** What is said of a kind that is owned. */
export const OWNED: Members<OwnedKind> = { ...SELECTION, resource: required(RESOURCE) };
/** What is said of a kind that matters. */
export const MAPPED: Members<MappedKind> = { ...OWNED, map: required(FUNCTION) };

/** Calls back with each key that an event is about. */
export type Mapping = (event: StoreEvent<KubernetesObject>, about: (key: string) => void) => void;

/** What is to be followed of one resource, for whatever reasons. */
export interface FollowedKind {
  readonly resource: Resource;
  readonly selection: Selection;
  owned: boolean;
  readonly mappings: Mapping[];
}

/** Each object is about itself. */
export const toSelf: Mapping = ({ object }, about) => about(keyOf(object));

/** Each object is about what controls it, and what did so before. @param find Looks among the objects that may do so. */
export function toController(find: (key: string) => KubernetesObject | undefined): Mapping {
  const tell = (object: KubernetesObject, about: (key: string) => void) => {
    const reference = controllerOf(object);
    if (!reference) return;
    // An owner that is not known (yet) will be reconciled when it comes; one that is gone takes what it owned with it.
    for (const key of [keyOf({ ...object, metadata: { ...object.metadata, name: reference.name } }), reference.name]) {
      if (find(key)?.metadata.uid === reference.uid) return about(key);
    }
  };
  return (event, about) => {
    tell(event.object, about);
    if (event.type === "MODIFIED" && controllerOf(event.previous)?.uid !== controllerOf(event.object)?.uid) {
      tell(event.previous, about);
    }
  };
}

/** Each object is about the keys that a function names. */
export const toMapped = (kind: MappedKind): Mapping => (event, about) => {
  for (const key of kind.map(event.object)) about(key);
  if (event.type === "MODIFIED") { for (const key of kind.map(event.previous)) about(key); }
};

/** What a resource is called among the kinds. */
export const nameOf = ({ group, plural }: Resource): string => group === "" ? plural : `${plural}.${group}`;

/** An object in messages, as in `configmaps "web/blog"`. */
export const textOf = (resource: Resource, key: string): string => `${nameOf(resource)} "${key}"`;

/**
 * Puts together what is to be followed, each resource once.
 *
 * @throws {TypeError} When one resource is to be followed with two selections: its cache would be neither.
 */
export function createFollowedKinds(controller: string): {
  readonly kinds: ReadonlyMap<string, FollowedKind>;
  add(resource: Resource, selection: Selection, mapping: Mapping, owned?: boolean): void;
} {
  const kinds = new Map<string, FollowedKind>();
  return {
    kinds,
    add(resource, { namespace, labelSelector, fieldSelector }, mapping, owned = false) {
      const selection: Selection = { namespace, labelSelector, fieldSelector };
      const known = kinds.get(nameOf(resource));
      if (!known) return void kinds.set(nameOf(resource), { resource, selection, owned, mappings: [mapping] });
      if (known.resource.version !== resource.version || JSON.stringify(known.selection) !== JSON.stringify(selection)) {
        throw new TypeError(
          `Cannot run controller "${controller}": it follows ${nameOf(resource)} twice, and not in the same way`,
        );
      }
      known.owned ||= owned;
      known.mappings.push(mapping);
    },
  };
}
