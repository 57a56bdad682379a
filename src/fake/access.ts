/**
 * Who asks, and whether they may.
 *
 * @module
 */
import { Refusal } from "./status.ts";
import type { ResourceRoute } from "./route.ts";

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
  /** The name in the path. */
  readonly name?: string;
  /** The path of a request that is not for a resource. */
  readonly path?: string;
}

/** A user known by a bearer token. */
export interface TokenUser {
  /** The name that RBAC texts show. */
  readonly user: string;
  /** The groups beside `system:authenticated`. */
  readonly groups?: readonly string[];
  /** What the user may do. @default {"all"} */
  readonly allow?: "all" | "none" | ((attributes: AccessAttributes) => boolean);
}

/** Users by token. */
export type Tokens = Readonly<Record<string, TokenUser>>;

const anonymous: TokenUser = { user: "system:anonymous", groups: ["system:unauthenticated"], allow: "none" };

/** Finds the user. @throws {Refusal} 401 for a token that is not known. */
export function authenticate(tokens: Tokens | undefined, authorization: string | null): TokenUser | undefined {
  if (!tokens) return undefined;
  const token = /^Bearer\s+(\S+)\s*$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) return anonymous;
  const user = Object.hasOwn(tokens, token) ? tokens[token] : undefined;
  if (!user) throw new Refusal(401, "Unauthorized", "Unauthorized");
  return user;
}

// The default roles of a cluster let everyone read these.
const publicPaths = [/^\/healthz/, /^\/livez/, /^\/readyz/, /^\/version\/?$/];

function allows(user: TokenUser, attributes: AccessAttributes): boolean {
  if (attributes.path !== undefined && publicPaths.some((path) => path.test(attributes.path!))) return true;
  const { allow = "all" } = user;
  if (typeof allow === "function") return allow(attributes);
  return allow === "all";
}

/** Lets a request pass or refuses it. @throws {Refusal} 403 */
export function authorize(user: TokenUser | undefined, verb: string, path: string, route: ResourceRoute | undefined): void {
  if (!user) return;
  const groups = [...user.groups ?? [], ...(user === anonymous ? [] : ["system:authenticated"])];
  if (!route) {
    if (allows(user, { user: user.user, groups, verb, path })) return;
    throw new Refusal(
      403,
      "Forbidden",
      `forbidden: User ${JSON.stringify(user.user)} cannot ${verb} path ${JSON.stringify(path)}`,
      { details: {} },
    );
  }
  const { group, plural, subresource, namespace, name } = route;
  const named = verb === "create" ? undefined : name;
  const attributes = { user: user.user, groups, verb, group, resource: plural, subresource, namespace, name: named };
  if (allows(user, attributes)) return;
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  const where = namespace !== undefined ? ` in the namespace ${JSON.stringify(namespace)}` : " at the cluster scope";
  const what = `${group === "" ? plural : `${plural}.${group}`}${named === undefined ? "" : ` ${JSON.stringify(named)}`}`;
  const details = { ...(named === undefined ? {} : { name: named }), ...(group === "" ? {} : { group }), kind: plural };
  throw new Refusal(
    403,
    "Forbidden",
    `${what} is forbidden: User ${JSON.stringify(user.user)} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${
      JSON.stringify(group)
    }${where}`,
    { details },
  );
}
