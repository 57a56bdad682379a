/**
 * By what a user is known: a header or a certificate.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Clock, Log } from "../../ports.ts";
import type { SetupError } from "../../errors.ts";
import type { Credentials } from "./credentials.ts";
import type { ExecCredential } from "./exec-credential.ts";
import { execPlugin } from "./exec-plugin.ts";
import type { Headers } from "./identity.ts";
import type { ExecEntry, UserEntry } from "../config/kubeconfig-format.ts";
import { createTokenFile } from "./token-file.ts";

/** What goes with each request, and what goes with the connection. */
export interface Proof {
  readonly headers: Headers;
  /** PEM. */
  readonly cert?: string;
  /** PEM. */
  readonly key?: string;
}

/** Where a user's proof comes from. */
export interface ProofSource {
  /** The proof now; the same object as long as it is the same. Undefined: `renew` first. */
  current(): Proof | undefined;
  /** A new one, which serves now, however soon it ends. */
  renew(): Promise<Proof>;
  /** The server has refused the last one. @returns Whether there may be another. */
  refused(): boolean;
}

/** How proofs are obtained. */
export interface ProofOptions {
  readonly clock: Clock;
  /** Told once of what could not be renewed. */
  readonly log: Log | undefined;
  /** How long a plugin may take, in milliseconds. */
  readonly limit: number;
}

/** Makes the source of a user's proof. Does no IO. As client-go: who has anything else needs no plugin. */
export function createProofSource(credentials: Credentials, options: ProofOptions): ProofSource {
  const { user } = credentials;
  if (user.tokenFile) return fromTokenFile(user.tokenFile, credentials, options);
  if (user.token) return fixed({ headers: bearer(user.token) });
  if (user.username) return fixed({ headers: basic(user) });
  const certificate = user["client-certificate"] || user["client-certificate-data"];
  if (user.exec && !certificate) return fromPlugin(user.exec, credentials, options);
  return fixed({ headers: {} });
}

function fixed(proof: Proof): ProofSource {
  return { current: () => proof, renew: () => Promise.resolve(proof), refused: () => false };
}

function fromTokenFile(path: string, { userText, user }: Credentials, { clock, log }: ProofOptions): ProofSource {
  const file = createTokenFile(path, { userText, fallback: user.token, log, clock });
  let token = "";
  let proof: Proof = { headers: {} };
  const current = () => {
    const now = file.token();
    if (now !== token) proof = { headers: bearer(token = now) };
    return proof;
  };
  return { current, renew: () => Promise.resolve(current()), refused: () => file.refused() };
}

/** Between two tries of a plugin whose last credential still serves, in milliseconds. */
const PAUSE = 10_000;

function fromPlugin(exec: ExecEntry, credentials: Credentials, { clock, log, limit }: ProofOptions): ProofSource {
  const plugin = execPlugin(exec, credentials, clock);
  let last: { readonly credential: ExecCredential; readonly proof: Proof } | undefined;
  let tryAt = -Infinity;

  const proofOf = (credential: ExecCredential): Proof => {
    if (last?.credential !== credential) {
      const { token, cert, key } = credential;
      last = { credential, proof: { headers: token ? bearer(token) : {}, ...cert && { cert, key } } };
    }
    return last.proof;
  };
  /** While the old one still serves nobody waits for the new one. Who has to be asked is asked when it has ended. */
  const renewEarly = () => {
    if (plugin.interactive || clock.monotonic() < tryAt) return;
    tryAt = clock.monotonic() + PAUSE;
    plugin.run(limit).catch((error: SetupError) =>
      log?.warn(`${error.message}; going on with what it gave out before, and trying again in ${PAUSE / 1000} s`)
    );
  };
  return {
    current() {
      const held = plugin.current();
      if (held?.ending) renewEarly();
      return held && proofOf(held.credential);
    },
    renew: async () => proofOf(await plugin.run(limit)),
    refused() {
      if (last) plugin.forget(last.credential);
      return true;
    },
  };
}

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

const basic = ({ username = "", password = "" }: UserEntry): Headers => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`,
});
