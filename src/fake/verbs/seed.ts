/**
 * What is there from the start.
 *
 * @module
 */
import { insert } from "./create.ts";
import type { JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { decodeMetadata } from "../types/metadata.ts";
import { groupVersion } from "../types/resource.ts";
import { Refusal } from "../types/status.ts";
import type { Call, World } from "../store/world.ts";

function put(world: World, object: JsonObject): void {
  const { apiVersion, kind } = object;
  const type = world.registry.all().find((each) => each.kind === kind && groupVersion(each) === apiVersion);
  const name = (object.metadata as { name?: string } | undefined)?.name ?? "";
  const label = `Cannot set up ${kind} ${JSON.stringify(name)}`;
  if (!type) throw new TypeError(`${label}: ${apiVersion} has no such kind here`);
  const namespace = type.namespaced ? decodeMetadata(object.metadata).metadata.namespace ?? "default" : undefined;
  if (namespace !== undefined && !world.store.collection("/namespaces").get(namespace)) put(world, namespaceObject(namespace));
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
  try {
    const accepted = type.decode(object).object;
    const { resourceVersion: _, ...metadata } = metaOf(accepted);
    const created = insert(call, { ...accepted, kind: type.kind, apiVersion: groupVersion(type), metadata }, {
      dryRun: false,
      keepsIdentity: true,
    });
    // What is there from the start may have a status already.
    if (type.custom && accepted.status !== undefined && created.status === undefined) {
      world.store.put(type, type.toStorage({ ...created, status: accepted.status }));
    }
  } catch (error) {
    throw error instanceof Refusal ? new TypeError(`${label}: ${error.message}`) : error;
  }
}

const namespaceObject = (name: string): JsonObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

/** Fills a world. @throws {TypeError} when something is refused. */
export function seed(world: World, crds: readonly JsonObject[], objects: readonly JsonObject[]): void {
  for (const name of ["default", "kube-node-lease", "kube-public", "kube-system"]) put(world, namespaceObject(name));
  for (const crd of crds) put(world, crd);
  for (const object of objects) put(world, object);
}
