import type { Headers } from "./identity.ts";
import type { UserEntry } from "../config/kubeconfig-format.ts";

/**
 * The headers by which one user acts as another. Pure. As client-go:
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export function impersonation(user: UserEntry): Headers {
  if (!user.as) return {};
  const groups = user["as-groups"] ?? [];
  const extra = Object.entries(user["as-user-extra"] ?? {}).filter(([, values]) => values.length > 0);
  return {
    "impersonate-user": user.as,
    ...groups.length > 0 && { "impersonate-group": groups },
    ...user["as-uid"] && { "impersonate-uid": user["as-uid"] },
    ...Object.fromEntries(extra.map(([name, values]) => [`impersonate-extra-${escaped(name)}`, values])),
  };
}

/** What may not stand in a header's name goes as the bytes of its UTF-8, and so does the sign that tells them apart. */
const escaped = (name: string): string =>
  [...new TextEncoder().encode(name)].map((byte) => String.fromCharCode(byte)).map((character) =>
    /[!#$&'*+.^_`|~\w-]/.test(character) ? character : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`
  ).join("");
