import { causeText, SetupError } from "../errors.ts";
import type { Credentials } from "./credentials.ts";
import { kubeConfigIdentity, type KubeConfigOptions } from "./given-kubeconfig.ts";
import type { Identity } from "./identity.ts";
import { permissionError } from "./failures.ts";

/**
 * Identity of a user with an `auth-provider`, by `@kubernetes/client-node`. That library takes 90 MB and a second to load:
 * it is for them alone.
 *
 * @throws {SetupError} when it is not installed.
 */
export async function authProviderIdentity(
  { userText, server, proxy, cluster, user }: Credentials,
  options: Omit<KubeConfigOptions, "source" | "env">,
): Promise<Identity> {
  const provider = user["auth-provider"];
  let library: typeof import("@kubernetes/client-node");
  try {
    library = await import("@kubernetes/client-node");
  } catch (error) {
    throw permissionError(`Cannot use the auth-provider "${provider?.name}"`, error) ??
      new SetupError(
        `The auth-provider "${provider?.name}" of the ${userText} needs @kubernetes/client-node: ${causeText(error)}`,
        {
          cause: error,
        },
      );
  }
  const config = new library.KubeConfig();
  config.loadFromOptions({
    currentContext: "current",
    contexts: [{ name: "current", cluster: "current", user: "current" }],
    clusters: [{
      name: "current",
      server,
      skipTLSVerify: cluster["insecure-skip-tls-verify"] === true,
      caFile: cluster["certificate-authority"],
      caData: cluster["certificate-authority-data"],
      tlsServerName: cluster["tls-server-name"],
      proxyUrl: proxy,
    }],
    users: [{ name: "current", authProvider: provider, impersonateUser: user.as }],
  });
  return kubeConfigIdentity(config, { ...options, source: `the ${userText}`, env: {} });
}
