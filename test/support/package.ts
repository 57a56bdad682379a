/**
 * The package as its users have it: packed once for each process that tests, unpacked below the node_modules of another project.
 *
 * @module
 */
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Folder, temporaryFolder } from "./files.ts";
import { runCommand } from "./programs.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

let packed: Promise<string> | undefined;

/** Packs this checkout as it would be published. @returns The tarball; it is there until this process ends. */
export const pack = (): Promise<string> => packed ??= packInto(temporaryFolder());

async function packInto(folder: Folder): Promise<string> {
  process.on("exit", () => folder.remove());
  // What is built in the checkout itself is left alone: it may be in use.
  const checkout = join(folder.path, "checkout");
  const left = /^(node_modules|dist|\.git|\.ci)$/;
  cpSync(root, checkout, { recursive: true, filter: (path) => !left.test(relative(root, path)) });
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  await runCommand(["npm", "pack", checkout, "--silent", "--pack-destination", folder.path]);
  const { name, version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return join(folder.path, `${name}-${version}.tgz`);
}

/** A project of a user, in which the package is installed. */
export interface UserProject {
  /** Its folder. */
  readonly path: string;
  /** The package, below its node_modules. */
  readonly installed: string;
  /** A command that runs in its folder. */
  readonly inside: (command: readonly string[]) => readonly string[];
}

/**
 * Makes a project in a folder, with the package and what it depends on; what it depends on is linked.
 *
 * @param peers Whether what need not be installed is there, too. @default {true}
 */
export async function createProject(folder: Folder, { peers = true }: { readonly peers?: boolean } = {}): Promise<UserProject> {
  const tarball = await pack();
  const path = join(folder.path, "project");
  const installed = join(path, "node_modules/crd-watcher");
  mkdirSync(join(path, "node_modules/.bin"), { recursive: true });
  mkdirSync(installed);
  await runCommand(["tar", "-xzf", tarball, "-C", installed, "--strip-components=1"]);
  const { version, bin, dependencies, peerDependencies } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  symlinkSync(join("../crd-watcher", bin["crd-watcher"]), join(path, "node_modules/.bin/crd-watcher"));
  await runCommand(["chmod", "+x", join(installed, bin["crd-watcher"])]); // npm does, when it installs
  for (const name of [...Object.keys({ ...dependencies, ...peers && peerDependencies }), "@types/node", "uvu"]) {
    mkdirSync(dirname(join(path, "node_modules", name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(path, "node_modules", name));
  }
  folder.write("project/package.json", { type: "module", dependencies: { ...dependencies, "crd-watcher": version } });
  return { path, installed, inside: (command) => ["sh", "-c", 'cd "$0" && exec "$@"', path, ...command] };
}
