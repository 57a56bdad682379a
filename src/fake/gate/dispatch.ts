/**
 * From a route to the handler of its verb.
 *
 * @module
 */
import { createObject } from "../verbs/create.ts";
import { deleteCollection, deleteObject } from "../verbs/delete.ts";
import { getObject } from "../verbs/get.ts";
import { listObjects } from "../verbs/list.ts";
import { patchObject } from "../verbs/patch.ts";
import { isBuiltinGroup, isStored } from "../builtin/builtin.ts";
import type { ResourceType } from "../types/resource.ts";
import { checkPatchType } from "../http/media-type.ts";
import type { ResourceRoute } from "../http/route.ts";
import {
  badRequest,
  methodNotAllowed,
  noSuchPath,
  noSuchResource,
  notFound,
  notImplemented,
  notSupportedOn,
} from "../types/status.ts";
import { bindNamed, bindPod } from "../verbs/bindings.ts";
import { evictPod } from "../verbs/pod-actions.ts";
import { connectPod, podConnections } from "../verbs/pod-connections.ts";
import { scaleObject } from "../verbs/scale.ts";
import { requestToken } from "../verbs/token-request.ts";
import { replaceObject } from "../verbs/update.ts";
import { watchObjects } from "../verbs/watch.ts";
import type { Registry } from "../store/registry.ts";
import type { Call, Reply } from "../store/world.ts";

/** Finds the type of a route. @throws {Refusal} 404 as the genuine server words it; */
export function findType(registry: Registry, route: ResourceRoute): ResourceType {
  const { group, version, plural, namespace, name } = route;
  const type = registry.find(group, version, plural);
  if (!type) throw isBuiltinGroup(group) ? noSuchResource() : noSuchPath();
  const wrongScope = type.namespaced ? namespace === undefined && name !== undefined : namespace !== undefined;
  const everywhere = route.legacyWatch && type.namespaced && (type.custom || name === undefined);
  if (wrongScope && !everywhere) throw type.custom ? noSuchPath() : noSuchResource();
  return type;
}

/** Where custom resources are concerned, what follows a subresource does not count. Pure. */
export const placeOf = (type: ResourceType, route: ResourceRoute): ResourceRoute =>
  type.custom && route.subresource !== undefined ? { ...route, subresource: route.subresource.split("/")[0] } : route;

/** What `type` is asked for that is not there: objects that are answered and not stored, connections to pods and nodes. */
function checkServed(type: ResourceType, subresource: string | undefined): void {
  const name = type.group === "" ? type.plural : `${type.plural}.${type.group}`;
  if (!isStored(type) && !isBinding(type)) throw notImplemented(`the resource ${name}`);
  if (subresource !== undefined && !servedSubresources.includes(subresource)) {
    throw notImplemented(`the subresource ${subresource} of ${name}`);
  }
}

/** What is created and not stored: a pod is bound by it. */
const isBinding = ({ group, plural }: ResourceType) => group === "" && plural === "bindings";

const servedSubresources = [
  "status",
  "finalize",
  "scale",
  "binding",
  "eviction",
  "token",
  "approval",
  "ephemeralcontainers",
  "resize",
  ...podConnections,
];

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Refuses what the type does not take at this place: that comes before the form of the answer is looked at. @throws {Refusal} */
export function checkPlace(method: string, type: ResourceType, route: ResourceRoute, contentType: string): void {
  const { name, subresource, namespace, verb } = route;
  const collectionWrite = name === undefined && type.namespaced && namespace === undefined;
  if (type.custom) {
    if (subresource !== undefined) {
      if (!methods.includes(method)) throw notSupportedOn(type, "");
      const found = type.subresources.find((each) => each.name === subresource);
      if (!found) throw notFound(type, name ?? "");
      if (!["get", "update", "patch"].includes(verb)) throw notSupportedOn(type, verb);
      if (method === "PATCH") checkPatchType(contentType, true);
      return;
    }
    if (route.legacyWatch) return;
    if (!methods.includes(method)) throw notSupportedOn(type, "");
    if (collectionWrite && method !== "GET" && method !== "HEAD") throw noSuchPath();
    if (method === "PATCH") checkPatchType(contentType, true);
    if (name === undefined && (method === "PUT" || method === "PATCH")) throw badRequest("name must be provided");
    return;
  }
  if (subresource !== undefined) {
    const found = type.subresources.find((each) => each.name === subresource);
    if (!found) throw noSuchResource();
    if (method === "HEAD" || !methods.includes(method) || !found.verbs.includes(verb)) throw methodNotAllowed();
    checkServed(type, subresource);
    if (method === "PATCH") checkPatchType(contentType, false);
    return;
  }
  if (route.legacyWatch && method !== "GET") throw methodNotAllowed();
  // What is only asked has no names.
  if (name !== undefined && !type.verbs.includes("get")) throw noSuchResource();
  const known = ["GET", "POST", "PUT", "PATCH", "DELETE"].includes(method);
  const misplaced = name === undefined
    ? method === "PUT" || method === "PATCH" || (collectionWrite && method !== "GET")
    : method === "POST";
  if (!known || misplaced || !type.verbs.includes(verb)) throw methodNotAllowed();
  checkServed(type, subresource);
  if (method === "PATCH") checkPatchType(contentType, false);
}

/** Handles a request for a resource. */
export async function dispatch(call: Call): Promise<Reply> {
  if (call.subresource === "scale") return scaleObject(call);
  if (call.subresource === "binding") return bindPod(call);
  if (call.subresource === "eviction") return evictPod(call);
  if (call.subresource === "token") return requestToken(call);
  if (podConnections.includes(call.subresource ?? "")) return connectPod(call);
  switch (call.verb) {
    case "get":
      return await getObject(call);
    case "list":
      return await listObjects(call);
    case "watch":
      return await watchObjects(call);
    case "create":
      return isBinding(call.type) ? bindNamed(call) : createObject(call);
    case "update":
      return replaceObject(call);
    case "patch":
      return patchObject(call);
    case "delete":
      return deleteObject(call);
    case "deletecollection":
      return deleteCollection(call);
  }
}
