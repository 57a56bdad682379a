import { SetupError } from "../../errors.ts";
import type { FoundKubeconfig } from "./kubeconfig-file.ts";
import type { ClusterEntry, UserEntry } from "./kubeconfig-format.ts";

/** What a context names. */
export interface KubeconfigContext {
  /** As in `cluster "c" in /home/me/.kube/config`. */
  readonly clusterText: string;
  readonly cluster: ClusterEntry;
  /** As in `user "u" in /home/me/.kube/config`; the context, where it names none. */
  readonly userText: string;
  readonly user: UserEntry;
}

/**
 * Chooses a context of one or several kubeconfigs. Of each name the first file that has it wins, as with kubectl. Pure.
 *
 * @param source The files, for messages.
 * @param asked Which context. @default {the current-context of the first file that has one}
 * @throws {SetupError} when it is not there, or names what is not there.
 */
export function chooseContext(files: readonly FoundKubeconfig[], source: string, asked?: string): KubeconfigContext {
  const contexts = files.flatMap(({ path, contexts = [] }) => contexts.map((entry) => ({ ...entry, path })));
  const clusters = files.flatMap(({ path, clusters = [] }) => clusters.map((entry) => ({ ...entry, path })));
  const users = files.flatMap(({ path, users = [] }) => users.map((entry) => ({ ...entry, path })));
  const name = asked || files.map((file) => file["current-context"]).find((name) => name !== undefined);
  if (!name && contexts.length === 0) throw new SetupError(`${source} has no contexts: name another kubeconfig`);
  if (!name) {
    throw new SetupError(`${source} has no current-context: set one with kubectl config use-context, or name ${oneOf(contexts)}`);
  }
  const entry = contexts.find((entry) => entry.name === name);
  if (!entry) throw new SetupError(`${source} has no context "${name}"${only(contexts)}`);
  const contextText = `context "${name}" in ${entry.path}`;
  const { cluster: clusterName, user: userName } = entry.context ?? {};
  if (!clusterName) throw new SetupError(`The ${contextText} names no cluster: name ${oneOf(clusters)}`);
  const missing = (what: string, named: string, entries: readonly Named[]) =>
    new SetupError(`The ${contextText} names the ${what} "${named}", which is not there${only(entries)}`);
  const cluster = clusters.find(({ name }) => name === clusterName);
  if (!cluster) throw missing("cluster", clusterName, clusters);
  const user = users.find(({ name }) => name === userName);
  if (!user && userName) throw missing("user", userName, users);
  return {
    clusterText: `cluster "${clusterName}" in ${cluster.path}`,
    cluster: cluster.cluster ?? {},
    userText: user ? `user "${userName ?? ""}" in ${user.path}` : contextText,
    user: user?.user ?? {},
  };
}

interface Named {
  readonly name?: string;
}

const namesOf = (entries: readonly Named[]): string => [...new Set(entries.map(({ name = "" }) => `"${name}"`))].join(", ");
const oneOf = (entries: readonly Named[]): string => entries.length > 0 ? `one of ${namesOf(entries)}` : "one";
const only = (entries: readonly Named[]): string => entries.length > 0 ? `, only ${namesOf(entries)}` : "";
