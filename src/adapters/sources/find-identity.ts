import { systemClock } from "../../runtime/time/clock.ts";
import { createIdentity, type Identity } from "../credentials/identity.ts";
import { type ConnectOptions, findCredentials } from "./kubeconfig.ts";

/**
 * Finds out who asks, and which server: by the `KubeConfig` object of the caller, or by what is found on the machine.
 *
 * @throws {SetupError} when nothing is found, or it cannot be used.
 * @throws {TypeError} when a `kubeConfig` is given beside something that it excludes.
 */
export async function findIdentity(options: ConnectOptions): Promise<Identity> {
  const { kubeConfig, log, clock = systemClock, requestTimeout: limit = 30_000 } = options;
  if (kubeConfig) {
    const other = (["kubeconfig", "context", "master"] as const).find((name) => options[name] !== undefined);
    if (other) throw new TypeError(`kubeConfig and ${other} exclude each other: set it in the KubeConfig`);
    const { kubeConfigIdentity } = await import("./given-kubeconfig.ts");
    return kubeConfigIdentity(kubeConfig, { clock, limit });
  }
  const credentials = await findCredentials(options);
  const { user } = credentials;
  if (!user["auth-provider"] || user.token || user.tokenFile || user.username) {
    return createIdentity(credentials, { clock, log, limit, find: () => findCredentials(options) });
  }
  const { authProviderIdentity } = await import("./auth-provider.ts");
  return await authProviderIdentity(credentials, { clock, limit });
}
