import { SetupError } from "../errors.ts";
import type { ClusterEntry, KubeconfigFile, UserEntry } from "./kubeconfig-format.ts";

/** What a context names. */
export interface KubeconfigContext {
  /** `""` where it has none. */
  readonly clusterName: string;
  readonly cluster: ClusterEntry;
  /** `""` where it has none. */
  readonly userName: string;
  readonly user: UserEntry;
}

/**
 * Chooses a context of one or several kubeconfigs. Of each name the first file that has it wins, as with kubectl. Pure.
 *
 * @param source The files, for messages.
 * @param asked Which context. @default {the current-context of the first file that has one}
 * @throws {SetupError} when it is not there, or names what is not there.
 */
export function chooseContext(files: readonly KubeconfigFile[], source: string, asked?: string): KubeconfigContext {
  const contexts = files.flatMap(({ contexts = [] }) => contexts);
  const names = [...new Set(contexts.map(({ name = "" }) => `"${name}"`))].join(", ");
  const name = asked || files.map((file) => file["current-context"]).find((name) => name !== undefined);
  if (!name) {
    const remedy = `set one with kubectl config use-context, or name ${names ? `one of ${names}` : "one"}`;
    throw new SetupError(`${source} has no current-context: ${remedy}`);
  }
  const entry = contexts.find((entry) => entry.name === name);
  if (!entry) throw new SetupError(`${source} has no context "${name}"${names && `, only ${names}`}`);
  const { cluster: clusterName, user: userName } = entry.context ?? {};
  const missing = (what: string, named: string | undefined) =>
    new SetupError(`${source}: context "${name}" names ${named ? `the ${what} "${named}", which is not there` : `no ${what}`}`);
  const cluster = files.flatMap(({ clusters = [] }) => clusters).find(({ name }) => name === clusterName);
  if (!cluster) throw missing("cluster", clusterName);
  const user = files.flatMap(({ users = [] }) => users).find(({ name }) => name === userName);
  if (!user && userName) throw missing("user", userName);
  return {
    clusterName: clusterName ?? "",
    cluster: cluster.cluster ?? {},
    userName: userName ?? "",
    user: user?.user ?? {},
  };
}
