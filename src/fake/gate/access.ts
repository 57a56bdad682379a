/**
 * Who asks, and whether they may.
 *
 * @module
 */
import { mayNot, Refusal } from "../types/status.ts";
import { quote } from "../types/quote.ts";
import type { ResourceRoute } from "../http/route.ts";
import type { Decision, Roles, Subject } from "../rbac/roles.ts";
import type { Requester } from "../store/world.ts";
import { accountGroups } from "../accounts/service-accounts.ts";

/** What a request is about, for a decision about it. */
export interface AccessAttributes {
  /** Who asks. */
  readonly user: string;
  /** The groups of who asks, `system:authenticated` included. */
  readonly groups: readonly string[];
  /** In the words of RBAC: `get`, `list`, ...; the lower-case method where no resource is asked for. */
  readonly verb: string;
  /** The API group, `""` for the core one; absent where no resource is asked for. */
  readonly group?: string;
  /** The plural of the resource. */
  readonly resource?: string;
  /** Such as `status`. */
  readonly subresource?: string;
  /** Absent for all namespaces and for cluster-scoped resources. */
  readonly namespace?: string;
  /** The name in the path; of a list or a watch the one that its field selector names, if it does. */
  readonly name?: string;
  /** The path of a request that is not for a resource. */
  readonly path?: string;
}

/** A user known by a bearer token. */
export interface TokenUser {
  /** The name that RBAC texts show. */
  readonly user: string;
  /** What `kubectl auth whoami` shows beside the name. */
  readonly uid?: string;
  /** The groups beside `system:authenticated`. */
  readonly groups?: readonly string[];
  /** What else is known, such as the pod that a token is bound to. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /**
   * What the user may do: everything, nothing, what a function says, or, with `"rbac"`, what the roles and bindings of the cluster
   * say. Nobody of those gives rights away that he does not have, and the group `system:masters` may do everything.
   *
   * @default {"all"}
   */
  readonly allow?: "all" | "none" | "rbac" | ((attributes: AccessAttributes) => boolean);
}

/** Users by token. */
export type Tokens = Readonly<Record<string, TokenUser>>;

const anonymous: TokenUser = { user: "system:anonymous", groups: ["system:unauthenticated"], allow: "none" };

/** Whether the rights of some are those of roles: then they are those of whoever is not known, too. Pure. */
const byRoles = (tokens: Tokens | undefined) => Object.values(tokens ?? {}).some(({ allow }) => allow === "rbac");

/** A user by name, with the rights that it has. Pure. */
export function userNamed(tokens: Tokens | undefined, user: string, groups: readonly string[]): TokenUser {
  const known = Object.values(tokens ?? {}).find((each) => each.user === user)?.allow;
  const allow = !tokens || groups.includes("system:masters") ? "all" : known ?? (byRoles(tokens) ? "rbac" : "none");
  return { user, allow, groups };
}

/** Who is not known. */
export const anonymousOf = (tokens: Tokens | undefined): TokenUser =>
  tokens ? byRoles(tokens) ? { ...anonymous, allow: "rbac" } : anonymous : { ...anonymous, allow: "all" };

/** A user as roles name it. Pure. */
export const subjectOf = (user: TokenUser): Subject => ({ user: user.user, groups: groupsOf(user) });

/** A user as whom another acts: the groups are all that there are. */
export interface ActingUser extends TokenUser {
  readonly acts?: true;
}

/** The group of all who are known. */
export const authenticated = "system:authenticated";

/** All groups of a user. Pure. */
export const groupsOf = ({ user, groups = [], acts }: ActingUser): readonly string[] =>
  acts || user === anonymous.user ? groups : [...groups, authenticated];

// What the default roles of a cluster let everyone read, and everyone who is known.
const publicPaths = ["/healthz", "/livez", "/readyz", "/version", "/version/"];
const knownPaths = /^\/(?:api|apis|openapi)(?:\/|$)/;
const ownReviews = ["selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"];

/** Whether a user may do something, and why. */
export function decide(user: TokenUser, attributes: AccessAttributes, roles: Roles): Decision {
  return user.allow === "rbac" ? roles.decide(attributes, attributes) : { allowed: allows(user, attributes) };
}

/** Who asks, as those who handle the request know it. */
export function requesterOf(user: TokenUser, tokens: Tokens | undefined, roles: Roles): Requester {
  const { groups } = subjectOf(user);
  return {
    user: user.user,
    uid: user.uid,
    extra: user.extra,
    groups,
    byRoles: user.allow === "rbac",
    may(asked, other) {
      const [, namespace = ""] = /^system:serviceaccount:([^:]+):/.exec(other ?? "") ?? [];
      const whom = other === undefined ? user : userNamed(tokens, other, accountGroups(namespace));
      return decide(whom, { ...asked, ...subjectOf(whom) }, roles);
    },
  };
}

function allows(user: TokenUser, attributes: AccessAttributes): boolean {
  const { path, verb, resource = "", group = "" } = attributes;
  const known = user.user !== anonymous.user;
  if (path !== undefined && verb === "get" && (publicPaths.includes(path) || (known && knownPaths.test(path)))) return true;
  if (known && verb === "create" && group.startsWith("auth") && ownReviews.includes(resource)) return true;
  const { allow = "all" } = user;
  if (typeof allow === "function") return allow(attributes);
  return allow === "all";
}

/** Lets a request pass or refuses it. @throws {Refusal} 403 */
export function authorize(
  user: TokenUser,
  verb: string,
  path: string,
  route: ResourceRoute | undefined,
  roles: Roles,
): void {
  const groups = groupsOf(user);
  if (!route) {
    const { allowed, reason } = decide(user, { user: user.user, groups, verb, path }, roles);
    if (allowed) return;
    throw new Refusal(
      403,
      "Forbidden",
      `forbidden: User ${quote(user.user)} cannot ${verb} path ${quote(path)}${because(reason)}`,
      { details: {} },
    );
  }
  const { group, plural, name } = route;
  // What follows a subresource is its own affair: whoever may `pods/proxy` may all that is behind it.
  const subresource = route.subresource?.split("/")[0];
  // A namespace that the path names lies in itself.
  const isNamespace = group === "" && plural === "namespaces" && verb !== "list" && verb !== "watch";
  const namespace = route.namespace ?? (isNamespace ? name : undefined);
  const attributes = { user: user.user, groups, verb, group, resource: plural, subresource, namespace, name };
  const { allowed, reason } = decide(user, attributes, roles);
  if (!allowed) throw mayNot(user.user, attributes, reason);
}

const because = (reason: string | undefined) => reason === undefined ? "" : `: ${reason}`;
