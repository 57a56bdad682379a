/**
 * A write as admission sees it: what is asked, by whom, and the objects in the version that is wanted.
 *
 * @module
 */
import { authorizerOf, type Check } from "../cel/library/authorizer.ts";
import type { LibraryValue } from "../cel/language/value.ts";
import type { JsonObject } from "../types/json.ts";
import type { Call, Requester } from "../store/world.ts";
import type { Admission } from "./match.ts";
import { plainValue } from "./values.ts";

/** The options of a write, as they were given. Pure. */
function given(query: URLSearchParams): JsonObject {
  const options: JsonObject = {};
  if (query.has("dryRun")) options.dryRun = query.getAll("dryRun");
  for (const name of ["fieldManager", "fieldValidation"]) if (query.get(name)) options[name] = query.get(name)!;
  return options;
}

/**
 * `admission.k8s.io/v1 AdmissionRequest` without its uid and its objects.
 *
 * @param version Of the objects, as whoever is asked wants to see them.
 */
export function requestOf(call: Call, admission: Admission, version: string, requester: Requester): JsonObject {
  const { operation, name, dryRun, options } = admission;
  const { type, namespace, subresource } = call;
  const kind = (version: string): JsonObject => ({ group: type.group, version, kind: type.kind });
  const resource = (version: string): JsonObject => ({ group: type.group, version, resource: type.plural });
  const isNamespace = !type.custom && type.kind === "Namespace" && type.group === "";
  const where = isNamespace ? name : namespace;
  const verb = operation[0] + operation.slice(1).toLowerCase();
  return {
    kind: kind(version),
    resource: resource(version),
    ...(subresource === undefined ? {} : { subResource: subresource, requestSubResource: subresource }),
    requestKind: kind(type.version),
    requestResource: resource(type.version),
    ...(name === "" ? {} : { name }),
    ...(where === undefined || where === "" ? {} : { namespace: where }),
    operation,
    userInfo: {
      username: requester.user,
      ...(requester.uid === undefined ? {} : { uid: requester.uid }),
      ...(requester.groups.length === 0 ? {} : { groups: [...requester.groups] }),
    },
    dryRun,
    options: { kind: `${verb}Options`, apiVersion: "meta.k8s.io/v1", ...options ?? given(call.query) },
  };
}

function authority(requester: Requester): (check: Check) => { allowed: boolean; reason: string } {
  return ({ serviceAccount, ...asked }) => {
    const other = serviceAccount && `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}`;
    const { allowed, reason = "" } = requester.may(asked, other);
    return { allowed, reason };
  };
}

/** The check of what the request itself is about. */
function ownCheck(call: Call, { name }: Admission, authorizer: LibraryValue): unknown {
  const { type, namespace, subresource } = call;
  const asking = authorizer as LibraryValue & { with(word: string, more: Omit<Check, "verb">): LibraryValue };
  return asking.with("ResourceCheck", {
    group: type.group,
    resource: type.plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    name,
  });
}

/** An object in another version: a custom one as its converter gives it, neither pruned nor with defaults. @throws {ConversionError} */
export function seenAs({ type, world }: Call, object: JsonObject, version: string): JsonObject {
  const apiVersion = type.group === "" ? version : `${type.group}/${version}`;
  const other = version === type.version ? undefined : world.registry.find(type.group, version, type.plural);
  const seen = !other ? object : type.custom ? type.convert!(object, apiVersion) : other.fromStorage(type.toStorage(object));
  return { ...seen, apiVersion, kind: type.kind };
}

/** The variables of expressions, but for `params` and `variables`. */
export function valuesOf(call: Call, admission: Admission, version: string, requester: Requester): Record<string, unknown> {
  const { world, namespace } = call;
  const { object, oldObject } = admission;
  const authorizer = authorizerOf(authority(requester));
  const home = namespace === undefined ? undefined : world.store.collection("/namespaces").get(namespace);
  return {
    object: plainValue(object && seenAs(call, object, version)),
    oldObject: plainValue(oldObject && seenAs(call, oldObject, version)),
    request: plainValue(requestOf(call, admission, version, requester)),
    namespaceObject: plainValue(home),
    authorizer,
    "authorizer.requestResource": ownCheck(call, admission, authorizer),
  };
}
