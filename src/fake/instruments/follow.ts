/**
 * Seeing what a cluster holds without asking it.
 *
 * @module
 */
import { checkValue, FUNCTION } from "../../options.ts";
import { isResource, resourceIn } from "./resource-names.ts";
import { asPlain, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import type { ResourceType } from "../types/resource.ts";
import type { World } from "../store/world.ts";

/** One change of an object. */
export interface ObjectChange {
  /** What became of it. What is there when it is first looked at was `ADDED`. */
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** As it is stored, at its new version; not to be changed. Of a deletion, as it last was. Integers beyond 2^53 are rounded, as by JSON.parse. */
  readonly object: unknown;
}

/**
 * Shows what there is of a resource, then each change within the write that makes it.
 *
 * @returns A function that ends this.
 * @throws {TypeError} When the resource is no plural; it may be one that is not served yet.
 */
export function followObjects({ store, registry }: World, resource: string, tell: (change: ObjectChange) => void): () => void {
  const action = "Cannot follow a resource";
  checkValue(action, "resource", resource, resourceIn(registry));
  checkValue(action, "tell", tell, FUNCTION);
  const isMeant = ({ group, plural }: ResourceType) => isResource(resource, group === "" ? plural : `${plural}.${group}`);
  const meant = () => registry.stored().find(isMeant);
  const ending = `/${resource.split(".", 1)[0]}`;
  const shown = new Map<string | undefined, JsonObject>(); // by uid
  const show = (type: ObjectChange["type"], object: JsonObject) => {
    const { uid } = metaOf(object);
    if (type === "DELETED") shown.delete(uid);
    else shown.set(uid, object);
    tell({ type, object: asPlain(object) });
  };
  /** After a restore what is not there any more is told of, too. */
  const showAll = () => {
    const type = meant();
    const there = (type ? store.collection(type.storage).all() : []).map(([, object]) => type!.fromStorage(object));
    const uids = new Set(there.map((object) => metaOf(object).uid));
    for (const [uid, object] of [...shown]) if (!uids.has(uid)) show("DELETED", object);
    for (const object of there) show("ADDED", object);
  };
  const end = store.observe((collection, event) => {
    if (!event) return showAll();
    // A collection is called `group/plural`: whose end is another is not looked up.
    if (!collection!.endsWith(ending)) return;
    const type = meant();
    if (type?.storage === collection) show(event.type, type!.fromStorage(event.object));
  });
  showAll();
  return end;
}
