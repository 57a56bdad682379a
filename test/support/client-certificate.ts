import { createAuthority, extension, identifier, sequence } from "../../src/fake/http/certificate.ts";

/** Certificates of users, all of one authority. In PEM. */
export interface ClientCertificates {
  readonly ca: string;
  /** Makes one for a user in groups. */
  issue(name: string, groups?: readonly string[]): { readonly cert: string; readonly key: string };
}

/** For clients (RFC 5280, 4.2.1.12). */
const clientExtensions = [extension(37, false, sequence(identifier(43, 6, 1, 5, 5, 7, 3, 2)))];

/** Makes an authority for users, which a kube-apiserver takes as `--client-ca-file`. */
export function createClientCertificates(): ClientCertificates {
  const { ca, issue } = createAuthority("users");
  return { ca, issue: (name, groups) => issue(name, clientExtensions, groups) };
}
