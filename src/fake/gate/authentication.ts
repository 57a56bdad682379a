/**
 * Who asks: whom a token names, or as whom that one acts.
 *
 * @module
 */
import { checkToken, issuer } from "../accounts/service-accounts.ts";
import type { Roles } from "../rbac/roles.ts";
import type { World } from "../store/world.ts";
import type { HeaderFields } from "../types/incoming.ts";
import { Refusal } from "../types/status.ts";
import { anonymousOf, type Tokens, type TokenUser, userNamed } from "./access.ts";
import { actingAs } from "./impersonation.ts";

/**
 * Finds the user. Without tokens, everybody may do everything.
 *
 * @throws {Refusal} 401 for a token that is not known; 403 for one that may not act as another.
 */
export function authenticate(
  tokens: Tokens | undefined,
  { headers, path, roles, world }: { headers: HeaderFields; path: string; roles: Roles; world: World },
): TokenUser {
  return actingAs(bearer(tokens, headers, world), { tokens, headers, path, roles });
}

function bearer(tokens: Tokens | undefined, headers: HeaderFields, world: World): TokenUser {
  const token = /^Bearer\s+(\S+)\s*$/i.exec(headers.get("authorization") ?? "")?.[1];
  if (!tokens || token === undefined) return anonymousOf(tokens);
  const user = Object.hasOwn(tokens, token) ? tokens[token] : issuedTo(world, tokens, token);
  if (!user) throw new Refusal(401, "Unauthorized", "Unauthorized");
  return user;
}

/** The service account to which a token was issued here, if it is still good. */
function issuedTo({ store, clock }: World, tokens: Tokens, token: string): TokenUser | undefined {
  const checked = checkToken(store, token, [issuer], clock.now());
  if ("fault" in checked) return undefined;
  const { user, groups, uid, extra } = checked.account;
  return { ...userNamed(tokens, user, groups), uid, extra };
}
