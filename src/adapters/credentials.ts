/**
 * One server and one user, and what kubectl would not take of them.
 *
 * @module
 */
import { SetupError } from "../errors.ts";
import { execFault } from "./exec-plugin.ts";
import type { ClusterEntry, UserEntry } from "./kubeconfig-format.ts";
import { proxyUrl } from "./proxy-environment.ts";
import { masked } from "./server-url.ts";
import { tokenFault } from "./token.ts";

/** One server and one identity, checked. */
export interface Credentials {
  /** Where they were found, for messages. */
  readonly source: string;
  /** The server's URL without a slash at its end, its path kept. */
  readonly server: string;
  /** URL of the proxy that leads to the server. */
  readonly proxy?: string;
  /** In the spelling of a kubeconfig; paths are absolute. */
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
  /** The files that they were read from. */
  readonly files: readonly string[];
}

/** The providers of https://www.npmjs.com/package/@kubernetes/client-node. */
const PROVIDERS: readonly (string | undefined)[] = ["oidc", "gcp", "azure"];

/**
 * Looks whether a cluster and a user can be used together, without reading files. The rules are client-go's
 * (`tools/clientcmd/validation.go`, `transport/transport.go`).
 *
 * @throws {SetupError} with the first thing that is wrong.
 */
export function checkCredentials({ source, server, cluster, user }: Credentials): void {
  const fault = clusterFault(cluster, server) ?? userFault(user);
  if (fault !== undefined) throw new SetupError(`${source}: ${fault}`);
}

function clusterFault(cluster: ClusterEntry, server: string): string | undefined {
  const proxy = cluster["proxy-url"];
  if (proxy !== undefined && (!proxyUrl(proxy) || /^socks5h/i.test(proxy))) {
    return `proxy-url is not the URL of a proxy (http, https or socks5): ${masked(proxy)}`;
  }
  const [file, data] = [cluster["certificate-authority"], cluster["certificate-authority-data"]];
  if (file && data) return "certificate-authority and certificate-authority-data exclude each other: remove one";
  if (cluster["insecure-skip-tls-verify"] && (file || data) && server.startsWith("https:")) {
    return "insecure-skip-tls-verify and a certificate-authority exclude each other: remove one";
  }
  return undefined;
}

function userFault(user: UserEntry): string | undefined {
  const both = (["client-certificate", "client-key"] as const).find((name) => user[name] && user[`${name}-data`]);
  const certificate = user["client-certificate"] || user["client-certificate-data"];
  const provider = user["auth-provider"];
  if (certificate && both) return `${both} and ${both}-data exclude each other: remove one`;
  if (certificate && !user["client-key"] && !user["client-key-data"]) {
    return "the client-certificate has no client-key: name it, or give its data";
  }
  if (isKeyAlone(user)) return "the client-key has no client-certificate: name it, or give its data";
  if ((user.token || user.tokenFile) && user.username) return "a token and a username exclude each other: remove one";
  if (user.token && user.password) return "a token and a password exclude each other: remove one";
  const problem = user.token && tokenFault(user.token);
  if (problem) return `the token ${problem}`;
  if (provider && user.exec) return "exec and auth-provider exclude each other: remove one";
  if (provider && !PROVIDERS.includes(provider.name)) {
    return `the auth-provider "${provider.name ?? ""}" is not known: use a credential plugin (exec)`;
  }
  if (!user.as && (user["as-uid"] || user["as-groups"]?.length || Object.keys(user["as-user-extra"] ?? {}).length > 0)) {
    return "as-uid, as-groups and as-user-extra need a user to act as: name it with as";
  }
  return user.exec && execFault(user.exec);
}

/** A key without its certificate is passed over where there are other credentials, as by kubectl. */
function isKeyAlone(user: UserEntry): boolean {
  const key = user["client-key"] || user["client-key-data"];
  const other = user["client-certificate"] || user["client-certificate-data"] || user.token || user.tokenFile || user.username;
  return Boolean(key && !other && !user.exec && !user["auth-provider"]);
}
