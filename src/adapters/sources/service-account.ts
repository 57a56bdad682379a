import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../ports.ts";
import type { Credentials } from "../credentials/credentials.ts";

/**
 * The service account of the pod that this program runs in, or undefined where it runs in none. As client-go's
 * `InClusterConfig`: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 *
 * @param folder The folder that the kubelet mounts. Token and authority in it are renewed under way.
 */
export function findServiceAccount(
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
  log: Log | undefined,
): Omit<Credentials, "proxy"> | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const tokenFile = join(folder, "token");
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  const authority = join(folder, "ca.crt");
  const trusted = existsSync(authority);
  if (!trusted) {
    log?.warn(`The pod's service account has no ${authority}: the server must be trusted by the system's authorities`);
  }
  return {
    clusterText: "cluster of this pod",
    userText: "service account of this pod",
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    cluster: trusted ? { "certificate-authority": authority } : {},
    user: { tokenFile },
    files: [],
  };
}
