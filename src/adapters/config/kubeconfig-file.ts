import { dirname, isAbsolute, join } from "node:path";
import { causeText, SetupError } from "../../errors.ts";
import { readFile } from "../transport/failures.ts";
import { asKubeconfig, type KubeconfigFile } from "./kubeconfig-format.ts";
import { decodeYaml, parseYaml } from "./yaml.ts";

/** A kubeconfig with where it was read. */
export interface FoundKubeconfig extends KubeconfigFile {
  readonly path: string;
}

/** Reads a kubeconfig. Paths in it are relative to the file that holds them; here they are absolute. @throws {SetupError} */
export async function readKubeconfig(path: string): Promise<FoundKubeconfig> {
  const bytes = readFile(path, "kubeconfig", "; name another, or start first what writes it");
  let value: unknown;
  try {
    value = await parseYaml(decodeYaml(bytes));
  } catch (error) {
    if (error instanceof SetupError) {
      throw new SetupError(`The kubeconfig ${path} cannot be read: ${error.message}`, { cause: error });
    }
    throw new SetupError(`The kubeconfig ${path} is not YAML: ${causeText(error).split("\n")[0]}`, { cause: error });
  }
  const file = asKubeconfig(value);
  if (typeof file === "string") throw new SetupError(`${path}${file}`);
  return { ...withAbsolutePaths(file, dirname(path)), path };
}

function withAbsolutePaths(file: KubeconfigFile, folder: string): KubeconfigFile {
  const absolute = <T extends object>(item: T | undefined, ...names: (keyof T)[]): T | undefined => {
    if (!item) return undefined;
    const changed = names.filter((name) => typeof item[name] === "string" && !isAbsolute(item[name]));
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
