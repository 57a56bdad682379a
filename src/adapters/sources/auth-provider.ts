import { packageError } from "../../optional-package.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { kubeConfigIdentity, type KubeConfigOptions } from "./given-kubeconfig.ts";
import type { Identity } from "../credentials/identity.ts";
import { permissionError } from "../transport/failures.ts";

/**
 * Identity of a user with an `auth-provider`, by `@kubernetes/client-node`. That library takes 90 MB and a second to load, and
 * 65 MB of disk: it is for them alone, who install it.
 *
 * @throws {SetupError} when it is not installed.
 */
export async function authProviderIdentity(
  { userText, server, proxy, cluster, user }: Credentials,
  options: Omit<KubeConfigOptions, "source" | "env">,
): Promise<Identity> {
  const provider = user["auth-provider"];
  const library = await import("@kubernetes/client-node").catch((error: unknown) => {
    throw permissionError(`Cannot use the auth-provider "${provider?.name}"`, error) ??
      packageError(error, { by: `The auth-provider "${provider?.name}" of the ${userText}`, name: "@kubernetes/client-node" });
  });
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
