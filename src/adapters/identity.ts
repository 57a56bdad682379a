import { type DispatcherOptions, KubeConfig, RequestContext } from "@kubernetes/client-node";
import { causeText, SetupError } from "../errors.ts";
import type { Credentials, ExecEntry } from "./kubeconfig.ts";

/** Undici's pool of connections, as far as it is used here; client-node makes it. */
export type Dispatcher = NonNullable<ReturnType<RequestContext["getDispatcher"]>>;

/** What a request needs so that the server knows who asks. */
export interface Authorization {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/** One server and one user, with client-node's ways to authorize: tokens, certificates, plugins, OIDC. */
export interface Identity {
  readonly credentials: Credentials;
  /** Headers and connections for the next request. Tokens and certificates are renewed when they have to be. */
  authorize(): Promise<Authorization>;
}

/**
 * Makes an identity. Does no IO.
 *
 * @param replaced Is told each pool of connections that takes the place of the one before: the first, and one whenever
 * the certificates have changed. client-node by itself would make one for each request, with a TLS handshake.
 */
export function createIdentity(credentials: Credentials, replaced: (dispatcher: Dispatcher) => void): Identity {
  const config = new SharingKubeConfig();
  config.loadFromOptions(clientNodeOptions(credentials));
  let dispatcher: Dispatcher | undefined;
  let pending: Promise<Authorization> | undefined;

  const authorize = async (): Promise<Authorization> => {
    const context = new RequestContext(credentials.cluster.server, "GET");
    try {
      await config.applySecurityAuthentication(context);
    } catch (error) {
      throw authorizationError(credentials, error);
    }
    const made = context.getDispatcher();
    if (made) replaced(dispatcher = made);
    return { headers: context.getHeaders(), dispatcher: dispatcher! };
  };
  return {
    credentials,
    // Calls that come at once share one run, so that an expired token starts its plugin once.
    authorize: () => pending ??= authorize().finally(() => pending = undefined),
  };
}

/** Asks for a new dispatcher only when what it is made of has changed. */
class SharingKubeConfig extends KubeConfig {
  private madeOf = "";

  override createDispatcherOptions(...[cluster, tls]: Parameters<KubeConfig["createDispatcherOptions"]>): DispatcherOptions {
    const parts = [tls.ca, tls.cert, tls.key, tls.servername, tls.rejectUnauthorized, cluster?.proxyUrl].map(String);
    const madeOf = parts.join("\0");
    if (madeOf === this.madeOf) return { type: "none" };
    this.madeOf = madeOf;
    // skipTLSVerify has no other meaning here than to let plain HTTP pass.
    const options = super.createDispatcherOptions(cluster && { ...cluster, skipTLSVerify: true }, tls);
    return options.type === "none" ? { type: "agent", connect: {} } : options;
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
