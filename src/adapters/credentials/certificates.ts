/**
 * Certificates and keys, of the server's authority and of the user: read again when their files change.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { SetupError } from "../../errors.ts";
import type { Log } from "../../ports.ts";
import type { Credentials } from "./credentials.ts";
import { permissionError, readFile } from "../transport/failures.ts";

/** What TLS needs beside the server's name. All in PEM. */
export interface Certificates {
  /** The authorities that are trusted. @default {those of the system} */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Looks at certificates again and again. */
export interface CertificateSource {
  /**
   * The certificates as they are now; the same object as long as they are the same. Files that are away or half written for a
   * while: the last ones that went together.
   *
   * @throws {SetupError} where there never were any that can be used.
   */
  read(): Certificates;
}

/** Makes a source. Does no IO. @param log Told once of files that cannot be used any more. */
export function createCertificateSource(
  { clusterText, userText, server, cluster, user }: Credentials,
  log?: Log,
): CertificateSource {
  const part = (path: string | undefined, data: string | undefined, what: string): Part => ({ path, data, what });
  const ca = part(
    cluster["certificate-authority"],
    cluster["certificate-authority-data"],
    `certificate authority of the ${clusterText}`,
  );
  const cert = part(user["client-certificate"], user["client-certificate-data"], `client certificate of the ${userText}`);
  const key = part(user["client-key"], user["client-key-data"], `client key of the ${userText}`);
  const withCertificate = Boolean(cert.path || cert.data);
  let texts: readonly (string | undefined)[] | undefined;
  let good: Certificates | undefined;
  let told = "";

  const look = (): Certificates => {
    const now = [textOf(ca), ...withCertificate ? [textOf(cert), textOf(key)] : []];
    // By plain HTTP nobody asks for any; a file that is not there is wrong all the same, as with kubectl.
    if (!server.startsWith("https:")) return good ?? NONE;
    if (good && texts?.every((text, index) => text === now[index])) return good;
    const trusted = authorities(now[0], ca.what);
    // Empty from the start it counts as none, as with kubectl; later somebody is just writing it.
    if (trusted === undefined && good?.ca !== undefined) throw new SetupError(`The ${ca.what} is empty`);
    const pair = withCertificate ? keyPair(now[1]!, now[2]!) : {};
    if (typeof pair === "string") throw new SetupError(`The ${cert.what} cannot be used: ${pair}`);
    texts = now;
    return { ...trusted !== undefined && { ca: trusted }, ...pair };
  };
  return {
    read() {
      try {
        good = look();
        told = "";
      } catch (error) {
        if (!good || permissionError("", error)) throw error;
        const { message } = error as Error;
        if (message !== told) log?.warn(`${message}; going on with the certificates that were read before`);
        told = message;
      }
      return good;
    },
  };
}

const NONE: Certificates = {};

interface Part {
  readonly path: string | undefined;
  /** PEM in base64; goes before the file. */
  readonly data: string | undefined;
  readonly what: string;
}

function textOf({ path, data, what }: Part): string | undefined {
  if (data) return Buffer.from(data, "base64").toString();
  return path ? readFile(path, what).toString() : undefined;
}

/** The blocks of PEM (RFC 7468) with such a label; what else stands in the text is passed over, as in Go. */
const blocksOf = (text: string, label: string): string[] =>
  text.match(new RegExp(`-----BEGIN ${label}-----[^]*?-----END ${label}-----`, "g")) ?? [];

/** The certificates of a bundle that can be read: one must be there. */
function authorities(text: string | undefined, what: string): string | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const readable = blocksOf(text, "CERTIFICATE").filter((block) => certificateIn(block) !== undefined);
  if (readable.length > 0) return readable.join("\n");
  throw new SetupError(`The ${what} holds no certificate in PEM`);
}

function certificateIn(text: string | undefined): X509Certificate | undefined {
  try {
    return text === undefined ? undefined : new X509Certificate(text);
  } catch {
    return undefined;
  }
}

/**
 * A certificate, with those that lead to its authority, and its key, as they are found in two texts, which may be one file.
 *
 * @returns What is wrong, as the end of a sentence, where they do not go together. It shows neither.
 */
export function keyPair(cert: string, key: string): { readonly cert: string; readonly key: string } | string {
  const chain = blocksOf(cert, "CERTIFICATE");
  const certificate = certificateIn(chain[0]);
  if (!certificate) return "it is no certificate in PEM";
  const block = blocksOf(key, "(?:[A-Z]+ )?PRIVATE KEY")[0];
  try {
    if (!certificate.checkPrivateKey(createPrivateKey(block ?? ""))) return "its key belongs to another certificate";
  } catch {
    return "its key is no private key in PEM, or has a passphrase";
  }
  return { cert: chain.join("\n"), key: block! };
}
