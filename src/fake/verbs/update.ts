/**
 * PUT, and what PATCH shares with it: the new state of an object.
 *
 * @module
 */
import { checkSize, decodeObject } from "../http/body.ts";
import { afterRemoval, afterWrite } from "./controllers.ts";
import { checkNamespace, insert, warnOwners } from "./create.ts";
import { type FieldError, invalid } from "../types/field-error.ts";
import { equal, type JsonObject, sharing } from "../types/json.ts";
import { quote } from "../types/quote.ts";
import { type Meta, metaOf, withMeta } from "../types/meta.ts";
import { segmentName } from "../types/names.ts";
import { carryMetadata, metadataWarnings, validateMetadataUpdate } from "../types/metadata.ts";
import { differInTimeOnly } from "../managed/entries.ts";
import { trackUpdate } from "../managed/tracking.ts";
import { writerOf } from "./owners.ts";
import { putObject } from "./put.ts";
import { readmitted } from "./readmit.ts";
import { badVersion, isVersion, writeOptions } from "../http/options.ts";
import { groupVersion, kindSubject, type ResourceType } from "../types/resource.ts";
import { badRequest, conflict, modified, notFound, plainError, type Refusal, unprocessable } from "../types/status.ts";
import { isStoredShort, keyOf, withRevision } from "../store/store.ts";
import { confirmNoEscalation, givesRights } from "../rbac/escalation.ts";
import { confirmSigner } from "../rbac/signers.ts";
import { Roles } from "../rbac/roles.ts";
import { mutate, validate } from "./admit.ts";
import { expressionFaults } from "../admission/policy.ts";
import type { Call, Reply } from "../store/world.ts";
import { surroundingsOf } from "./surroundings.ts";

/** The stored object that a call names, in the call's version. @throws {Refusal} 404 */
export function existing(call: Call): JsonObject {
  const { world, type, namespace, name } = call;
  checkName(name!);
  const found = world.store.collection(type.storage).get(keyOf(namespace, name!));
  if (!found) throw notFound(type, name!);
  return type.fromStorage(found);
}

/** @throws {Refusal} 400 for a name that cannot be part of a key. */
export function checkName(name: string): void {
  const faults = segmentName(name);
  if (faults.length > 0) throw badRequest(`Name parameter invalid: ${quote(name)}: ${faults.join(", ")}`);
}

