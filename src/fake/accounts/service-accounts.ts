/**
 * Tokens of service accounts: what they say, and who has one. As `k8s.io/kubernetes/pkg/serviceaccount` has it.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { type Meta, metaOf } from "../types/meta.ts";
import { quote } from "../types/quote.ts";
import { keyOf, type Store } from "../store/store.ts";
import { readToken, sign } from "./jwt.ts";

/** Who issues the tokens, and for whom they are unless they say it. */
export const issuer = "https://kubernetes.default.svc";

/** Somebody who has a token. */
export interface Account {
  readonly user: string;
  readonly uid: string;
  /** Without `system:authenticated`. */
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What became of a token. */
export type Checked =
  | { readonly account: Account; readonly audiences: readonly string[] }
  /** Why it is none, where there is more to say than that. */
  | { readonly fault: string | undefined };

/** The objects to which a token is bound: it ends with them. */
export interface Bound {
  readonly pod?: Meta;
  readonly secret?: Meta;
  readonly node?: Pick<Meta, "name" | "uid">;
}

/** The groups of a service account. Pure. */
export const accountGroups = (
  namespace: string,
): readonly string[] => ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];

const referenceTo = ({ name, uid }: Pick<Meta, "name" | "uid">): JsonObject => ({ name: name!, ...uid !== undefined && { uid } });

/** Issues a token. @param now Seconds since the epoch. */
export function issueToken(
  { namespace, ...account }: Meta,
  { audiences, seconds, bound, now, id }: {
    readonly audiences: readonly string[];
    readonly seconds: number;
    readonly bound: Bound;
    readonly now: number;
    readonly id: string;
  },
): string {
  const about = Object.entries(bound).map(([kind, meta]) => [kind, referenceTo(meta as Meta)]);
  return sign({
    aud: [...audiences],
    exp: now + seconds,
    iat: now,
    iss: issuer,
    jti: id,
    "kubernetes.io": { namespace: namespace!, ...Object.fromEntries(about), serviceaccount: referenceTo(account) },
    nbf: now,
    sub: `system:serviceaccount:${namespace}:${account.name}`,
  });
}

const invalidated = "service account token has been invalidated";
const part = (object: JsonObject, name: string): JsonObject => isObject(object[name]) ? object[name] : {};
const texts = (value: Json | undefined): string[] => Array.isArray(value) ? value.map(String) : [];
const list = (items: readonly string[]) => `[${items.map(quote).join(" ")}]`;

/** The object that a claim is about. @throws {Error} With why it is not the one. */
function claimed(store: Store, storage: string, namespace: string | undefined, claim: JsonObject, what: string): Meta {
  const found = store.collection(storage).get(keyOf(namespace, String(claim.name)));
  const account = storage === "/serviceaccounts";
  if (!found) throw new Error(account ? `serviceaccounts ${quote(String(claim.name))} not found` : invalidated);
  const meta = metaOf(found);
  if (claim.uid !== undefined && meta.uid !== claim.uid) {
    const kind = account ? "service account" : storage.slice(1, -1);
    throw new Error(`${kind} UID (${meta.uid}) does not match ${what} (${claim.uid})`);
  }
  return meta;
}

/** Who has a token. @param wanted Whom it is to be for. @param now Milliseconds since the epoch. */
export function checkToken(store: Store, token: string, wanted: readonly string[], now: number): Checked {
  const said = readToken(token);
  if (said?.claims.iss !== issuer) return { fault: undefined };
  const { claims, genuine } = said;
  if (!genuine) return { fault: "go-jose/go-jose: error in cryptographic primitive" };
  const own = texts(claims.aud);
  const audiences = wanted.filter((each) => own.includes(each));
  if (audiences.length === 0) {
    return { fault: `token audiences ${list(own)} is invalid for the target audiences ${list(wanted)}` };
  }
  if (now / 1000 > Number(claims.exp)) return { fault: "service account token has expired" };
  if (now / 1000 < Number(claims.nbf)) return { fault: "service account token is not valid yet" };
  try {
    return { account: accountOf(store, claims), audiences };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}

/** @throws {Error} With why it is nobody's any more. */
function accountOf(store: Store, claims: JsonObject): Account {
  const about = part(claims, "kubernetes.io");
  const namespace = String(about.namespace);
  const { name, uid } = claimed(store, "/serviceaccounts", namespace, part(about, "serviceaccount"), "claim");
  const extra: Record<string, readonly string[]> = {
    "authentication.kubernetes.io/credential-id": [`JTI=${String(claims.jti)}`],
  };
  if (about.secret) claimed(store, "/secrets", namespace, part(about, "secret"), "service account secret ref claim");
  const node = part(about, "node");
  // A pod goes when its node does.
  if (about.node && !about.pod) claimed(store, "/nodes", undefined, node, "service account node ref claim");
  if (about.node) {
    extra["authentication.kubernetes.io/node-name"] = [String(node.name)];
    if (node.uid !== undefined) extra["authentication.kubernetes.io/node-uid"] = [String(node.uid)];
  }
  if (about.pod) {
    const pod = claimed(store, "/pods", namespace, part(about, "pod"), "service account pod ref claim");
    extra["authentication.kubernetes.io/pod-name"] = [pod.name!];
    extra["authentication.kubernetes.io/pod-uid"] = [pod.uid!];
  }
  return { user: `system:serviceaccount:${namespace}:${name}`, uid: uid!, groups: accountGroups(namespace), extra };
}
