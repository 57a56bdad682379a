/**
 * Whose a token is: what API servers and proxies beside this one ask.
 *
 * @module
 */
import { checkToken, issuer } from "../accounts/service-accounts.ts";
import type { Json, JsonObject } from "../types/json.ts";
import type { World } from "../store/world.ts";
import { badRequest } from "../types/status.ts";
import { groupsOf, type Tokens, type TokenUser } from "./access.ts";

/** Somebody, as reviews show him. Pure. */
export function shownUser(user: TokenUser): JsonObject {
  const { uid, extra } = user;
  return {
    username: user.user,
    ...uid !== undefined && uid !== "" && { uid },
    groups: [...groupsOf(user)],
    ...extra && { extra: Object.fromEntries(Object.entries(extra).map(([name, values]) => [name, [...values]])) },
  };
}

const texts = (value: Json | undefined): string[] => Array.isArray(value) ? value.map(String) : [];
const invalidToken = "invalid bearer token";
const unknown = (error: string): JsonObject => ({ user: {}, error });

/** The status of a review. @throws {Refusal} 400 without a token. */
export function reviewToken({ store, clock }: World, spec: JsonObject, tokens: Tokens | undefined): JsonObject {
  const token = typeof spec.token === "string" ? spec.token : "";
  if (token === "") throw badRequest("token is required for TokenReview in authentication");
  const asked = texts(spec.audiences);
  const wanted = asked.length > 0 ? asked : [issuer];
  if (tokens && Object.hasOwn(tokens, token)) {
    const audiences = wanted.filter((each) => each === issuer);
    if (audiences.length === 0) return unknown(invalidToken);
    return { authenticated: true, user: shownUser(tokens[token]!), audiences };
  }
  const checked = checkToken(store, token, wanted, clock.now());
  if ("fault" in checked) return unknown(checked.fault === undefined ? invalidToken : `[${invalidToken}, ${checked.fault}]`);
  return { authenticated: true, user: shownUser(checked.account), audiences: [...checked.audiences] };
}
