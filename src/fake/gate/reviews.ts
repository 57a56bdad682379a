/**
 * What a user may do and who it is: `kubectl auth can-i`, `kubectl auth whoami`. Such objects are answered, never stored.
 *
 * @module
 */
import { type AccessAttributes, decide, groupsOf, subjectOf, type Tokens, type TokenUser, userNamed } from "./access.ts";
import type { Decision, Roles } from "../rbac/roles.ts";
import { type PolicyRule, ruleObject } from "../rbac/rule.ts";
import { readBody } from "../http/body.ts";
import { bodyType, protobufType } from "../http/media-type.ts";
import { invalid } from "../types/field-error.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { writeOptions } from "../http/options.ts";
import { JsonSyntaxError } from "../http/parse.ts";
import { decodeProtobuf, ProtobufError } from "../http/protobuf.ts";
import type { ResourceRoute } from "../http/route.ts";
import { decodeShape, ShapeError, type Struct } from "../types/shape.ts";
import { keep, list, map, object, omit, string, struct } from "../types/shapes.ts";
import { badRequest, methodNotAllowed, unprocessable } from "../types/status.ts";
import { nowText, type World } from "../store/world.ts";
import { emptySet } from "../managed/field-set.ts";
import { shapeType } from "../managed/shape-type.ts";
import { trackUpdate } from "../managed/tracking.ts";
import { type Meta, metaOf } from "../types/meta.ts";
import { reviewToken, shownUser, tokenReviewShape } from "./token-review.ts";
import { managerOfAgent } from "../verbs/owners.ts";

const requirement = (name: string) => struct(name, omit("key"), omit("operator"), omit("values", list(string)));
const selector = (name: string, of: string) =>
  keep(name, struct(`v1.${of}`, omit("rawSelector"), omit("requirements", list(requirement("v1.SelectorRequirement")))));

