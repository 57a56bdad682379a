import { KubeConfig, RequestContext } from "@kubernetes/client-node";
import { causeText, SetupError } from "../errors.ts";
import type { Credentials, ExecEntry } from "./kubeconfig.ts";

/** What a connection to the server is made of. The same object as long as nothing of it has changed. */
export interface Connection {
  /** Base URL without a slash at its end, its path kept. */
  readonly server: string;
  /** PEM. */
  readonly ca?: string;
  /** PEM. */
  readonly cert?: string;
  /** PEM. */
  readonly key?: string;
  /** The name that the server's certificate must hold, where it is not that of the URL. */
  readonly serverName?: string;
  /** Whether any certificate will do. */
  readonly insecure?: boolean;
  /** URL of the proxy that leads to this server: http, https or socks5. */
  readonly proxy?: string;
}

/** What a request needs so that the server knows who asks. */
export interface Authorization {
  readonly headers: Readonly<Record<string, string>>;
  readonly connection: Connection;
}

/** One server and one user. */
export interface Identity {
  /** Where the credentials were found, for messages. */
  readonly source: string;
  /** For the next request; synchronous while nothing has to be looked at again. */
  authorize(): Authorization | Promise<Authorization>;
  /**
   * The server has answered 401 to this authorization: the next one gets new credentials where there are any.
   *
   * @returns Whether a second try makes sense.
   */
  refused(authorization: Authorization): boolean;
}

/**
 * Makes an identity with client-node's ways to authorize: tokens, certificates, plugins, OIDC. Does no IO.
 *
 * @param reread Finds the credentials again, after the server has refused them: files may have changed since.
 */
export function createIdentity(credentials: Credentials, reread: () => Credentials): Identity {
  let config = new ConnectionKubeConfig();
  config.loadFromOptions(clientNodeOptions(credentials));
  let pending: Promise<Authorization> | undefined;
  let last: { readonly at: number; readonly authorization: Authorization } | undefined;

  const authorize = async (): Promise<Authorization> => {
    const context = new RequestContext(credentials.cluster.server, "GET");
    try {
      await config.applySecurityAuthentication(context);
    } catch (error) {
      throw authorizationError(credentials, error);
    }
    const headers = context.getHeaders();
    const before = last?.authorization;
    const connection = config.connection!;
    const same = before?.connection === connection && JSON.stringify(before.headers) === JSON.stringify(headers);
    const authorization = same ? before : { headers, connection };
    last = { at: performance.now(), authorization };
    return authorization;
  };
  return {
    source: credentials.source,
    authorize() {
      if (last && performance.now() - last.at < 1_000) return last.authorization;
      // Calls that come at once share one run, so that an expired token starts its plugin once.
      return pending ??= authorize().finally(() => pending = undefined);
    },
    refused(authorization) {
      if (last && last.authorization !== authorization) return true;
      // OIDC keeps its newest refresh token in memory only.
      if (credentials.user["auth-provider"]) return false;
      try {
        const fresh = new ConnectionKubeConfig();
        fresh.loadFromOptions(clientNodeOptions(reread()));
        fresh.connection = config.connection;
        config = fresh;
        last = undefined;
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** Notes what client-node would make a connection of. */
class ConnectionKubeConfig extends KubeConfig {
  connection: Connection | undefined;

  override createDispatcherOptions(
    ...[cluster, tls]: Parameters<KubeConfig["createDispatcherOptions"]>
  ): ReturnType<KubeConfig["createDispatcherOptions"]> {
    const text = (value: unknown) => value === undefined ? undefined : String(value);
    const made: Connection = {
      server: cluster!.server.replace(/\/+$/, ""),
      ca: text(tls.ca),
      cert: text(tls.cert),
      key: text(tls.key),
      serverName: tls.servername,
      insecure: tls.rejectUnauthorized === false,
      proxy: cluster?.proxyUrl,
    };
    if (JSON.stringify(made) !== JSON.stringify(this.connection)) this.connection = made;
    return { type: "none" };
  }
}

function clientNodeOptions(
  { cluster, user }: Credentials,
): Pick<KubeConfig, "clusters" | "users" | "contexts" | "currentContext"> {
  const fileProvider = user.tokenFile && !user.token && { name: "tokenFile", config: { tokenFile: user.tokenFile } };
  return {
    currentContext: "current",
    contexts: [{ name: "current", cluster: "current", user: "current" }],
    clusters: [{
      name: "current",
      server: cluster.server,
      skipTLSVerify: cluster["insecure-skip-tls-verify"] === true,
      ...onlyOne("ca", cluster["certificate-authority"], cluster["certificate-authority-data"]),
      tlsServerName: cluster["tls-server-name"],
      proxyUrl: cluster["proxy-url"],
    }],
    // Without a user client-node leaves out the certificate authority, too.
    users: [{
      name: "current",
      token: user.token,
      username: user.username,
      password: user.password,
      impersonateUser: user.as,
      ...onlyOne("cert", user["client-certificate"], user["client-certificate-data"]),
      ...onlyOne("key", user["client-key"], user["client-key-data"]),
      exec: user.exec && execWithInfo(user.exec, cluster),
      authProvider: user["auth-provider"] ?? (fileProvider || undefined),
    }],
  };
}

/** Data goes before a file, as with kubectl; client-node has it the other way round. */
const onlyOne = (name: string, file?: string, data?: string) => data ? { [`${name}Data`]: data } : { [`${name}File`]: file };

/** Plugins read from this variable which version to answer in; client-node does not set it. */
function execWithInfo(exec: ExecEntry, cluster: Credentials["cluster"]): unknown {
  const info = {
    apiVersion: exec.apiVersion,
    kind: "ExecCredential",
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo && {
        cluster: { server: cluster.server, "certificate-authority-data": cluster["certificate-authority-data"] },
      }),
    },
  };
  const env = [...(exec.env ?? []), { name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(info) }];
  return { ...exec, args: exec.args ?? [], env };
}

function authorizationError({ source, user }: Credentials, error: unknown): SetupError {
  const { exec } = user;
  if (!exec) return new SetupError(`The credentials of ${source} cannot be used: ${causeText(error)}`, { cause: error });
  const hint = exec.installHint ? `: ${exec.installHint.trim().split("\n")[0]}` : "";
  if ((error as { code?: string }).code === "ENOENT") {
    return new SetupError(`The credential plugin "${exec.command}" of ${source} was not found${hint}`, { cause: error });
  }
  const said = (error as Error).message === "" ? "" : causeText(error).trim().split("\n").at(-1);
  return new SetupError(`The credential plugin "${exec.command}" of ${source} failed: ${said || "it said nothing"}`, {
    cause: error,
  });
}
