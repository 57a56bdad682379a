/**
 * POST: a new object.
 *
 * @module
 */
import { afterWrite } from "./controllers.ts";
import { checkBody, decodeObject } from "../http/body.ts";
import { invalid } from "../types/field-error.ts";
import type { JsonObject } from "../types/json.ts";
import { type Meta, metaOf, withMeta } from "../types/meta.ts";
import { dedupeOwners, metadataWarnings, validateMetadata } from "../types/metadata.ts";
import { writeOptions } from "../http/options.ts";
import { emptyObject, writerOf } from "./owners.ts";
import { putObject } from "./put.ts";
import { readmitted } from "./readmit.ts";
import { surroundingsOf } from "./surroundings.ts";
import { trackUpdate } from "../managed/tracking.ts";
import { kindSubject } from "../types/resource.ts";
import { alreadyExists, badRequest, mayNot, plainError, unprocessable } from "../types/status.ts";
import { keyOf, noteStoredShort } from "../store/store.ts";
import { confirmNoEscalation, givesRights } from "../rbac/escalation.ts";
import { Roles } from "../rbac/roles.ts";
import { admitNamespace, mutate, validate } from "./admit.ts";
import { expressionFaults } from "../admission/policy.ts";
import { type Call, nowText, type Reply } from "../store/world.ts";

const tries = 8;

/** How a new object is stored. */
export interface InsertOptions {
  /** Nothing is stored. */
  readonly dryRun: boolean;
  /** What the creator calls itself. */
  readonly fieldManager: string;
  /** Who owns what, where that is known already. */
  readonly known?: Pick<Meta, "managedFields">;
  /** It comes from elsewhere, where it was made before. */
  readonly keepsIdentity?: boolean;
  /** Whether it is as the type decodes what it is given, but for metadata. @default {false} */
  readonly isDecoded?: boolean;
  /**
   * A PUT or a patch makes it: what it says of its deletion stays, and whoever sends it has to be allowed to create it, too, which
   * nobody has asked yet.
   */
  readonly byUpdate?: boolean;
}

/** What a client says of a new object, without what the server alone decides. */
function incomingMetadata(call: Call, given: Meta, { byUpdate = false }: InsertOptions): Meta {
  const { type } = call;
  const { uid: _u, creationTimestamp: _c, deletionTimestamp, deletionGracePeriodSeconds, selfLink: _s, ...rest } = given;
  const { managedFields: _m, ...metadata }: Meta = rest;
  if (byUpdate && deletionTimestamp) metadata.deletionTimestamp = deletionTimestamp;
  if (byUpdate && deletionGracePeriodSeconds != null) metadata.deletionGracePeriodSeconds = deletionGracePeriodSeconds;
  if (type.namespaced) metadata.namespace = call.namespace;
  else delete metadata.namespace;
  if (metadata.ownerReferences) metadata.ownerReferences = warnOwners(call, metadata.ownerReferences);
  return metadata;
}

/** What the server alone decides about a new object. @param kept Of one that was made elsewhere. */
function newMetadata(call: Call, given: Meta, kept: Partial<Meta>): Meta {
  const { world, type } = call;
  const metadata: Meta = {
    ...given,
    uid: kept.uid || world.random.uuid(),
    creationTimestamp: kept.creationTimestamp || nowText(world),
  };
  if (type.namespaced) metadata.namespace = call.namespace;
  if (type.counted) metadata.generation = 1;
  return metadata;
}

/** Drops owners named twice, and says so. */
export function warnOwners(call: Call, references: NonNullable<Meta["ownerReferences"]>): NonNullable<Meta["ownerReferences"]> {
  // The new state that a patch makes is looked at late.
  const { references: kept, warnings } = dedupeOwners(
    references,
    call.verb === "patch" ? " after mutating admission happens" : "",
  );
  call.warnings.push(...warnings);
  return kept;
}

