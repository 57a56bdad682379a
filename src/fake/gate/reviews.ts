/**
 * What a user may do and who it is: `kubectl auth can-i`, `kubectl auth whoami`. Such objects are answered, never stored.
 *
 * @module
 */
import { type AccessAttributes, decide, groupsOf, subjectOf, type Tokens, type TokenUser, userNamed } from "./access.ts";
import type { Decision, Roles } from "../rbac/roles.ts";
import { type PolicyRule, ruleObject } from "../rbac/rule.ts";
import { checkBody, decodeObject } from "../http/body.ts";
import { invalid } from "../types/field-error.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { writeOptions } from "../http/options.ts";
import type { ResourceRoute } from "../http/route.ts";
import { badRequest, methodNotAllowed, unprocessable } from "../types/status.ts";
import { nowText, type World } from "../store/world.ts";
import { emptySet } from "../managed/field-set.ts";
import { shapeType } from "../managed/shape-type.ts";
import { trackUpdate } from "../managed/tracking.ts";
import { type Meta, metaOf } from "../types/meta.ts";
import { localErrors, questionErrors } from "./review-rules.ts";
import { reviewToken, shownUser } from "./token-review.ts";
import { managerOfAgent } from "../verbs/owners.ts";

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
  readonly plural: string;
  /** Whether it is asked in a namespace. */
  readonly namespaced?: boolean;
}

const kinds: readonly (readonly [group: string, kind: Review["kind"], namespaced?: true])[] = [
  ["authorization.k8s.io", "SelfSubjectAccessReview"],
  ["authorization.k8s.io", "SubjectAccessReview"],
  ["authorization.k8s.io", "LocalSubjectAccessReview", true],
  ["authorization.k8s.io", "SelfSubjectRulesReview"],
  ["authentication.k8s.io", "TokenReview"],
  ["authentication.k8s.io", "SelfSubjectReview"],
];

const reviews: ReadonlyMap<string, Review> = new Map(
  kinds.map(([group, kind, namespaced]) => {
    const plural = `${kind.toLowerCase()}s`;
    return [`${group}/v1/${plural}`, { group, kind, plural, ...namespaced && { namespaced } }];
  }),
);

/** The review that a request asks for. @throws {Refusal} 405 where it is not a POST. */
export function reviewOf({ group, version, plural, name, namespace, verb }: ResourceRoute): Review | undefined {
  const review = reviews.get(`${group}/${version}/${plural}`);
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
  /** Where what is to be said of the body goes. */
  readonly warnings: string[];
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

/** Metadata with a namespace, in the place where it is printed. */
function inNamespace({ name, generateName, ...rest }: JsonObject, namespace: string): JsonObject {
  return { ...name !== undefined && { name }, ...generateName !== undefined && { generateName }, namespace, ...rest };
}

/** Answers a review. @throws {Refusal} */
export function answerReview(world: World, review: Review, question: Question): JsonObject {
  const { user, userAgent } = question;
  const { kind, group, plural } = review;
  const type = world.registry.find(group, "v1", plural)!;
  checkBody(question);
  const { fieldManager, fieldValidation } = writeOptions(question.query, "CreateOptions");
  const object = decodeObject({ ...question, world, type }, fieldValidation);
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
      type: shapeType(type.shape!),
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
  const isSelf = kind === "SelfSubjectAccessReview";
  const isLocal = kind === "LocalSubjectAccessReview";
  const { uid: _u, namespace, ...metadata } = object.metadata as JsonObject;
  if (isLocal && (namespace ?? "") !== "" && namespace !== question.namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  const errors = questionErrors(spec, isSelf);
  if (Object.keys(metadata).length > 0) {
    const shown = tracked(isLocal ? inNamespace(metadata, question.namespace!) : metadata);
    errors.push(invalid("metadata", shown as JsonObject, isLocal ? "must be empty except for namespace" : "must be empty"));
  }
  if (isLocal) errors.push(...localErrors(spec, question.namespace!));
  if (errors.length > 0) throw unprocessable({ group, plural: "" }, "", errors);
  const own = isLocal ? { namespace: question.namespace! } : {};
  const asking = isSelf ? { user, groups: groupsOf(user) } : askedAbout(spec, question);
  const { allowed, reason } = decisionOf(asking.user, asking.groups, spec, question.roles);
  const status: JsonObject = reason === undefined ? { allowed } : { allowed, reason };
  return { ...head, metadata: tracked(own), spec, status };
}
