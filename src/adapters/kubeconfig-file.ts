import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { causeText, SetupError } from "../errors.ts";
import { fileError } from "./failures.ts";
import type { ClusterEntry, UserEntry } from "./kubeconfig.ts";

interface Named {
  readonly name?: string;
}

/** One kubeconfig, as it is written; the paths in it are absolute. */
export interface KubeconfigFile {
  readonly "current-context"?: string;
  readonly contexts?: readonly (Named & { readonly context?: { readonly cluster?: string; readonly user?: string } })[];
  readonly clusters?: readonly (Named & { readonly cluster?: ClusterEntry })[];
  readonly users?: readonly (Named & { readonly user?: UserEntry | null })[];
}

const SECTIONS = ["contexts", "clusters", "users"] as const;

/** Members that must be texts, by section: what looks like a number or a date has to be quoted. */
const TEXTS: Readonly<Record<(typeof SECTIONS)[number], readonly [holder: string, members: readonly string[]]>> = {
  contexts: ["context", ["cluster", "user", "namespace"]],
  clusters: ["cluster", ["server", "certificate-authority", "certificate-authority-data", "tls-server-name", "proxy-url"]],
  users: ["user", [
    ...["token", "tokenFile", "username", "password", "as", "as-uid"],
    ...["client-certificate", "client-certificate-data", "client-key", "client-key-data"],
  ]],
};

/** Reads a kubeconfig. @throws {SetupError} when it is not there or is none. */
export async function readKubeconfig(path: string): Promise<KubeconfigFile> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw fileError(path, "kubeconfig", error);
  }
  let file: unknown;
  try {
    file = await parse(text);
  } catch (error) {
    throw new SetupError(`The kubeconfig ${path} is not YAML: ${causeText(error).split("\n")[0]}`, { cause: error });
  }
  const object = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (file === null || file === undefined) return {};
  if (!object(file) || !SECTIONS.every((name) => isListOf(object, file[name]))) {
    throw new SetupError(`${path} is not a kubeconfig: it has no lists of contexts, clusters and users`);
  }
  for (const section of SECTIONS) checkSection(path, section, (file[section] ?? []) as Record<string, unknown>[]);
  return withAbsolutePaths(file as KubeconfigFile, dirname(path));
}

/** JSON is YAML, too, and needs no library. Of several documents the first one counts, of a key that is given twice the last. */
async function parse(text: string): Promise<unknown> {
  if (text.trimStart().startsWith("{")) {
    try {
      return JSON.parse(text);
    } catch {
      // YAML may begin so as well.
    }
  }
  const { parseAllDocuments } = await import("yaml");
  const documents = parseAllDocuments(text, { version: "1.1", uniqueKeys: false });
  const first = "empty" in documents ? undefined : documents[0];
  if (first?.errors[0]) throw first.errors[0];
  return first?.toJS();
}

const isListOf = (object: (value: unknown) => boolean, list: unknown): boolean =>
  list === undefined || list === null || Array.isArray(list) && list.every(object);

function checkSection(path: string, section: (typeof SECTIONS)[number], entries: readonly Record<string, unknown>[]): void {
  const [holder, members] = TEXTS[section];
  const names = new Set<unknown>();
  for (const { name, [holder]: held } of entries) {
    if (names.has(name)) throw new SetupError(`${path} has two ${section} that are called "${name}": remove or rename one`);
    names.add(name);
    for (const member of members) {
      const value = (held as Record<string, unknown> | null | undefined)?.[member];
      if (value === undefined || value === null || typeof value === "string") continue;
      // The value is not shown: it may be a secret.
      throw new SetupError(`${path}: ${member} of ${holder} "${name}" is a ${typeof value}, expected a text: put it in quotes`);
    }
  }
}

/** Paths in a kubeconfig are relative to the file that holds them. */
function withAbsolutePaths(file: KubeconfigFile, folder: string): KubeconfigFile {
  const absolute = <T extends object>(item: T | null | undefined, ...names: (keyof T)[]): T | undefined => {
    if (!item) return undefined;
    const changed = names.filter((name) => typeof item[name] === "string" && item[name] !== "" && !isAbsolute(item[name]));
    return { ...item, ...Object.fromEntries(changed.map((name) => [name, join(folder, item[name] as string)])) };
  };
  return {
    ...file,
    clusters: file.clusters?.map((item) => ({ ...item, cluster: absolute(item.cluster, "certificate-authority") })),
    users: file.users?.map((item) => {
      const user = absolute(item.user, "tokenFile", "client-certificate", "client-key");
      // A command without a slash is searched for on the PATH.
      const exec = user?.exec?.command?.includes("/") ? absolute(user.exec, "command") : user?.exec;
      return { ...item, user: user && { ...user, ...(exec && { exec }) } };
    }),
  };
}