const accessShape = (kind: string, ...who: Parameters<typeof struct> extends [string, ...infer Rest] ? Rest : never): Struct =>
  object(
    kind,
    keep(
      "spec",
      struct(
        `v1.${kind.replace(/^Local/, "")}Spec`,
        ...who,
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
const who = [omit("user"), omit("groups", list(string)), omit("extra", map(list(string))), omit("uid")];
const rulesShape: Struct = object(
  "SelfSubjectRulesReview",
  keep("spec", struct("v1.SelfSubjectRulesReviewSpec", omit("namespace"))),
  keep("status", struct("v1.SubjectRulesReviewStatus")),
);
const selfShape: Struct = object("SelfSubjectReview", keep("status", struct("v1.SelfSubjectReviewStatus")));

/** A kind that is asked and not stored. */
export interface Review {
  readonly group: string;
  readonly kind:
    | "SelfSubjectAccessReview"
    | "SubjectAccessReview"
    | "LocalSubjectAccessReview"
    | "SelfSubjectRulesReview"
    | "SelfSubjectReview"
    | "TokenReview";
  readonly shape: Struct;
  /** Whether it is asked in a namespace. */
  readonly namespaced?: boolean;
}

const reviews: Readonly<Record<string, Review>> = {
  "authorization.k8s.io/v1/selfsubjectaccessreviews": {
    group: "authorization.k8s.io",
    kind: "SelfSubjectAccessReview",
    shape: accessShape("SelfSubjectAccessReview"),
  },
  "authorization.k8s.io/v1/subjectaccessreviews": {
    group: "authorization.k8s.io",
    kind: "SubjectAccessReview",
    shape: accessShape("SubjectAccessReview", ...who),
  },
  "authorization.k8s.io/v1/localsubjectaccessreviews": {
    group: "authorization.k8s.io",
    kind: "LocalSubjectAccessReview",
    shape: accessShape("LocalSubjectAccessReview", ...who),
    namespaced: true,
  },
  "authorization.k8s.io/v1/selfsubjectrulesreviews": {
    group: "authorization.k8s.io",
    kind: "SelfSubjectRulesReview",
    shape: rulesShape,
  },
  "authentication.k8s.io/v1/tokenreviews": {
    group: "authentication.k8s.io",
    kind: "TokenReview",
    shape: tokenReviewShape,
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
  const review = Object.hasOwn(reviews, path) ? reviews[path] : undefined;
  if (!review || name !== undefined || (namespace !== undefined) !== (review.namespaced === true)) return undefined;
  if (verb !== "create") throw methodNotAllowed();
  return review;
}

/** What is asked, by whom. */
export interface Question {
  readonly user: TokenUser;
  readonly tokens: Tokens | undefined;
  readonly roles: Roles;
  /** In the path. */
  readonly namespace: string | undefined;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly query: URLSearchParams;
  readonly userAgent: string;
}

function decode({ kind, shape }: Review, { body, contentType }: Question): JsonObject {
  const media = bodyType(contentType);
  try {
    const value = media === protobufType ? decodeProtobuf(shape, body) : readBody(body, media).value;
    if (!isObject(value)) throw badRequest(`the object provided is unrecognized (must be of type ${kind})`);
    return decodeShape(shape, value).value;
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof JsonSyntaxError || error instanceof ProtobufError)) throw error;
    throw badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${error.message}`);
  }
}

function decisionOf(user: TokenUser, groups: readonly string[], spec: JsonObject, roles: Roles): Decision {
  const about = (isObject(spec.resourceAttributes) ? spec.resourceAttributes : spec.nonResourceAttributes) as JsonObject;
  const { version: _version, fieldSelector: _fields, labelSelector: _labels, ...known } = about;
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== ""));
  const core = isObject(spec.resourceAttributes) ? { group: "" } : {};
  return decide(user, { verb: "", ...core, ...given, user: user.user, groups } as AccessAttributes, roles);
}

/** What a function decides cannot be listed. */
const incomplete = "the fake API server cannot list what a function allows";

function rulesStatus({ user, roles }: Question, namespace: string): JsonObject {
  const { allow = "all" } = user;
  const subject = subjectOf(user);
  const known = allow === "all" && !subject.groups.includes("system:masters")
    ? { ...subject, groups: [...subject.groups, "system:masters"] }
    : subject;
  const rules = roles.rules(
    allow === "rbac" ? subject : allow === "all" ? known : { user: "", groups: subject.groups },
    namespace,
  );
  const some = (pick: (rule: PolicyRule) => boolean) => rules.filter(pick).map(ruleObject);
  const isPath = ({ nonResourceURLs }: PolicyRule) => nonResourceURLs.length > 0;
  return {
    resourceRules: some((rule) => !isPath(rule)),
    nonResourceRules: some(isPath),
    incomplete: typeof allow === "function",
    ...(typeof allow === "function" ? { evaluationError: incomplete } : {}),
  };
}

/** The user that somebody else asks about. */
function askedAbout(spec: JsonObject, { tokens }: Question): { readonly user: TokenUser; readonly groups: readonly string[] } {
  const groups = Array.isArray(spec.groups) ? spec.groups.map(String) : [];
  return { user: userNamed(tokens, typeof spec.user === "string" ? spec.user : "", groups), groups };
}

/** Answers a review. @throws {Refusal} */
export function answerReview(world: World, review: Review, question: Question): JsonObject {
  const { fieldManager } = writeOptions(question.query, "CreateOptions");
  const { user, userAgent } = question;
  const { kind, group } = review;
  const object = decode(review, question);
  const head = { kind, apiVersion: `${group}/v1` };
  if (kind === "SelfSubjectReview") {
    return { ...head, metadata: { creationTimestamp: nowText(world) }, status: { userInfo: shownUser(user) } };
  }
  const spec = isObject(object.spec) ? object.spec : {};
  const manager = fieldManager || managerOfAgent(userAgent);
  const tracked = (own: JsonObject, more: JsonObject = {}): Meta => {
    const fields = {
      isStruct: true,
      apiVersion: head.apiVersion,
      type: shapeType(review.shape),
      reset: () => emptySet,
      convert: () => undefined,
    };
    const writer = { kind: fields, manager, subresource: undefined, now: nowText(world) };
    return metaOf(trackUpdate(writer, { metadata: {}, spec: {}, status: { user: {} } }, { metadata: own, spec, ...more }));
  };
  if (kind === "TokenReview") {
    const status = reviewToken(world, spec, question.tokens);
    const { namespace: _, ...own } = object.metadata as JsonObject;
    return { ...head, metadata: tracked(own, { status: isObject(object.status) ? object.status : { user: {} } }), spec, status };
  }
  if (kind === "SelfSubjectRulesReview") {
    if (typeof spec.namespace !== "string" || spec.namespace === "") throw badRequest("no namespace on request");
    return { ...head, metadata: {}, spec: {}, status: rulesStatus(question, spec.namespace) };
  }
  const asked = ["resourceAttributes", "nonResourceAttributes"].filter((name) => isObject(spec[name])).length;
  const errors = [];
  if (asked !== 1) {
    const text = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    errors.push(invalid("spec.resourceAttributes", asked === 0 ? null : spec.resourceAttributes, text));
  }
  const isSelf = kind === "SelfSubjectAccessReview";
  if (!isSelf && !spec.user && !(Array.isArray(spec.groups) && spec.groups.length > 0)) {
    errors.push(invalid("spec.user", "", "at least one of user or group must be specified"));
  }
  const metadata = object.metadata as JsonObject;
  const about = isObject(spec.resourceAttributes) ? spec.resourceAttributes : undefined;
  if (kind === "LocalSubjectAccessReview") {
    if (about && (about.namespace ?? "") !== question.namespace) {
      errors.push(invalid("spec.resourceAttributes.namespace", about.namespace ?? "", "must match metadata.namespace"));
    }
    if (isObject(spec.nonResourceAttributes)) {
      errors.push(invalid("spec.nonResourceAttributes", spec.nonResourceAttributes, "disallowed on this kind of request"));
    }
  } else if (Object.keys(metadata).length > 0) errors.push(invalid("metadata", metadata, "must be empty"));
  if (errors.length > 0) throw unprocessable({ group, plural: "" }, "", errors);
  const own = kind === "LocalSubjectAccessReview" ? { namespace: question.namespace! } : {};
  const asking = isSelf ? { user, groups: groupsOf(user) } : askedAbout(spec, question);
  const { allowed, reason } = decisionOf(asking.user, asking.groups, spec, question.roles);
  const status: JsonObject = reason === undefined ? { allowed } : { allowed, reason };
  return { ...head, metadata: tracked(own), spec, status };
}
