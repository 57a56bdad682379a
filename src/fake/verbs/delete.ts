/**
 * DELETE: one object, or all of a selection.
 *
 * @module
 */
import { noVersion, readBody } from "../http/body.ts";
import { notAnObject, parseGroupVersion, withTypeMeta } from "../http/type-meta.ts";
import { otherOptions } from "../http/option-kinds.ts";
import { YamlSyntaxError } from "../http/yaml-body.ts";
import { afterRemoval, afterWrite } from "./controllers.ts";
import { textOfBytes } from "../types/go-utf8.ts";
import { type FieldError, invalid, notSupported } from "../types/field-error.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { checkReached, listAnswer, pageOf } from "./list.ts";
import { listOptions } from "./list-options.ts";
import { type GoNumber, isNumber } from "../types/numeral.ts";
import { metaOf } from "../types/meta.ts";
import { dryRunErrors, integer, isTrue } from "../http/options.ts";
import { JsonSyntaxError } from "../types/parse.ts";
import { bodyType, protobufType } from "../http/media-type.ts";
import { decodeProtobuf, deleteOptionsShape, ProtobufError } from "../http/protobuf.ts";
import { type Collecting, isEmptiedFirst, type Removal, removeObject, usuallyCollecting } from "./removal.ts";
import { kindSubject, type ResourceType } from "../types/resource.ts";
import { decodeShape, ShapeError } from "../types/shape.ts";
import { badRequest, conflict, forbiddenBecause, Refusal, unprocessable } from "../types/status.ts";
import { existing } from "./update.ts";
import { admit } from "./admit.ts";
import type { Call, Reply } from "../store/world.ts";

interface DeleteOptions {
  readonly dryRun: boolean;
  readonly orphanDependents: boolean | undefined;
  readonly collecting: Collecting | undefined;
  /** Seconds that a pod is given to end. */
  readonly grace: GoNumber | undefined;
  /** Whether it was said what becomes of dependents. */
  readonly decided: boolean;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  /** As they were given. */
  readonly given: JsonObject;
}

const policies = ["Foreground", "Background", "Orphan", "nil"];

function readOptions(call: Call): JsonObject {
  if (call.body.byteLength === 0) {
    const { query } = call;
    const options: JsonObject = {};
    if (query.has("propagationPolicy")) options.propagationPolicy = query.get("propagationPolicy")!;
    if (query.has("orphanDependents")) options.orphanDependents = isTrue(query, "orphanDependents");
    if (query.has("gracePeriodSeconds")) options.gracePeriodSeconds = integer(query, "gracePeriodSeconds");
    if (query.has("dryRun")) options.dryRun = query.getAll("dryRun");
    const preconditions: JsonObject = {};
    for (const name of ["uid", "resourceVersion"]) if (query.get(name)) preconditions[name] = query.get(name)!;
    if (Object.keys(preconditions).length > 0) options.preconditions = preconditions;
    return options;
  }
  const media = bodyType(call.contentType);
  try {
    const value = media === protobufType
      ? decodeProtobuf(deleteOptionsShape, call.body)
      : readBody(call.body, media, { typed: true }).value;
    if (value === null) return {};
    if (!isObject(value)) {
      throw badRequest(notAnObject(value));
    }
    const named = withTypeMeta(value);
    const kind = String(named.kind ?? "");
    const version = parseGroupVersion(String(named.apiVersion ?? "")) || "meta.k8s.io/v1";
    if (version.endsWith("/")) throw badRequest(noVersion(textOfBytes(call.body)));
    if (kind !== "" && kind !== "DeleteOptions") throw badRequest(otherOptions(kind, version, value));
    return decodeShape(deleteOptionsShape, value).value;
  } catch (error) {
    if (error instanceof ProtobufError || error instanceof ShapeError) throw badRequest(error.message);
    if (error instanceof JsonSyntaxError) {
      const yaml = error instanceof YamlSyntaxError;
      throw badRequest(yaml ? error.message : `couldn't get version/kind; json parse error: ${error.message}`);
    }
    throw error;
  }
}

const deleteOptions = (call: Call): DeleteOptions => checkedOptions(readOptions(call));

/** The options of a deletion, if they are sound. @throws {Refusal} 422 */
export function checkedOptions(given: JsonObject): DeleteOptions {
  const errors: FieldError[] = [];
  const policy = given.propagationPolicy;
  const orphan = given.orphanDependents;
  if (typeof policy === "string" && typeof orphan === "boolean") {
    errors.push(invalid("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set"));
  }
  if (typeof policy === "string" && !policies.slice(0, 3).includes(policy)) {
    errors.push(notSupported("propagationPolicy", policy, policies));
  }
  const dryRun = Array.isArray(given.dryRun) ? given.dryRun.map(String) : [];
  errors.push(...dryRunErrors(dryRun));
  if (errors.length > 0) throw unprocessable({ group: "meta.k8s.io", plural: "DeleteOptions" }, "", errors);
  const conditions = isObject(given.preconditions) ? given.preconditions : {};
  return {
    dryRun: dryRun.length > 0,
    orphanDependents: typeof orphan === "boolean" ? orphan : undefined,
    grace: isNumber(given.gracePeriodSeconds) ? given.gracePeriodSeconds : undefined,
    decided: policy !== undefined || orphan !== undefined,
    collecting: policy === "Foreground" ? "foregroundDeletion" : policy === "Orphan" || orphan === true ? "orphan" : undefined,
    uid: typeof conditions.uid === "string" ? conditions.uid : undefined,
    resourceVersion: typeof conditions.resourceVersion === "string" ? conditions.resourceVersion : undefined,
    given,
  };
}

