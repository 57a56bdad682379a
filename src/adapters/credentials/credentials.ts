/**
 * One server and one user, and what kubectl would not take of them.
 *
 * @module
 */
import { SetupError } from "../../errors.ts";
import { execFault } from "./exec-plugin.ts";
import type { ClusterEntry, UserEntry } from "../config/kubeconfig-format.ts";
import { proxyUrl } from "../config/proxy-environment.ts";
import { masked } from "../config/server-url.ts";
import { tokenFault } from "./token.ts";

/** One server and one identity, checked. */
export interface Credentials {
  /** What the cluster is called in messages, as in `cluster "c" in /home/me/.kube/config`. */
  readonly clusterText: string;
  /** What the user is called in messages, as in `user "u" in /home/me/.kube/config`. */
  readonly userText: string;
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
export function checkCredentials({ clusterText, userText, server, cluster, user }: Credentials): void {
  const check = (text: string, fault: string | undefined) => {
    if (fault !== undefined) throw new SetupError(`The ${text} has ${fault}`);
  };
  check(clusterText, clusterFault(cluster, server));
  check(userText, userFault(user));
}

/** What a cluster has that it may not have, or undefined. */
function clusterFault(cluster: ClusterEntry, server: string): string | undefined {
  const proxy = cluster["proxy-url"];
  if (proxy !== undefined && (!proxyUrl(proxy) || /^socks5h/i.test(proxy))) {
    return `a proxy-url that is not the URL of a proxy (http, https or socks5): ${masked(proxy)}`;
  }
  const [file, data] = [cluster["certificate-authority"], cluster["certificate-authority-data"]];
  if (file && data) return `certificate-authority and certificate-authority-data: ${REMOVE}`;
  if (cluster["insecure-skip-tls-verify"] && (file || data) && server.startsWith("https:")) {
    return `insecure-skip-tls-verify and a certificate-authority: ${REMOVE}`;
  }
  return undefined;
}

const REMOVE = "they exclude each other, remove one";

/** What a user has that it may not have, or undefined. */
function userFault(user: UserEntry): string | undefined {
  const both = (["client-certificate", "client-key"] as const).find((name) => user[name] && user[`${name}-data`]);
  const certificate = user["client-certificate"] || user["client-certificate-data"];
  const provider = user["auth-provider"];
  if (certificate && both) return `${both} and ${both}-data: ${REMOVE}`;
  if (certificate && !user["client-key"] && !user["client-key-data"]) {
    return "a client-certificate without its client-key: name it, or give its data";
  }
  if (isKeyAlone(user)) return "a client-key without its client-certificate: name it, or give its data";
  if ((user.token || user.tokenFile) && user.username) return `a token and a username: ${REMOVE}`;
  if (user.token && user.password) return `a token and a password: ${REMOVE}`;
  const problem = user.token && tokenFault(user.token);
  if (problem) return `a token that ${problem}`;
  const spaced = [user.as, user["as-uid"], ...user["as-groups"] ?? [], ...Object.values(user["as-user-extra"] ?? {}).flat()]
    .find((value) => value !== value?.trim());
  if (spaced !== undefined) return `${JSON.stringify(spaced)} to act as: HTTP/1.1 carries no white space around it, remove that`;
  if (provider && user.exec) return `exec and auth-provider: ${REMOVE}`;
  if (provider && PROVIDERS.includes(provider.name) && !provider.config) {
    return `the auth-provider "${provider.name}" without its config: log in again, or use a credential plugin (exec)`;
  }
  if (provider && !PROVIDERS.includes(provider.name)) {
    return `the auth-provider "${provider.name ?? ""}", which is not known: use a credential plugin (exec)`;
  }
  if (!user.as && (user["as-uid"] || user["as-groups"]?.length || Object.keys(user["as-user-extra"] ?? {}).length > 0)) {
    return "as-uid, as-groups or as-user-extra without a user to act as: name it with as";
  }
  return user.exec && execFault(user.exec);
}

/** A key without its certificate is passed over where there are other credentials, as by kubectl. */
function isKeyAlone(user: UserEntry): boolean {
  const key = user["client-key"] || user["client-key-data"];
  const other = user["client-certificate"] || user["client-certificate-data"] || user.token || user.tokenFile || user.username;
  return Boolean(key && !other && !user.exec && !user["auth-provider"]);
}
