/**
 * Who acts as another: `kubectl --as`, `--as-group`, `--as-uid`, and the headers of these.
 *
 * @module
 */
import { accountGroups } from "../accounts/service-accounts.ts";
import type { ResourceRoute } from "../http/route.ts";
import type { Roles } from "../rbac/roles.ts";
import type { HeaderFields } from "../types/incoming.ts";
import { labelName, subdomainName } from "../types/names.ts";
import { badRequest } from "../types/status.ts";
import { type ActingUser, authenticated, authorize, type Tokens, type TokenUser, userNamed } from "./access.ts";

const unauthenticated = "system:unauthenticated";
const anonymous = "system:anonymous";
const extraHeader = "impersonate-extra-";
const ownGroup = "authentication.k8s.io";

/** Something of another that is asked for, and the right to it. */
interface Wanted {
  readonly kind: "User" | "ServiceAccount" | "Group" | "UserExtra" | "UID";
  readonly name: string;
  readonly namespace?: string;
  /** Of what else is known: what it is. */
  readonly key?: string;
}

const plurals = { User: "users", ServiceAccount: "serviceaccounts", Group: "groups", UserExtra: "userextras", UID: "uids" };

/** Several values come as one text. LIMIT: a value with a comma and a space is taken for two. */
const valuesOf = (text: string | null): readonly string[] => text === null ? [] : text.split(", ");

/** A key may have bytes that headers cannot; what cannot be read is as it is written. */
function keyOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An account is named by its namespace and its name. */
function userWanted(name: string): Wanted {
  const [, namespace = "", account = ""] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? [];
  const isAccount = account !== "" && labelName(namespace).length === 0 && subdomainName(account).length === 0;
  return isAccount ? { kind: "ServiceAccount", namespace, name: account } : { kind: "User", name };
}

function wantedOf(headers: HeaderFields): Wanted[] {
  const [user = ""] = valuesOf(headers.get("impersonate-user"));
  const uid = headers.get("impersonate-uid") ?? "";
  const extras = [...headers.keys()].filter((name) => name.startsWith(extraHeader)).sort().flatMap((name) =>
    valuesOf(headers.get(name)).map((value): Wanted => ({
      kind: "UserExtra",
      name: value,
      key: keyOf(name.slice(extraHeader.length)),
    }))
  );
  return [
    ...user === "" ? [] : [userWanted(user)],
    ...valuesOf(headers.get("impersonate-group")).map((name): Wanted => ({ kind: "Group", name })),
    ...extras,
    ...uid === "" ? [] : [{ kind: "UID", name: uid } as const],
  ];
}

const isOwn = ({ kind }: Wanted) => kind === "UserExtra" || kind === "UID";

/** As Go prints a reference: kind, namespace, name, uid, apiVersion, resourceVersion, place. */
const shown = (wanted: Wanted): string => {
  const { kind, namespace = "", name, key = "" } = wanted;
  return `{${[kind, namespace, name, "", isOwn(wanted) ? `${ownGroup}/v1` : "", "", key].join(" ")}}`;
};

const routeOf = (wanted: Wanted): ResourceRoute => ({
  group: isOwn(wanted) ? ownGroup : "",
  version: "v1",
  plural: plurals[wanted.kind],
  namespace: wanted.namespace,
  name: wanted.name === "" ? undefined : wanted.name,
  subresource: wanted.key,
  verb: "get",
  legacyWatch: false,
});

/** All groups, with that of those who are known, or are not, where none says so. */
function withGroup(user: string, groups: readonly string[]): readonly string[] {
  if (user === anonymous) return groups.includes(unauthenticated) ? groups : [...groups, unauthenticated];
  return groups.includes(authenticated) || groups.includes(unauthenticated) ? groups : [...groups, authenticated];
}

/**
 * The user as whom another acts, or that one itself.
 *
 * @throws {Refusal} 400 without a user to act as; 403 where it may not act as that one.
 */
export function actingAs(
  self: TokenUser,
  { tokens, headers, path, roles }: {
    readonly tokens: Tokens | undefined;
    readonly headers: HeaderFields;
    readonly path: string;
    readonly roles: Roles;
  },
): TokenUser {
  if (![...headers.keys()].some((name) => name.startsWith("impersonate-"))) return self;
  const wanted = wantedOf(headers);
  const [whom] = wanted;
  if (!whom) return self;
  if (whom.kind !== "User" && whom.kind !== "ServiceAccount") {
    throw badRequest(`requested [${wanted.map(shown).join(" ")}] without impersonating a user`);
  }
  for (const each of wanted) authorize(self, "impersonate", path, routeOf(each), roles);
  const of = (kind: Wanted["kind"]) => wanted.filter((each) => each.kind === kind);
  const user = whom.kind === "User" ? whom.name : `system:serviceaccount:${whom.namespace}:${whom.name}`;
  const given = of("Group").map(({ name }) => name);
  const own = whom.kind === "ServiceAccount" && given.length === 0 ? accountGroups(whom.namespace!) : given;
  const extra: Record<string, string[]> = {};
  for (const { key, name } of of("UserExtra")) (extra[key!] ??= []).push(name);
  const [uid] = of("UID");
  const acting: ActingUser = {
    ...userNamed(tokens, user, withGroup(user, own)),
    ...uid && { uid: uid.name },
    ...Object.keys(extra).length > 0 && { extra },
    acts: true,
  };
  return acting;
}