/** Checks the namespace of a body against the URL. @throws {Refusal} 400 */
export function checkNamespace(call: Call, metadata: Meta): void {
  if (call.type.namespaced && (metadata.namespace ?? "") !== "" && metadata.namespace !== call.namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
}

/** Refuses who may write an object that is there, but not make it. @throws {Refusal} 403 */
function confirmCreation({ type, requester, namespace, name, subresource }: Call): void {
  const asked = {
    verb: "create",
    group: type.group,
    resource: type.plural,
    ...subresource !== undefined && { subresource },
    ...namespace !== undefined && { namespace },
    ...name !== undefined && { name },
  };
  if (!requester) return;
  const { allowed, reason } = requester.may(asked);
  if (!allowed) throw mayNot(requester.user, asked, reason);
}

/** Stores a new object whose body was decoded. PUT comes here too, where it creates. */
export function insert(call: Call, decoded: JsonObject, options: InsertOptions): JsonObject {
  const { dryRun, fieldManager } = options;
  const { world, type } = call;
  const given = metaOf(decoded);
  checkNamespace(call, given);
  admitNamespace(call, given.name || given.generateName || "");
  const incoming = incomingMetadata(call, given, options);
  const { managedFields } = options.known ??
    metaOf(trackUpdate(writerOf(call, fieldManager), emptyObject(type), withMeta(decoded, incoming)));
  const own = withMeta(decoded, managedFields ? { ...incoming, managedFields } : incoming);
  const asked = { operation: "CREATE", oldObject: undefined, dryRun } as const;
  const wanted = mutate(call, { ...asked, object: own, name: given.name ?? "" }, (patched) => readmitted(call, patched, own))!;
  checkNamespace(call, metaOf(wanted));
  const metadata = newMetadata(call, metaOf(wanted), options.keepsIdentity ? given : {});
  const generated = (metadata.generateName ?? "") !== "";
  const collection = world.store.collection(type.storage);
  const named = (metadata.name ?? "") !== "";
  if (generated && !named) {
    const base = metadata.generateName!.slice(0, 58);
    for (let round = 0; round < tries; round++) {
      metadata.name = `${base}${world.random.suffix()}`;
      if (!collection.get(keyOf(metadata.namespace, metadata.name))) break;
    }
  }
  const around = {
    ...surroundingsOf(call),
    dryRun,
    subresource: call.subresource,
    warn: (text: string) => void call.warnings.push(text),
  };
  const object = type.prepareCreate(withMeta(wanted, metadata), around);
  const name = metaOf(object).name ?? "";
  const { requester } = call;
  if (requester?.byRoles && givesRights(type)) confirmNoEscalation(type, object, requester, new Roles(world.store));
  const warned: string[] = [];
  const found = type.validate(object, undefined, undefined, (text) => warned.push(text), around);
  const errors = [
    ...type.metadataLast && found.length > 0 ? [] : validateMetadata(type, metaOf(object)),
    ...found,
    ...expressionFaults(type, object),
  ];
  if (type.custom && wanted.kind !== type.kind) {
    const kind = String(wanted.kind);
    throw unprocessable({ group: type.group, plural: kind }, name, [
      invalid("kind", kind, `must be ${type.kind}`),
    ]);
  }
  if (errors.length > 0) throw unprocessable(kindSubject(type), name, errors);
  call.warnings.push(...warned, ...metadataWarnings(type, metadata, undefined));
  if (options.byUpdate) confirmCreation(call);
  validate(call, { ...asked, object, name });
  const version = given.resourceVersion ?? "";
  if (!dryRun && /^\d+$/.test(version) && Number(version) !== 0) {
    throw plainError("resourceVersion should not be set on objects to be created");
  }
  const existing = collection.get(keyOf(metadata.namespace, name));
  if (existing) {
    const terminating = metaOf(existing).deletionTimestamp !== undefined;
    throw alreadyExists(type, name, { terminating, generated });
  }
  const read = type.whenRead?.(object) ?? object;
  const { resourceVersion: _, ...unversioned } = metaOf(read);
  if (dryRun) {
    // What is not stored keeps the version that it came with.
    const kept = withMeta(read, version === "" ? unversioned : { ...unversioned, resourceVersion: version });
    return type.arrange(type.custom ? putObject(world, type, kept, { dryRun }) : kept);
  }
  const result = putObject(world, type, withMeta(read, unversioned), { isDecoded: options.isDecoded });
  if (read !== object) noteStoredShort(result);
  afterWrite(world, type, result);
  return result;
}

/** Handles a POST. */
export function createObject(call: Call): Reply {
  checkBody(call);
  const options = writeOptions(call.query, "CreateOptions");
  const object = insert(call, decodeObject(call, options.fieldValidation), { ...options, isDecoded: true });
  return { code: 201, object, isStored: true };
}