/** Checks the name and namespace of a body against the URL. @throws {Refusal} 400 */
export function checkIdentity(call: Call, metadata: Meta): void {
  if ((metadata.name ?? "") === "") {
    throw badRequest(`the name of the object (${call.name} based on URL) was undeterminable: name must be provided`);
  }
  if (metadata.name !== call.name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${call.name})`);
  }
  checkNamespace(call, metadata);
}

/** @throws {Refusal} 500 where the resourceVersion of a body is no number. */
export function checkVersionSyntax(given: string | undefined): void {
  if ((given ?? "") !== "" && !isVersion(given!)) throw plainError(badVersion(given!));
}

/** The decoded new state, with what stays as it was taken from the old one. Rules of built-in types change what they are given. */
export const unchangedShared = (type: ResourceType, next: JsonObject, old: JsonObject): JsonObject =>
  type.custom ? sharing(next, old) : next;

/** Compares the resourceVersion of a body with the stored one. @throws {Refusal} 409, 422, 500 */
function checkVersion(call: Call, given: string, old: JsonObject): void {
  const { type, name } = call;
  checkVersionSyntax(given);
  if (given === "" || Number(given) === 0) {
    if (type.unconditionalUpdate) return;
    throw unprocessable(type, name!, [invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
  }
  if (given !== metaOf(old).resourceVersion) throw modified(type, name!);
}

function typeErrors(call: Call, object: JsonObject): FieldError[] {
  const { type, subresource } = call;
  const errors: FieldError[] = [];
  if (!type.custom || subresource === "status") return errors;
  if (object.apiVersion !== groupVersion(type)) {
    // As it is written, a group that is empty is left out.
    const shown = String(object.apiVersion).replace(/^\/(?=[^/]+$)/, "");
    errors.push(invalid("apiVersion", shown, `must be ${groupVersion(type)}`));
  }
  if (object.kind !== type.kind) errors.push(invalid("kind", object.kind, `must be ${type.kind}`));
  return errors;
}

/** How a new state is stored. */
export interface StoreOptions {
  /** Nothing is stored. */
  readonly dryRun: boolean;
  /** Whether it is as the type decodes what it is given, but for metadata. @default {false} */
  readonly isDecoded?: boolean;
}

/**
 * Stores the new state of an object.
 *
 * @param given With `managedFields` as they are to be.
 * @returns What the client is answered.
 */
export function store(call: Call, given: JsonObject, old: JsonObject, options: StoreOptions): JsonObject {
  const { dryRun } = options;
  const { type, name, subresource } = call;
  const asked = { operation: "UPDATE", oldObject: old, name: name ?? "", dryRun } as const;
  const own = type.namespaced && !metaOf(given).namespace
    ? withMeta(given, { ...metaOf(given), namespace: call.namespace })
    : given;
  const next = mutate(call, { ...asked, object: own }, (patched) => readmitted(call, patched, own))!;
  checkVersion(call, metaOf(next).resourceVersion ?? "", old);
  const carried = carryMetadata(next, old);
  if (carried.ownerReferences) carried.ownerReferences = warnOwners(call, carried.ownerReferences);
  if (!type.namespaced) delete carried.namespace;
  carried.resourceVersion = metaOf(old).resourceVersion;
  const around = { ...surroundingsOf(call), dryRun };
  const object = withOldTimes(type.prepareUpdate(withMeta(next, carried), old, subresource, around.now, around), old);
  const wrongType = typeErrors(call, next);
  if (wrongType.length > 0) {
    const { apiVersion } = next as { apiVersion: string };
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    const changed = validateMetadataUpdate(type, metaOf(object), metaOf(old), "SC");
    throw unprocessable({ group, plural: String(next.kind) }, name!, [...changed, ...wrongType]);
  }
  const { requester } = call;
  if (requester?.byRoles && givesRights(type) && !isForCollector(object, old)) {
    confirmNoEscalation(type, object, requester, new Roles(call.world.store));
  }
  // Rules that a custom resource breaks already are told of even where it is refused.
  const warned = type.custom ? call.warnings : [];
  const found = type.validate(object, old, subresource, (text) => warned.push(text), around);
  const errors = [
    ...validateMetadataUpdate(
      type,
      metaOf(object),
      metaOf(old),
      type.metadataChecks(subresource),
      type.validateChange?.(object, old),
    ),
    ...found,
    ...expressionFaults(type, object),
  ];
  if (errors.length > 0) throw unprocessable(kindSubject(type), name!, errors);
  if (warned !== call.warnings) call.warnings.push(...warned);
  call.warnings.push(...metadataWarnings(type, metaOf(object), metaOf(old)));
  confirmSigner(call, object, old);
  validate(call, { ...asked, object });
  return commit(call, object, old, options);
}

/** Who writes what is there already changes nothing, and not the time of his last change either. */
function withOldTimes(object: JsonObject, old: JsonObject): JsonObject {
  const { managedFields } = metaOf(old);
  if (!managedFields || !differInTimeOnly(metaOf(object).managedFields, managedFields)) return object;
  const kept = withMeta(object, { ...metaOf(object), managedFields });
  return equal(kept, old) ? kept : object;
}

/** Whether only what the garbage collector needs was changed: that gives nobody a right. Pure. */
function isForCollector(object: JsonObject, old: JsonObject): boolean {
  const rest = (each: JsonObject) => {
    const { finalizers: _f, ownerReferences: _o, managedFields: _m, resourceVersion: _r, ...metadata } = metaOf(each);
    return { ...each, metadata };
  };
  return equal(rest(object) as JsonObject, rest(old) as JsonObject);
}

function commit(call: Call, object: JsonObject, old: JsonObject, { dryRun, isDecoded = false }: StoreOptions): JsonObject {
  const { world, type } = call;
  const meta = metaOf(object);
  const arranged = () => type.arrange(object);
  if (dryRun) return type.custom ? putObject(world, type, arranged(), { dryRun }) : arranged();
  if (meta.deletionTimestamp !== undefined && isReleased(object)) {
    // The last finalizer is gone: the object goes with it, in its previous state.
    const answer = withRevision(arranged(), metaOf(old).resourceVersion);
    world.store.remove(type.storage, keyOf(meta.namespace, meta.name!));
    afterRemoval(world, type, old);
    return answer;
  }
  // What is stored in another version, or without defaults of today, is written all the same.
  if (!type.custom && !isStoredShort(old) && equal(arranged(), old)) return old;
  const { revision } = world.store;
  const stored = putObject(world, type, object, { isDecoded, old });
  if (world.store.revision === revision) return stored;
  afterWrite(world, type, stored);
  return stored;
}

/** Whether nothing holds an object that is being deleted. */
function isReleased(object: JsonObject): boolean {
  const spec = object.kind === "Namespace" ? object.spec as { finalizers?: string[] } | undefined : undefined;
  if ((metaOf(object).deletionGracePeriodSeconds ?? 0) > 0) return false;
  return (metaOf(object).finalizers ?? []).length === 0 && (spec?.finalizers ?? []).length === 0;
}

/** Handles a PUT. */
export function replaceObject(call: Call): Reply {
  const { type, world, namespace, name } = call;
  // The type of the body is looked at after the options, and not before, as where something is created.
  checkSize(call.body);
  const options = writeOptions(call.query, "UpdateOptions");
  const decoded = decodeObject(call, options.fieldValidation);
  checkNamespace(call, metaOf(decoded));
  checkIdentity(call, metaOf(decoded));
  checkName(name!);
  const { ownerReferences: owners } = metaOf(decoded);
  const next = owners ? withMeta(decoded, { ...metaOf(decoded), ownerReferences: warnOwners(call, owners) }) : decoded;
  const found = world.store.collection(type.storage).get(keyOf(namespace, name!));
  const uid = metaOf(next).uid ?? "";
  if (!found) {
    if (!type.createOnUpdate || (call.subresource ?? "status") !== "status") throw notFound(type, name!);
    if (uid !== "") throw uidConflict(call, uid, "", options.dryRun);
    checkVersionSyntax(metaOf(next).resourceVersion);
    const given = options.dryRun ? next : withRevision(next, undefined);
    return { code: 201, object: insert(call, given, { ...options, isDecoded: true, byUpdate: true }) };
  }
  const old = type.fromStorage(found);
  if (uid !== "" && uid !== metaOf(old).uid) throw uidConflict(call, uid, metaOf(old).uid!, options.dryRun);
  const tracked = trackUpdate(writerOf(call, options.fieldManager), old, unchangedShared(type, next, old));
  return { code: 200, object: store(call, tracked, old, { ...options, isDecoded: true }), isStored: true };
}

const uidConflict = (call: Call, given: string, stored: string, dryRun: boolean): Refusal =>
  preconditionConflict(call, call.type, "UID", { given, stored, dryRun });

/** Where built-in objects are stored, if that is not in a folder of their plural. */
const folders: Readonly<Record<string, string>> = {
  apiservices: "apiregistration.k8s.io/apiservices",
  customresourcedefinitions: "apiextensions.k8s.io/customresourcedefinitions",
  endpoints: "services/endpoints",
  ingresses: "ingress",
  nodes: "minions",
  replicationcontrollers: "controllers",
  services: "services/specs",
};

/** What is stored is not what was meant. @param type Of what is stored. */
export function preconditionConflict(
  { namespace, name }: Call,
  type: ResourceType,
  what: "UID" | "ResourceVersion",
  { given, stored, dryRun }: { readonly given: string; readonly stored: string; readonly dryRun: boolean },
): Refusal {
  const key = [
    // What is not written is not looked for below the prefix of what is.
    dryRun ? "" : "/registry",
    type.custom ? `${type.group}/${type.plural}` : folders[type.plural] ?? type.plural,
    ...(namespace ? [namespace] : []),
    name,
  ]
    .join("/");
  return conflict(
    type,
    name!,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${what} in precondition: ${given}, ${what} in object meta: ${stored}`,
  );
}