/** Whether an object is the one that is meant. @throws {Refusal} 409 */
export function checkPreconditions(type: ResourceType, object: JsonObject, options: DeleteOptions): void {
  const { name, uid, resourceVersion } = metaOf(object);
  if (isEmptiedFirst(type)) {
    // These have a handler of their own, which words it otherwise.
    const check = (what: string, given: string | undefined, found: string | undefined) => {
      if (given === undefined || given === found) return;
      throw conflict(type, name!, `Precondition failed: ${what} in precondition: ${given}, ${what} in object meta: ${found}`);
    };
    check("UID", options.uid, uid);
    return check("ResourceVersion", options.resourceVersion, resourceVersion);
  }
  if (options.uid !== undefined && options.uid !== uid) {
    throw conflict(
      kindSubject(type),
      name!,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    throw conflict(
      kindSubject(type),
      name!,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

const undying = ["default", "kube-system", "kube-public"];

/** Whether an object may be deleted. @throws {Refusal} */
function confirm(call: Call, object: JsonObject, options: DeleteOptions): void {
  const { type, name = "" } = call;
  checkPreconditions(type, object, options);
  if (type.kind === "Namespace" && !type.custom && undying.includes(name)) {
    throw forbiddenBecause(type, name, "this namespace may not be deleted");
  }
  const { kind: _k, apiVersion: _v, ...given } = options.given;
  const asked = isEmptiedFirst(type) && given.preconditions === undefined
    ? { ...given, preconditions: { uid: metaOf(object).uid! } }
    : given;
  admit(call, { operation: "DELETE", object: undefined, oldObject: object, name, dryRun: options.dryRun, options: asked });
}

/** Deletes an object that may be deleted. */
export function removeOne(call: Call, object: JsonObject, options: DeleteOptions): Removal {
  const { world, type } = call;
  const standard = type.orphans && !options.decided
    ? "orphan"
    // Of namespaces, what is not to be orphaned goes first.
    : type.kind === "Namespace" && !type.custom && options.orphanDependents === false
    ? "foregroundDeletion"
    : undefined;
  const said = options.collecting ?? (options.decided ? "none" : undefined);
  const collecting = isEmptiedFirst(type)
    ? type.kind === "Namespace" ? options.collecting ?? standard : undefined
    : said ?? usuallyCollecting(object, standard);
  const removal = removeObject(world, type, object, options.dryRun, collecting, options.grace);
  if (options.dryRun) return removal;
  if (removal.gone) afterRemoval(world, type, object);
  else if (removal.object !== object) afterWrite(world, type, removal.object);
  return removal;
}

/** Says what becomes of pods of jobs, before it is known whether there are any. */
function warnOfPods({ type, warnings }: Call, { decided }: DeleteOptions): void {
  if (decided || type.custom || type.kind !== "Job") return;
  warnings.push(
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
  );
}

/** Handles the DELETE of one object. */
export function deleteObject(call: Call): Reply {
  const { type, name } = call;
  const options = deleteOptions(call);
  warnOfPods(call, options);
  const object = existing(call);
  confirm(call, object, options);
  const removal = removeOne(call, object, options);
  if (!removal.gone || removal.shown || (type.returnsDeleted && type.kind !== "CustomResourceDefinition")) {
    return { code: !removal.gone && options.orphanDependents === false ? 202 : 200, object: removal.object };
  }
  const details: JsonObject = { name: name! };
  if (type.group !== "") details.group = type.group;
  details.kind = type.plural;
  details.uid = metaOf(object).uid;
  return { code: 200, object: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details } };
}

/** Handles the DELETE of a collection. */
export async function deleteCollection(call: Call): Promise<Reply> {
  const asked = listOptions(call);
  const options = deleteOptions(call);
  // It lists page by page, and a page at a version is that of the version itself.
  const exact = asked.match === "" && asked.version !== "" && !/^0+$/.test(asked.version) && asked.token === "";
  const selection = exact ? { ...asked, match: "Exact" } : asked;
  warnOfPods(call, options);
  await checkReached(call, selection);
  const page = pageOf(call, selection);
  const answer = listAnswer(call.type, page);
  // All are asked about before any is deleted: what has to be asked outside begins this anew.
  const confirmed: JsonObject[] = [];
  let refusal: unknown;
  for (const object of page.items) {
    try {
      confirm(call, object, options);
      confirmed.push(object);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal = error;
      break;
    }
  }
  // The same holds for their conversion.
  if (call.type.ahead) { for (const object of confirmed) removeOne(call, object, { ...options, dryRun: true }); }
  for (const object of confirmed) removeOne(call, object, options);
  if (refusal) throw refusal;
  return { code: 200, object: answer };
}
