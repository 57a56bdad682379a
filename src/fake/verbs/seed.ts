/**
 * What is there from the start.
 *
 * @module
 */
import { insert } from "./create.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { decodeMetadata } from "../types/metadata.ts";
import { groupVersion } from "../types/resource.ts";
import { ShapeError } from "../types/shape.ts";
import { Refusal } from "../types/status.ts";
import { storedEntries } from "../managed/tracking.ts";
import { server, trackOwn } from "./owners.ts";
import type { Call, World } from "../store/world.ts";

/** Something that was to be there from the start is refused. */
export class SeedError extends TypeError {
  /** Which one of those that were given. */
  readonly place: SeedPlace;
  /** What it is: `ConfigMap "a"`. */
  readonly what: string;
  /** Why, in the words of the server where that has refused it. */
  readonly why: string;
  /** Whether there is no such kind here. */
  readonly isUnknown: boolean;

  constructor(place: SeedPlace, what: string, why: string, isUnknown = false) {
    super(`Cannot set up ${what}: ${why}`);
    this.name = "TypeError";
    this.place = place;
    this.what = what;
    this.why = why;
    this.isUnknown = isUnknown;
  }
}

/** The place of something in what a fake cluster is set up with. */
export interface SeedPlace {
  readonly list: "crds" | "objects";
  readonly index: number;
}

/** Who makes what is there from the start. */
const seeder = "seed";

function put(world: World, object: JsonObject, place: SeedPlace, manager: string = seeder): void {
  const { apiVersion, kind } = object;
  const type = world.registry.all().find((each) => each.kind === kind && groupVersion(each) === apiVersion);
  const name = (object.metadata as { name?: string } | undefined)?.name ?? "";
  const what = `${kind} ${JSON.stringify(name)}`;
  if (!type) {
    const isList = String(kind).endsWith("List") && Array.isArray(object.items);
    throw new SeedError(
      place,
      what,
      isList ? "give the items of a list in its place" : `${apiVersion} has no such kind here`,
      !isList,
    );
  }
  try {
    const namespace = type.namespaced ? decodeMetadata(object.metadata).metadata.namespace ?? "default" : undefined;
    if (namespace !== undefined && !world.store.collection("/namespaces").get(namespace)) {
      put(world, namespaceObject(namespace), place);
    }
    const call: Call = {
      world,
      type,
      verb: "create",
      namespace,
      name: undefined,
      subresource: undefined,
      query: new URLSearchParams(),
      contentType: "",
      userAgent: "",
      body: new Uint8Array(),
      output: { format: "json", pretty: false },
      warnings: [],
      signal: undefined,
    };
    const accepted = type.decode(object).object;
    const managedFields = storedEntries(accepted, !type.custom);
    const { resourceVersion: _, ...metadata } = metaOf(accepted);
    const created = insert(call, { ...accepted, kind: type.kind, apiVersion: groupVersion(type), metadata }, {
      dryRun: false,
      fieldManager: manager,
      ...managedFields && { known: { managedFields } },
      keepsIdentity: true,
      isDecoded: true,
    });
    // What is there from the start may have a status already.
    if (type.custom && accepted.status !== undefined && created.status === undefined) {
      const next = { ...created, status: accepted.status };
      const known = metaOf(accepted).managedFields !== undefined;
      world.store.put(
        type,
        type.toStorage(known ? next : trackOwn(world, type, created, next, { manager, subresource: "status" })),
      );
    }
  } catch (error) {
    throw error instanceof Refusal || error instanceof ShapeError ? new SeedError(place, what, error.message) : error;
  }
}

const namespaceObject = (name: string): JsonObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

const isNamespace = ({ apiVersion, kind, metadata }: JsonObject, name: string): boolean =>
  apiVersion === "v1" && kind === "Namespace" && isObject(metadata) && metadata.name === name;

/** The namespaces of every cluster. */
export const PRESENT: readonly string[] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** Fills a world. @throws {SeedError} when something is refused. */
export function seed(world: World, crds: readonly JsonObject[], objects: readonly JsonObject[]): void {
  for (const name of PRESENT) {
    // As it is given, where it is.
    if (!objects.some((object) => isNamespace(object, name))) {
      put(world, namespaceObject(name), { list: "objects", index: -1 }, server);
    }
  }
  crds.forEach((crd, index) => put(world, crd, { list: "crds", index }));
  objects.forEach((object, index) => put(world, object, { list: "objects", index }));
}
