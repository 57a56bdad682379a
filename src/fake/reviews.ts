/**
 * What a user may do and who it is: `kubectl auth can-i`, `kubectl auth whoami`. Such objects are answered, never stored.
 *
 * @module
 */
import { type AccessAttributes, allows, groupsOf, type TokenUser } from "./access.ts";
import { mediaType, readBody, unsupportedMediaType } from "./http/body.ts";
import { invalid } from "./types/field-error.ts";
import { isObject, type JsonObject } from "./types/json.ts";
import { writeOptions } from "./http/options.ts";
import { JsonSyntaxError } from "./http/parse.ts";
import { decodeProtobuf, ProtobufError, protobufType } from "./http/protobuf.ts";
import type { ResourceRoute } from "./http/route.ts";
import { decodeShape, ShapeError, type Struct } from "./types/shape.ts";
import { keep, list, object, omit, string, struct } from "./types/shapes.ts";
import { badRequest, methodNotAllowed, unprocessable } from "./types/status.ts";
import { nowText, type World } from "./store/world.ts";
import { emptySet } from "./managed/field-set.ts";
import { shapeType } from "./managed/shape-type.ts";
import { trackUpdate } from "./managed/tracking.ts";
import { metaOf } from "./types/meta.ts";
import { managerOfAgent } from "./verbs/owners.ts";

const requirement = (name: string) => struct(name, omit("key"), omit("operator"), omit("values", list(string)));
const selector = (name: string, of: string) =>
  keep(name, struct(`v1.${of}`, omit("rawSelector"), omit("requirements", list(requirement("v1.SelectorRequirement")))));

const accessShape: Struct = object(
  "SelfSubjectAccessReview",
  keep(
    "spec",
    struct(
      "v1.SelfSubjectAccessReviewSpec",
      keep(
        "resourceAttributes",
        struct(
          "v1.ResourceAttributes",
          ...["namespace", "verb", "group", "version", "resource", "subresource", "name"].map((name) => omit(name)),
          selector("fieldSelector", "FieldSelectorAttributes"),
          selector("labelSelector", "LabelSelectorAttributes"),
        ),
      ),
      keep("nonResourceAttributes", struct("v1.NonResourceAttributes", omit("path"), omit("verb"))),
    ),
  ),
  keep("status", struct("v1.SubjectAccessReviewStatus")),
);
const selfShape: Struct = object("SelfSubjectReview", keep("status", struct("v1.SelfSubjectReviewStatus")));

/** A kind that is asked and not stored. */
export interface Review {
  readonly group: string;
  readonly kind: "SelfSubjectAccessReview" | "SelfSubjectReview";
  readonly shape: Struct;
}

const reviews: Readonly<Record<string, Review>> = {
  "authorization.k8s.io/v1/selfsubjectaccessreviews": {
    group: "authorization.k8s.io",
    kind: "SelfSubjectAccessReview",
    shape: accessShape,
  },
  "authentication.k8s.io/v1/selfsubjectreviews": {
    group: "authentication.k8s.io",
    kind: "SelfSubjectReview",
    shape: selfShape,
  },
};

/** The review that a request asks for. @throws {Refusal} 405 where it is not a POST. */
export function reviewOf({ group, version, plural, name, namespace, verb }: ResourceRoute): Review | undefined {
  const path = `${group}/${version}/${plural}`;
  if (!Object.hasOwn(reviews, path) || name !== undefined || namespace !== undefined) return undefined;
  if (verb !== "create") throw methodNotAllowed();
  return reviews[path];
}

/** What is asked, by whom. */
export interface Question {
  readonly user: TokenUser;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly query: URLSearchParams;
  readonly userAgent: string;
}

function decode({ kind, shape }: Review, { body, contentType }: Question): JsonObject {
  const media = mediaType(contentType);
  const types = ["application/json", "application/yaml", protobufType];
  if (media !== "" && !types.includes(media)) throw unsupportedMediaType(types);
  try {
    const value = media === protobufType ? decodeProtobuf(shape, body) : readBody(body, media).value;
    if (!isObject(value)) throw badRequest(`the object provided is unrecognized (must be of type ${kind})`);
    return decodeShape(shape, value).value;
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof JsonSyntaxError || error instanceof ProtobufError)) throw error;
    throw badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${error.message}`);
  }
}

function isAllowed(user: TokenUser, spec: JsonObject): boolean {
  const about = (isObject(spec.resourceAttributes) ? spec.resourceAttributes : spec.nonResourceAttributes) as JsonObject;
  const { version: _version, fieldSelector: _fields, labelSelector: _labels, ...known } = about;
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== ""));
  const core = isObject(spec.resourceAttributes) ? { group: "" } : {};
  return allows(user, { verb: "", ...core, ...given, user: user.user, groups: groupsOf(user) } as AccessAttributes);
}

/** Answers a review. @throws {Refusal} */
export function answerReview(world: World, review: Review, question: Question): JsonObject {
  const { fieldManager } = writeOptions(question.query, "CreateOptions");
  const { user, userAgent } = question;
  const { kind, group } = review;
  const object = decode(review, question);
  const head = { kind, apiVersion: `${group}/v1` };
  if (kind === "SelfSubjectReview") {
    const userInfo: JsonObject = { username: user.user };
    if (user.uid) userInfo.uid = user.uid;
    userInfo.groups = [...groupsOf(user)];
    return { ...head, metadata: { creationTimestamp: nowText(world) }, status: { userInfo } };
  }
  const spec = isObject(object.spec) ? object.spec : {};
  const asked = ["resourceAttributes", "nonResourceAttributes"].filter((name) => isObject(spec[name])).length;
  const errors = [];
  if (asked !== 1) {
    const text = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    errors.push(invalid("spec.resourceAttributes", asked === 0 ? null : spec.resourceAttributes, text));
  }
  const metadata = object.metadata as JsonObject;
  if (Object.keys(metadata).length > 0) errors.push(invalid("metadata", metadata, "must be empty"));
  if (errors.length > 0) throw unprocessable({ group, plural: "" }, "", errors);
  const kindOfFields = {
    apiVersion: head.apiVersion,
    type: shapeType(review.shape),
    reset: () => emptySet,
    convert: () => undefined,
  };
  const manager = fieldManager || managerOfAgent(userAgent);
  const writer = { kind: kindOfFields, manager, subresource: undefined, now: nowText(world) };
  const tracked = trackUpdate(writer, { metadata: {}, spec: {} }, { metadata: {}, spec });
  return { ...head, metadata: metaOf(tracked), spec, status: { allowed: isAllowed(user, spec) } };
}
